"""``admissions audit verify``: does the audit chain hold; ``admissions audit erase``: payloads that are due."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the embedded database.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    group = typer.Typer(help="The audit trail: who did what, unbroken.", no_args_is_help=True)
    app.add_typer(group, name="audit")

    @group.command()
    def verify(
        data: Data = None,
        head: Annotated[
            list[str] | None, typer.Option(metavar="DIGEST", help="A head printed in a publication; may be repeated.")
        ] = None,
    ) -> None:
        """Check the whole chain of events.

        Finds any event that was changed, deleted, inserted, moved or cut off, and says where. Ends with 0 if the chain
        holds, with 1 if not.
        """
        from api.audit.verify import verify_chain
        from api.commands.serve import settings_from
        from api.store import open_store

        settings = settings_from(data_dir=data)
        store = open_store(settings.database)
        with store.read() as session:
            report = verify_chain(session, settings.secret_key.get_secret_value().encode(), head or ())
        store.close()
        for problem in report.problems:
            print(problem)
        erased = f", {report.erased_payloads} payloads erased on schedule" if report.erased_payloads else ""
        print(f"{report.events} events{erased}; head {report.head}")
        print("The chain holds." if report.holds else "The chain is broken.")
        if not report.holds:
            raise typer.Exit(1)

    @group.command()
    def erase(data: Data = None) -> None:
        """Erase the payloads of events that are past their date; the chain stays whole."""
        from api.audit import Trail
        from api.audit.erase import erase_payloads
        from api.commands.serve import settings_from
        from api.store import open_store

        settings = settings_from(data_dir=data)
        store = open_store(settings.database)
        with store.write() as session:
            erased = erase_payloads(session, Trail(settings.secret_key.get_secret_value().encode()), "retention")
        store.close()
        print(f"{erased} payloads erased.")
