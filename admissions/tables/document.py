"""Writes docs/formats.md from the declarations: ``python -m admissions.tables.document --write``.

What stands below the marker of the run folder is kept: it is written by hand beside the code that writes run folders.
"""

from __future__ import annotations

import sys
from pathlib import Path

from admissions.tables.declared import DECISION_VALUES, INTAKE_TABLES
from admissions.tables.raw import MAX_BYTES, MAX_CELL, MAX_ROWS
from admissions.tables.schema import Column, Table

RUN_FOLDER_MARK = "## Run folder"
_DOCUMENT = Path(__file__).parents[2] / "docs" / "formats.md"

_OPENING = f"""# Formats

<!-- The part above "Run folder" is generated: python -m admissions.tables.document --write -->

## Intake

An intake (antagningsår) is a folder with one file for each table below, or one workbook (.xlsx, .ods) with a sheet for
each. A file is named after its table: `routes.csv`, `seats.parquet`, `grades.xlsx` ... Formats may be mixed.

What is read, and how:

- **CSV** (.csv, .tsv, .txt): separated by `;`, `,` or tab; UTF-8 with or without byte-order mark, UTF-16 with one, or
  Windows-1252 (Latin-1); line ends of any system; quotes after RFC 4180. A first line `sep=;` is skipped.
- **XLSX, ODS**: one table a sheet, the header in the first row that holds something. Formulas and merged cells are
  refused.
- **Parquet**: typed columns or texts.
- The header names the columns, in any order, capital letters and spaces around names forgiven. An optional column may
  be left out. A column nobody knows is a problem, not ignored.
- Rows without any content are skipped. Spaces around a value are dropped.
- A whole number may be written `32`, `32,0`, `32.0` or `1 200`. A day is written `2023-04-15`, or is a real date of the
  sheet; a spreadsheet's day number is refused.
- At most {MAX_BYTES // 1024**2} MB and {MAX_ROWS:,} rows a file, {MAX_CELL:,} characters a cell, no control characters.

`admissions check DIR` lists every problem with file, sheet, row (the true line of the file), column, value, rule and
remedy. An intake with a problem is refused as a whole.

What is written: CSV for machines (comma, UTF-8, `\\n`, decimal point, days as 2023-04-15, no byte-order mark), CSV for
Swedish spreadsheets (byte-order mark, `;`, decimal comma, an apostrophe before texts that would be taken for formulas),
XLSX and Parquet. Reading any of them gives back the same intake, with the same digest.

Beyond single cells these rules hold: an id stands once; every applicant, route and pool named exists; every route has a
row in `seats` (but those admitted by hand); all routes are of one year; seats held outside have a reason and are no
more than the seats; a choice is not withdrawn before it is registered; on no day has an applicant two choices of one
rank or one route; one grade for each subject and term; a decision and an answer concern a route the applicant chose; an
applicant's id is not shaped like a personal identity number.
"""

_RUN_FOLDER = f"""{RUN_FOLDER_MARK}

Described beside the code that writes it.
"""


def document() -> str:
    """Return the generated part of docs/formats.md, up to the marker of the run folder."""
    parts = [_OPENING]
    parts += [_table(table) for table in INTAKE_TABLES]
    return "\n".join(parts)


def _table(table: Table) -> str:
    optional = " May be absent." if table.may_be_absent else ""
    lines = [
        f"### {table.name}",
        "",
        f"{table.meaning} *{table.meaning_sv}*{optional} Identified by {', '.join(f'`{name}`' for name in table.key)}.",
        "",
        "| column | type | required | meaning | example |",
        "| --- | --- | --- | --- | --- |",
        *(_row(column) for column in table.columns),
        "",
    ]
    for column in table.columns:
        if column.allowed:
            lines += [f"`{column.name}`:", "", *(f"- `{value}`: {text}" for value, text in column.allowed.items()), ""]
    if table.name == "decisions":
        lines += ["`value`, by kind:", "", *(f"- `{kind}`: {text}" for kind, (_, text) in DECISION_VALUES.items()), ""]
    return "\n".join(lines)


def _row(column: Column) -> str:
    required = "yes" if column.required and not column.empty else "may be empty" if column.required else "optional"
    if column.default is not None:
        required += f", stands for `{column.default}`" if column.default != "" else ", stands for none"
    return " | ".join(
        [
            f"| `{column.name}`",
            _kind(column),
            required,
            f"{column.meaning} *{column.meaning_sv}*".replace("|", "\\|"),
            f"`{column.example}` |",
        ]
    )


def _kind(column: Column) -> str:
    if column.kind in {"choice", "words"}:
        return "one of the values below" if column.kind == "choice" else "any of the words below, separated by spaces"
    if column.kind == "text":
        return "text" + (f": {column.pattern_meaning}" if column.pattern_meaning else "")
    if column.kind == "date":
        return "day"
    bounds = f", {column.minimum} to {column.maximum}" if column.minimum is not None else ""
    return f"whole number{bounds}" + (f", {column.unit}" if column.unit else "")


def whole_document() -> str:
    """Return all of docs/formats.md: the generated part, then the run folder's part as it stands in the file."""
    present = _DOCUMENT.read_text(encoding="utf-8") if _DOCUMENT.exists() else ""
    mark = present.find(f"\n{RUN_FOLDER_MARK}")
    return document() + "\n" + (present[mark + 1 :] if mark >= 0 else _RUN_FOLDER)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        _DOCUMENT.write_text(whole_document(), encoding="utf-8")
    else:
        sys.stdout.write(whole_document())
