"""The report of a shadow run: tables as CSV, one workbook, one page; all of it or nothing.

The CSV files are for machines: the names and codes of `admissions.explanations.shadow`. Workbook and page are for
people and speak their language.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

import polars as pl

from admissions.explanations.catalogue import Language
from admissions.explanations.shadow_words import cell, classification, in_words, word
from admissions.rounds.staging import staged
from admissions.tables import write_table, write_xlsx

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}"
    "table{border-collapse:collapse;margin:0 0 2rem;font-size:.9rem}p{max-width:45rem}"
    "caption{font-weight:600;text-align:left;padding:.5rem 0}"
    "th,td{border-bottom:1px solid #bbb;padding:.25rem .6rem;text-align:left}td.n{text-align:right}"
)
_MOST_ROWS = 2000
"""Longer tables are cut on the page; the CSV files and the workbook hold them whole."""


def write_comparison(
    folder: Path, tables: Mapping[str, pl.DataFrame], about: Mapping[str, str], language: Language = "sv"
) -> list[Path]:
    """Write the tables of a comparison into a new folder and return its files.

    Parameters
    ----------
    folder
        A folder that does not exist yet, or is empty.
    tables
        By name: totals, routes, persons, rows; those there are.
    about
        What was compared, as shown at the head of the page.
    language
        Of workbook and page.

    Raises
    ------
    FolderTakenError
        If something stands at `folder`.
    """
    shown = {word("table", name, language): in_words(table, language) for name, table in tables.items()}
    with staged(folder) as place:
        for name, table in tables.items():
            write_table(table, place / f"{name}.csv")
        write_xlsx(shown | {word("word", "how_classified", language): classification(language)}, place / _BOOK)
        (place / "comparison.html").write_text(
            _page(shown, about, language, persons="rows" in tables), encoding="utf-8"
        )
        names = sorted(path.name for path in place.iterdir())
    return [folder / name for name in names]


_BOOK = "comparison.xlsx"


def _page(tables: Mapping[str, pl.DataFrame], about: Mapping[str, str], language: Language, *, persons: bool) -> str:
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in about.items())
    body = "".join(_table(title, table, language) for title, table in tables.items())
    title = escape(word("word", "title", language))
    rule = escape(word("word", "classified" if persons else "published", language))
    causes = _table(word("word", "how_classified", language), classification(language), language)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1><dl>{lines}</dl>{body}{causes}<p>{rule}</p></body></html>\n"
    )


def _table(title: str, table: pl.DataFrame, language: Language) -> str:
    numeric = [dtype.is_numeric() for dtype in table.dtypes]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    rows = []
    for line in table.head(_MOST_ROWS).iter_rows():
        cells = zip(line, numeric, strict=True)
        rows.append(
            "".join(
                f"<td{' class=n' if number else ''}>{escape(cell(value, language))}</td>" for value, number in cells
            )
        )
    if len(table) > _MOST_ROWS:
        title = word("word", "first", language, title=title, shown=_MOST_ROWS, all=len(table))
    none = escape(word("word", "none", language))
    body = "".join(f"<tr>{row}</tr>" for row in rows) or f'<tr><td colspan="{len(numeric)}">{none}</td></tr>'
    return f"<table><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
