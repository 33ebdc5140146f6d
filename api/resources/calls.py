"""Calling reserves by hand after the last machine round: who is next, until when, and what came of it.

The order is the published run's reserve queues; the engine says who is next and what a move frees
(`admissions.rounds.by_hand`). A seat has one open call at a time and nobody is called twice to a route: the database
guards both. A call past its time closes as expired when the seat is called again.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.calling import Desk, call_log, next_free, vacancies
from api.etags import IfMatch, check_version, etag
from api.idempotency import Created, OncePerKey
from api.lists import FILES, Cells, Listing, Page, answer_frame
from api.problems import conflict, not_found, unprocessable
from api.pseudonyms import pseudonym
from api.results_queries import narrowed
from api.store.models import CallEntry, Run
from api.store.repositories.calls import (
    EXPIRED,
    OPEN,
    WITHDRAWN,
    calls_of,
    close_call,
    names_shown,
    new_call,
    ranks_of,
    run_to_call_from,
)
from api.store.repositories.runs import finished_run
from api.store.repositories.scoping import decisions_within

router = APIRouter(prefix="/api/v1/runs/{run_id}", tags=["calls"])
Reader = Annotated[Actor, allow(Permission.READ_RESULTS)]
Caller = Annotated[Actor, allow(Permission.WRITE_CALLS)]
Text = Annotated[str | None, Query(max_length=200)]
PATIENCE = timedelta(hours=24)
Outcome = Literal["accepted", "declined", "no_answer", "withdrawn"]
EXAMPLE: dict[str, Any] = {
    "id": "4be1",
    "run_id": "77a0",
    "applicant": "k7m2q9x4wd3h",
    "route_id": "3f2a91c07b",
    "pool": "3f2a91c07b",
    "seat": 1,
    "called_at": "2026-08-20T08:05:00Z",
    "deadline": "2026-08-21T08:05:00Z",
    "outcome": "open",
    "overdue": False,
    "closed_at": None,
    "version": 1,
}


class CallView(BaseModel):
    """A call to a reserve."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [EXAMPLE]})

    id: str
    run_id: str
    applicant: str = Field(description="The opaque id; an alias for a protected person.")
    route_id: str
    pool: str
    seat: int = Field(description="Counts the pool's empty seats, from 1.")
    called_at: datetime
    deadline: datetime = Field(description="Until when the seat is kept for the answer.")
    outcome: str = Field(description="open, accepted, declined, no_answer, expired or withdrawn.")
    overdue: bool = Field(default=False, description="Open, and the time is over.")
    closed_at: datetime | None
    version: int


class NewCall(BaseModel):
    """A call to the next in line."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"route_id": "3f2a91c07b", "applicant": "k7m2q9x4wd3h"}]}
    )

    route_id: str = Field(max_length=64, description="A route of the pool with the empty seat.")
    applicant: str | None = Field(
        None, max_length=64, description="Whom the caller takes to be next; refused if it is somebody else."
    )
    deadline: AwareDatetime | None = Field(None, description="24 hours from now if left out.")


class CallOutcome(BaseModel):
    """What came of a call."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"outcome": "accepted"}]})

    outcome: Outcome = Field(description="withdrawn: the office called by mistake; the person may be called again.")


class Step(BaseModel):
    """One step of a chain: a seat is taken, another is left."""

    applicant: str
    route_id: str
    left: str | None = Field(description="Route of the seat that becomes free; empty at the end of the chain.")


class NextInLine(BaseModel):
    """Who is called next for an empty seat, and what follows if they accept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "pool": "3f2a91c07b",
                    "free": 2,
                    "open_calls": 1,
                    "applicant": "k7m2q9x4wd3h",
                    "route_id": "3f2a91c07b",
                    "position": 4,
                    "chain": [{"applicant": "k7m2q9x4wd3h", "route_id": "3f2a91c07b", "left": None}],
                }
            ]
        }
    )

    pool: str
    free: int = Field(description="Empty seats of the pool, those with an open call included.")
    open_calls: int
    applicant: str | None = Field(description="Who is next; an alias for a protected person. Empty: nobody waits.")
    route_id: str | None
    position: int | None = Field(description="Position in the run's reserve queue.")
    chain: list[Step] = Field(description="Who moves up if everybody called accepts, in order.")


def view(call: CallEntry, now: datetime, shown: str) -> CallView:
    """Show a call."""
    overdue = call.outcome == OPEN and call.deadline <= now
    return CallView.model_validate(call).model_copy(update={"applicant": shown, "overdue": overdue})


@router.get("/vacancies", response_model=Page[Cells], responses=FILES)
def list_vacancies(
    run_id: str,
    request: Request,
    actor: Reader,
    query: Listing,
    *,
    programme: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the pools with empty seats now: after answers, departures and calls; and how many could be called."""
    state = request.app.state
    with state.store.read() as session:
        run = finished_run(session, run_id, actor)
        demand = state.results.get(session, run_id, "demand")
        frame = vacancies(Desk(state, session, run), demand)
    given = {"programme": programme, "school": school, "municipality": municipality, "organiser": organiser}
    return answer_frame(narrowed(frame, **given), query, "vacancies")


@router.get("/calls", response_model=Page[Cells], responses=FILES)
def list_calls(
    run_id: str,
    request: Request,
    actor: Reader,
    query: Listing,
    *,
    outcome: Text = None,
    route_id: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the call log within one's scope, oldest first; protected persons are in no list."""
    state = request.app.state
    with state.store.read() as session:
        finished_run(session, run_id, actor)
        decisions = state.results.get(session, run_id, "decisions")
        frame = call_log(calls_of(session, run_id), decisions, state.clock())
    frame = frame.filter(decisions_within(actor, Permission.READ_RESULTS))
    given = {"outcome": outcome, "route_id": route_id, "school": school, "municipality": municipality}
    frame = narrowed(frame, **given, organiser=organiser).drop("protected", "home_municipality", "sending_school")
    if not actor.sees_people():
        known = {one: pseudonym(state.trail.secret, run_id, one) for one in frame["applicant"].to_list()}
        frame = frame.with_columns(pl.col("applicant").replace_strict(known, return_dtype=pl.String))
    return answer_frame(frame, query, "calls", row=dict[str, Any])


@router.get("/calls/next")
def read_next(
    run_id: str, request: Request, actor: Caller, route_id: Annotated[str, Query(min_length=1, max_length=64)]
) -> NextInLine:
    """Say who is called next for an empty seat of a route, and what their move would free."""
    state = request.app.state
    with state.store.read() as session:
        run = finished_run(session, run_id, actor)
        desk = Desk(state, session, run)
        pool = desk.pool(route_id)
        one = next_free(desk, pool)
        chain = [] if one is None else desk.order.chain(desk.since, one)
        shown = names_shown(session, run.intake_id, {move.applicant for move in chain})
    return NextInLine(
        pool=pool,
        free=desk.free[pool],
        open_calls=len(desk.open_in(pool)),
        applicant=None if one is None else shown.get(one.applicant, one.applicant),
        route_id=None if one is None else one.route_id,
        position=None if one is None else one.position,
        chain=[
            Step(applicant=shown.get(move.applicant, move.applicant), route_id=move.route_id, left=move.left)
            for move in chain
        ],
    )


def hold(session: Session, run: Run) -> None:
    """Let nobody else call or note an outcome in the run until the transaction ends."""
    session.execute(select(Run.id).where(Run.id == run.id).with_for_update())


@router.post("/calls", status_code=201, response_model=CallView)
def call_reserve(run_id: str, body: NewCall, request: Request, actor: Caller, once: OncePerKey) -> Response:
    """Call the next in line for an empty seat; calls whose time is over close as expired first."""
    state = request.app.state
    now: datetime = state.clock()
    deadline = body.deadline or now + PATIENCE
    if deadline <= now:
        raise unprocessable(
            "deadline_past", "The deadline is over already.", place="body.deadline", remedy="Name a later one."
        )

    def work(session: Session) -> Created:
        run = finished_run(session, run_id, actor)
        hold(session, run)
        run_to_call_from(session, run)
        desk = Desk(state, session, run)
        pool = desk.pool(body.route_id)
        for old in desk.overdue_in(pool):
            _close(request, session, run, old, EXPIRED, actor)
        one = next_free(desk, pool)
        if one is None:
            empty = desk.free[pool] > len(desk.open_in(pool))
            detail = "Nobody waits for the seat." if empty else "No seat is empty without an open call."
            raise conflict("nobody_to_call", detail, place="body.route_id", remedy="Look at the vacancies again.")
        shown = names_shown(session, run.intake_id, {one.applicant}).get(one.applicant, one.applicant)
        if body.applicant is not None and body.applicant != shown:
            raise conflict(
                "not_next",
                "Somebody else is next in line now.",
                place="body.applicant",
                remedy="Ask who is next again, then call.",
            )
        session.flush()
        call = new_call(session, run, one, pool, actor=actor.id, now=now, deadline=deadline.astimezone(UTC))
        state.trail.record(
            session, EventKind.RESERVE_CALLED, actor=actor.id, object_type="call", object_id=call.id,
            intake_id=run.intake_id,
            payload={"run": run_id, "applicant": shown, "route": one.route_id, "deadline": deadline.isoformat()},
        )  # fmt: skip
        return Created(
            body=view(call, now, shown), location=f"/api/v1/runs/{run_id}/calls/{call.id}", etag=etag(call.version)
        )

    return once.run(actor, work)


@router.get("/calls/{call_id}")
def read_call(run_id: str, call_id: str, request: Request, response: Response, actor: Caller) -> CallView:
    """Read a call, with the ETag that noting its outcome needs."""
    with request.app.state.store.read() as session:
        run = finished_run(session, run_id, actor)
        call = _get(session, run_id, call_id)
        response.headers["ETag"] = etag(call.version)
        return view(call, request.app.state.clock(), _shown(session, run, call))


def _get(session: Session, run_id: str, call_id: str) -> CallEntry:
    call = session.scalar(select(CallEntry).where(CallEntry.id == call_id, CallEntry.run_id == run_id))
    if call is None:
        raise not_found("call", "path call_id")
    return call


def _shown(session: Session, run: Run, call: CallEntry) -> str:
    return names_shown(session, run.intake_id, {call.applicant}).get(call.applicant, call.applicant)


@router.post("/calls/{call_id}/outcome")
def note_outcome(
    run_id: str,
    call_id: str,
    body: CallOutcome,
    request: Request,
    response: Response,
    actor: Caller,
    if_match: IfMatch = None,
) -> CallView:
    """Note what came of a call. Who accepts holds the seat, leaves the old one, and other calls of theirs end."""
    state = request.app.state
    with state.store.write() as session:
        run = finished_run(session, run_id, actor)
        hold(session, run)
        call = _get(session, run_id, call_id)
        shown = _shown(session, run, call)
        now = state.clock()
        check_version(if_match, call.version, view(call, now, shown).model_dump(mode="json"))
        if call.outcome != OPEN:
            raise conflict(
                "call_closed",
                f"The call ended already: {call.outcome}.",
                remedy="Call again if the seat is empty; a seat that was accepted is freed by a departure.",
            )
        _close(request, session, run, call, body.outcome, actor)
        if body.outcome == "accepted":
            _end_others(request, session, run, call, actor)
        session.flush()
        response.headers["ETag"] = etag(call.version)
        return view(call, now, shown)


def _end_others(request: Request, session: Session, run: Run, accepted: CallEntry, actor: Actor) -> None:
    """Withdraw the person's open calls to choices that are not higher than the accepted one."""
    ranks = ranks_of(session, request.app.state.results, run)
    mine = [one for one in calls_of(session, run.id) if one.applicant == accepted.applicant and one.outcome == OPEN]
    for one in mine:
        if ranks[one.applicant, one.route_id] > ranks[accepted.applicant, accepted.route_id]:
            _close(request, session, run, one, WITHDRAWN, actor)


def _close(request: Request, session: Session, run: Run, call: CallEntry, outcome: str, actor: Actor) -> None:
    state = request.app.state
    close_call(call, outcome, actor.id, state.clock())
    state.trail.record(
        session, EventKind.CALL_CLOSED, actor=actor.id, object_type="call", object_id=call.id,
        intake_id=run.intake_id, payload={"run": run.id, "route": call.route_id, "outcome": outcome},
    )  # fmt: skip
