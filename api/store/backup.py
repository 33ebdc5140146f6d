"""Backup and restore of the embedded database, by SQLite's own online backup."""

import os
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

from sqlalchemy.engine import make_url

from admissions.errors import AdmissionsError


def database_file(url: str) -> Path:
    """Give the file of the embedded database.

    Raises
    ------
    AdmissionsError
        The database is not SQLite.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise AdmissionsError("This database is PostgreSQL: back it up with pg_dump and restore it with pg_restore.")
    return Path(parsed.database)


def back_up(url: str, target: Path) -> None:
    """Copy the database, check the copy, then give it its name.

    Raises
    ------
    AdmissionsError
        There is no database, the target exists, or the copy is not sound.
    """
    source = database_file(url)
    if not source.is_file():
        raise AdmissionsError(f"There is no database at {source}.")
    if target.exists():
        raise AdmissionsError(f"{target} exists; a backup never overwrites another. Choose another name.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(partial)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        check(partial)
        os.link(partial, target)  # fails if somebody was quicker; replace() would overwrite
    finally:
        partial.unlink(missing_ok=True)


def check(file: Path) -> None:
    """Check that a file is a sound database of ours.

    Raises
    ------
    AdmissionsError
        It is not.
    """
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
            broken = copy.execute("PRAGMA foreign_key_check").fetchone()
            copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise AdmissionsError(f"{file} is no backup of this service ({error}).") from error
    if verdict != "ok" or broken is not None:
        raise AdmissionsError(f"{file} is damaged: {verdict}. Use an older backup.")


def restore(file: Path, url: str) -> Path | None:
    """Put a checked backup in the place of the database; give where the former one is kept.

    Raises
    ------
    AdmissionsError
        The backup is not sound; the database is left as it was.
    """
    check(file)
    target = database_file(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".restoring")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as copy, closing(sqlite3.connect(partial)) as fresh:
        copy.backup(fresh)
    kept: Path | None = None
    if target.exists():
        with closing(sqlite3.connect(target)) as former:
            former.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        places = (target.with_name(f"{target.name}.before-restore-{number}") for number in count(1))
        kept = next(place for place in places if not place.exists())
        target.replace(kept)
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
    partial.replace(target)
    return kept
