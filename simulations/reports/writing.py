"""Write a report: one HTML page that needs nothing else, a workbook, CSV and Parquet tables, and the terminal."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from admissions.tables import write_table
from simulations.reports.document import ENDS, Document, Grid, Section, grid
from simulations.reports.words import Language, said, value

if TYPE_CHECKING:
    from rich.console import Console

_LINES = 15
_NO_TIME = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - spreadsheets know no time zone; a fixed instant keeps files equal
_DIGESTS = ("rulebook_sha256", "intake_sha256", "baseline_intake_sha256")
_INTERVALS_SV = (
    "Siffran är medelvärdet; inom parentes det intervall som rymmer åtta av tio körningar. Intervallet täcker det som "
    "modellerna låter variera (lottning, omval, betyg, nya sökande, skolornas platser), inte det de inte vet. Inget "
    "simulerat år är en prognos."
)
_INTERVALS_EN = (
    "The figure is the mean; in brackets the interval that holds eight runs out of ten. It covers what the models let "
    "vary (lottery, re-choice, grades, newcomers, schools' seats), not what they do not know. No simulated year is a "
    "forecast."
)
_TEXTS: dict[str, tuple[str, str]] = {
    "series": ("Gymnasieantagning: simulering", "Upper-secondary admissions: simulation"),
    "contents": ("Innehåll", "Contents"),
    "method": ("Så är siffrorna gjorda", "How the figures are made"),
    "nothing": ("Inget att visa.", "Nothing to show."),
    "intervals": (_INTERVALS_SV, _INTERVALS_EN),
    "columns": ("Fler kolumner i rapporten.", "More columns in the report."),
    "more": ("Visar {shown} av {all} rader; alla finns i {file}.", "Shows {shown} of {all} rows; all are in {file}."),
}


def text(name: str, language: Language) -> str:
    """Return a fixed text of the page."""
    return _TEXTS[name][0 if language == "sv" else 1]


def stamp(about: dict[str, Any], language: Language) -> str:
    """Return the one line every figure carries: run, rulebook, seeds, number of runs, what lists did."""
    parts = [
        f"{said(key, language).lower() if number else said(key, language)} {value(about[key], language)}"
        for number, key in enumerate(
            key
            for key in ("run", "rules", "years", "lotteries", "seed_behaviour", "seed_lottery", "lists")
            if about.get(key) not in {None, ""}
        )
    ]
    return "; ".join(parts) + "."


def write_document(document: Document, folder: Path, language: Language = "sv") -> None:
    """Write ``report.html``, ``report.xlsx``, ``about.json`` and each table as CSV and Parquet into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(html(document, language), encoding="utf-8")
    (folder / "about.json").write_text(
        json.dumps(document.about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    for section in document.sections:
        write_table(section.table, folder / f"{section.name}.csv")
        write_table(section.table, folder / f"{section.name}.parquet")
    write_workbook(document, folder / "report.xlsx", language)


def html(document: Document, language: Language = "sv") -> str:
    """Return the page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("simulations.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    style, _, _ = PackageLoader("admissions.reports").get_source(environment, "report.css")
    about = document.about
    return environment.get_template("simulation.html.j2").render(
        one=document,
        lang=language,
        style=style,
        t={name: text(name, language) for name in _TEXTS},
        stamp=stamp(about, language),
        imprint=[(said(key, language), value(about[key], language)) for key in about if key not in _DIGESTS],
        traces=[(said(key, language), value(about[key], language)) for key in about if key in _DIGESTS],
        sections=[_shown(section, language) for section in document.sections],
        many=bool(about.get("years") or about.get("lotteries")),
    )


def _shown(section: Section, language: Language) -> dict[str, Any]:
    rows = len(section.table)
    more = ""
    if rows > section.shown:
        more = text("more", language).format(shown=section.shown, all=rows, file=f"{section.name}.csv")
    return {
        "name": section.name,
        "title": section.title,
        "lead": section.lead,
        "picture": section.picture,
        "grid": grid(section.table, language, section.shown),
        "more": more,
    }


def write_workbook(document: Document, path: Path, language: Language = "sv") -> None:
    """Write a workbook: a sheet that says what was run, and one a table, real numbers; equal reports, equal bytes."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _NO_TIME, "title": document.title})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
    try:
        sheet = book.add_worksheet("Om körningen" if language == "sv" else "About the run")
        for row, (key, given) in enumerate(document.about.items()):
            sheet.write_string(row, 0, said(key, language), bold)
            sheet.write(row, 1, value(given, language))
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 70)
        for section in document.sections:
            own = book.add_worksheet(section.name[:31])
            _sheet(own, section.table, bold)
    finally:
        book.close()


def _sheet(sheet: Any, table: pl.DataFrame, bold: Any) -> None:
    for at, name in enumerate(table.columns):
        sheet.write_string(0, at, name, bold)
        is_text = table.schema[name] == pl.String
        sheet.set_column(at, at, 22 if is_text else 11)
        for row, given in enumerate(table[name].to_list(), 1):
            if given is not None:
                (sheet.write_string if is_text else sheet.write_number)(row, at, given)
    texts = 0
    while texts < table.width and table.dtypes[texts] == pl.String:
        texts += 1
    sheet.freeze_panes(1, texts)
    if len(table):
        sheet.autofilter(0, 0, len(table), max(table.width - 1, 0))


def narrow(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table as the terminal has room for it: the final round, and of comparisons the differences alone."""
    if "round" in table.columns and len(table) > _LINES:
        table = table.filter(pl.col("round") == "final").drop("round")
    differing = [name for name in table.columns if name.endswith("_difference")]
    if not differing:
        return table
    ends = [name + end for name in differing for end in ENDS]
    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    return table.filter(pl.any_horizontal(pl.col(name) != 0 for name in (*differing, *ends))).select(
        *texts, *(name + end for name in differing for end in ("", *ENDS))
    )


def print_document(document: Document, console: Console, language: Language = "sv", *, only: int = 2) -> None:
    """Print the title, the line every figure carries, and the first tables."""
    from rich.table import Table
    from rich.text import Text

    console.print()
    console.print(Text(document.title, style="bold"))
    console.print(stamp(document.about, language), style="dim", highlight=False)
    for section in document.sections[:only]:
        shown = grid(narrow(section.table), language, _LINES)
        if not shown.rows:
            continue
        table = Table(title=section.title, title_justify="left", box=None, pad_edge=False)
        fitting = _fitting(shown, console.width)
        for name, is_text, width in zip(shown.heads, shown.is_text, fitting, strict=False):
            justify: Literal["left", "right"] = "left" if is_text else "right"
            table.add_column(name, justify=justify, overflow="ellipsis" if is_text else "fold", width=width)
        for row in shown.rows:
            table.add_row(*(Text(given, no_wrap=True) for given in row[: len(fitting)]))
        console.print()
        console.print(table, highlight=False)
        if len(fitting) < len(shown.heads):
            console.print(Text(text("columns", language), style="dim"))


def _fitting(shown: Grid, width: int) -> list[int]:
    """Return the widths of the first columns that fit side by side: figures are never cut, names may be."""
    widths: list[int] = []
    for at, (name, is_text) in enumerate(zip(shown.heads, shown.is_text, strict=True)):
        cells = max(len(row[at]) for row in shown.rows)
        word = max(len(part) for part in name.split())
        own = min(cells, 26) if is_text else cells
        own = max(own, min(word, 26))
        if sum(widths) + 2 * len(widths) + own > width:
            break
        widths.append(own)
    return widths
