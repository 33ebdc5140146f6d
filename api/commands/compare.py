"""``admissions compare RUN OFFICIAL``: our result beside another system's, each difference with its cause."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

    from admissions.explanations.catalogue import Language as Spoken

_SHOWN = 20


class Language(enum.StrEnum):
    """Language of the report."""

    SV = "sv"
    EN = "en"


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
        lang: Annotated[Language, typer.Option(help="Language of terminal, page and workbook.")] = Language.SV,
    ) -> None:
        """Set a finished run beside another system's result, person by person and route by route.

        Each difference gets one cause: seats, eligibility, tier (first or second hand, in time or late), merit, tie (a
        rule for equal merit before the lottery), lottery, or unexplained. The more the file states (merit, tier,
        eligible, lottery, seats), the more is told apart; a difference that only follows from another takes its cause.
        The CSV files keep the names for machines in either language.
        """
        from admissions.explanations.catalogue import language_of
        from admissions.explanations.official import is_published

        if out is not None:
            from admissions.rounds.staging import refuse_taken

            refuse_taken(out)  # before any work is done
        language = language_of(lang.value)
        of = _of_routes if is_published(official) else _of_persons
        tables, compared = of(run, official, round_name, language)
        _print(tables, compared, language)
        if out is not None:
            from admissions.explanations.shadow_report import write_comparison
            from admissions.explanations.shadow_words import word

            about = {"run": run.name, "official": official.name, "compared": compared}
            about = {word("word", name, language): value for name, value in about.items()}
            for path in write_comparison(out, tables, about, language):
                print(path)


def _of_persons(run: Path, official: Path, round_name: str, language: Spoken) -> tuple[dict[str, pl.DataFrame], str]:
    """Compare decisions; return the tables and what was compared."""
    from admissions.explanations.catalogue import round_text
    from admissions.explanations.official import read_official
    from admissions.explanations.shadow import compare
    from admissions.explanations.shadow_words import word
    from admissions.rounds.stored import read_run

    opened = read_run(run)
    stored = opened.round(round_name) if round_name else opened.rounds[-1]
    theirs = read_official(official)
    found = compare(stored, theirs, tuple(opened.about["tie_chain"]))
    tables = {"totals": found.totals, "routes": found.routes, "persons": found.persons, "rows": found.rows}
    name = round_text(stored.name, language)
    return tables, word("word", "of_persons", language, round=name, ours=len(stored.decisions), theirs=len(theirs))


def _of_routes(run: Path, official: Path, round_name: str, language: Spoken) -> tuple[dict[str, pl.DataFrame], str]:
    """Compare a published result; return the table and what was compared."""
    from admissions.explanations.catalogue import round_text
    from admissions.explanations.shadow_routes import compare_routes
    from admissions.explanations.shadow_words import word
    from admissions.rounds.stored import read_run

    opened = read_run(run)
    stored = opened.round(round_name) if round_name else opened.rounds[-1]
    name = round_text(stored.name, language)
    compared = word("word", "of_routes", language, round=name, ours=len(stored.routes))
    return {"routes": compare_routes(stored, official)}, compared


def _print(tables: dict[str, pl.DataFrame], compared: str, language: Spoken) -> None:
    from rich.console import Console
    from rich.table import Table

    from admissions.explanations.shadow_words import cell, in_words, word

    console = Console()
    console.print(compared)
    if not any(len(table) for name, table in tables.items() if name != "totals"):
        console.print(word("word", "no_difference", language))
        return
    for name, table in tables.items():
        title = word("table", name, language)
        if len(table) > _SHOWN:
            title = word("word", "first", language, title=title, shown=_SHOWN, all=len(table))
        wanted = in_words(table.select(one for one in table.columns if not one.endswith("_difference")), language)
        shown = Table(*wanted.columns, title=title, title_justify="left")
        for line in wanted.head(_SHOWN).iter_rows():
            shown.add_row(*(cell(value, language) for value in line))
        console.print(shown)
