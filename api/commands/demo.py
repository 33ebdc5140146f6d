"""``admissions demo``: what `make run` shows a newcomer: a sample intake, its rounds, the shortfall report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def demo(
        out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the demonstration; made anew each time.")],
        year: Annotated[int, typer.Option(help="Year of the catalogue of study routes.")] = 2023,
        seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the generated applicants.")] = 1,
    ) -> None:
        """Make a sample intake on the real catalogue, run its rounds and report where seats were short.

        DIR/intake holds the intake, DIR/run the verified run and DIR/run/report the report. What an earlier
        demonstration left in these two folders is replaced.
        """
        import shutil

        from admissions.intake import write_intake
        from api.commands.progress import steps
        from api.commands.replay import replay_to
        from simulations.population import generate_intake

        intake, run = out / "intake", out / "run"
        for old in (intake, run):
            shutil.rmtree(old, ignore_errors=True)
        out.mkdir(parents=True, exist_ok=True)
        with steps() as tell:
            tell("sample", 0, 1)
            write_intake(generate_intake(year, None, seed), intake, "csv")
            tell("sample", 1, 1)
        replay_to(
            intake,
            run,
            rules="storsthlm",
            seed_phrase="a sample phrase, committed before the deadline",
            public_value="a sample public value, drawn after it",
            behaviour_seed=1,
            language="sv",
        )
