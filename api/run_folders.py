"""Packed run folders of the store, as folders."""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unpacked(content: bytes) -> Iterator[Path]:
    """Give a packed run folder as a folder, for as long as it is looked at."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(content)) as packed:
        packed.extractall(folder)
        yield Path(folder)
