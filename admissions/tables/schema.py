"""How a table is declared: its columns, their kinds, what they may hold and what they mean.

A declaration is the only place that knows a column: reading, checking, writing and the documentation all follow it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import polars as pl

Kind = Literal["text", "integer", "decimal", "date", "choice", "words"]

OPAQUE_ID = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"
ID_MEANING = "1-64 letters A-Z, digits or . _ : -, without spaces"
NAME = r"[a-z][a-z0-9_.-]{0,63}"
NAME_MEANING = "a name of the rulebook: small letters, digits, _ . -"
ROUND = r"preliminary|final|reserve-[1-9][0-9]?"
ROUND_MEANING = "preliminary, final, reserve-1, reserve-2 ..."

_TYPES: Mapping[Kind, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "decimal": pl.Float64(),
    "date": pl.Date(),
    "choice": pl.String(),
    "words": pl.String(),
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Lower snake case, as it stands in the header row.
    kind
        ``text``; ``integer``; ``decimal`` (only for shown results, never for anything the engine compares); ``date``
        (2023-04-15); ``choice`` (one of `allowed`); ``words`` (any number of `allowed`, separated by spaces).
    meaning, meaning_sv
        One sentence each, English and Swedish.
    required
        The column must be there. A column that may be absent has `default` in every row.
    empty
        A cell may be empty; it is then read as `default` (missing where that is None).
    default
        What an empty cell or an absent column stands for.
    allowed
        The values of a ``choice`` or of the ``words``, each with what it means.
    minimum, maximum
        Inclusive bounds of a number.
    pattern, pattern_meaning
        Regular expression the whole text must match, and what it asks for in words.
    unit
        Unit of a number, e.g. ``seats``.
    example
        A valid value.
    identifies
        The text is a key: a spreadsheet that turned it into a number destroyed it, and the message says so.
    """

    name: str
    kind: Kind
    meaning: str
    meaning_sv: str
    required: bool = True
    empty: bool = False
    default: str | int | None = None
    allowed: Mapping[str, str] = field(default_factory=dict)
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    pattern_meaning: str = ""
    unit: str = ""
    example: str = ""
    identifies: bool = False

    @property
    def dtype(self) -> pl.DataType:
        """Type of the column once read: String, Int64, Float64 or Date."""
        return _TYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """A declared table.

    Parameters
    ----------
    name
        Name of the file without its ending, or of the sheet.
    meaning, meaning_sv
        What one row is.
    columns
        In the order in which they are written.
    key
        Columns that together identify a row.
    may_be_absent
        The table need not be delivered, or may hold no row.
    """

    name: str
    meaning: str
    meaning_sv: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    may_be_absent: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def schema(self) -> pl.Schema:
        """Types of the columns once read."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def column(self, name: str) -> Column:
        """Return the column of that name; raises KeyError where there is none."""
        return {column.name: column for column in self.columns}[name]

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with exactly the declared columns, order and types; absent and missing values defaulted.

        Nothing else is checked. Raises ColumnNotFoundError of polars where a required column is missing.
        """
        expressions = []
        for column in self.columns:
            if column.name in frame.columns or column.required:
                expression = pl.col(column.name).cast(column.dtype)
            else:
                expression = pl.lit(None, dtype=column.dtype)
            if column.default is not None:
                expression = expression.fill_null(pl.lit(column.default, dtype=column.dtype))
            expressions.append(expression.alias(column.name))
        return frame.select(expressions)
