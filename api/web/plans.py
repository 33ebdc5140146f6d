"""What was worked out on a stored run: the newest seat values and packages, and how far the jobs are."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from fastapi import Request
from sqlalchemy import select

from api.jobs.analysis import stored_table
from api.jobs.queue import OPEN
from api.store.models import Analysis, Job
from api.web.editions import Selected
from api.web.job_words import job_note, job_title
from api.web.moments import local_time
from api.web.problem_words import problem_title
from api.web.texts import Texts

SHOWN = 4


def newest(request: Request, selected: Selected, kind: str, wanted: str = "") -> Analysis | None:
    """Give the newest finished analysis of the run that is shown, or the one that is named; None for a run folder."""
    if not selected.edition.intake_id:
        return None
    done = select(Analysis).where(
        Analysis.run_id == selected.run_id, Analysis.kind == kind, Analysis.finished_at.is_not(None)
    )
    if wanted:
        done = done.where(Analysis.id == wanted)
    with request.app.state.store.read() as session:
        found: Analysis | None = session.scalars(
            done.order_by(Analysis.created_at.desc(), Analysis.id).limit(1)
        ).first()
        return found


def tables_of(request: Request, found: Analysis, names: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Give tables of an analysis, those it has."""
    with request.app.state.store.read() as session:
        read = {name: stored_table(session, found.id, name) for name in names}
    return {name: frame for name, frame in read.items() if frame is not None}


def jobs_of(request: Request, selected: Selected, kinds: Sequence[str], t: Texts) -> list[dict[str, Any]]:
    """Give the latest jobs on the run that is shown, with how far they are."""
    if not selected.edition.intake_id:
        return []
    statement = select(Analysis, Job).join(Job, Job.id == Analysis.job_id)
    mine = statement.where(Analysis.run_id == selected.run_id, Analysis.kind.in_(kinds))
    with request.app.state.store.read() as session:
        found = session.execute(mine.order_by(Analysis.created_at.desc(), Analysis.id).limit(SHOWN)).all()
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "title": job_title(job, t),
            "job": job.id,
            "by": job.created_by,
            "when": local_time(one.created_at),
            "state": job.state,
            "words": t(f"job_state.{job.state}"),
            "note": job_note(job, t),
            "open": job.state in OPEN,
            "done": job.progress_done,
            "total": job.progress_total or 100,
            "problem": problem_title(str((job.problem or {}).get("code", "")), t) if job.problem else "",
        }
        for one, job in found
    ]
