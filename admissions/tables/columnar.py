"""Reading Parquet: typed columns are brought to the same texts as any other delivery, then checked alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from admissions.tables.raw import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, RawTable, RefusedError, Source, too_many


def read_parquet(path: Path, source: Source) -> RawTable:
    """Read a Parquet file; rows count from 1.

    Raises
    ------
    RefusedError
        Empty, cut off, damaged, too large, or with columns that are no plain values.
    """
    size = path.stat().st_size
    if size == 0:
        raise RefusedError(source.problem("empty_file", "the file is empty", "Deliver the table."))
    if size > MAX_BYTES:
        raise too_many(source, "bytes", size, MAX_BYTES)
    try:
        lazy = pl.scan_parquet(path, glob=False)
        schema = lazy.collect_schema()
        length = int(lazy.select(pl.len()).collect().item())  # from the footer: nothing is unpacked yet
        if len(schema) > MAX_COLUMNS:
            raise too_many(source, "columns", len(schema), MAX_COLUMNS)
        if length > MAX_ROWS:
            raise too_many(source, "rows", length, MAX_ROWS)
        _refuse_nested(schema, source)
        frame = lazy.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RefusedError(
            source.problem("damaged_file", "not a readable Parquet file: cut off or damaged", "Export it again.")
        ) from error
    return raw_of_frame(frame, source)


def raw_of_frame(frame: pl.DataFrame, source: Source) -> RawTable:
    """Return a frame in memory as a delivered table; its rows count from 1 and its header is row 0."""
    columns = tuple(_as_texts(series) for series in frame.get_columns())
    return RawTable(source, tuple(frame.columns), 0, columns, np.arange(1, len(frame) + 1, dtype=np.int64))


def _refuse_nested(schema: pl.Schema, source: Source) -> None:
    nested = [name for name, dtype in schema.items() if dtype.is_nested() or dtype in {pl.Binary, pl.Object}]
    if nested:
        raise RefusedError(
            *(
                source.problem("no_plain_value", "the column holds lists or bytes", "Store plain values.", column=name)
                for name in nested
            )
        )


def _as_texts(series: pl.Series) -> pl.Series:
    if series.dtype.is_float():
        whole = series.is_finite() & (series == series.round()) & (series.abs() < 1e15)
        frame = pl.DataFrame({"v": series, "w": whole})
        exact = pl.when(pl.col("w")).then(pl.col("v").cast(pl.Int64, strict=False).cast(pl.String))
        series = frame.select(exact.otherwise(pl.col("v").cast(pl.String)))["v"]
    elif series.dtype == pl.Datetime:
        series = series.dt.to_string("%Y-%m-%d %H:%M:%S")
    return series.cast(pl.String).fill_null("")
