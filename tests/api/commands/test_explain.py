from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from admissions.errors import AdmissionsError
from admissions.explanations.explaining import explain_all
from admissions.explanations.facts import facts_of
from admissions.intake import write_intake
from admissions.rounds.folder import Run, write_run
from api.commands import explain
from tests.admissions.explanations.worlds import LOTTERY, ran, world

runner = CliRunner()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    intake = world(80)
    rounds = [ran(intake, round_name=name) for name in ("preliminary", "final")]
    folder = tmp_path_factory.mktemp("explain") / "run"
    content = Run(intake, rounds[0].compiled.static.rulebook, LOTTERY, rounds)
    write_run(folder, content, more=lambda path, _: write_intake(intake, path / "intake", "parquet"))
    return folder


def said(*arguments: str) -> str:
    app = typer.Typer()
    explain.register(app)
    result = runner.invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def a_reserve() -> str:
    facts = facts_of(ran(world(80)))
    return next(one.applicant for one in explain_all(facts) if one.choices[0].status == "reserve")


def test_the_folder_gives_the_explanations_of_the_run_itself(run: Path):
    from dataclasses import asdict

    for one in list(explain_all(facts_of(ran(world(80)))))[:8]:
        told = json.loads(said(str(run), one.applicant, "--format", "json"))
        assert told.pop("text")
        assert told == json.loads(json.dumps(asdict(one)))


def test_both_languages_and_earlier_rounds(run: Path):
    assert said(str(run), "a0000").startswith("Besked till a0000, slutantagning")
    assert said(str(run), "a0000", "--lang", "en").startswith("Result for a0000, final round")
    early = said(str(run), "a0000", "--lang", "en", "--round", "preliminary")
    assert "nothing to appeal" in early


def test_without_the_intake_everything_else_is_still_said(run: Path, tmp_path: Path):
    bare = tmp_path / "bare"
    shutil.copytree(run, bare)
    shutil.rmtree(bare / "intake")
    name = a_reserve()
    text = said(str(bare), name, "--lang", "en")
    assert "cannot be worked out here: the run's folder holds no intake" in text
    full = json.loads(said(str(run), name, "--format", "json"))
    less = json.loads(said(str(bare), name, "--format", "json"))
    for whole, part in zip(full["choices"], less["choices"], strict=True):
        assert {**whole, "enough": None} == part
    assert full["menu"] == less["menu"]


def test_an_intake_that_gives_other_rows_is_noticed(run: Path, tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(run, other)
    shutil.rmtree(other / "intake")
    write_intake(world(80, seed=2), other / "intake", "parquet")
    assert "do not give the rows of this round" in said(str(other), a_reserve(), "--lang", "en")


def test_nobody_of_that_id(run: Path):
    with pytest.raises(AdmissionsError, match="No applicant 'nobody'"):
        said(str(run), "nobody")
