"""The commands on simulated years, from a small replayed run."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from admissions.errors import AdmissionsError
from admissions.intake import write_intake
from api.commands import replay, scenario, seats, sweep, whatif
from tests.simulations.sweeps.worlds import intake

RUNNER = CliRunner()


def app() -> typer.Typer:
    built = typer.Typer()
    for module in (replay, whatif, seats, scenario, sweep):
        module.register(built)
    return built


def call(*arguments: object):
    result = RUNNER.invoke(app(), list(map(str, arguments)))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    few = intake().applicants["applicant"].sort()[:300]
    parts = {
        name: getattr(intake(), name).filter(pl.col("applicant").is_in(few.implode()))
        for name in ("applicants", "grades", "choices", "decisions", "answers")
    }
    small = intake().seats.with_columns(seats=(pl.col("seats") + 1) // 2)
    write_intake(replace(intake(), seats=small, **parts), folder / "in", "parquet")
    assert call("replay", folder / "in", "--out", folder / "run", "--seed-phrase", "snow").exit_code == 0
    return folder / "run"


@pytest.fixture(scope="module")
def sought(run) -> str:
    routes = pl.read_csv(run / "final" / "routes.csv", schema_overrides={"route_id": pl.String})
    return str(routes.sort("reserves", "route_id", descending=True)["route_id"][0])


def test_a_what_if_is_exact_and_writes_its_report(run, sought, tmp_path):
    prices = files("sample_data") / "prices_example.csv"
    out = tmp_path / "w"
    result = call("whatif", run, "--seats", f"{sought}=+2", "--prices", prices, "--out", out, "--lang", "en")
    assert result.exit_code == 0
    totals = pl.read_csv(out / "totals.csv")
    own = {row["measure"]: row for row in totals.iter_rows(named=True)}
    published = pl.read_csv(run / "final" / "routes.csv")
    assert own["placed"]["baseline"] == published["admitted"].sum()
    assert own["worse_off"]["scenario"] == 0
    assert own["better_off"]["scenario"] >= 2
    assert own["seats"]["difference"] == 2
    assert json.loads((out / "about.json").read_text())["lists"] == "fixed"


def test_a_what_if_names_every_fault(run):
    with pytest.raises(AdmissionsError) as refused:
        call("whatif", run, "--seats", "nowhere", "--seats", "lost=+x")
    assert "nowhere" in str(refused.value)
    assert "lost=+x" in str(refused.value)
    with pytest.raises(AdmissionsError, match="no route 'lost'"):
        call("whatif", run, "--seats", "lost=+1")


def test_a_sweep_resumes_and_reports(run, tmp_path):
    out = tmp_path / "s"
    options = ("--switch-off", "growth", "--no-seat-values", "--threads", 2)
    assert call("sweep", run, "--out", out, "--years", 3, *options).exit_code == 0
    assert call("sweep", run, "--out", out, "--years", 3, *options).exit_code == 0
    assert (out / "report" / "report.html").is_file()
    about = json.loads((out / "report" / "about.json").read_text())
    assert (about["years"], about["switched_off"]) == (3, "growth")
    with pytest.raises(AdmissionsError, match="behaviour"):
        call("sweep", run, "--out", out, "--years", 3)
    with pytest.raises(AdmissionsError, match="no behaviour 'weather'"):
        call("sweep", run, "--out", tmp_path / "t", "--switch-off", "weather")


def test_a_scenario_is_refused_with_its_price_list_before_anything_runs(run, sought, tmp_path):
    (tmp_path / "o.toml").write_text('[[closed_route]]\nroute = "lost"\n', encoding="utf-8")
    (tmp_path / "p.csv").write_text("programme,per_seat,per_pupil\nNA,x,1\n", encoding="utf-8")
    with pytest.raises(AdmissionsError) as refused:
        call("scenario", run, tmp_path / "o.toml", "--prices", tmp_path / "p.csv", "--out", tmp_path / "out")
    assert "no route 'lost'" in str(refused.value)
    assert "per_seat is 'x'" in str(refused.value)
    assert not (tmp_path / "out").exists()
    (tmp_path / "o.toml").write_text(f'[[seats]]\nroute = "{sought}"\nchange = 3\n', encoding="utf-8")
    done = call("scenario", run, tmp_path / "o.toml", "--out", tmp_path / "out", "--years", 2, "--react")
    assert done.exit_code == 0
    assert json.loads((tmp_path / "out" / "report" / "about.json").read_text())["lists"] == "react"


def test_seats_are_valued_and_packaged(run, tmp_path):
    out = tmp_path / "v"
    result = call("seats", run, "--lotteries", 20, "--budget", 3, "--top", 3, "--years", 2, "--out", out)
    assert result.exit_code == 0
    assert pl.read_csv(out / "package.csv")["extra_seats"].sum() <= 3
    for name in ("values", "values_years", "curves", "gains_home", "gains_merit", "moves", "chains"):
        assert (out / f"{name}.parquet").is_file()


def test_a_folder_that_is_no_run_or_was_changed_is_refused(run, tmp_path):
    with pytest.raises(AdmissionsError, match="not a finished run"):
        call("sweep", tmp_path, "--out", tmp_path / "s")
    copied = tmp_path / "copy"
    shutil.copytree(run, copied)
    seats_file = copied / "intake" / "seats.parquet"
    pl.read_parquet(seats_file).with_columns(pl.col("seats") + 1).write_parquet(seats_file)
    with pytest.raises(AdmissionsError, match="was changed since"):
        call("whatif", copied, "--seats", "x=+1")
