from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from admissions.intake import write_intake
from tests.admissions.results.town import town


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    script = (
        "import sys, typer\n"
        "from admissions.errors import AdmissionsError\n"
        "from api.commands import replay, verify\n"
        "app = typer.Typer()\n"
        "replay.register(app)\n"
        "verify.register(app)\n"
        "try:\n    app()\n"
        "except AdmissionsError as refusal:\n    print(refusal, file=sys.stderr)\n    sys.exit(1)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("intake") / "in"
    write_intake(town(120, seed=3, seats=6), folder, "csv")
    return folder


@pytest.fixture(scope="module")
def replayed(recorded, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("out") / "run"
    done = command("replay", recorded, "--seed-phrase", "snow", "--public-value", "7", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "ANTAGANDE" in done.stdout
    return out


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_replayed_run_passes_both_checkers(replayed):
    done = command("verify", replayed)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("Everything holds.\n")


def test_the_intake_a_run_keeps_replays_to_the_same_bytes(replayed, tmp_path):
    again = tmp_path / "again"
    done = command("replay", replayed / "intake", "--seed-phrase", "snow", "--public-value", "7", "--out", again)
    assert done.returncode == 0, done.stderr
    assert files(again) == files(replayed)


def test_reserve_rounds_are_written_verified_reported_and_replay_to_the_same_bytes(recorded, replayed, tmp_path):
    out, again = tmp_path / "run", tmp_path / "again"
    seeds = ("--seed-phrase", "snow", "--public-value", "7", "--reserve-rounds", "2")
    done = command("replay", recorded, *seeds, "--out", out)
    assert done.returncode == 0, done.stderr
    assert json.loads((out / "run.json").read_text())["rounds"] == ["preliminary", "final", "reserve-1", "reserve-2"]
    for name, content in files(replayed / "final").items():
        if name != "certificate.json":
            assert (out / "final" / name).read_bytes() == content
    assert (out / "report" / "reserve-2-published.xlsx").is_file()
    assert "reservantagning 2" in (out / "report" / "report.html").read_text(encoding="utf-8").lower()
    checked = command("verify", out)
    assert checked.returncode == 0, checked.stderr
    assert "reserve-2" in checked.stdout
    done = command("replay", out / "intake", *seeds, "--behaviour-seed", "9", "--out", again)
    assert done.returncode == 0, done.stderr
    for name in ("reserve-1", "reserve-2", "intake"):
        assert files(again / name) == files(out / name)


def test_a_behaviour_file_switches_models_off_and_is_noted(recorded, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("[answers]\non = false\n[late]\njoins = 1.0\n", encoding="utf-8")
    out = tmp_path / "run"
    options = ("--seed-phrase", "snow", "--reserve-rounds", "1", "--out", out, "--behaviour", own)
    done = command("replay", recorded, *options)
    assert done.returncode == 0, done.stderr
    notes = json.loads((out / "run.json").read_text())["notes"]
    assert "answers" not in notes["simulated"]
    assert notes["behaviour"]["late"]["joins"] == 1.0
    assert not notes["behaviour"]["answers"]["on"]
    assert len(pl.read_parquet(out / "intake" / "answers.parquet")) == 0
    own.write_text("[anwsers]\non = false\n", encoding="utf-8")
    done = command("replay", recorded, "--seed-phrase", "snow", "--out", tmp_path / "other", "--behaviour", own)
    assert done.returncode == 1
    assert "anwsers" in done.stderr
    assert not (tmp_path / "other").exists()


def test_a_finished_run_is_refused_before_any_work(replayed, recorded):
    before = files(replayed)
    done = command("replay", recorded, "--seed-phrase", "rain", "--out", replayed)
    assert done.returncode == 1
    assert "finished run" in done.stderr
    assert files(replayed) == before


def test_a_tampered_run_is_named(replayed, tmp_path):
    broken = tmp_path / "run"
    for name, content in files(replayed).items():
        (broken / name).parent.mkdir(parents=True, exist_ok=True)
        (broken / name).write_bytes(content)
    path = broken / "final" / "decisions.csv"
    path.write_text(path.read_text().replace(",admitted,", ",reserve,", 1))
    done = command("verify", broken)
    assert done.returncode == 1
    assert "final" in done.stderr


FAULTS = {
    "an unknown route": ("choices", lambda frame: frame.with_columns(route_id=pl.lit("nowhere"))),
    "a negative seat count": ("seats", lambda frame: frame.with_columns(seats=pl.lit(-1))),
    "two choices with one rank": ("choices", lambda frame: frame.with_columns(rank=pl.lit(1))),
    "a missing column": ("applicants", lambda frame: frame.drop("home_municipality")),
    "an empty file": ("routes", None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_intake_is_refused_and_no_folder_is_left(recorded, tmp_path, fault):
    table, change = FAULTS[fault]
    intake = tmp_path / "in"
    intake.mkdir()
    for name, content in files(recorded).items():
        (intake / name).write_bytes(content)
    path = intake / f"{table}.csv"
    if change is None:
        path.write_bytes(b"")
    else:
        change(pl.read_csv(path)).write_csv(path)
    done = command("replay", intake, "--seed-phrase", "snow", "--out", tmp_path / "deep" / "run")
    assert done.returncode == 1
    assert table in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_an_unknown_rulebook_is_refused_with_the_names_there_are(recorded, tmp_path):
    done = command("replay", recorded, "--seed-phrase", "x", "--rules", "stockholm", "--out", tmp_path / "run")
    assert done.returncode == 1
    assert "storsthlm" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_run_json_tells_recorded_from_simulated(replayed):
    about = json.loads((replayed / "run.json").read_text())
    assert about["notes"] == {"simulated": []}
    assert about["seeds"] == {}


def test_help_needs_no_heavy_library():
    script = "import sys, api.commands.replay, api.commands.verify; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"polars", "numba", "altair", "jinja2", "rich", "sqlalchemy", "fastapi"} & set(loaded)
