"""The queue: jobs are rows, a lock key lets one open job hold a thing, a lease says whose turn it is.

Every function is one short transaction or part of the caller's. A worker that loses its lease (killed, asleep, cut off)
can no longer finish: the row is no longer its own, and its final transaction writes nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.jobs.kinds import PLANNING
from api.problems import Problem, conflict
from api.store.models import Job

MOST_ATTEMPTS = 3
OPEN = ("queued", "running")


class LeaseLost(Exception):  # noqa: N818 - an event, not a mistake
    """The job is no longer this worker's."""


class JobCancelled(Exception):  # noqa: N818 - an event, not a mistake
    """Somebody asked for the job to stop."""


def enqueue(
    session: Session, kind: str, parameters: dict[str, Any], *, actor: str, now: datetime, lock_key: str | None = None
) -> Job:
    """Queue a job.

    Raises
    ------
    Problem
        409 ``job_running``: another open job holds the lock key. The database's unique index decides, not a look-up.
    """
    job = Job(kind=kind, parameters=parameters, lock_key=lock_key, created_by=actor, created_at=now)
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError as error:
        raise conflict(
            "job_running",
            f"This is already being worked on ({lock_key}).",
            remedy="Wait for the running job, or cancel it; /api/v1/jobs lists them.",
        ) from error
    return job


def claim(session: Session, worker: str, now: datetime, lease: timedelta) -> Job | None:
    """Take the oldest job that waits, the office's before the planners', after giving back those of silent workers."""
    release_expired(session, now)
    waiting = (
        select(Job)
        .where(Job.state == "queued")
        .order_by(Job.kind.in_(PLANNING), Job.created_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = session.scalar(waiting)
    if job is None:
        return None
    job.state, job.worker, job.lease_until = "running", worker, now + lease
    job.attempts += 1
    job.started_at = job.started_at or now
    return job


def release_expired(session: Session, now: datetime) -> None:
    """Queue the jobs of silent workers again; fail those that were tried often enough or should stop anyway."""
    expired = select(Job).where(Job.state == "running", Job.lease_until < now).with_for_update(skip_locked=True)
    for job in session.scalars(expired):
        job.worker = job.lease_until = None
        if job.cancel_requested:
            job.state, job.ended_at = "cancelled", now
        elif job.attempts >= MOST_ATTEMPTS:
            job.state, job.ended_at = "failed", now
            job.problem = Problem(
                500,
                "worker_lost",
                "The worker ended without finishing",
                f"Tried {job.attempts} times; nothing of it was written.",
                remedy="Look at the worker's log for memory or disk trouble, then start the job again.",
            ).document.model_dump(mode="json")
        else:
            job.state = "queued"
    session.flush()


def report_progress(
    session: Session, job_id: str, worker: str, until: datetime, *, progress: tuple[int, int, str] | None = None
) -> bool:
    """Extend the lease and tell how far the work is; give whether it was asked to stop.

    Raises
    ------
    LeaseLost
        The job is no longer this worker's.
    """
    values: dict[str, Any] = {"lease_until": until}
    if progress is not None:
        values |= dict(zip(("progress_done", "progress_total", "progress_note"), progress, strict=True))
    mine = update(Job).where(Job.id == job_id, Job.worker == worker, Job.state == "running").values(values)
    stop = session.scalar(mine.returning(Job.cancel_requested))
    if stop is None:
        raise LeaseLost(job_id)
    return bool(stop)


def end(
    session: Session,
    job_id: str,
    worker: str,
    now: datetime,
    *,
    state: str,
    result: dict[str, Any] | None = None,
    problem: dict[str, Any] | None = None,
) -> None:
    """Close a job in the transaction that writes its outcome.

    Raises
    ------
    LeaseLost
        The job is no longer this worker's: the whole transaction must go.
    """
    values: dict[str, Any] = {
        "state": state,
        "result": result,
        "problem": problem,
        "ended_at": now,
        "lease_until": None,
    }
    if state == "done":
        values["progress_done"] = Job.progress_total
    mine = update(Job).where(Job.id == job_id, Job.worker == worker, Job.state == "running").values(values)
    if session.connection().execute(mine).rowcount != 1:
        raise LeaseLost(job_id)


def cancel(job: Job, now: datetime) -> None:
    """Ask a job to stop: at once while it waits, at its next step while it runs."""
    if job.state == "queued":
        job.state, job.ended_at = "cancelled", now
    elif job.state == "running":
        job.cancel_requested = True
    else:
        raise conflict("job_ended", f"The job is already {job.state}.", remedy="Nothing is left to stop.")
