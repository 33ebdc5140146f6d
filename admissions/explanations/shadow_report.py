"""The report of a shadow run: tables as CSV, one workbook, one page; all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

import polars as pl

from admissions.rounds.staging import staged
from admissions.tables import write_table, write_xlsx

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}"
    "table{border-collapse:collapse;margin:0 0 2rem;font-size:.9rem}"
    "caption{font-weight:600;text-align:left;padding:.5rem 0}"
    "th,td{border-bottom:1px solid #bbb;padding:.25rem .6rem;text-align:left}td.n{text-align:right}"
)
_TITLES = {
    "totals": "Differences by cause",
    "routes": "Routes that differ",
    "persons": "Persons who differ",
    "rows": "Choices that differ",
}
_MOST_ROWS = 2000
"""Longer tables are cut on the page; the CSV files and the workbook hold them whole."""


def write_comparison(folder: Path, tables: Mapping[str, pl.DataFrame], about: Mapping[str, str]) -> list[Path]:
    """Write the tables of a comparison into a new folder and return its files.

    Parameters
    ----------
    folder
        A folder that does not exist yet, or is empty.
    tables
        By name: totals, routes, persons, rows; those there are.
    about
        What was compared, as shown at the head of the page.

    Raises
    ------
    FolderTakenError
        If something stands at `folder`.
    """
    with staged(folder) as place:
        for name, table in tables.items():
            write_table(table, place / f"{name}.csv")
        write_xlsx(dict(tables), place / "comparison.xlsx")
        (place / "comparison.html").write_text(_page(tables, about), encoding="utf-8")
        names = sorted(path.name for path in place.iterdir())
    return [folder / name for name in names]


def _page(tables: Mapping[str, pl.DataFrame], about: Mapping[str, str]) -> str:
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in about.items())
    body = "".join(_table(_TITLES.get(name, name), table) for name, table in tables.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shadow run</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>Shadow run</h1><dl>{lines}</dl>{body}</body></html>\n"
    )


def _table(title: str, table: pl.DataFrame) -> str:
    numeric = [dtype.is_numeric() for dtype in table.dtypes]
    head = "".join(f'<th scope="col">{escape(name.replace("_", " "))}</th>' for name in table.columns)
    rows = []
    for line in table.head(_MOST_ROWS).iter_rows():
        cells = zip(line, numeric, strict=True)
        rows.append(
            "".join(
                f"<td{' class=n' if number else ''}>{escape('' if value is None else str(value))}</td>"
                for value, number in cells
            )
        )
    more = f" (the first {_MOST_ROWS} of {len(table)})" if len(table) > _MOST_ROWS else ""
    body = "".join(f"<tr>{row}</tr>" for row in rows) or f'<tr><td colspan="{len(numeric)}">None.</td></tr>'
    return (
        f"<table><caption>{escape(title + more)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
