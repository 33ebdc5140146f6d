"""What a job's code sees: its parameters, a way to tell progress, and one transaction for its outcome."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

from sqlalchemy.orm import Session

from api.audit import Trail
from api.clock import Clock
from api.jobs.queue import JobCancelled, LeaseLost, report_progress
from api.settings import Settings
from api.store import Store

Outcome = Callable[[Session], dict[str, Any]]
"""Writes the outcome in the job's final transaction and gives the job's result."""

SHORTEST_PAUSE = 0.25


@dataclass
class Work:
    """One job being done."""

    id: str
    actor: str
    parameters: dict[str, Any]
    store: Store
    trail: Trail
    settings: Settings
    clock: Clock
    worker: str
    _told: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _lost: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Tell how far the work is, four times a second at most; the place where a cancelled job stops.

        Raises
        ------
        JobCancelled, LeaseLost
            The work must end here.
        """
        if monotonic() - self._told >= SHORTEST_PAUSE or done == total:
            self._told = monotonic()
            self.beat((done, total, note))
        if self._lost.is_set():
            raise LeaseLost(self.id)
        if self._stop.is_set():
            raise JobCancelled(self.id)

    def beat(self, progress: tuple[int, int, str] | None = None) -> None:
        """Extend the lease in a transaction of its own, never inside a long one."""
        until = self.clock() + timedelta(seconds=self.settings.lease_seconds)
        try:
            with self.store.write() as session:
                if report_progress(session, self.id, self.worker, until, progress=progress):
                    self._stop.set()
        except LeaseLost:
            self._lost.set()


Handler = Callable[[Work], Outcome]
