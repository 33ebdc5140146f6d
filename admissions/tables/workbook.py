"""Reading sheets of XLSX and ODS workbooks.

Values are taken as the sheet stores them: a real date becomes 2023-04-15, a number its shortest text. Merged cells and
formulas are refused, because what a person sees there is not what the cell holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from admissions.tables.archive import MAX_CELLS, inspect_archive
from admissions.tables.problem import Problem
from admissions.tables.raw import MAX_COLUMNS, RawTable, RefusedError, Source, too_many, without_empty_rows


class Workbook:
    """An opened workbook.

    Parameters
    ----------
    path
        The file.
    source
        Where it came from, for messages.

    Raises
    ------
    RefusedError
        See `admissions.tables.archive.inspect_archive`.
    """

    def __init__(self, path: Path, source: Source) -> None:
        self._unfit = inspect_archive(path, source)
        self._source = source
        try:
            self._book = CalamineWorkbook.from_path(str(path))
        except (CalamineError, OSError, ValueError) as error:
            raise self._damaged() from error
        self.sheets: tuple[str, ...] = tuple(self._book.sheet_names)

    def read(self, sheet: str) -> RawTable:
        """Read one sheet; raises RefusedError for formulas, merged cells, an empty or an unreadable sheet."""
        source = Source(self._source.file, sheet)
        unfit = [problem for problem in self._unfit if problem.sheet in {None, sheet}]
        if unfit:
            raise RefusedError(*unfit)
        try:
            page = self._book.get_sheet_by_name(sheet)
            rows = page.to_python(skip_empty_area=False) if _fits(page, source) else []
        except (CalamineError, OSError, ValueError, OverflowError) as error:
            raise self._damaged() from error
        merged = page.merged_cell_ranges or []
        if merged:
            raise RefusedError(*(_merged(source, area) for area in merged[:1000]))
        return _raw(rows, source)

    def _damaged(self) -> RefusedError:
        return RefusedError(
            self._source.problem(
                "damaged_workbook", "the workbook cannot be read", "Save it again as .xlsx, or export CSV."
            )
        )


def _fits(page: CalamineSheet, source: Source) -> bool:
    if page.total_width > MAX_COLUMNS:
        raise too_many(source, "columns", page.total_width, MAX_COLUMNS)
    cells = page.total_width * page.total_height
    if cells > MAX_CELLS:
        raise too_many(source, "cells", cells, MAX_CELLS)
    return True


def _merged(source: Source, area: tuple[tuple[int, int], tuple[int, int]]) -> Problem:
    (row, column), (last_row, last_column) = area
    return source.problem(
        "merged_cells",
        f"rows {row + 1}-{last_row + 1}, columns {column + 1}-{last_column + 1} are merged into one cell",
        "Unmerge them and fill in every cell.",
        row=row + 1,
    )


def _raw(rows: Sequence[Sequence[Any]], source: Source) -> RawTable:
    header_at = next((i for i, row in enumerate(rows) if any(cell not in {"", None} for cell in row)), None)
    if header_at is None:
        raise RefusedError(
            source.problem("empty_file", "the sheet holds nothing", "Deliver the table with its header.")
        )
    header = [as_text(cell) for cell in rows[header_at]]
    body = rows[header_at + 1 :]
    by_column = list(zip(*body, strict=True)) if body else [()] * len(header)
    columns = [_series(cells) for cells in by_column]
    numbers = np.arange(header_at + 2, len(rows) + 1, dtype=np.int64)
    kept, numbers = without_empty_rows(columns, numbers)
    while header and not header[-1] and not (kept[len(header) - 1] != "").any():
        header.pop()  # formatted but empty columns to the right of the table
    return RawTable(source, tuple(header), header_at + 1, kept[: len(header)], numbers)


def _series(cells: Sequence[Any]) -> pl.Series:
    texts = cells if all(type(cell) is str for cell in cells) else [as_text(cell) for cell in cells]
    return pl.Series(texts, dtype=pl.String)


def as_text(cell: Any) -> str:
    """Return the text of a stored value: 32 for 32.0, 2023-04-15 for a date or midnight, "" for nothing.

    Examples
    --------
    >>> as_text(32.0), as_text(217.5), as_text(True), as_text(None)
    ('32', '217.5', 'TRUE', '')
    """
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)
