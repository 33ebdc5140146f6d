from dataclasses import replace

import polars as pl
import pytest

from admissions.rounds.folder import Run, write_run
from admissions.rules import Lottery, load_rulebook
from simulations.calibration.__main__ import main
from simulations.calibration.report import write_diagnostics
from simulations.diagnostics import compare, compare_run
from simulations.population import generate_intake
from simulations.replay import replay

RULES = load_rulebook("storsthlm", 2022)
LOTTERY = Lottery("snow", "12 7 33")
FILES = [
    "admitted.svg",
    "cutoffs.svg",
    "diagnostics.html",
    "measures.csv",
    "medians.svg",
    "programmes.csv",
    "reserves.svg",
    "routes.csv",
]


@pytest.fixture(scope="module")
def played():
    return replay(generate_intake(2022, 1200, seed=1), RULES, LOTTERY, 1)


@pytest.fixture(scope="module")
def folder(played, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "run"
    run = Run(played.intake, played.final.compiled.static.rulebook, LOTTERY, played.rounds, seeds={"behaviour": 1})
    write_run(path, run)
    return path


def test_a_run_folder_compares_as_the_rounds_it_was_written_from(played, folder):
    found, about = compare_run(folder)
    direct = compare(played.final, 2022)
    assert found.measures.equals(direct.measures)
    assert found.programmes.equals(direct.programmes)
    assert found.routes.equals(direct.routes)
    assert about["year"] == 2022


def test_the_report_of_a_finished_run_has_charts_tables_and_what_it_rests_on(folder, tmp_path, capsys):
    assert main(["--run", str(folder), "--report", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    page = (tmp_path / "out" / "diagnostics.html").read_text(encoding="utf-8")
    found, about = compare_run(folder)
    for piece in (about["id"], "storsthlm", "snow", "Not fitted", "Fitted", "<svg", "medians, correlation"):
        assert piece in page
    assert page.count("<svg") == 4
    assert "://" not in page.replace("http://www.w3.org/", ""), "needs nothing else"
    measures = pl.read_csv(tmp_path / "out" / "measures.csv")
    assert measures["measure"].to_list() == found.measures["measure"].to_list()
    assert len(pl.read_csv(tmp_path / "out" / "routes.csv")) == len(found.routes)
    assert "| admitted |" in capsys.readouterr().out


def test_a_report_is_the_same_every_time_and_replaces_nothing(folder, tmp_path, capsys):
    found, _ = compare_run(folder)
    for name in ("one", "two"):
        write_diagnostics(found, {"year": "2022"}, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    assert main(["--run", str(folder), "--report", str(tmp_path / "one")]) == 1
    assert str(tmp_path / "one") in capsys.readouterr().err


def test_a_run_on_another_catalogue_is_refused(played, tmp_path, capsys):
    routes = played.intake.routes
    kept = routes["route_id"].sort()[:400].to_list()
    fewer = replace(
        played.intake,
        routes=routes.filter(pl.col("route_id").is_in(kept)),
        seats=played.intake.seats.filter(pl.col("route_or_pool").is_in(kept)),
        choices=played.intake.choices.filter(pl.col("route_id").is_in(kept)),
        decisions=played.intake.decisions.filter(pl.col("route_id").is_in(kept)),
    )
    small = replay(fewer, RULES, LOTTERY, 1)
    write_run(tmp_path / "run", Run(small.intake, RULES, LOTTERY, small.rounds))
    assert main(["--run", str(tmp_path / "run"), "--report", str(tmp_path / "out")]) == 1
    assert "nothing to compare with" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [[], ["--run", "somewhere"], ["--year", "1999"]])
def test_arguments_that_say_too_little_are_refused(arguments):
    with pytest.raises(SystemExit):
        main(arguments)
