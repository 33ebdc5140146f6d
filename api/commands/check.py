"""``admissions check DIR``: every problem of an intake's tables, with place, rule and remedy."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.tables import Problem


class Format(enum.StrEnum):
    """How the problems are shown."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def check(
        intake: Annotated[
            Path,
            typer.Argument(metavar="DIR", help="Folder with the tables of an intake, or one .xlsx or .ods workbook."),
        ],
        format: Annotated[  # noqa: A002 - the option's name is the one people know
            Format, typer.Option(help="text for reading, csv or json for passing on.")
        ] = Format.TEXT,
    ) -> None:
        """Check the tables of an intake before anything is computed.

        Reads routes, seats, applicants, grades, choices, decisions and answers (CSV, Excel or Parquet) and lists every
        problem with file, row, column, value, the rule it breaks and what to do. Changes nothing.

        Ends with 0 if the intake is sound, with 1 if anything is wrong.
        """
        from admissions.errors import InputError
        from admissions.intake import read_intake

        try:
            sound = read_intake(intake)
        except InputError as error:
            _show(list(error.problems), format)  # type: ignore[arg-type]  # an intake is refused with Problems only
            raise typer.Exit(1) from None
        _show_counts(sound, format)


def _show(problems: list[Problem], form: Format) -> None:
    from admissions.tables import problems_frame

    if form is Format.CSV:
        print(problems_frame(problems).write_csv(), end="")
    elif form is Format.JSON:
        import json

        rows = problems_frame(problems).to_dicts()
        print(json.dumps({"sound": False, "problems": rows}, ensure_ascii=False, indent=1))
    else:
        _show_table(problems)


def _show_table(problems: list[Problem]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    # Redirected into a file or a log, nobody's window is 80 wide: let every problem have its own full line.
    if not console.is_terminal:
        for problem in problems:
            print(problem)
    else:
        table = Table("file", "row", "column", "value", "what is wrong", "what to do", title_justify="left")
        table.columns[1].justify = "right"
        for problem in problems:
            place = problem.file if problem.sheet is None else f"{problem.file} [{problem.sheet}]"
            row = "" if problem.row is None else str(problem.row)
            message = f"{problem.message} ({problem.rule})"
            cells = (place, row, problem.column or "", problem.value or "", message, problem.remedy)
            table.add_row(*(Text(cell) for cell in cells))
        console.print(table)
    noun = "problem" if len(problems) == 1 else "problems"
    print(f"{len(problems)} {noun}. Nothing was changed.")


def _show_counts(intake: Intake, form: Format) -> None:
    counts = {name: len(frame) for name, frame in intake.tables().items()}
    if form is Format.CSV:
        _show([], form)
    elif form is Format.JSON:
        import json

        print(json.dumps({"sound": True, "year": intake.year, "rows": counts, "digest": intake.digest()}, indent=1))
    else:
        print(f"The intake of {intake.year} is sound.")
        for name, count in counts.items():
            print(f"  {name:<12}{count:>10,}")
        print(f"Digest {intake.digest()}")
