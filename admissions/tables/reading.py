"""Reading one declared table from a file of any accepted format."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from admissions.errors import InputError
from admissions.tables.checking import CheckedTable, check_raw
from admissions.tables.columnar import read_parquet
from admissions.tables.delimited import read_delimited
from admissions.tables.raw import RawTable, RefusedError, Source
from admissions.tables.schema import Table
from admissions.tables.workbook import Workbook

DELIMITED = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".ods")
SUFFIXES = (*DELIMITED, *WORKBOOKS, ".parquet")


def read_raw(path: Path, known: tuple[str, ...], sheet: str | None = None) -> RawTable:
    """Read a file as delivered; of a workbook the sheet of that name, or the only or first one.

    Raises
    ------
    RefusedError
        The file cannot be read at all.
    """
    source = Source(path.name)
    if not path.is_file():
        raise RefusedError(source.problem("missing_file", "there is no such file", "Check the path."))
    suffix = path.suffix.lower()
    if suffix in DELIMITED:
        return read_delimited(path, source, known)
    if suffix == ".parquet":
        return read_parquet(path, source)
    if suffix in WORKBOOKS:
        book = Workbook(path, source)
        if sheet is not None and sheet not in book.sheets:
            raise RefusedError(source.problem("missing_sheet", f"there is no sheet {sheet}", f"Name a sheet {sheet}."))
        return book.read(sheet or book.sheets[0])
    raise RefusedError(
        source.problem("unknown_format", f"files ending {suffix!r} are not read", f"Use one of: {', '.join(SUFFIXES)}.")
    )


def read_checked(path: Path, table: Table, sheet: str | None = None) -> CheckedTable:
    """Read a file and check every cell against the declaration; raises RefusedError where it cannot be read."""
    return check_raw(read_raw(path, table.names, sheet), table)


def read_table(path: str | Path, table: Table, sheet: str | None = None) -> pl.DataFrame:
    """Read one table, or refuse it with every problem it has.

    Parameters
    ----------
    path
        A .csv, .tsv, .txt, .xlsx, .ods or .parquet file.
    table
        Its declaration.
    sheet
        Sheet of a workbook; None for the first.

    Returns
    -------
    The declared columns in order, typed; nothing missing but what may be.

    Raises
    ------
    InputError
        Carries every problem of the file, each with row, column, value, rule and remedy.
    """
    try:
        checked = read_checked(Path(path), table, sheet)
    except RefusedError as refusal:
        raise InputError(refusal.problems) from refusal
    if checked.problems:
        raise InputError(checked.problems)
    return checked.frame
