"""``admissions compare RUN OFFICIAL``: our result beside another system's, each difference with its cause."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def compare(
        run: Annotated[
            Path, typer.Argument(metavar="RUN", help="Folder of a finished run, made by `admissions replay`.")
        ],
        official: Annotated[
            Path,
            typer.Argument(
                metavar="OFFICIAL",
                help="The other system's decisions (CSV or workbook: applicant, route_id, status, and what else it "
                "states), or a result in the published layout, a line for each route.",
            ),
        ],
        out: Annotated[
            Path | None, typer.Option(metavar="DIR", help="Also write the comparison there: CSV, workbook and page.")
        ] = None,
        round_name: Annotated[
            str, typer.Option("--round", metavar="NAME", help="The round to compare; the last one if left out.")
        ] = "",
    ) -> None:
        """Set a finished run beside another system's result, person by person and route by route.

        Each difference gets one cause: seats, eligibility, tier (first or second hand, in time or late), merit, tie (a
        rule for equal merit before the lottery), lottery, or unexplained. The more the file states (merit, tier,
        eligible, lottery, seats), the more is told apart; a difference that only follows from another takes its cause.
        """
        from admissions.explanations.official import is_published

        if out is not None:
            from admissions.rounds.staging import refuse_taken

            refuse_taken(out)  # before any work is done
        tables, compared = (
            _of_routes(run, official, round_name) if is_published(official) else _of_persons(run, official, round_name)
        )
        _print(tables, compared)
        if out is not None:
            from admissions.explanations.shadow_report import write_comparison

            for path in write_comparison(out, tables, {"run": str(run.name), "compared with": official.name}):
                print(path)


def _of_persons(run: Path, official: Path, round_name: str) -> tuple[dict[str, pl.DataFrame], str]:
    """Compare decisions; return the tables and what was compared."""
    from admissions.explanations.official import read_official
    from admissions.explanations.shadow import compare
    from admissions.rounds.stored import read_run

    opened = read_run(run)
    stored = opened.round(round_name) if round_name else opened.rounds[-1]
    theirs = read_official(official)
    found = compare(stored, theirs, tuple(opened.about["tie_chain"]))
    tables = {"totals": found.totals, "routes": found.routes, "persons": found.persons, "rows": found.rows}
    return tables, f"{stored.name}: {len(stored.decisions)} choices of ours, {len(theirs)} of theirs"


def _of_routes(run: Path, official: Path, round_name: str) -> tuple[dict[str, pl.DataFrame], str]:
    """Compare a published result; return the table and what was compared."""
    from admissions.explanations.shadow_routes import compare_routes
    from admissions.rounds.stored import read_run

    opened = read_run(run)
    stored = opened.round(round_name) if round_name else opened.rounds[-1]
    return {"routes": compare_routes(stored, official)}, f"{stored.name}: {len(stored.routes)} routes of ours"


def _print(tables: dict[str, pl.DataFrame], compared: str) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(compared)
    if not any(len(table) for name, table in tables.items() if name != "totals"):
        console.print("No difference.")
        return
    for name, table in tables.items():
        title = name if len(table) <= _SHOWN else f"{name}: the first {_SHOWN} of {len(table)}"
        names = [one for one in table.columns if not one.endswith("_difference")]
        shown = Table(*names, title=title, title_justify="left")
        for line in table.select(names).head(_SHOWN).iter_rows():
            shown.add_row(*("" if value is None else str(value) for value in line))
        console.print(shown)
