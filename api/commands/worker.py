"""``admissions worker``: does the long work that the service queues; as many as the machine has room for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import threading


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


def work(data: Path | None = None, *, beside: int | None = None) -> None:
    """Work until told to stop, or until the service it was started beside (its process number) is gone."""
    give_way()
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
    if beside is not None:
        threading.Thread(target=follow, args=(beside, stop), daemon=True).start()
    trail = Trail(settings.secret_key.get_secret_value().encode())
    Worker(store, handlers(), trail, settings).run(stop)
    store.close()


def give_way() -> None:
    """Leave a core to those who wait for an answer: fewer threads, and behind them in the queue for the others.

    Threads of the table engine are counted when it is first read, so this comes before everything else.
    """
    import os

    spared = max(1, (os.cpu_count() or 1) - 1)
    os.environ.setdefault("POLARS_MAX_THREADS", str(spared))
    os.environ.setdefault("NUMBA_NUM_THREADS", str(spared))
    if hasattr(os, "nice"):
        os.nice(5)


def follow(service: int, stop: threading.Event) -> None:
    """Stop the worker when the service that started it is gone, even if it was killed and could not say so."""
    import os

    while os.getppid() == service and not stop.wait(1):
        pass
    stop.set()


if __name__ == "__main__":
    import sys

    work(beside=int(sys.argv[1]) if sys.argv[1:] else None)
