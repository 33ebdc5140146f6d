import re

import numpy as np
import polars as pl
import pytest

from admissions.errors import AdmissionsError
from admissions.matching.seat_values import change_seats
from api.commands import affected
from simulations.from_run import open_run
from tests.api.commands.planning import make_run, said


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("affected") / "run")


def numbers(text):
    return [int(one) for one in re.findall(r"^ *(\d+)  ", text, re.MULTILINE)]


def test_an_over_intake_is_counted_as_the_round_matched_again_says(run):
    compiled, before = open_run(run).compiled("final")
    seen = 0
    for pool in range(4):
        route = int(np.flatnonzero(compiled.market.pool == pool)[0])
        after = change_seats(compiled.market, before, {route: 2}).matching
        found = numbers(said(affected, "affected", str(run), "--over-intake", f"{compiled.pools[pool]}=+2"))
        placed = (before.choice < 0) & (after.choice >= 0)
        assert found == [int((after.choice != before.choice).sum()), 0, int(placed.sum()), 0]
        seen += found[0]
    assert seen > 0


def test_an_extra_admission_leaves_out_the_person_it_is_about(run):
    decisions = pl.read_csv(run / "final" / "decisions.csv", infer_schema=False)
    row = decisions.filter(pl.col("status") == "reserve").row(0, named=True)
    better, worse, placed, without = numbers(
        said(affected, "affected", str(run), "--admit", f"{row['applicant']}={row['route_id']}")
    )
    assert worse == without == 0
    assert better >= placed


def test_it_speaks_both_languages(run):
    pool = open_run(run).compiled("final")[0].pools[0]
    assert "får ett högre val" in said(affected, "affected", str(run), "--over-intake", f"{pool}=1")
    assert "get a higher choice" in said(affected, "affected", str(run), "--over-intake", f"{pool}=1", "--lang", "en")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), "Name one act"),
        (("--over-intake", "p=1", "--admit", "a=b"), "Name one act"),
        (("--over-intake", "p=-1"), "POOL=+3"),
        (("--admit", "a"), "APPLICANT=ROUTE"),
        (("--over-intake", "nowhere=1"), "nowhere"),
        (("--admit", "nobody=nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_remedy(run, given, words):
    with pytest.raises(AdmissionsError, match=re.escape(words)):
        said(affected, "affected", str(run), *given)
