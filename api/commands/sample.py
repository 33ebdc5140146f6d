"""``admissions sample``: a generated intake on the real catalogue of study routes."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer


class Tables(enum.StrEnum):
    """Format of the tables."""

    CSV = "csv"
    PARQUET = "parquet"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def sample(
        out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write; it must not exist yet.")],
        year: Annotated[int, typer.Option(help="Year of the catalogue and of the published results.")] = 2023,
        applicants: Annotated[
            int | None,
            typer.Option(metavar="N", min=100, help="How many; as many as the published totals need if left out."),
        ] = None,
        seed: Annotated[int, typer.Option(metavar="N", min=0, help="The same seed gives the same intake.")] = 1,
        fmt: Annotated[Tables, typer.Option("--format", help="Format of the tables.")] = Tables.CSV,
    ) -> None:
        """Write an intake of generated applicants on the real catalogue of study routes.

        Nobody in it exists. The applicants are drawn so that the final round comes near the published results of the
        year; docs/method.md says what was fitted and what was not. The intake stands as it did when the application
        closed in February: `admissions replay` runs the rounds and the re-choice window.
        """
        from admissions.intake import write_intake
        from admissions.rounds.staging import refuse_taken
        from simulations.population import generate_intake

        refuse_taken(out)
        intake = generate_intake(year, applicants, seed)
        write_intake(intake, out, fmt.value)
        people, rows, routes = len(intake.applicants), len(intake.choices), len(intake.routes)
        print(f"{out}: {people:,} applicants, {rows:,} choices, {routes:,} study routes of {year} (seed {seed})")
