from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from admissions.errors import InputError
from api.commands import forecast
from tests.simulations.forecast.histories import catalogue, of, shipped


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    forecast.register(app)
    return app


def test_a_forecast_is_written_for_every_route(app: typer.Typer, tmp_path: Path):
    frame = shipped()
    of(frame, 2020, 2021, 2022).write_csv(tmp_path / "history.csv")
    catalogue(frame, 2023).write_csv(tmp_path / "catalogue.csv")
    arguments = ["forecast", "--history", "history.csv", "--catalogue", "catalogue.csv", "--out", "forecast.csv"]
    arguments = [str(tmp_path / text) if text.endswith(".csv") else text for text in arguments]
    shown = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert shown.exit_code == 0
    assert "1,466 study routes of 2023" in shown.stdout
    out = pl.read_csv(tmp_path / "forecast.csv")
    assert out.columns == [
        *("year", "school", "municipality", "route_code", "route_name", "seats"),
        *("lowest_merit", "lowest_merit_low", "lowest_merit_high", "admitted", "admitted_low", "admitted_high"),
        *("reserves", "reserves_low", "reserves_high", "vacant_seats", "vacant_seats_low", "vacant_seats_high"),
        "no_competition_probability",
    ]
    assert len(out) == 1466


def test_nothing_is_written_when_the_input_is_refused(app: typer.Typer, tmp_path: Path):
    of(shipped(), 2020, 2022).write_csv(tmp_path / "history.csv")
    of(shipped(), 2021).write_csv(tmp_path / "catalogue.csv")
    paths = [str(tmp_path / name) for name in ("history.csv", "catalogue.csv", "out.csv")]
    arguments = ["forecast", "--history", paths[0], "--catalogue", paths[1], "--out", paths[2]]
    refused = CliRunner().invoke(app, arguments)
    assert isinstance(refused.exception, InputError)
    assert not (tmp_path / "out.csv").exists()


def test_the_backtest_runs_on_the_results_that_come_along(app: typer.Typer, tmp_path: Path):
    out = tmp_path / "scores.csv"
    shown = CliRunner().invoke(app, ["backtest", "--out", str(out)], catch_exceptions=False)
    assert shown.exit_code == 0
    assert "2023 from 3 years before" in shown.stdout
    assert pl.read_csv(out)["year"].to_list() == [2021, 2022, 2023]
