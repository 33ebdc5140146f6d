"""Problems in Swedish: what each broken rule means and what to do, by the rule's stable name.

The English words of a problem may say more of the single case; the Swedish ones say what the rule asks for, with the
declared meaning of the column where that helps.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from admissions.tables.declared import INTAKE_TABLES
from admissions.tables.schema import Column, Table

_ORDINALS = ("first", "second", "third", "fourth")
_NUMBER = re.compile(r"-?\d[\d,]*")


@cache
def swedish_texts() -> Mapping[str, tuple[str, str]]:
    """Return message and remedy by rule, with places to fill in."""
    text = (files("admissions.tables") / "swedish.toml").read_text(encoding="utf-8")
    return {rule: (message, remedy) for rule, (message, remedy) in tomllib.loads(text).items()}


def in_swedish(problem: Mapping[str, str | int | None]) -> tuple[str, str] | None:
    """Return message and remedy of a problem in Swedish; None for a rule of somebody else.

    Parameters
    ----------
    problem
        Its fields by name, see `admissions.tables.Problem`.

    Examples
    --------
    >>> in_swedish({"file": "seats.csv", "column": "seats", "rule": "minimum", "message": "seats must be at least 0"})
    ('talet är för litet: minst 0', 'Rätta talet.')
    """
    texts = swedish_texts().get(str(problem.get("rule")))
    if texts is None:
        return None
    table = _table(problem)
    column = next((one for one in table.columns if one.name == problem.get("column")), None) if table else None
    numbers = [number.replace(",", "\u00a0") for number in _NUMBER.findall(str(problem.get("message") or ""))]
    places = {
        "column": problem.get("column") or "",
        "value": problem.get("value") or "",
        "table": table.name if table else "",
        "tables": ", ".join(one.name for one in INTAKE_TABLES),
        "columns": ", ".join(table.names) if table else "–",
        **_of_column(column),
        **dict.fromkeys(_ORDINALS, "–"),
        **dict(zip(_ORDINALS, numbers, strict=False)),
    }
    message, remedy = (text.format_map(places).strip() for text in texts)
    return message, remedy


def _table(problem: Mapping[str, str | int | None]) -> Table | None:
    names = {str(problem.get("sheet") or "").strip().lower(), str(problem.get("file") or "").rpartition(".")[0].lower()}
    return next((table for table in INTAKE_TABLES if table.name in names), None)


def _of_column(column: Column | None) -> dict[str, str]:
    if column is None:
        return {"meaning": "", "example": "", "allowed": "Använd ett av de tillåtna värdena."}
    listed = ", ".join(column.allowed or ())
    return {
        "meaning": column.meaning_sv,
        "example": f"Exempel: {column.example}" if column.example else "",
        "allowed": f"Använd något av: {listed}." if listed else "Använd ett av de tillåtna värdena.",
    }
