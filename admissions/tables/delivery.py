"""Finding the tables of a delivery: a folder with one file for each table, or one workbook with a sheet for each."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from admissions.tables.checking import CheckedTable, check_raw
from admissions.tables.columnar import raw_of_frame
from admissions.tables.intake_rules import check_references
from admissions.tables.problem import Problem
from admissions.tables.raw import RefusedError, Source
from admissions.tables.reading import SUFFIXES, WORKBOOKS, read_raw
from admissions.tables.schema import Table
from admissions.tables.workbook import Workbook


def read_delivery(path: Path, tables: Sequence[Table]) -> tuple[dict[str, pl.DataFrame], list[Problem]]:
    """Read and check every table of a delivery.

    Returns
    -------
    The frames by name, complete and consistent if there is no problem; and every problem, in the order of the tables,
    then of the rows. A table that need not be delivered is an empty frame then.
    """
    checked: dict[str, CheckedTable] = {}
    problems: list[Problem] = []
    if path.is_file():
        refusals = _read_workbook(path, tables, checked)
    elif path.is_dir():
        refusals = _read_folder(path, tables, checked)
    else:
        refusals = [Source(path.name).problem("missing_file", "there is no such file or folder", "Check the path.")]
    problems += refusals
    for found in checked.values():
        problems += found.problems
    problems += check_references(checked)
    frames = {
        table.name: checked[table.name].frame if table.name in checked else table.schema.to_frame() for table in tables
    }
    return frames, _in_order(problems, tables, checked)


def check_tables(frames: Mapping[str, pl.DataFrame], tables: Sequence[Table]) -> list[Problem]:
    """Return every problem of tables in memory, given by name; rows count from 1."""
    checked = {
        table.name: check_raw(raw_of_frame(frames[table.name], Source(table.name)), table)
        for table in tables
        if table.name in frames
    }
    problems = [problem for found in checked.values() for problem in found.problems]
    problems += [_missing_table(table, "the tables given") for table in tables if _is_missing(table, frames)]
    return _in_order(problems + check_references(checked), tables, checked)


def _is_missing(table: Table, frames: Mapping[str, pl.DataFrame]) -> bool:
    return table.name not in frames and not table.may_be_absent


def _in_order(problems: list[Problem], tables: Sequence[Table], checked: Mapping[str, CheckedTable]) -> list[Problem]:
    place = {
        (checked[table.name].source.file, checked[table.name].source.sheet): i
        for i, table in enumerate(tables)
        if table.name in checked
    }
    columns = {name: i for table in tables for i, name in enumerate(table.names)}
    return sorted(
        problems,
        key=lambda p: (
            place.get((p.file, p.sheet), -1),
            p.file,
            p.row is None,
            p.row or 0,
            columns.get(p.column or "", -1),
        ),
    )


def _missing_table(table: Table, where: str) -> Problem:
    return Source(where).problem(
        "missing_table",
        f"the table {table.name} is missing",
        f"Add {table.name}.csv, .parquet or .xlsx, or a sheet of that name. {table.meaning}",
        value=table.name,
    )


def _read_folder(path: Path, tables: Sequence[Table], checked: dict[str, CheckedTable]) -> list[Problem]:
    files = sorted(file for file in path.iterdir() if file.is_file() and file.suffix.lower() in SUFFIXES)
    problems: list[Problem] = []
    names = [table.name for table in tables]
    for table in tables:
        mine = [file for file in files if file.stem.lower() == table.name]
        if not mine and not table.may_be_absent:
            problems.append(_missing_table(table, path.name))
        if len(mine) > 1:
            problems.append(
                Source(mine[1].name).problem(
                    "two_files", f"{mine[0].name} is the table {table.name} too", "Keep one of the two files."
                )
            )
            continue
        for file in mine:
            try:
                checked[table.name] = check_raw(read_raw(file, table.names), table)
            except RefusedError as refusal:
                problems += refusal.problems
    found = {file.stem.lower() for file in files}
    for file in files:
        near = difflib.get_close_matches(file.stem.lower(), [name for name in names if name not in found], 1, 0.75)
        if file.stem.lower() not in names and near:
            problems.append(
                Source(file.name).problem(
                    "unknown_file", "no table has this name", f"Did you mean {near[0]}{file.suffix}?"
                )
            )
    return problems


def _read_workbook(path: Path, tables: Sequence[Table], checked: dict[str, CheckedTable]) -> list[Problem]:
    source = Source(path.name)
    if path.suffix.lower() not in WORKBOOKS:
        return [
            source.problem(
                "no_intake",
                "an intake is a folder of tables or one .xlsx or .ods workbook with a sheet for each",
                "Name the folder that holds this file.",
            )
        ]
    problems: list[Problem] = []
    try:
        book = Workbook(path, source)
    except RefusedError as refusal:
        return list(refusal.problems)
    sheets = {sheet.strip().lower(): sheet for sheet in book.sheets}
    for table in tables:
        if table.name not in sheets:
            if not table.may_be_absent:
                problems.append(_missing_table(table, path.name))
            continue
        try:
            checked[table.name] = check_raw(book.read(sheets[table.name]), table)
        except RefusedError as refusal:
            problems += refusal.problems
    names = [table.name for table in tables]
    for folded, sheet in sheets.items():
        near = difflib.get_close_matches(folded, [name for name in names if name not in sheets], 1, 0.75)
        if folded not in names and near:
            problems.append(
                Source(path.name, sheet).problem("unknown_sheet", "no table has this name", f"Did you mean {near[0]}?")
            )
    return problems
