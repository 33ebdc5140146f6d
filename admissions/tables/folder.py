"""Writing a folder of tables as a whole: complete in its place, or not there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from admissions.errors import AdmissionsError


@contextmanager
def whole_folder(path: Path, stems: set[str]) -> Iterator[Path]:
    """Give a temporary folder beside `path` that takes its place when the block ends well.

    Parameters
    ----------
    stems
        Names without ending of the files that belong there: an existing folder is replaced only if it holds nothing
        else, so that a mistyped path never costs anybody's files.

    Raises
    ------
    AdmissionsError
        `path` is a file, or a folder with other things in it.
    """
    path = path.absolute()
    if path.exists() and not path.is_dir():
        raise AdmissionsError(f"{path} is a file; name a folder")
    others = sorted(item.name for item in path.iterdir() if item.stem not in stems) if path.exists() else []
    if others:
        raise AdmissionsError(f"{path} holds other things ({', '.join(others[:3])}); name a new or an empty folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        fresh, former = temporary / "new", temporary / "old"
        fresh.mkdir()
        yield fresh
        if path.exists():
            path.replace(former)
        fresh.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
