"""The report as one XLSX workbook: a sheet per level, real numbers, names frozen, rounds beside each other."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from admissions.reports.columns import NAMES, Shown, changed_columns, columns_of
from admissions.reports.content import SHOWN_LEVELS
from admissions.reports.page_texts import page_texts
from admissions.reports.wording import LEVEL_TITLES, chain_text, round_text
from admissions.results.levels import LEVELS

if TYPE_CHECKING:
    from admissions.reports.columns import Language
    from admissions.reports.content import Report

_NO_TIME = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - spreadsheets know no time zone; a fixed instant keeps files equal
_FORMATS = {"whole": "#,##0", "signed": "#,##0", "merit": "0.0#", "share": "0.0 %", "text": "@", "programme": "@"}
_WIDE = {"school": 34, "route_name": 46, "organiser": 34, "municipality": 18}


def write_workbook(report: Report, path: Path, language: Language = "sv") -> None:
    """Write the report as a workbook; equal reports give equal bytes.

    Merits are points with decimals, shares fractions shown as per cent: Excel writes them the way the reader's system
    does, in Sweden with a space between thousands and a decimal comma.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _NO_TIME, "title": f"{report.about['year']} {report.about['id']}"})
    styles = {kind: book.add_format({"num_format": shape}) for kind, shape in _FORMATS.items()}
    styles["head"] = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
    styles["round"] = book.add_format({"bold": True, "align": "left", "bottom": 1})
    word = 0 if language == "sv" else 1
    try:
        _about(book, report, styles, language)
        for level in SHOWN_LEVELS:
            sheet = book.add_worksheet(LEVEL_TITLES[level][word][:31])
            _level(sheet, report, level, styles, language)
        for change in report.changes:
            title = ("Ändringar ", "Changes ")[word] + change.after
            sheet = book.add_worksheet(title[:31])
            _named(sheet, _with_names(report, change.levels["route"]), changed_columns("route"), styles, language)
    finally:
        book.close()


def _about(book: Any, report: Report, styles: dict[str, Any], language: Language) -> None:
    """Write the sheet that says which run this is."""
    sheet = book.add_worksheet(("Om körningen", "About the run")[0 if language == "sv" else 1])
    about = report.about
    lines = [
        (("År", "Year"), about["year"]),
        (("Körning", "Run"), about["id"]),
        (("Regelbok", "Rulebook"), about["rules"]),
        (("Vid lika meritvärde", "At equal merit"), chain_text(about["tie_chain"], language)),
        (("ANTAGANDE", "ASSUMPTION"), ("ja", "yes") if about["assumption"] else ("nej", "no")),
        (("Omgångar", "Rounds"), ", ".join(round_text(one.name, language) for one in report.rounds)),
        (("Frö", "Seed phrase"), about["lottery"]["seed_phrase"]),
        (("Offentligt värde", "Public value"), about["lottery"]["public_value"]),
        *(
            [(("Dolda uppgifter", "Hidden figures"), page_texts(language)["hidden"].format(smallest=report.smallest))]
            if report.smallest > 1
            else []
        ),
        (("Intagets kontrollsumma", "Digest of the intake"), about["intake_sha256"]),
        (("Rotsumma", "Root hash"), about["root"]),
    ]
    word = 0 if language == "sv" else 1
    for row, (name, value) in enumerate(lines):
        sheet.write_string(row, 0, name[word], styles["head"])
        shown = value[word] if isinstance(value, tuple) else value
        sheet.write(row, 1, shown)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 70)


def _level(sheet: Any, report: Report, level: str, styles: dict[str, Any], language: Language) -> None:
    """Write one level: names once, then the columns of each round under its name."""
    names = NAMES[level]
    keys = list(LEVELS[level]) or ["region"]
    measures = columns_of(level)[len(names) :]
    joined: pl.DataFrame | None = None
    for number, played in enumerate(report.rounds):
        part = played.levels[level].select(
            *dict.fromkeys([*keys, *(name.name for name in names)]),
            *(pl.col(column.name).alias(f"{number}:{column.name}") for column in measures),
        )
        shared = list(dict.fromkeys([*keys, *(name.name for name in names)]))
        joined = part if joined is None else joined.join(part, on=shared, how="full", coalesce=True, nulls_equal=True)
    if joined is None:
        return
    joined = joined.sort(keys)
    for place, name in enumerate(names):
        sheet.write_string(1, place, name.title(language), styles["head"])
        sheet.set_column(place, place, _WIDE.get(name.name, 14))
        sheet.write_column(2, place, joined[name.name].to_list())
    at = len(names)
    for number, rounds in enumerate(report.rounds):
        sheet.write_string(0, at, round_text(rounds.name, language), styles["round"])
        for column in measures:
            _column(sheet, at, column, joined[f"{number}:{column.name}"], styles, language)
            at += 1
    sheet.set_row(1, 45)
    sheet.freeze_panes(2, len(names))
    if len(joined):
        sheet.autofilter(1, 0, 1 + len(joined), max(at - 1, 0))


def _column(
    sheet: Any, at: int, column: Shown, values: pl.Series, styles: dict[str, Any], language: Language, first: int = 2
) -> None:
    """Write one column of figures: real numbers, empty cells where there is no figure."""
    sheet.write_string(first - 1, at, column.title(language).replace("\xad", ""), styles["head"])
    sheet.set_column(at, at, 11)
    style = styles[column.kind]
    shown = values.to_list()
    if column.kind == "merit":
        shown = [value / 100 if value else None for value in shown]
    for row, value in enumerate(shown, start=first):
        if value is not None:
            sheet.write_number(row, at, value, style)


def _named(
    sheet: Any, frame: pl.DataFrame, columns: tuple[Shown, ...], styles: dict[str, Any], language: Language
) -> None:
    """Write a table with one header row."""
    texts = [one for one in columns if one.is_text]
    for at, one in enumerate(columns):
        if one.is_text:
            sheet.write_string(0, at, one.title(language), styles["head"])
            sheet.set_column(at, at, _WIDE.get(one.name, 14))
            sheet.write_column(1, at, frame[one.name].to_list())
        else:
            _column(sheet, at, one, frame[one.name], styles, language, first=1)
    sheet.freeze_panes(1, len(texts))


def _with_names(report: Report, routes: pl.DataFrame) -> pl.DataFrame:
    """Add the names of the routes to a table that knows them by id."""
    known = pl.concat(
        [one.levels["route"].select("route_id", "school", "route_name", "municipality") for one in report.rounds]
    )
    return routes.join(known.unique("route_id"), on="route_id", how="left", maintain_order="left")
