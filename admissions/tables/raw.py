"""A table as delivered, before anything is checked: every cell a text, every row with its true number.

All formats are brought to this one form, so that every check exists once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from admissions.tables.identity import masked
from admissions.tables.problem import Problem, shown

MAX_BYTES = 128 * 1024 * 1024
"""Largest file read, bytes: four times the grades of a whole region."""
MAX_ROWS = 5_000_000
MAX_COLUMNS = 200
MAX_CELL = 10_000
"""Longest cell, characters: beyond it a quote was left open or the file is something else."""


@dataclass(frozen=True)
class Source:
    """Where rows come from: the file's name and, in a workbook, the sheet."""

    file: str
    sheet: str | None = None

    def problem(
        self,
        rule: str,
        message: str,
        remedy: str,
        *,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> Problem:
        """Return a problem at a place of this source; a long value is cut, an identity number is masked."""
        seen = None if value is None else shown(masked(value))
        return Problem(self.file, row, column, seen, rule, message, remedy, self.sheet)


class RefusedError(Exception):
    """A file that cannot be read at all; carries the problems that say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class RawTable:
    """A delivered table.

    Parameters
    ----------
    source
        The file and sheet.
    header
        Names of the columns as delivered, in order, not yet judged.
    header_row
        True number of the header row.
    columns
        One String series per name; an empty cell is an empty text, never null.
    rows
        (n,) int64, the true number of each row.
    problems
        What was wrong with the form of single rows, which are then left out of `columns`.
    """

    source: Source
    header: tuple[str, ...]
    header_row: int
    columns: tuple[pl.Series, ...]
    rows: np.ndarray
    problems: tuple[Problem, ...] = ()


def without_empty_rows(columns: Sequence[pl.Series], rows: np.ndarray) -> tuple[tuple[pl.Series, ...], np.ndarray]:
    """Return the table without rows whose every cell is empty, as spreadsheets leave them below the data."""
    empty: pl.Series | None = None
    for column in columns:
        blank = column.str.strip_chars() == ""
        empty = blank if empty is None else empty & blank
        if not empty.any():
            return tuple(columns), rows
    if empty is None:
        return tuple(columns), rows
    keep = ~empty
    return tuple(column.filter(keep) for column in columns), rows[keep.to_numpy()]


def too_many(source: Source, what: str, found: int, limit: int) -> RefusedError:
    """Return the refusal of something larger than any intake can be."""
    return RefusedError(
        source.problem(
            "too_large",
            f"{found:,} {what}, the limit is {limit:,}",
            "Deliver only the declared table; split nothing, an intake of a whole region is far below the limit.",
        )
    )
