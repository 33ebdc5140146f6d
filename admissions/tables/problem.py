"""One fault in a table, in words a person can act on.

Whoever delivers a table sees every fault of it at once: the file, the true row, the column, the value, the rule it
breaks and what to do. A fault never names more of the data than the cell it stands in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

PROBLEM_COLUMNS = ("file", "sheet", "row", "column", "value", "rule", "message", "remedy")
_SHOWN_VALUE = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken rule and its place.

    Parameters
    ----------
    file
        Name of the file as delivered, without its folder.
    row
        Line of the file (CSV) or row of the sheet (XLSX, ODS) where the record starts, the header being row 1;
        rows of a Parquet file count from 1. None where the whole file is meant.
    column
        Name of the column, None where the whole row or file is meant.
    value
        What stands there, at most 80 characters of it; None where there is nothing to show.
    rule
        Short stable name of the rule, e.g. ``"unknown_route"``.
    message
        What is wrong.
    remedy
        What to do about it.
    sheet
        Name of the sheet in a workbook.

    Examples
    --------
    >>> print(Problem("seats.csv", 7, "seats", "-3", "minimum", "seats must be at least 0", "Correct the number."))
    seats.csv, row 7, column seats: seats must be at least 0 (found '-3'). Correct the number.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    rule: str
    message: str
    remedy: str
    sheet: str | None = None

    def __str__(self) -> str:
        place = self.file if self.sheet is None else f"{self.file}, sheet {self.sheet}"
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        found = "" if self.value is None else f" (found {self.value!r})"
        return f"{place}: {self.message}{found}. {self.remedy}"


def shown(value: str | None) -> str | None:
    """Return the value as a message shows it: at most 80 characters, the rest replaced by an ellipsis."""
    if value is None or len(value) <= _SHOWN_VALUE:
        return value
    return value[: _SHOWN_VALUE - 1] + "…"


def problems_frame(problems: Iterable[Problem]) -> pl.DataFrame:
    """Return the problems as a table, one row each, in the order given: what a downloaded report holds."""
    rows = [[getattr(problem, name) for name in PROBLEM_COLUMNS] for problem in problems]
    types = {name: pl.Int64 if name == "row" else pl.String for name in PROBLEM_COLUMNS}
    return pl.DataFrame(rows, schema=types, orient="row")
