"""A shadow run's tables in words, Swedish and English: headings, causes and statuses; merits in points."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from admissions.explanations.catalogue import Language, points
from admissions.explanations.shadow import CAUSES
from admissions.results.statuses import STATUS_NAMES, Status, status_text

_SIDES = ("_ours", "_theirs", "_difference")
_HUNDREDTHS = ("lowest_merit", "their_lowest_merit")
_STATUSES = ("status", "their_status")


@cache
def _texts() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("admissions.explanations") / "shadow.toml").read_text(encoding="utf-8"))


def word(section: str, key: str, language: Language, **values: object) -> str:
    """Return one text with its values filled in.

    Examples
    --------
    >>> word("cause", "lottery", "sv")
    'lottning'
    """
    return _texts()[section][key][0 if language == "sv" else 1].format(**values)


def heading(column: str, language: Language) -> str:
    """Return the heading of a column.

    Examples
    --------
    >>> heading("seats_theirs", "sv")
    'platser, den andra'
    """
    for side in _SIDES:
        if column.endswith(side):
            own = heading(column.removesuffix(side), language)
            return _texts()["column"][side][0 if language == "sv" else 1].format(own)
    return word("column", column, language)


def in_words(table: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Return a table of a comparison for people: every heading and code in words, merits in points as they are written.

    Numbers stay numbers, so that a workbook can calculate with them.
    """
    return pl.DataFrame([_column(table[name], language).alias(heading(name, language)) for name in table.columns])


def classification(language: Language) -> pl.DataFrame:
    """Return every cause with what it means."""
    return pl.DataFrame(
        {
            heading("cause", language): [word("cause", one, language) for one in CAUSES],
            heading("meaning", language): [word("meaning", one, language) for one in CAUSES],
        }
    )


def cell(value: Any, language: Language) -> str:
    """Write one value as people of the language do."""
    if value is None:
        return ""
    if isinstance(value, float):
        return points(round(value * 100), language)
    return str(value)


def _column(column: pl.Series, language: Language) -> pl.Series:
    if column.name in _HUNDREDTHS:
        return column.cast(pl.Int64, strict=False) / 100
    if column.name in _STATUSES:
        return _replaced(column, {name: status_text(Status(code), language) for code, name in enumerate(STATUS_NAMES)})
    for name, section in (("cause", "cause"), ("how", "how"), ("found", "found"), ("competition", "found")):
        if column.name == name:
            return _replaced(column, {key: word(section, key, language) for key in _texts()[section]})
    if column.name == "causes":
        named = {one: word("cause", one, language) for one in CAUSES}
        said = [", ".join(named[one] for one in text.split()) for text in column.fill_null("").to_list()]
        return pl.Series(column.name, said, dtype=pl.String)
    return column


def _replaced(column: pl.Series, words: dict[str, str]) -> pl.Series:
    return column.cast(pl.String).replace(words)
