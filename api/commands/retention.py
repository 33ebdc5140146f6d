"""``admissions retention``: erases what is past its date; daily, from the scheduler of the host."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def retention(
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is due, erase nothing.")] = False,
        data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the embedded database.")] = None,
    ) -> None:
        """Erase personal data and documents that are past their date.

        Each intake has its schedule: files handed in, identity numbers, grades, results, everything else about people.
        What is published stays, and a run whose inputs were erased says so. Ended sessions, old jobs, kept answers and
        due payloads of the audit trail go too. Every erasure is recorded with its counts.
        """
        from api.audit import Trail
        from api.commands.serve import settings_from
        from api.retention.erasing import erase_due
        from api.store import open_store

        settings = settings_from(data_dir=data)
        store = open_store(settings.database)
        try:
            found = erase_due(store, Trail(settings.secret_key.get_secret_value().encode()), dry_run=dry_run)
        finally:
            store.close()
        for one in found:
            rows = ", ".join(f"{count} {name}" for name, count in sorted(one.rows.items()) if count)
            since = f" (kept to {one.last_day})" if one.last_day else ""
            print(f"{one.name or 'service'}, {one.category}{since}: {rows}")
        total = sum(one.total for one in found)
        print(f"{total} rows are due; nothing was erased." if dry_run else f"{total} rows erased.")
