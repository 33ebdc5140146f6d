from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from admissions.errors import AdmissionsError
from admissions.rounds.stored import read_run
from api.commands import package
from simulations.packages import best_package
from tests.api.commands.planning import make_run, said

PRICES = "programme,per_seat,per_pupil\nNA,100,0.50\nEK,100,0\nBA,200,0\nVO,200,0\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("package") / "run")


def test_the_package_is_the_one_of_the_run_and_says_what_it_came_from(run, tmp_path):
    out = tmp_path / "package.csv"
    told = said(package, "package", str(run), "--seats", "4", "--out", str(out))
    stored = read_run(run).round("final")
    found = best_package(stored.market, matching=stored.matching, seats_budget=4)
    assert f"newly placed {found.effect.placed}, better off {found.effect.better_off}" in told
    assert f"run {read_run(run).about['id']}" in told
    assert "lists held fixed" in told
    table = pl.read_csv(out, schema_overrides={"route_id": pl.String})
    seats = dict(zip(stored.routes, found.seats.tolist(), strict=True))
    assert dict(table.select("route_id", "extra_seats").iter_rows()) == {k: v for k, v in seats.items() if v}


def test_money_is_counted_in_whole_ore(run, tmp_path):
    prices = tmp_path / "prices.csv"
    prices.write_text(PRICES, encoding="utf-8")
    told = said(package, "package", str(run), "--money", "450", "--prices", str(prices))
    spent = re.search(r"(\d+) kronor (\d\d) öre", told)
    assert spent is not None
    assert int(spent[1]) * 100 + int(spent[2]) <= 45000


def test_what_cannot_be_bought_is_refused(run, tmp_path):
    with pytest.raises(AdmissionsError, match="give a budget"):
        said(package, "package", str(run))
    with pytest.raises(AdmissionsError, match="no route 'nowhere'"):
        said(package, "package", str(run), "--seats", "1", "--routes", "nowhere")
    prices = tmp_path / "prices.csv"
    prices.write_text("programme,per_seat,per_pupil\nNA,1,1\n", encoding="utf-8")
    with pytest.raises(AdmissionsError, match=r"no programme 'BA'; .*'EK'; .*'VO'"):
        said(package, "package", str(run), "--seats", "1", "--prices", str(prices))


@pytest.mark.parametrize("within", ["school", "programme", "municipality", "organiser", "anywhere"])
def test_moves_stay_within_their_set(run, tmp_path, within):
    out = tmp_path / "moves.csv"
    told = said(package, "moves", str(run), "--within", within, "--at-most", "2", "--out", str(out))
    assert "seats moved" in told
    table = pl.read_csv(out)
    if within in ("school", "programme", "municipality"):
        assert (table[f"from_{within}"] == table[f"to_{within}"]).all()


def test_moves_within_something_else_are_refused(run):
    with pytest.raises(AdmissionsError, match="not within 'colour'"):
        said(package, "moves", str(run), "--within", "colour")


def test_the_ceiling_counts_those_no_seats_help(run, tmp_path):
    out = tmp_path / "ceiling.csv"
    told = said(package, "ceiling", str(run), "--out", str(out))
    assert re.search(r"\d+ extra seats at each route seat everybody", told)
    assert "nothing tried: " in told
    stored = read_run(run).round("final")
    none = len(stored.applicants) - stored.tried["applicant"].n_unique()
    assert f"{none} applicants whom no extra seats help" in told
    assert pl.read_csv(out)["extra_seats"].min() >= 1
