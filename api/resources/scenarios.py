"""Scenarios: what-ifs on a run, edited with version, shared by link, run by a job beside their baseline.

Working material, never a decision: everything that comes out of one says so.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission, Role
from api.analyses import AnalysisRow, AnalysisView, answer_list, answer_table, begin, get_analysis, started_run, visible
from api.analyses import view as view_of
from api.audit import EventKind
from api.etags import IfMatch, check_version, etag
from api.idempotency import Created, OncePerKey
from api.jobs.analysis import STAMP
from api.jobs.kinds import RUN_SCENARIO
from api.jobs.planning import MOST_YEARS, lock_key
from api.jobs.queue import OPEN
from api.lists import FILES, Cells, Listing, Page, answer_select
from api.problems import conflict, not_found
from api.store.base import new_id
from api.store.models import Analysis, AnalysisTable, Job, Run, Scenario
from api.store.repositories.runs import get_run, sees_unpublished

router = APIRouter(prefix="/api/v1/scenarios", tags=["planning"])
Reader = Annotated[Actor, allow(Permission.READ_SCENARIOS)]
Writer = Annotated[Actor, allow(Permission.WRITE_SCENARIOS)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
EXAMPLE: dict[str, Any] = {
    "seats": [{"route": "4873b89d9d", "change": 15}, {"route": "9eb04930fb", "change": 15}],
    "closed_route": [{"route": "0420bb7d0d"}],
    "cohort": [{"municipality": "Haninge", "growth": 0.06}],
}
Parts = Annotated[
    dict[str, Any],
    Field(
        description="Parts as in a scenario file (docs/scenarios.md): seats, new_route, closed_route, cohort, "
        "merged_municipalities, joining_municipality, rules (a preset, or the id of a rulebook), behaviour.",
        examples=[EXAMPLE],
    ),
]


class NewScenario(BaseModel):
    """A scenario on a run."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"run_id": "4f7c2a91d0e84b6f", "name": "More seats", "overlay": EXAMPLE}]},
    )

    run_id: str = Field(max_length=64, description="The run it stands on: preliminary or final round.")
    name: Name = Field(examples=["More seats in Economics"])
    overlay: Parts = Field(default_factory=dict)


class ScenarioEdit(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"shared": True}]})

    name: Name | None = None
    overlay: Parts | None = None
    shared: bool | None = Field(default=None, description="Read by link, and listed, by everybody who reads scenarios.")


class Copied(BaseModel):
    """A copy of one's own."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["More seats in Economics, cheaper"])


class ScenarioRow(BaseModel):
    """A scenario in a list."""

    id: str
    intake_id: str
    run_id: str | None = Field(description="The run it stands on.")
    name: str
    shared: bool
    version: int
    created_by: str
    created_at: datetime
    changed_at: datetime


class ScenarioView(ScenarioRow):
    """A scenario: working material, never a decision."""

    model_config = ConfigDict(from_attributes=True)

    stamp: str = Field(STAMP["en"], description="Stands on everything that is shown of it.")
    overlay: dict[str, Any] = Field(examples=[EXAMPLE])


class NewResult(BaseModel):
    """How to run a scenario. The seeds are kept: the same request gives the same figures."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"years": 100, "react": False}]})

    years: int = Field(100, ge=1, le=MOST_YEARS, description="Simulated years on each side.")
    react: bool = Field(
        default=False, description="Let lists react to the scenario's own cut-offs; else they are held fixed."
    )
    seed_behaviour: Seed = 1
    seed_lottery: Seed = 1


COLUMNS = {name: getattr(Scenario, name) for name in ScenarioRow.model_fields}


def get_scenario(session: Session, scenario_id: str, actor: Actor, *, lock: bool = False) -> Scenario:
    """Find a scenario that the actor may read: one's own, a shared one, and the office every one.

    Raises
    ------
    Problem
        404.
    """
    statement = select(Scenario).where(Scenario.id == scenario_id)
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None or not (row.shared or may_change(row, actor)):
        raise not_found("scenario", "path scenario_id")
    if row.run_id is not None:
        get_run(session, row.run_id, actor)
    return row


def may_change(row: Scenario, actor: Actor) -> bool:
    """Say whether somebody may change a scenario: who made it, and the office."""
    return row.created_by == actor.id or actor.has_role(Role.OFFICE)


def _own(session: Session, scenario_id: str, actor: Actor) -> Scenario:
    row = get_scenario(session, scenario_id, actor, lock=True)
    if not may_change(row, actor):
        raise conflict(
            "not_yours",
            "Somebody else made this scenario; you may read and duplicate it.",
            remedy="Make a copy of your own, or ask its maker.",
        )
    return row


def _view(row: Scenario) -> dict[str, Any]:
    return ScenarioView.model_validate(row).model_dump(mode="json")


def _record(request: Request, session: Session, row: Scenario, actor: Actor, what: str) -> None:
    request.app.state.trail.record(
        session, EventKind.SCENARIO_CHANGED, actor=actor.id, object_type="scenario", object_id=row.id,
        intake_id=row.intake_id, payload={"what": what, "version": row.version, "shared": row.shared},
    )  # fmt: skip


@router.get("", response_model=Page[ScenarioRow], responses=FILES)
def list_scenarios(
    request: Request,
    actor: Reader,
    query: Listing,
    run_id: Annotated[str | None, Query(max_length=64)] = None,
    mine: Annotated[bool, Query(description="One's own only.")] = False,
) -> Response:
    """List scenarios, last changed first: one's own and shared ones; the office sees all."""
    statement = select(Scenario).join(Run, Run.id == Scenario.run_id)
    if mine:
        statement = statement.where(Scenario.created_by == actor.id)
    elif not actor.has_role(Role.OFFICE):
        statement = statement.where(or_(Scenario.created_by == actor.id, Scenario.shared))
    if not sees_unpublished(actor):
        statement = statement.where(Run.state == "published")
    if run_id is not None:
        statement = statement.where(Scenario.run_id == run_id)
    with request.app.state.store.read() as session:
        key = [Scenario.changed_at.desc(), Scenario.id]
        return answer_select(session, query, "scenarios", statement, COLUMNS, key=key, row=ScenarioRow)


@router.post("", status_code=201, response_model=ScenarioView)
def create_scenario(body: NewScenario, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Make a scenario; every problem of it is told at once."""
    _check(request, body.run_id, actor, body.name, body.overlay)

    def work(session: Session) -> Created:
        run = started_run(session, body.run_id, actor)
        row = _made(request, session, actor, run.intake_id, run.id, body.name, body.overlay)
        _record(request, session, row, actor, "created")
        return _created(row)

    return once.run(actor, work)


def _check(request: Request, run_id: str, actor: Actor, name: str, overlay: dict[str, Any]) -> None:
    """Check an overlay against the intake, outside any writing transaction."""
    from api.overlays import check_overlay

    with request.app.state.store.read() as session:
        check_overlay(session, started_run(session, run_id, actor), name, overlay)


def _made(
    request: Request, session: Session, actor: Actor, intake_id: str, run_id: str | None, name: str,
    overlay: dict[str, Any],
) -> Scenario:  # fmt: skip
    now = request.app.state.clock()
    row = Scenario(
        id=new_id(), intake_id=intake_id, run_id=run_id, name=name, overlay=overlay, shared=False, version=1,
        created_by=actor.id, created_at=now, changed_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _created(row: Scenario) -> Created:
    view = ScenarioView.model_validate(row)
    return Created(body=view, location=f"/api/v1/scenarios/{row.id}", etag=etag(row.version))


@router.get("/{scenario_id}")
def read_scenario(scenario_id: str, request: Request, response: Response, actor: Reader) -> ScenarioView:
    """Read a scenario."""
    with request.app.state.store.read() as session:
        row = get_scenario(session, scenario_id, actor)
        response.headers["ETag"] = etag(row.version)
        return ScenarioView.model_validate(row)


@router.patch("/{scenario_id}")
def edit_scenario(
    scenario_id: str,
    body: ScenarioEdit,
    request: Request,
    response: Response,
    actor: Writer,
    if_match: IfMatch = None,
) -> ScenarioView:
    """Change a scenario of one's own: name, parts, whether it is shared. Results keep what they were made from."""
    state = request.app.state
    values = body.model_dump(exclude_unset=True, exclude_none=True)
    if body.overlay is not None:
        with state.store.read() as session:
            found = get_scenario(session, scenario_id, actor)
            run_id, name = found.run_id, body.name or found.name
        if run_id is not None:
            _check(request, run_id, actor, name, body.overlay)
    with state.store.write() as session:
        row = _own(session, scenario_id, actor)
        check_version(if_match, row.version, _view(row))
        if any(getattr(row, key) != value for key, value in values.items()):
            for key, value in values.items():
                setattr(row, key, value)
            row.version += 1
            row.changed_at = state.clock()
            session.flush()
            _record(request, session, row, actor, "changed")
        response.headers["ETag"] = etag(row.version)
        return ScenarioView.model_validate(row)


@router.delete("/{scenario_id}", status_code=204, response_class=Response)
def delete_scenario(scenario_id: str, request: Request, actor: Writer, if_match: IfMatch = None) -> Response:
    """Delete a scenario of one's own and its results; not while it runs."""
    with request.app.state.store.write() as session:
        row = _own(session, scenario_id, actor)
        check_version(if_match, row.version, _view(row))
        mine = select(Analysis.id).where(Analysis.scenario_id == scenario_id)
        running = select(Job.id).join(Analysis, Analysis.job_id == Job.id)
        if session.scalar(running.where(Analysis.scenario_id == scenario_id, Job.state.in_(OPEN)).limit(1)):
            raise conflict("job_running", "The scenario is being run.", remedy="Cancel its job first.")
        session.execute(delete(AnalysisTable).where(AnalysisTable.analysis_id.in_(mine)))
        session.execute(delete(Analysis).where(Analysis.scenario_id == scenario_id))
        _record(request, session, row, actor, "deleted")
        session.delete(row)
        return Response(status_code=204)


@router.post("/{scenario_id}/duplicate", status_code=201, response_model=ScenarioView)
def duplicate_scenario(scenario_id: str, body: Copied, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Make a copy of one's own, of a scenario one may read."""

    def work(session: Session) -> Created:
        of = get_scenario(session, scenario_id, actor)
        row = _made(request, session, actor, of.intake_id, of.run_id, body.name, dict(of.overlay))
        _record(request, session, row, actor, "duplicated")
        return _created(row)

    return once.run(actor, work)


@router.get("/{scenario_id}/results", response_model=Page[AnalysisRow], responses=FILES)
def list_results(scenario_id: str, request: Request, actor: Reader, query: Listing) -> Response:
    """List what running the scenario gave, newest first."""
    with request.app.state.store.read() as session:
        get_scenario(session, scenario_id, actor)
        statement = visible(actor, "scenario").where(Analysis.scenario_id == scenario_id)
        return answer_list(session, query, "results", statement)


@router.post("/{scenario_id}/results", status_code=202, response_model=AnalysisView)
def start_result(scenario_id: str, body: NewResult, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Run a scenario of one's own beside its baseline, through the same simulated years; the answer names the job."""

    def work(session: Session) -> Created:
        row = _own(session, scenario_id, actor)
        if row.run_id is None:
            raise conflict("no_run", "The scenario stands on no run.", remedy="Make a new one on a run.")
        asked = {
            **body.model_dump(), "run_id": row.run_id, "scenario_id": row.id, "version": row.version, "name": row.name,
            "overlay": row.overlay,
        }  # fmt: skip
        made = begin(
            request, session, actor, kind="scenario", job_kind=RUN_SCENARIO, lock_key=lock_key(RUN_SCENARIO, row.id),
            parameters=asked, intake_id=row.intake_id, run_id=row.run_id, scenario_id=row.id,
        )  # fmt: skip
        location = f"/api/v1/scenarios/{row.id}/results/{made.id}"
        return Created(body=view_of(session, made, actor), status=202, location=location)

    return once.run(actor, work)


def get_result(session: Session, scenario_id: str, result_id: str, actor: Actor) -> Analysis:
    """Find a result of a scenario that the actor may read.

    Raises
    ------
    Problem
        404.
    """
    get_scenario(session, scenario_id, actor)
    found = get_analysis(session, result_id, actor, "scenario")
    if found.scenario_id != scenario_id:
        raise not_found("result of the scenario", "path result_id")
    return found


@router.get("/{scenario_id}/results/{result_id}")
def read_scenario_result(scenario_id: str, result_id: str, request: Request, actor: Reader) -> AnalysisView:
    """Read a result: what was run, with which seeds, how far it is, and which tables there are."""
    with request.app.state.store.read() as session:
        return view_of(session, get_result(session, scenario_id, result_id, actor), actor)


@router.get("/{scenario_id}/results/{result_id}/tables/{name}", response_model=Page[Cells], responses=FILES)
def read_result_table(
    scenario_id: str, result_id: str, name: str, request: Request, actor: Reader, query: Listing
) -> Response:
    """Read one of its tables: ``totals``, ``programmes``, ``routes``, ``homes``, ``movers``, ``flows_programme`` ...

    Baseline, scenario and their difference, each with its interval; a hidden small count is missing.
    """
    with request.app.state.store.read() as session:
        get_result(session, scenario_id, result_id, actor)
    return answer_table(request, result_id, actor, "scenario", name, query)
