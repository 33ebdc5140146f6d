"""Letters in batch: made by a job, one PDF a school or municipality in a zip file."""

from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.idempotency import Created, OncePerKey
from api.jobs import make_letters
from api.jobs.queue import enqueue
from api.lists import FILES, Listing, Page, answer_select
from api.problems import not_found, unprocessable
from api.resources.jobs import JobView
from api.store.models import RunArtifact
from api.store.repositories.runs import finished_run

router = APIRouter(prefix="/api/v1/runs/{run_id}/letters", tags=["results"])
Writer = Annotated[Actor, allow(Permission.WRITE_LETTERS)]


class NewLetters(BaseModel):
    """Letters to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"by": "home_municipality", "value": "Nacka", "language": "sv"}]},
    )

    by: Literal["sending_school", "home_municipality", "admitted_school"] = Field(
        "sending_school", description="What a PDF of the batch holds the people of."
    )
    value: str | None = Field(None, min_length=1, max_length=200, description="That one only; all if left out.")
    language: Literal["sv", "en"] = "sv"


class LettersView(BaseModel):
    """A batch that is ready."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"examples": [{"name": "letters-0f3c.zip", "digest": "0" * 64, "bytes": 1_734_000}]},
    )

    name: str
    digest: str = Field(description="SHA-256 of the file.")
    bytes: int


def _batches(run_id: str) -> Any:
    mine = RunArtifact.name.startswith(make_letters.PREFIX, autoescape=True)
    return select(RunArtifact).where(RunArtifact.run_id == run_id, mine)


@router.get("", response_model=Page[LettersView], responses=FILES)
def list_letters(run_id: str, request: Request, actor: Writer, query: Listing) -> Response:
    """List the batches that are ready."""
    columns = {"name": RunArtifact.name, "digest": RunArtifact.digest, "bytes": func.length(RunArtifact.content)}
    with request.app.state.store.read() as session:
        finished_run(session, run_id, actor)
        key = [RunArtifact.name]
        return answer_select(session, query, "letters", _batches(run_id), columns, key=key, row=LettersView)


@router.post("", status_code=202, response_model=JobView)
def start_letters(run_id: str, body: NewLetters, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Start making letters; the job's result names the batch. Protected persons get no letter in a batch."""
    state = request.app.state
    with state.store.read() as session:
        finished_run(session, run_id, actor)
        decisions: pl.DataFrame = state.results.get(session, run_id, "decisions")
    people = make_letters.addressees(decisions, body.by, body.value)
    if not 1 <= len(people) <= make_letters.MOST:
        raise unprocessable(
            "size_of_batch",
            f"The batch would hold {len(people)} letters; it holds 1 to {make_letters.MOST}.",
            place="body.value",
            remedy="Name a school or municipality that has that many.",
        )

    def work(session: Session) -> Created:
        run = finished_run(session, run_id, actor)
        parameters = {"run_id": run_id, **body.model_dump()}
        key = f"letters:{run_id}"
        job = enqueue(session, make_letters.KIND, parameters, actor=actor.id, now=state.clock(), lock_key=key)
        state.trail.record(
            session, EventKind.JOB_QUEUED, actor=actor.id, object_type="job", object_id=job.id,
            intake_id=run.intake_id, payload={"kind": make_letters.KIND, **parameters},
        )  # fmt: skip
        session.flush()
        return Created(body=JobView.model_validate(job), status=202, location=f"/api/v1/jobs/{job.id}")

    return once.run(actor, work)


@router.get(
    "/{name}",
    response_class=Response,
    responses={
        200: {
            "content": {make_letters.ZIP: {"schema": {"type": "string", "format": "binary"}}},
            "description": "The batch",
        }
    },
)
def read_letters(run_id: str, name: str, request: Request, actor: Writer) -> Response:
    """Download a batch."""
    with request.app.state.store.read() as session:
        finished_run(session, run_id, actor)
        found = session.scalar(_batches(run_id).where(RunArtifact.name == name))
        if found is None:
            raise not_found("batch of letters", "path name")
        headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
        return Response(found.content, media_type=make_letters.ZIP, headers=headers)
