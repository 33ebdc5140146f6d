"""Another system's decisions, read from its file: who got what, and whatever it says about why.

Needed: applicant, route and status. Recognised besides: reserve position, merit, tier, eligible, lottery number, grade
sum, number of grades, seats. What a file does not say is not guessed; it only leaves fewer causes to tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from admissions.errors import InputError
from admissions.results.statuses import STATUS_NAMES, STATUS_TEXTS
from admissions.rules.rows import TIERS, tier_text
from admissions.tables.problem import Problem
from admissions.tables.raw import RefusedError
from admissions.tables.reading import read_raw

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "applicant": ("applicant", "sökande", "sokande", "sökandeid", "id"),
        "route_id": ("route_id", "studieväg", "studievag", "studievägsid"),
        "status": ("status", "resultat", "besked"),
        "reserve_position": ("reserve_position", "reservplats", "reservnummer"),
        "merit": ("merit", "meritvärde", "meritvarde"),
        "tier": ("tier", "grupp", "hand"),
        "eligible": ("eligible", "behörig", "behorig"),
        "lottery": ("lottery", "lottnummer", "lott"),
        "grade_sum": ("grade_sum", "betygsvärde", "betygsvarde"),
        "grade_count": ("grade_count", "antal betyg"),
        "seats": ("seats", "antal platser", "platser"),
    }
)
"""What each column may be headed, in either language."""

SCHEMA: dict[str, Any] = {
    "applicant": pl.String,
    "route_id": pl.String,
    "status": pl.String,
    "reserve_position": pl.Int64,
    "merit": pl.Int64,
    "tier": pl.Int64,
    "eligible": pl.Boolean,
    "lottery": pl.String,
    "grade_sum": pl.Int64,
    "grade_count": pl.Int64,
    "seats": pl.Int64,
}
"""The columns of a file as read; merits in hundredths; null where the file says nothing."""

_NEEDED = ("applicant", "route_id", "status")
_YES = {"ja": True, "yes": True, "true": True, "1": True, "nej": False, "no": False, "false": False, "0": False}


def read_official(path: Path) -> pl.DataFrame:
    """Read another system's decisions from a CSV file or a workbook.

    Returns
    -------
    DataFrame
        The columns of `SCHEMA`, sorted by applicant and route.

    Raises
    ------
    InputError
        With every problem: missing columns, unknown statuses, numbers that are none, a choice twice.
    """
    try:
        raw = read_raw(path, tuple(one for names in HEADINGS.values() for one in names))
    except RefusedError as refusal:
        raise InputError(refusal.problems) from refusal
    at = {heading.strip().casefold(): number for number, heading in enumerate(raw.header)}
    where = {name: next((at[one] for one in names if one in at), None) for name, names in HEADINGS.items()}
    problems: list[Problem] = [*raw.problems]
    problems += [
        raw.source.problem(
            "missing_column",
            "the column is missing",
            f"Decisions need {', '.join(_NEEDED)}; also recognised: {', '.join(set(HEADINGS) - set(_NEEDED))}.",
            row=raw.header_row,
            column=name,
        )
        for name in _NEEDED
        if where[name] is None
    ]
    if problems:
        raise InputError(problems)
    columns: dict[str, list[Any]] = {}
    for name, position in where.items():
        texts = raw.columns[position].str.strip_chars().to_list() if position is not None else [""] * len(raw.rows)
        columns[name] = []
        for row, text in zip(raw.rows, texts, strict=True):
            value, wrong = _read(name, text)
            columns[name].append(value)
            if wrong:
                place = {"row": int(row), "column": raw.header[position or 0], "value": text}
                problems.append(raw.source.problem("value", wrong, "Correct the cell.", **place))
    frame = pl.DataFrame(columns, schema=SCHEMA)
    twice = frame.select(pl.struct("applicant", "route_id").is_first_distinct().not_()).to_series()
    problems += [
        raw.source.problem(
            "duplicate",
            "an earlier row has the same choice",
            "Keep one row for each choice.",
            row=int(raw.rows[number]),
        )
        for number in twice.arg_true().to_list()
    ]
    if problems:
        raise InputError(problems)
    return frame.sort("applicant", "route_id")


def _read(name: str, text: str) -> tuple[Any, str]:
    """Return the value of a cell and what is wrong with it."""
    if not text and name not in _NEEDED:
        return None, ""
    return _READERS.get(name, _as_text)(text)


def _as_text(text: str) -> tuple[Any, str]:
    return (text, "") if text else (None, "must not be empty")


def _status(text: str) -> tuple[Any, str]:
    found = _STATUSES.get(text.casefold().replace(" ", "_"))
    return (found, "") if found else (None, f"must be a status: {', '.join(STATUS_NAMES)}")


def _whole(text: str) -> tuple[Any, str]:
    return (int(text), "") if text.isdecimal() else (None, "must be a whole number")


def _hundredths(text: str) -> tuple[Any, str]:
    whole, _, part = text.replace(",", ".").partition(".")
    if not whole.isdecimal() or (part and not part.isdecimal()) or len(part) > 2:
        return None, "must be points with at most two decimals"
    return int(whole) * 100 + int((part + "00")[:2]), ""


def _tier(text: str) -> tuple[Any, str]:
    found = _TIERS.get(text.casefold())
    return (found, "") if found is not None else (None, "must be a tier: its number from 0, or its words")


def _flag(text: str) -> tuple[Any, str]:
    found = _YES.get(text.casefold())
    return (found, "") if found is not None else (None, "must be yes or no")


_STATUSES = {name: name for name in STATUS_NAMES} | {
    text.casefold().replace(" ", "_"): STATUS_NAMES[status] for status, texts in STATUS_TEXTS.items() for text in texts
}
_TIERS = {str(number): number for number in range(2 * TIERS)} | {
    tier_text(number, language=language): number for number in range(2 * TIERS) for language in ("sv", "en")
}
_READERS: Mapping[str, Callable[[str], tuple[Any, str]]] = {
    "status": _status,
    "reserve_position": _whole,
    "merit": _hundredths,
    "tier": _tier,
    "eligible": _flag,
    "grade_sum": _hundredths,
    "grade_count": _whole,
    "seats": _whole,
}


def is_published(path: Path) -> bool:
    """Tell whether a file is in the published layout, a line for each route, rather than a list of decisions.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        header = read_raw(path, (_OF_ROUTES,)).header
    except RefusedError as refusal:
        raise InputError(refusal.problems) from refusal
    return _OF_ROUTES in {heading.strip().casefold() for heading in header}


_OF_ROUTES = "studievagkod"
