"""Asking the engine whether rows are sound: the rules that a delivered file is checked by, for a single edit."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from admissions.tables.checking import check_raw
from admissions.tables.columnar import raw_of_frame
from admissions.tables.declared import INTAKE_TABLES
from admissions.tables.intake_rules import check_references
from admissions.tables.problem import Problem as TableProblem
from admissions.tables.raw import Source
from api.problems import unprocessable

TABLES = {table.name: table for table in INTAKE_TABLES}


def problems_of(frames: Mapping[str, pl.DataFrame]) -> list[TableProblem]:
    """Give every problem of some of an intake's tables; rules about tables that are not given are left out."""
    checked = {name: check_raw(raw_of_frame(frame, Source(name)), TABLES[name]) for name, frame in frames.items()}
    cells = [problem for one in checked.values() for problem in one.problems]
    return cells + check_references(checked)


def check_rows(frames: Mapping[str, pl.DataFrame], table: str, *, place: str, first: int = 0) -> None:
    """Refuse rows that break a rule, with every problem.

    Parameters
    ----------
    frames
        The tables the rules need.
    table
        The table that is edited; problems of the others are not the editor's.
    place
        What the rows are called in the request; a problem's place is ``place.row.column``.
    first
        Rows before the edited ones in the table.

    Raises
    ------
    Problem
        422 ``invalid_rows``.
    """
    found = [one for one in problems_of(frames) if one.file == table]
    if not found:
        return
    raise unprocessable(
        "invalid_rows",
        f"{len(found)} problem(s), see problems; nothing was written.",
        place=place,
        remedy=found[0].remedy,
        problems=[told(one, place, first) for one in found],
    )


def told(problem: TableProblem, place: str, first: int = 0) -> dict[str, Any]:
    """Write a problem as part of a problem document; rows count from zero, as in the request."""
    row = "" if problem.row is None else f".{problem.row - 1 - first}"
    column = "" if problem.column is None else f".{problem.column}"
    return {
        "place": f"{place}{row}{column}",
        "code": problem.rule,
        "value": problem.value,
        "message": problem.message,
        "remedy": problem.remedy,
    }
