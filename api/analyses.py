"""What scenarios, seat values, packages and forecasts have in common: started as a job, read as tables, each a row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from fastapi import Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.audit import EventKind
from api.jobs.analysis import STAMP, stored_table
from api.jobs.planning import INSIDE, refuse_reserve_round
from api.jobs.queue import enqueue
from api.lists import ListQuery, answer_frame, answer_select
from api.problems import conflict, not_found
from api.store.base import new_id
from api.store.models import Analysis, AnalysisTable, Job, Run
from api.store.repositories.runs import finished_run, get_run, sees_unpublished

Kind = Literal["scenario", "seat_values", "package", "forecast"]
INPUTS = ("history", "catalogue")
"""Tables that a forecast was made from: kept, and given like its result."""


class TableView(BaseModel):
    """A table of an analysis."""

    name: str = Field(examples=["values"])
    rows: int = Field(examples=[1466])


class AnalysisRow(BaseModel):
    """Something worked out, in a list."""

    id: str
    kind: Kind
    intake_id: str | None
    run_id: str | None = Field(description="The run it stands on.")
    scenario_id: str | None
    job_id: str
    state: str = Field(description="queued, running, done, failed or cancelled.", examples=["done"])
    created_by: str
    created_at: datetime
    finished_at: datetime | None


class AnalysisView(AnalysisRow):
    """Something worked out: working material, never a decision."""

    stamp: str = Field(STAMP["en"], description="Stands on everything that is shown of it.")
    parameters: dict[str, Any] = Field(description="What was asked for, with every seed.")
    about: dict[str, Any] | None = Field(description="What every figure says: run, rules, seeds, number of draws.")
    problem: dict[str, Any] | None = Field(description="A problem document, if the job failed.")
    tables: list[TableView] = Field(description="Its tables, each to be read as JSON or as a file.")


COLUMNS = {
    **{name: getattr(Analysis, name) for name in AnalysisRow.model_fields if name != "state"},
    "state": Job.state,
}


def visible(actor: Actor, kind: Kind) -> Select[Any]:
    """Select the analyses of a kind that the actor may know of: those on runs the actor sees."""
    statement = select(Analysis).join(Job, Job.id == Analysis.job_id).where(Analysis.kind == kind)
    if not sees_unpublished(actor) and kind != "forecast":
        statement = statement.join(Run, Run.id == Analysis.run_id).where(Run.state == "published")
    return statement


def answer_list(session: Session, query: ListQuery, name: str, statement: Select[Any]) -> Response:
    """Answer with a list of analyses, newest first."""
    key = [Analysis.created_at.desc(), Analysis.id]
    return answer_select(session, query, name, statement, COLUMNS, key=key, row=AnalysisRow)


def get_analysis(session: Session, analysis_id: str, actor: Actor, kind: Kind) -> Analysis:
    """Find an analysis that the actor may know of.

    Raises
    ------
    Problem
        404.
    """
    row = session.get(Analysis, analysis_id)
    if row is None or row.kind != kind:
        raise not_found(kind.replace("_", " "), "path")
    if row.run_id is not None:
        get_run(session, row.run_id, actor)
    return row


def tables_of(session: Session, row: Analysis, actor: Actor) -> list[TableView]:
    """Name the tables of an analysis that the actor may read."""
    columns = (AnalysisTable.name, AnalysisTable.rows)
    statement = select(*columns).where(AnalysisTable.analysis_id == row.id).order_by(AnalysisTable.position)
    found = [TableView(name=name, rows=rows) for name, rows in session.execute(statement)]
    return [one for one in found if may_read(one.name, actor)]


def may_read(name: str, actor: Actor) -> bool:
    """Say whether somebody may read a table: those of single persons' moves are for who sees unpublished runs."""
    return name not in INSIDE or sees_unpublished(actor)


def view(session: Session, row: Analysis, actor: Actor) -> AnalysisView:
    """Show an analysis."""
    job = session.get_one(Job, row.job_id)
    values = {name: getattr(row, name) for name in AnalysisRow.model_fields if name != "state"}
    parameters = {name: value for name, value in row.parameters.items() if name != "analysis_id"}
    return AnalysisView(
        **values, stamp=STAMP["en"], state=job.state, problem=job.problem, parameters=parameters, about=row.about,
        tables=tables_of(session, row, actor),
    )  # fmt: skip


def answer_table(request: Request, row_id: str, actor: Actor, kind: Kind, name: str, query: ListQuery) -> Response:
    """Answer with a table of a finished analysis; files carry the stamp in a column of its own.

    Raises
    ------
    Problem
        404: no such analysis or table; 409 ``not_finished``.
    """
    with request.app.state.store.read() as session:
        row = get_analysis(session, row_id, actor, kind)
        if row.finished_at is None and name not in INPUTS:
            raise conflict(
                "not_finished", "Its job is not done.", place="path", remedy="Wait for the job; /api/v1/jobs has it."
            )
        frame = stored_table(session, row.id, name) if may_read(name, actor) else None
        if frame is None:
            raise not_found(f"table of this {kind.replace('_', ' ')}", "path name")
        about = row.about or {}
    if query.format != "json":
        frame = stamped(frame, about, "en")
    return answer_frame(frame, query, f"working-material-{name}")


def stamped(frame: Any, about: Mapping[str, Any], language: str) -> Any:
    """Add the column that says what a file is, on every row: it survives copying."""
    import polars as pl

    parts = [STAMP[language], str(about.get("scenario", "")), f"run {about['run']}" if about.get("run") else ""]
    return frame.with_columns(pl.lit(", ".join(part for part in parts if part)).alias("stamp"))


def started_run(session: Session, run_id: str, actor: Actor) -> Run:
    """Find the run that an analysis is to stand on.

    Raises
    ------
    Problem
        404; 409 for a draft or a reserve round.
    """
    run = finished_run(session, run_id, actor)
    refuse_reserve_round(run.round)
    return run


def begin(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    kind: Kind,
    job_kind: str,
    lock_key: str,
    parameters: Mapping[str, Any],
    intake_id: str | None = None,
    run_id: str | None = None,
    scenario_id: str | None = None,
) -> Analysis:
    """Queue the job of an analysis and note what was asked for.

    Raises
    ------
    Problem
        409 ``job_running``.
    """
    state = request.app.state
    now = state.clock()
    row_id = new_id()
    asked = {**parameters, "analysis_id": row_id}
    job = enqueue(session, job_kind, asked, actor=actor.id, now=now, lock_key=lock_key)
    session.flush()
    row = Analysis(
        id=row_id, kind=kind, intake_id=intake_id, run_id=run_id, scenario_id=scenario_id, parameters=asked,
        job_id=job.id, created_by=actor.id, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    state.trail.record(
        session, EventKind.JOB_QUEUED, actor=actor.id, object_type="analysis", object_id=row_id,
        intake_id=intake_id or "", payload={"kind": kind, "job": job.id},
    )  # fmt: skip
    return row
