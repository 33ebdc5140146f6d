"""A run folder, and the planner's commands upon it, for the tests of those commands."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import typer
from typer.testing import CliRunner

from admissions.intake import write_intake
from admissions.rounds.folder import Run, write_run
from tests.admissions.explanations.worlds import LOTTERY, ran, world


def make_run(folder: Path) -> Path:
    """Write a run of a small town where seats are short."""
    intake = world(120, seats=3)
    rounds = [ran(intake, round_name=name) for name in ("preliminary", "final")]
    content = Run(intake, rounds[0].compiled.static.rulebook, LOTTERY, rounds)
    write_run(folder, content, more=lambda path, _: write_intake(intake, path / "intake", "parquet"))
    return folder


def said(command: ModuleType, *arguments: str) -> str:
    """Run a command that must succeed; refusals of the engine are raised."""
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output
