"""From a table as delivered to typed columns, with every faulty cell as a problem.

Work is done per distinct value: what is plainly good is recognised by whole columns at once, only the rest is looked at
one by one. A good table of a million rows therefore costs no loop over its rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from admissions.tables.cells import Fault, Value, read_cell
from admissions.tables.header import match_header
from admissions.tables.problem import Problem
from admissions.tables.raw import RawTable, Source
from admissions.tables.schema import Column, Table

SHOWN_PER_COLUMN = 10_000
"""Faulty cells listed one by one in each column; the rest is counted in one last problem."""


@dataclass(frozen=True)
class CheckedTable:
    """A table read: its typed frame, where each row stood, and what is wrong with it.

    Parameters
    ----------
    frame
        The declared columns; a faulty cell is null. Incomplete columns (missing in the file) are all null.
    rows
        (len(frame),) int64, true numbers of the rows.
    found
        Names of the columns that were delivered.
    """

    table: Table
    source: Source
    frame: pl.DataFrame
    rows: np.ndarray
    found: frozenset[str]
    problems: tuple[Problem, ...]


def check_raw(raw: RawTable, table: Table) -> CheckedTable:
    """Check and type every cell of a delivered table."""
    positions, problems = match_header(raw, table)
    problems += raw.problems
    series = []
    for column in table.columns:
        if column.name in positions:
            values, faults = _typed(raw.columns[positions[column.name]], column, raw)
            problems += faults
        else:
            default = None if column.required else column.default
            values = pl.repeat(default, len(raw.rows), dtype=column.dtype, eager=True)
        series.append(values.alias(column.name))
    if not len(raw.rows) and not table.may_be_absent and not raw.problems:
        problems.append(
            raw.source.problem("empty_table", f"{table.name} has a header and no rows", "Deliver the rows.")
        )
    return CheckedTable(table, raw.source, pl.DataFrame(series), raw.rows, frozenset(positions), tuple(problems))


def _typed(texts: pl.Series, column: Column, raw: RawTable) -> tuple[pl.Series, list[Problem]]:
    distinct = texts.unique()
    doubtful = distinct.filter(~_plainly_good(distinct, column))
    readings = {text: read_cell(column, text) for text in doubtful.to_list()}
    faults = {text: reading for text, reading in readings.items() if isinstance(reading, Fault)}
    values = _converted(texts, column, readings)
    if not faults:
        return values, []
    bad = texts.is_in(pl.Series(list(faults), dtype=pl.String).implode()).arg_true()
    problems = []
    for index in bad[:SHOWN_PER_COLUMN].to_list():
        fault = faults[texts[index]]
        problems.append(
            raw.source.problem(
                fault.rule,
                fault.message,
                fault.remedy,
                row=int(raw.rows[index]),
                column=column.name,
                value=texts[index],
            )
        )
    if len(bad) > SHOWN_PER_COLUMN:
        problems.append(
            raw.source.problem(
                "more",
                f"{len(bad) - SHOWN_PER_COLUMN:,} more cells of {column.name} are faulty",
                "Correct the ones listed and check again.",
                column=column.name,
            )
        )
    return values, problems


def _plainly_good(distinct: pl.Series, column: Column) -> pl.Series:
    """(len(distinct),) bool: values that need no second look."""
    if column.kind == "choice":
        return distinct.is_in(pl.Series(list(column.allowed), dtype=pl.String).implode())
    if column.kind == "date":
        return (distinct.str.len_bytes() == 10) & distinct.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    if column.kind == "text" and column.pattern is not None:
        exponent = distinct.str.contains(r"(?i)^\d+([.,]\d+)?e\+?\d+$") if column.identifies else pl.lit(value=False)
        return distinct.to_frame("v").select(pl.col("v").str.contains(f"^(?:{column.pattern})$") & ~exponent)["v"]
    return pl.repeat(value=False, n=len(distinct), dtype=pl.Boolean, eager=True)


def _converted(texts: pl.Series, column: Column, readings: dict[str, Value | Fault]) -> pl.Series:
    """Return the typed column: plainly good texts converted at once, the others replaced by their readings."""
    replaced = {text: None if isinstance(value, Fault) else value for text, value in readings.items() if text != value}
    if column.dtype == pl.String():
        if not replaced:
            return texts
        return texts.replace(
            pl.Series(list(replaced), dtype=pl.String), pl.Series(list(replaced.values()), dtype=pl.String)
        )
    if column.kind == "date":
        plain = texts.str.to_date("%Y-%m-%d", strict=False)
    else:
        plain = pl.repeat(None, len(texts), dtype=column.dtype, eager=True)
    if not replaced:
        return plain
    return texts.replace_strict(
        pl.Series(list(replaced), dtype=pl.String),
        pl.Series(list(replaced.values()), dtype=column.dtype),
        default=plain,
        return_dtype=column.dtype,
    )
