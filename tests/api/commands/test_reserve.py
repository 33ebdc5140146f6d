from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from admissions.intake import read_intake, write_intake
from admissions.rounds.checking import check_run
from tests.admissions.results.town import town

SCRIPT = (
    "import sys\n"
    "from api.commands.main import COMMANDS, main\n"
    "import api.commands.main as module\n"
    "module.COMMANDS = ('replay', 'reserve')\n"
    "main()\n"
)


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "140"},
    )


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("final")
    write_intake(town(80, seed=3, seats=3), folder / "in", "csv")
    done = command("replay", folder / "in", "--seed-phrase", "snow", "--public-value", "7", "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    return folder / "run"


def admitted(run: Path, name: str) -> dict[str, str]:
    table = pl.read_csv(run / name / "decisions.csv").filter(status="admitted")
    return dict(table.select("applicant", "route_id").iter_rows())


def write(path: Path, header: str, *lines: str) -> Path:
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def test_two_reserve_rounds_continue_a_run_and_both_checkers_accept_them(run, tmp_path):
    held = admitted(run, "final")
    people = sorted(held)
    no = people[:4]
    answers = write(tmp_path / "a1.csv", "applicant,round,answer", *(f"{who},final,no" for who in no))
    left = write(tmp_path / "left.csv", "applicant", people[4])
    away = write(tmp_path / "away.csv", "applicant", people[5])
    shut = held[people[6]]
    first = tmp_path / "one"
    done = command(
        *("reserve", run, "--answers", answers, "--left", left, "--elsewhere", away, "--closed", shut),
        *("--out", first, "--lang", "en"),
    )
    assert done.returncode == 0, done.stderr
    now = admitted(first, "reserve-1")
    assert not {*no, people[4], people[5]} & set(now)
    assert shut not in now.values()
    about = json.loads((first / "run.json").read_text())
    assert about["rounds"] == ["preliminary", "final", "reserve-1"]
    assert about["notes"]["events"]["reserve-1"] == {
        "elsewhere": [people[5]],
        "left": [people[4]],
        "closed": [shut],
    }
    for name in ("preliminary", "final"):
        assert files(first / name) == files(run / name)
    assert len(list(check_run(first))) >= 6
    assert (first / "report" / "report.html").is_file()

    told = (first / "report" / "reserve-1-notify.csv").read_text(encoding="utf-8-sig").splitlines()
    listed = pl.read_csv(run / "final" / "decisions.csv").filter(route_id=shut)
    assert len(told) == 1 + len(listed)
    assert any("admitted" in line for line in told[1:])

    more = tmp_path / "answers"
    more.mkdir()
    said = min(now)
    write(more / "answers.csv", "applicant,round,answer", f"{said},reserve-1,yes_no_reserve")
    second = tmp_path / "two"
    done = command("reserve", first, "--answers", more, "--out", second)
    assert done.returncode == 0, done.stderr
    later = admitted(second, "reserve-2")
    assert later[said] == now[said]
    assert not {*no, people[4], people[5]} & set(later)  # what was said before stands
    assert shut not in later.values()
    list(check_run(second))
    answered = read_intake(second / "intake").answers
    assert set(answered["round"].to_list()) == {"final", "reserve-1"}
    assert command("reserve", first, "--answers", more, "--out", tmp_path / "again").returncode == 0
    assert files(tmp_path / "again") == files(second)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["nobody,final,no"], ["answers.csv", "row 2", "nobody", "no such applicant"]),
        (["{0},final,maybe"], ["answers.csv", "row 2", "maybe"]),
        (["{0},final,no", "{0},final,yes"], ["row 3", "already"]),
        (["{0},reserve-1,no"], ["reserve-1", "the last one was final"]),
    ],
)
def test_faulty_answers_are_refused_with_their_place_and_nothing_is_written(run, tmp_path, lines, words):
    who = min(admitted(run, "final"))
    path = write(tmp_path / "answers.csv", "applicant,round,answer", *(line.format(who) for line in lines))
    done = command("reserve", run, "--answers", path, "--out", tmp_path / "out")
    assert done.returncode == 1
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "out").exists()


def test_unknown_routes_and_people_a_taken_folder_and_a_changed_run_are_refused(run, tmp_path):
    answers = write(tmp_path / "answers.csv", "applicant,round,answer", "a0001,final,yes")
    out = ("--answers", answers, "--out", tmp_path / "out")
    done = command("reserve", run, *out, "--closed", "XX-9")
    assert (done.returncode, "XX-9" in done.stderr, "no route" in done.stderr) == (1, True, True)
    gone = write(tmp_path / "left.csv", "applicant", "stranger")
    done = command("reserve", run, *out, "--left", gone)
    assert (done.returncode, "stranger" in done.stderr) == (1, True)
    done = command("reserve", run, "--answers", answers, "--out", run)
    assert (done.returncode, "finished run" in done.stderr) == (1, True)
    done = command("reserve", run, "--answers", tmp_path / "none.csv", "--out", tmp_path / "out")
    assert (done.returncode, "none.csv" in done.stderr) == (1, True)
    copy = tmp_path / "copy"
    for name, content in files(run).items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(content)
    decisions = copy / "final" / "decisions.csv"
    decisions.write_text(decisions.read_text().replace("reserve", "struck", 1))
    done = command("reserve", copy, *out)
    assert (done.returncode, "sealed" in done.stderr) == (1, True)
    assert not (tmp_path / "out").exists()
