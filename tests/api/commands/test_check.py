from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from admissions.intake import write_intake
from admissions.tables.problem import PROBLEM_COLUMNS
from api.commands.check import register
from tests.admissions.tables.examples import small_intake


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    result = CliRunner().invoke(app, ["check", *arguments])
    return result.exit_code, result.stdout


def spoilt(tmp_path: Path) -> str:
    folder = tmp_path / "intake"
    write_intake(small_intake(), folder)
    seats = folder / "seats.csv"
    seats.write_text(seats.read_text().replace("r1,preliminary,,30", "r1,preliminary,,-30"))
    choices = folder / "choices.csv"
    choices.write_text(choices.read_text().replace("a3,r3,1", "a3,[red]r9,1"))
    return str(folder)


def test_a_sound_intake_is_counted_and_exits_0(tmp_path: Path) -> None:
    write_intake(small_intake(), tmp_path / "intake")
    code, text = run(str(tmp_path / "intake"))
    assert code == 0
    assert "The intake of 2023 is sound." in text
    assert small_intake().digest() in text
    code, text = run(str(tmp_path / "intake"), "--format", "json")
    assert code == 0
    assert json.loads(text)["rows"]["choices"] == 6


def test_every_problem_is_shown_in_each_form_and_exits_1(tmp_path: Path) -> None:
    folder = spoilt(tmp_path)
    before = {file.name: file.read_bytes() for file in Path(folder).iterdir()}
    code, text = run(folder)
    assert code == 1
    assert "seats.csv, row 2, column seats" in text
    assert "choices.csv, row 6, column route_id" in text
    assert "2 problems. Nothing was changed." in text
    code, text = run(folder, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert code == 1
    assert tuple(rows[0]) == PROBLEM_COLUMNS
    assert [(row["file"], row["row"], row["value"]) for row in rows] == [
        ("seats.csv", "2", "-30"),
        ("choices.csv", "6", "[red]r9"),
    ]
    code, text = run(folder, "--format", "json")
    assert code == 1
    assert [problem["rule"] for problem in json.loads(text)["problems"]] == ["minimum", "pattern"]
    assert before == {file.name: file.read_bytes() for file in Path(folder).iterdir()}


def test_no_such_folder(tmp_path: Path) -> None:
    code, text = run(str(tmp_path / "nowhere"))
    assert code == 1
    assert "there is no such file or folder" in text
