"""Jobs: how far long work is, its result, stopping it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.jobs.queue import OPEN, cancel
from api.lists import FILES, Listing, Page, answer_select
from api.problems import not_found
from api.store.models import Job
from api.store.repositories.runs import sees_unpublished

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])
Reader = Annotated[Actor, allow(Permission.READ_JOBS)]
LOOK_EVERY_SECONDS = 0.4
LONGEST_STREAM_SECONDS = 3600


class JobView(BaseModel):
    """A job."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str = Field(examples=["run_round"])
    state: str = Field(description="queued, running, done, failed or cancelled.", examples=["running"])
    progress_done: int
    progress_total: int
    progress_note: str
    result: dict[str, Any] | None
    problem: dict[str, Any] | None = Field(description="A problem document, if the job failed.")
    cancel_requested: bool
    attempts: int
    created_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


COLUMNS = {name: getattr(Job, name) for name in JobView.model_fields}


def _own(session: Session, job_id: str, actor: Actor) -> Job:
    job = session.get(Job, job_id)
    if job is None or not (job.created_by == actor.id or sees_unpublished(actor)):
        raise not_found("job", "path job_id")
    return job


@router.get("", response_model=Page[JobView], responses=FILES)
def list_jobs(
    request: Request,
    actor: Reader,
    query: Listing,
    state: Annotated[str | None, Query(max_length=50)] = None,
    kind: Annotated[str | None, Query(max_length=50)] = None,
) -> Response:
    """List jobs, newest first: one's own; the office, signers and auditors see all."""
    statement = select(Job)
    if not sees_unpublished(actor):
        statement = statement.where(Job.created_by == actor.id)
    if state is not None:
        statement = statement.where(Job.state == state)
    if kind is not None:
        statement = statement.where(Job.kind == kind)
    with request.app.state.store.read() as session:
        key = [Job.created_at.desc(), Job.id]
        return answer_select(session, query, "jobs", statement, COLUMNS, key=key, row=JobView)


@router.get("/{job_id}")
def read_job(job_id: str, request: Request, actor: Reader) -> JobView:
    """Read a job."""
    with request.app.state.store.read() as session:
        return JobView.model_validate(_own(session, job_id, actor))


@router.post("/{job_id}/cancel")
def cancel_job(job_id: str, request: Request, actor: Annotated[Actor, allow(Permission.CANCEL_JOBS)]) -> JobView:
    """Stop a job: at once while it waits, at its next step while it runs; nothing of it is written."""
    state = request.app.state
    with state.store.write() as session:
        job = _own(session, job_id, actor)
        cancel(job, state.clock())
        state.trail.record(session, EventKind.JOB_CANCELLED, actor=actor.id, object_type="job", object_id=job_id)
        session.flush()
        return JobView.model_validate(job)


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Progress"}},
)
async def follow_job(job_id: str, request: Request, actor: Reader) -> StreamingResponse:
    """Follow a job by server-sent events, until it ends; each event is the job as JSON."""

    def look() -> str:
        with request.app.state.store.read() as session:
            return JobView.model_validate(_own(session, job_id, actor)).model_dump_json()

    first = await run_in_threadpool(look)

    async def events() -> AsyncIterator[str]:
        now, before = first, ""
        for _ in range(int(LONGEST_STREAM_SECONDS / LOOK_EVERY_SECONDS)):
            if now != before:
                yield f"event: job\ndata: {now}\n\n"
                before = now
            if json.loads(now)["state"] not in OPEN or await request.is_disconnected():
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            now = await run_in_threadpool(look)

    return StreamingResponse(events(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
