"""Matching the header of a delivered table with the declared columns."""

from __future__ import annotations

import difflib
from collections import Counter

from admissions.tables.problem import Problem
from admissions.tables.raw import RawTable
from admissions.tables.schema import Table


def match_header(raw: RawTable, table: Table) -> tuple[dict[str, int], list[Problem]]:
    """Return the position of each declared column found, and every problem of the header.

    Spaces around a name and capital letters are forgiven; a column without a name is when it is empty.
    """
    names = [name.strip().lower() for name in raw.header]
    positions = {name: i for i, name in reversed(list(enumerate(names))) if name in table.names}
    problems = [
        *_repeated(raw, names),
        *_missing(raw, table, positions),
        *_unknown(raw, table, names, positions),
        *_nameless(raw, names),
    ]
    return positions, problems


def _repeated(raw: RawTable, names: list[str]) -> list[Problem]:
    return [
        raw.source.problem(
            "duplicate_column",
            f"the column {name} stands {count} times in the header",
            "Keep one of them.",
            row=raw.header_row,
            column=name,
        )
        for name, count in Counter(names).items()
        if count > 1 and name
    ]


def _missing(raw: RawTable, table: Table, positions: dict[str, int]) -> list[Problem]:
    missing = [column for column in table.columns if column.required and column.name not in positions]
    if missing and not positions:
        return [
            raw.source.problem(
                "missing_column",
                f"none of the columns of {table.name} is in the header",
                f"The first row must name the columns: {', '.join(table.names)}.",
                row=raw.header_row,
                value=" ".join(raw.header),
            )
        ]
    return [
        raw.source.problem(
            "missing_column",
            f"the column {column.name} is missing",
            f"Add it: {column.meaning}",
            row=raw.header_row,
            column=column.name,
        )
        for column in missing
    ]


def _unknown(raw: RawTable, table: Table, names: list[str], positions: dict[str, int]) -> list[Problem]:
    problems = []
    open_names = [name for name in table.names if name not in positions]
    for name in dict.fromkeys(names):
        if not name or name in table.names:
            continue
        near = difflib.get_close_matches(name, open_names, 1)
        remedy = f"Did you mean {near[0]}?" if near else f"Remove it; the columns are: {', '.join(table.names)}."
        problems.append(
            raw.source.problem(
                "unknown_column", "there is no such column", remedy, row=raw.header_row, column=name, value=name
            )
        )
    return problems if positions else []


def _nameless(raw: RawTable, names: list[str]) -> list[Problem]:
    problems = []
    for position, name in enumerate(names):
        filled = (raw.columns[position] != "").arg_true().to_list() if not name else []
        if filled:
            problems.append(
                raw.source.problem(
                    "nameless_column",
                    f"column number {position + 1} has no name in the header but holds values",
                    "Name it or remove it.",
                    row=int(raw.rows[filled[0]]),
                    value=raw.columns[position][filled[0]],
                )
            )
    return problems
