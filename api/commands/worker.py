"""``admissions worker``: does the long work that the service queues; as many as the machine has room for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def worker(
        data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the embedded database.")] = None,
    ) -> None:
        """Do queued work: rounds, scenarios, forecasts.

        A killed worker loses nothing: its job is taken over by another, or fails cleanly. Ends with Ctrl-C, after the
        job at hand.
        """
        work(data)


def work(data: Path | None = None) -> None:
    """Work until told to stop."""
    import signal
    import threading

    from api.audit import Trail
    from api.commands.serve import settings_from
    from api.jobs.handlers import handlers
    from api.jobs.worker import Worker
    from api.observe import configure_logs
    from api.store import open_store

    settings = settings_from(data_dir=data)
    configure_logs(settings.log_format)
    store = open_store(settings.database)
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    trail = Trail(settings.secret_key.get_secret_value().encode())
    Worker(store, handlers(), trail, settings).run(stop)
    store.close()


if __name__ == "__main__":
    work()
