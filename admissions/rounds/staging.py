"""All-or-nothing folders: written beside their place under another name, renamed when complete.

Whoever sees the folder sees a finished one; a failure on the way leaves nothing behind.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from admissions.errors import AdmissionsError


class FolderTakenError(AdmissionsError):
    """The folder to be written exists already and is not empty."""


def refuse_taken(path: Path) -> None:
    """Refuse a place where something already stands; an empty folder is free.

    Raises
    ------
    FolderTakenError
        Naming the folder and what to do.
    """
    if not path.exists():
        return
    if path.is_dir():
        if not any(path.iterdir()):
            return
        what = "a finished run" if (path / "run.json").is_file() else "other files"
        raise FolderTakenError(
            f"{path} holds {what}; nothing is overwritten. Name another folder, or move this one away first."
        )
    raise FolderTakenError(f"{path} is a file; name a folder that does not exist yet.")


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """Give a folder to write into that becomes `path` when the block ends without an error, and vanishes otherwise.

    Raises
    ------
    FolderTakenError
        If `path` is taken, before the block begins or when it ends.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "run"
    >>> with staged(place) as folder:
    ...     _ = (folder / "a.txt").write_text("a")
    >>> [entry.name for entry in place.iterdir()]
    ['a.txt']
    """
    refuse_taken(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.parent / f".{path.name}.partial-{os.getpid()}"
    partial.mkdir()
    try:
        yield partial
        refuse_taken(path)
        partial.rename(path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
