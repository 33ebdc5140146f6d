"""Comparisons: another system's result beside a run (shadow run), every difference with its cause."""

import hashlib
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.handed_in import uploaded
from api.idempotency import Created, OncePerKey
from api.lists import FILES, Cells, Listing, Page, answer_frame, answer_select
from api.problems import not_found
from api.pseudonyms import pseudonym
from api.results_queries import narrowed
from api.shadow_runs import shadow_run
from api.store.base import new_id
from api.store.models import Comparison, Run, RunArtifact
from api.store.repositories.offers import people_frame
from api.store.repositories.runs import finished_run
from api.store.repositories.scoping import decisions_within
from api.table_archive import pack_tables, unpack_tables

router = APIRouter(prefix="/api/v1/runs/{run_id}/comparisons", tags=["comparisons"])
Reader = Annotated[Actor, allow(Permission.READ_RESULTS)]
Writer = Annotated[Actor, allow(Permission.WRITE_COMPARISONS)]
Text = Annotated[str | None, Query(max_length=200)]
Part = Literal["rows", "persons", "routes"]
OF_SCHOOL = ("route_name", "programme", "school", "municipality", "organiser")
EXAMPLE: dict[str, Any] = {
    "id": "9d21",
    "run_id": "77a0",
    "kind": "persons",
    "file_name": "beslut.csv",
    "file_digest": "b5bb9d80",
    "counts": {"ours": 117205, "theirs": 117203, "rows": 12, "persons": 9, "routes": 4},
    "totals": [{"cause": "lottery", "rows": 12, "persons": 9}],
    "created_by": "0f3c",
    "created_at": "2026-07-02T08:00:00Z",
}


class ComparisonView(BaseModel):
    """A shadow run."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [EXAMPLE]})

    id: str
    run_id: str
    kind: Literal["persons", "routes"] = Field(
        description="persons: the file holds decisions; routes: it is in the published layout."
    )
    file_name: str
    file_digest: str
    counts: dict[str, int] = Field(description="Choices compared on both sides, and how many of each table differ.")
    totals: list[dict[str, Any]] = Field(description="Differences by cause.")
    created_by: str
    created_at: datetime


COLUMNS = {name: getattr(Comparison, name) for name in ComparisonView.model_fields}


@router.get("", response_model=Page[ComparisonView], responses=FILES)
def list_comparisons(run_id: str, request: Request, actor: Reader, query: Listing) -> Response:
    """List the comparisons of a run, newest first."""
    with request.app.state.store.read() as session:
        finished_run(session, run_id, actor)
        statement = select(Comparison).where(Comparison.run_id == run_id)
        newest = [Comparison.created_at.desc(), Comparison.id]
        return answer_select(session, query, "comparisons", statement, COLUMNS, key=newest, row=ComparisonView)


@router.post("", status_code=201, response_model=ComparisonView)
def create_comparison(run_id: str, file: UploadFile, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Hand in another system's decisions, or its result in the published layout, and set it beside the run."""
    state = request.app.state
    content = uploaded(file, state.settings.upload_limit_mb)
    name = PurePosixPath((file.filename or "result.csv").replace("\\", "/")).name[:200]
    with state.store.read() as session:
        run = finished_run(session, run_id, actor)
        folder = _folder(session, run)
    found = shadow_run(folder, run.round, content, name)
    packed = pack_tables(found.tables)
    digest = hashlib.sha256(content).hexdigest()

    def work(session: Session) -> Created:
        row = Comparison(
            id=new_id(), run_id=run_id, kind=found.kind, file_name=name, file_digest=digest, counts=found.counts,
            totals=found.totals, content=packed, created_by=actor.id, created_at=state.clock(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        state.trail.record(
            session, EventKind.COMPARISON_MADE, actor=actor.id, object_type="comparison", object_id=row.id,
            intake_id=run.intake_id, payload={"run": run_id, "file": digest, "counts": found.counts},
        )  # fmt: skip
        view = ComparisonView.model_validate(row)
        return Created(body=view, location=f"/api/v1/runs/{run_id}/comparisons/{row.id}")

    return once.run(actor, work, content=digest)


def _folder(session: Session, run: Run) -> bytes:
    artifact = session.get(RunArtifact, (run.id, "run.zip"))
    if artifact is None:
        raise not_found("run folder", "path run_id")
    return artifact.content


def get_comparison(session: Session, run_id: str, comparison_id: str, actor: Actor) -> Comparison:
    """Find a comparison of a run that the actor may know of.

    Raises
    ------
    Problem
        404.
    """
    finished_run(session, run_id, actor)
    row = session.get(Comparison, comparison_id)
    if row is None or row.run_id != run_id:
        raise not_found("comparison", "path comparison_id")
    return row


@router.get("/{comparison_id}")
def read_comparison(run_id: str, comparison_id: str, request: Request, actor: Reader) -> ComparisonView:
    """Read a comparison: what was compared, and the differences by cause."""
    with request.app.state.store.read() as session:
        return ComparisonView.model_validate(get_comparison(session, run_id, comparison_id, actor))


@router.get("/{comparison_id}/{part}", response_model=Page[Cells], responses=FILES)
def list_differences(
    run_id: str,
    comparison_id: str,
    part: Part,
    request: Request,
    actor: Reader,
    query: Listing,
    *,
    cause: Text = None,
    how: Text = None,
    route_id: Text = None,
    programme: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the differing choices, persons or routes within one's scope, each with its cause.

    ``how`` of a choice is ``direct``, or ``follows`` where it follows from another difference. Protected persons are in
    no list.
    """
    state = request.app.state
    with state.store.read() as session:
        row = get_comparison(session, run_id, comparison_id, actor)
        frame = unpack_tables(row.content).get(part)
        if frame is None:
            raise not_found("table of the comparison", "path part")
        demand = state.results.get(session, run_id, "demand")
        run = session.get_one(Run, run_id)
        people = people_frame(session, run.intake_id).drop("alias") if part != "routes" else None
    frame = differences(frame, demand, people, actor)
    if people is not None and not actor.sees_people():
        known = {one: pseudonym(state.trail.secret, run_id, one) for one in frame["applicant"].unique().to_list()}
        frame = frame.with_columns(pl.col("applicant").replace_strict(known, return_dtype=pl.String))
    given = {"cause": cause, "how": how, "route_id": route_id, "programme": programme, "school": school}
    given |= {"municipality": municipality, "organiser": organiser}
    usable = {name: value for name, value in given.items() if name in frame.columns or value is None}
    if len(usable) < len(given):
        frame = frame.clear()  # a table without the column has no row with the value
    return answer_frame(narrowed(frame, **usable), query, f"comparison-{part}")


def differences(frame: pl.DataFrame, demand: pl.DataFrame, people: pl.DataFrame | None, actor: Actor) -> pl.DataFrame:
    """Put a part of a comparison beside the catalogue, narrowed to what the actor may see.

    Parameters
    ----------
    frame
        Choices, persons or routes.
    demand
        The run's table: the catalogue.
    people
        Home, school and protection of everybody; None for routes.
    actor
        Who looks.
    """
    named = demand.select("route_id", *OF_SCHOOL)
    if people is None:
        missing = [name for name in OF_SCHOOL if name not in frame.columns]
        if "route_id" not in frame.columns or not missing:
            return frame
        return frame.join(named.select("route_id", *missing), on="route_id", how="left", maintain_order="left")
    about = (
        frame
        if "route_id" in frame.columns
        else frame.with_columns(pl.coalesce("route", "their_route").alias("route_id"))
    )
    about = about.join(named, on="route_id", how="left", maintain_order="left").join(
        people, on="applicant", how="left", maintain_order="left"
    )
    about = about.with_columns(pl.col("protected").fill_null(value=False))
    seen = about.filter(decisions_within(actor, Permission.READ_RESULTS))
    return seen.drop("protected", "home_municipality", "sending_school")
