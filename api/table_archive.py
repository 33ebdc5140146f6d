"""Several tables as one piece of bytes: a zip of Parquet files."""

import io
import zipfile
from collections.abc import Mapping

import polars as pl


def pack_tables(tables: Mapping[str, pl.DataFrame]) -> bytes:
    """Pack tables by name."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:  # Parquet is compressed already
        for name, frame in tables.items():
            part = io.BytesIO()
            frame.write_parquet(part, compression="zstd")
            archive.writestr(f"{name}.parquet", part.getvalue())
    return whole.getvalue()


def unpack_tables(content: bytes) -> dict[str, pl.DataFrame]:
    """Unpack what `pack_tables` packed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name.removesuffix(".parquet"): pl.read_parquet(io.BytesIO(archive.read(name)))
            for name in archive.namelist()
        }
