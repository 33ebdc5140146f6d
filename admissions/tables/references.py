"""What must hold between the tables of an intake: references, unique keys, lists without contradictions.

Every rule is one vectorised question about whole columns; only rows that break it are looked at. Cells already found
faulty are null here and break no further rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from admissions.tables.checking import SHOWN_PER_COLUMN, CheckedTable
from admissions.tables.problem import Problem

_LISTED_REFERENCES = 20

Frames = Mapping[str, pl.DataFrame]
"""The tables by name, as far as they could be read."""


@dataclass(frozen=True)
class Finding:
    """Rows of one table that break one rule.

    Parameters
    ----------
    bad
        (n,) bool, null where it cannot be told.
    refers
        The column refers to another table: a value that stands in many rows is reported once, with their number, for
        the fault is then most likely a single row over there.
    """

    bad: pl.Series
    column: str
    rule: str
    message: str
    remedy: str
    refers: bool = False


def report(checked: CheckedTable, finding: Finding) -> list[Problem]:
    """Return one problem per row found; past 10,000 of them one that counts the rest."""
    bad = finding.bad.fill_null(value=False)
    if not bad.any():
        return []
    rows, texts = bad.arg_true(), checked.frame[finding.column].cast(pl.String)
    repeats: dict[str, int] = {}
    if finding.refers:
        rows, repeats = _first_of_many(rows, texts)
    problems = [
        checked.source.problem(
            finding.rule,
            finding.message + (f" ({repeats[texts[i]]:,} rows, this is the first)" if texts[i] in repeats else ""),
            finding.remedy,
            row=int(checked.rows[i]),
            column=finding.column,
            value=texts[i],
        )
        for i in rows[:SHOWN_PER_COLUMN].to_list()
    ]
    if len(rows) > SHOWN_PER_COLUMN:
        problems.append(
            checked.source.problem(
                "more",
                f"{len(rows) - SHOWN_PER_COLUMN:,} more rows break the rule {finding.rule}",
                "Correct the ones listed and check again.",
                column=finding.column,
            )
        )
    return problems


def _first_of_many(rows: pl.Series, texts: pl.Series) -> tuple[pl.Series, dict[str, int]]:
    """Return the rows with only the first of each value standing in more than 20, and how often those stand."""
    found = pl.DataFrame({"at": rows, "text": texts.gather(rows)}).with_columns(times=pl.len().over("text"))
    many = found.filter(pl.col("times") > _LISTED_REFERENCES)
    kept = found.filter((pl.col("times") <= _LISTED_REFERENCES) | pl.col("text").is_first_distinct())
    return kept["at"], dict(many.select("text", "times").unique().iter_rows())


def none(count: int) -> pl.Series:
    """(count,) bool: no row at all."""
    return pl.repeat(value=False, n=count, dtype=pl.Boolean, eager=True)


def unknown(values: pl.Series, known: pl.Series) -> pl.Series:
    """(n,) bool: values that are not missing and not among the known ones."""
    distinct = values.unique()
    strangers = distinct.filter(~distinct.is_in(known.implode()))
    strangers = strangers.drop_nulls()
    if strangers.is_empty():
        return none(len(values))
    return values.is_in(strangers.implode())


def repeated(frame: pl.DataFrame, key: tuple[str, ...], *, missing_counts: bool = False) -> pl.Series:
    """(n,) bool: rows whose key stood in an earlier row; a key with a missing part is no key unless it counts."""
    keys = frame.select(key)
    again = ~keys.select(pl.struct(pl.all()).is_first_distinct()).to_series()
    if missing_counts:
        return again
    return again & keys.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
