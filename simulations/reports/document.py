"""A report on a simulation: what it says of itself, its sections, and how tables with intervals are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from admissions.reports import numbers
from simulations.reports.words import Language, cell, column

ENDS = ("_low", "_middle", "_high")
_KINDS = ("_baseline", "_scenario", "_difference")


@dataclass(frozen=True, eq=False)
class Section:
    """One section.

    Attributes
    ----------
    title, lead
        In words, the lead saying what the figures mean.
    name
        Of the table's file.
    table
        All rows; the page shows the first `shown` of them.
    picture
        SVG text, or empty.
    """

    title: str
    lead: str
    name: str
    table: pl.DataFrame
    picture: str = ""
    shown: int = 30


@dataclass(frozen=True, eq=False)
class Document:
    """A report: ``about`` is what every figure has to say, in the order in which it is stated."""

    title: str
    lead: str
    about: dict[str, Any]
    sections: Sequence[Section]
    notes: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Grid:
    """A table as text: heads, which columns are text, and rows of cells."""

    heads: list[str]
    is_text: list[bool]
    rows: list[list[str]]


def grid(table: pl.DataFrame, language: Language, shown: int | None = None) -> Grid:
    """Return a table as text: each measure one column, ``mean (low-high)``.

    The interval's ends are those of the table; where both equal the mean it stands alone.
    """
    bases = [name for name in table.columns if not name.endswith(ENDS)]
    part = table if shown is None else table.head(shown)
    columns = []
    for name in bases:
        values = part[name].to_list()
        if table.schema[name] == pl.String:
            columns.append([cell(text or "", language) for text in values])
            continue
        lows, highs = (
            part[f"{name}{end}"].to_list() if f"{name}{end}" in table.columns else values for end in ("_low", "_high")
        )
        kinds = part["measure"].to_list() if "measure" in bases else [name] * len(values)
        difference = name.endswith("difference")
        columns.append(
            [
                _interval(kind, mean, low, high, language, signed=difference)
                for kind, mean, low, high in zip(kinds, values, lows, highs, strict=True)
            ]
        )
    rows = [list(row) for row in zip(*columns, strict=True)] if columns else []
    if "measure" in bases:
        at = bases.index("measure")
        for row in rows:
            row[at] = column(row[at], language)
    return Grid([head(name, language) for name in bases], [table.schema[name] == pl.String for name in bases], rows)


def head(name: str, language: Language) -> str:
    """Return the title of a column, of its baseline, scenario and difference too."""
    for kind in _KINDS:
        if name.endswith(kind):
            return f"{column(name.removesuffix(kind), language)}, {column(kind[1:], language).lower()}"
    return column(name, language)


def _interval(
    kind: str, mean: float | None, low: float | None, high: float | None, language: Language, *, signed: bool
) -> str:
    if mean is None or low is None or high is None:
        return "–"
    if mean == low == high:
        return _figure(kind, mean, language, signed=signed)
    ends = "–".join(_figure(kind, end, language) for end in (low, high))
    if low < 0:  # a dash between negative numbers cannot be read
        ends = f" {'till' if language == 'sv' else 'to'} ".join(_figure(kind, end, language) for end in (low, high))
    return f"{_figure(kind, mean, language, signed=signed)} ({ends})"


def _figure(kind: str, value: float, language: Language, *, signed: bool = False) -> str:
    if kind.startswith("limit"):
        text = "0" if value == 0 else numbers.merit(abs(round(value)), language)
    elif kind.startswith("cost"):
        text = _kronor(abs(round(value)), language)
    elif kind == "no_limit":
        text = numbers.share(value, language)
    elif float(value).is_integer() or abs(value) >= 100:
        text = numbers.whole(abs(round(value)), language)
    else:
        text = f"{abs(value):.1f}"
        text = text.replace(".", ",") if language == "sv" else text
    if value < 0:
        return numbers.MINUS + text
    return f"+{text}" if signed and value else text


def _kronor(ore: int, language: Language) -> str:
    kronor, rest = divmod(ore, 100)
    text = numbers.whole(kronor, language)
    return f"{text}{',' if language == 'sv' else '.'}{rest:02d}" if rest else text
