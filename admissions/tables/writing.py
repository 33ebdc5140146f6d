"""Writing tables: for machines (CSV after RFC 4180, Parquet) and for people with a Swedish spreadsheet (CSV, XLSX).

A file is there whole or not at all: it is written beside its place and then moved into it. The same table gives the
same bytes; no clock time is written.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from admissions.errors import AdmissionsError

_FORMULA_START = r"^'*[=+\-@\t\r].+"
_SHEET_ROWS = 1_048_576
_NO_TIME = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - spreadsheets know no time zone; a fixed instant keeps files equal


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; what is written there is moved into place when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_table(frame: pl.DataFrame, path: str | Path) -> None:
    r"""Write a table for machines or spreadsheets, by the ending of `path`.

    ``.csv``: comma, UTF-8 without byte-order mark, ``\n``, decimal point, days as 2023-04-15, quotes only where needed,
    an empty text like a missing cell. ``.parquet``: typed columns. ``.xlsx``: see `write_xlsx`.

    Raises
    ------
    AdmissionsError
        An ending that is none of these, or more rows than a sheet holds.
    """
    path = Path(path)
    writers: dict[str, Callable[[Path], object]] = {
        ".csv": lambda target: _as_cells(frame).write_csv(target, line_terminator="\n", quote_style="necessary"),
        ".parquet": lambda target: frame.write_parquet(target, compression="zstd", statistics=True),
        ".xlsx": lambda target: _write_book({"table": frame}, target),
    }
    if path.suffix not in writers:
        raise AdmissionsError(f"{path.name}: tables are written as {', '.join(writers)}, not as {path.suffix!r}")
    with whole_file(path) as temporary:
        writers[path.suffix](temporary)


def write_swedish_csv(frame: pl.DataFrame, path: str | Path) -> None:
    r"""Write a CSV that a Swedish spreadsheet opens as a table: byte-order mark, semicolon, decimal comma.

    A text that a spreadsheet would take for a formula (it starts with ``=``, ``+``, ``-`` or ``@`` and goes on) gets an
    apostrophe in front; reading such a file takes it away again. Lines end in ``\r\n``.
    """
    texts = [_swedish_cell(name, dtype).alias(name) for name, dtype in frame.schema.items()]
    with whole_file(Path(path)) as temporary:
        _as_cells(frame.select(texts)).write_csv(
            temporary, separator=";", include_bom=True, line_terminator="\r\n", quote_style="necessary"
        )


def _swedish_cell(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_float():
        return pl.col(name).cast(pl.String).str.replace(".", ",", literal=True)
    return escaped(pl.col(name)) if dtype == pl.String else pl.col(name)


def escaped(text: pl.Expr) -> pl.Expr:
    """Return the text column with an apostrophe before everything that would be taken for a formula."""
    return pl.when(text.str.contains(_FORMULA_START)).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


def unescaped(texts: pl.Series) -> pl.Series:
    """Return the texts of a Swedish CSV without the apostrophes that `write_swedish_csv` added."""
    if not texts.str.starts_with("'").any():
        return texts
    return texts.str.replace(r"^'('*[=+\-@\t\r].+)", "${1}")


def write_xlsx(sheets: Mapping[str, pl.DataFrame], path: str | Path, *, missing: str = "") -> None:
    """Write one workbook with a sheet for each table: real numbers and days, texts never as formulas, header frozen.

    Parameters
    ----------
    missing
        What stands in the cell of a missing value; nothing unless told.

    Raises
    ------
    AdmissionsError
        A table has more rows than a sheet holds (1,048,575 below the header).
    """
    with whole_file(Path(path)) as temporary:
        _write_book(sheets, temporary, missing)


def _as_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with empty texts missing, so that both are written as nothing between two separators."""
    return frame.with_columns(pl.col(pl.String).replace("", None))


def _write_book(sheets: Mapping[str, pl.DataFrame], path: Path, missing: str = "") -> None:
    for name, frame in sheets.items():
        if len(frame) >= _SHEET_ROWS:
            raise AdmissionsError(
                f"{name}: {len(frame):,} rows; a sheet holds {_SHEET_ROWS - 1:,}. Write Parquet or CSV."
            )
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "nan_inf_to_errors": True})
    book.set_properties({"created": _NO_TIME})
    heading, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for name, frame in sheets.items():
        _write_sheet(book.add_worksheet(name), frame, heading, day, missing)
    book.close()


def _write_sheet(sheet: Any, frame: pl.DataFrame, heading: Any, day: Any, missing: str) -> None:
    sheet.freeze_panes(1, 0)
    for i, name in enumerate(frame.columns):
        sheet.set_column(i, i, max(10, min(40, len(name) + 4)))
        sheet.write_string(0, i, name, heading)
    writers = []
    for dtype in frame.dtypes:
        if dtype.is_numeric():
            writers.append(sheet.write_number)
        elif dtype == pl.Date:
            writers.append(lambda row, column, value: sheet.write_datetime(row, column, value, day))
        elif dtype == pl.Boolean:
            writers.append(sheet.write_boolean)
        else:
            writers.append(sheet.write_string)
    for number, row in enumerate(frame.iter_rows(), start=1):
        for i, value in enumerate(row):
            if value is None:
                if missing:
                    sheet.write_string(number, i, missing)
            elif value != "":
                writers[i](number, i, value)
