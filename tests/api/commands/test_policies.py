from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from admissions.errors import AdmissionsError
from api.commands import policies
from tests.api.commands.planning import make_run, said


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("policies") / "run")


def test_policies_are_compared_on_the_same_withdrawals(run, tmp_path):
    out = tmp_path / "policies.csv"
    told = said(policies, "policies", str(run), "--leaving", "0.1,0.2", "--runs", "4", "--out", str(out))
    assert "4 simulations of withdrawals, seed 1" in told
    table = pl.read_csv(out)
    assert set(table["stage"]) == {"reserve-1", "reserve-2"}
    worse = table.filter((pl.col("policy") == "rerun") & pl.col("measure").is_in(["envious", "worse_than_rerun"]))
    assert worse["high"].max() == 0


def test_shares_are_numbers_and_probabilities(run):
    with pytest.raises(AdmissionsError, match="shares such as"):
        said(policies, "policies", str(run), "--leaving", "many")
    with pytest.raises(AdmissionsError, match="no probability"):
        said(policies, "policies", str(run), "--leaving", "3")


def test_over_intake_keeps_to_its_limit(run, tmp_path):
    out = tmp_path / "over.csv"
    arguments = ("--no-show", "0.1", "--at-most", "0.2", "--runs", "60", "--out", str(out))
    told = said(policies, "over-intake", str(run), *arguments)
    assert "offers beyond the class size" in told
    table = pl.read_csv(out)
    assert table["too_full"].max() <= 0.2
    assert table["empty_seats"].sum() <= table["empty_seats_without"].sum() + 1e-9
