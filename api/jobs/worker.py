"""The worker: takes a job, keeps its lease while the work goes on, writes the outcome in one transaction."""

import os
import secrets
import socket
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from admissions.errors import AdmissionsError
from api.audit import Trail
from api.clock import Clock, utc_now
from api.jobs.queue import JobCancelled, LeaseLost, claim, end
from api.jobs.work import Handler, Outcome, Work
from api.problems import Problem
from api.settings import Settings
from api.store import Store

IDLE_SECONDS = 0.5
log = structlog.get_logger("admissions.worker")


class Worker:
    """Does one job at a time."""

    def __init__(
        self, store: Store, handlers: Mapping[str, Handler], trail: Trail, settings: Settings, clock: Clock = utc_now
    ) -> None:
        self.store, self.handlers, self.trail, self.settings, self.clock = store, handlers, trail, settings, clock
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; an unreachable database is waited for."""
        while not stop.is_set():
            try:
                worked = self.run_once()
            except Exception as error:  # noqa: BLE001 - the worker outlives any trouble with the database
                log.error("worker_trouble", error=type(error).__name__)  # noqa: TRY400 - the text may be personal
                worked = False
            if not worked:
                stop.wait(IDLE_SECONDS)

    def run_once(self) -> bool:
        """Do the next job, if there is one; say whether there was."""
        lease = timedelta(seconds=self.settings.lease_seconds)
        with self.store.write() as session:
            job = claim(session, self.name, self.clock(), lease)
            if job is None:
                return False
            kind = job.kind
            work = Work(
                job.id, job.created_by, job.parameters, self.store, self.trail, self.settings, self.clock, self.name
            )
        done = threading.Event()
        pulse = threading.Thread(target=self._keep_lease, args=(work, done), daemon=True)
        pulse.start()
        try:
            self._do(kind, work)
        except LeaseLost:
            log.warning("job_lost", job=work.id, kind=kind)
        finally:
            done.set()
            pulse.join()
        return True

    def _do(self, kind: str, work: Work) -> None:
        try:
            outcome = self.handlers.get(kind, _unknown)(work)
            with self.store.write() as session:
                result = outcome(session)
                end(session, work.id, self.name, self.clock(), state="done", result=result)
        except LeaseLost:
            raise
        except JobCancelled:
            self._close(work, "cancelled", None)
        except Problem as problem:
            self._close(work, "failed", problem.document.model_dump(mode="json"))
        except AdmissionsError as error:
            refused = _problem("refused_by_engine", str(error), "Correct what is named, then start the job again.")
            self._close(work, "failed", refused.document.model_dump(mode="json"))
        except Exception as error:  # noqa: BLE001 - a failed job is closed, never left running
            place = _place(error)
            log.error("job_failed", job=work.id, kind=kind, error=type(error).__name__, at=place)  # noqa: TRY400 - as above
            failed = _problem("job_failed", "An error of the service ended the job.", "Tell the office the job's id.")
            self._close(work, "failed", failed.document.model_dump(mode="json"))

    def _close(self, work: Work, state: str, problem: dict[str, Any] | None) -> None:
        with self.store.write() as session:
            end(session, work.id, self.name, self.clock(), state=state, problem=problem)

    def _keep_lease(self, work: Work, done: threading.Event) -> None:
        while not done.wait(self.settings.lease_seconds / 3):
            try:
                work.beat()
            except Exception as error:  # noqa: BLE001 - the next beat may get through; else the lease ends by itself
                log.warning("beat_failed", job=work.id, error=type(error).__name__)


def _unknown(work: Work) -> Outcome:
    raise _problem("unknown_job", f"This worker does not know the kind of job {work.id}.", "Update the worker.")


def _problem(code: str, detail: str, remedy: str) -> Problem:
    return Problem(500, code, "The job failed", f"{detail} Nothing of it was written.", remedy=remedy)


def _place(error: BaseException) -> str:
    """Name the line of the error; its text may hold personal data and stays out of the log."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
