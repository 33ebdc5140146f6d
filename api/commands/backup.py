"""``admissions backup`` and ``admissions restore``: one file that holds everything, checked before it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the embedded database.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""

    @app.command()
    def backup(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write; must not exist.")], data: Data = None
    ) -> None:
        """Write the whole embedded database to one file, while the service runs.

        The copy is one consistent picture and is checked before it gets its name. A PostgreSQL database is backed up
        with its own tools (docs/operations.md).
        """
        from api.commands.serve import settings_from
        from api.store.backup import back_up

        back_up(settings_from(data_dir=data).database, file)
        print(f"Written and checked: {file}")

    @app.command()
    def restore(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.", exists=True)], data: Data = None
    ) -> None:
        """Put a backup in the place of the embedded database; the service must not run.

        The former database is kept beside it under another name.
        """
        from api.commands.serve import settings_from
        from api.store.backup import restore as put_back

        kept = put_back(file, settings_from(data_dir=data).database)
        print("Restored and checked." + (f" The former database is kept as {kept}." if kept else ""))
