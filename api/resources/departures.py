"""Departures: who did not come, left, or keeps a seat given by another office; reserve rounds free those seats.

An organiser reports at once that a pupil started elsewhere or left (SkolL 15:15): a principal notes it for the own
schools, the office for all.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.etags import IfMatch, check_version, etag
from api.lists import FILES, Listing, Page, answer_select
from api.problems import not_found, unprocessable
from api.resources.answers import today
from api.store.models import Applicant, Departure, Route
from api.store.repositories.intakes import get_intake, touch
from api.store.repositories.offers import route_of, seat_now
from api.store.repositories.people import Person, Reason, find_person, opened_for
from api.store.repositories.runs import run_before
from api.store.repositories.scoping import schools_within

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/departures", tags=["answers"])
Writer = Annotated[Actor, allow(Permission.WRITE_DEPARTURES)]
Text = Annotated[str | None, Query(max_length=200)]
Kind = Literal["no_show", "left", "elsewhere"]
AFTER_ALL = "reserve-99"
EXAMPLE: dict[str, Any] = {
    "applicant": "k7m2q9x4wd3h",
    "kind": "no_show",
    "route_id": "3f2a91c07b",
    "noted_on": "2026-08-19",
    "version": 1,
    "noted_by": "0f3c",
    "noted_at": "2026-08-19T09:12:00Z",
}


class DepartureView(BaseModel):
    """Somebody is gone."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [EXAMPLE]})

    applicant: str = Field(description="The opaque id; an alias for a protected person.")
    kind: Kind
    route_id: str | None = Field(description="The study route of the seat that became free, if there was one.")
    noted_on: date
    version: int
    noted_by: str
    noted_at: datetime


class DepartureInput(BaseModel):
    """How somebody is gone."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "no_show", "noted_on": "2026-08-19"}]}
    )

    kind: Kind = Field(description="no_show: did not come; left: left the school; elsewhere: another office's seat.")
    noted_on: date | None = Field(None, description="Since when; today if left out.")


COLUMNS = {name: getattr(Departure, name) for name in DepartureView.model_fields}


def _view(row: Departure, shown: str) -> DepartureView:
    return DepartureView.model_validate(row).model_copy(update={"applicant": shown})


@router.get("", response_model=Page[DepartureView], responses=FILES)
def list_departures(
    intake_id: str,
    request: Request,
    actor: Writer,
    query: Listing,
    *,
    kind: Kind | None = None,
    route_id: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List who is gone, within one's scope; protected persons are in no list."""
    person = and_(Applicant.intake_id == Departure.intake_id, Applicant.applicant == Departure.applicant)
    route = and_(Route.intake_id == Departure.intake_id, Route.route_id == Departure.route_id)
    scope = actor.scope(Permission.WRITE_DEPARTURES)
    seen = schools_within(scope, Route)
    statement = select(Departure).join(Applicant, person).outerjoin(Route, route)
    statement = statement.where(Departure.intake_id == intake_id, Applicant.protected.is_(False), seen)
    wanted = (
        (Departure.kind, kind), (Departure.route_id, route_id), (Route.school, school),
        (Route.municipality, municipality), (Route.organiser, organiser),
    )  # fmt: skip
    for column, asked in wanted:
        if asked is not None:
            statement = statement.where(column == asked)
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        return answer_select(
            session, query, "departures", statement, COLUMNS, key=[Departure.applicant], row=DepartureView
        )


@router.get("/{applicant}")
def read_departure(
    intake_id: str, applicant: str, request: Request, response: Response, actor: Writer, reason: Reason = None
) -> DepartureView:
    """Read how somebody is gone, with the ETag that a change needs."""
    with opened_for(request.app.state.store, applicant) as session:
        person = _person(session, request, intake_id, applicant, actor, reason)
        row = _own(session, intake_id, person, actor)
        response.headers["ETag"] = etag(row.version)
        return _view(row, person.shown)


def _person(
    session: Session,
    request: Request,
    intake_id: str,
    name: str,
    actor: Actor,
    reason: str | None,
    *,
    lock: bool = False,
) -> Person:
    trail = request.app.state.trail
    return find_person(session, trail, intake_id, name, actor, Permission.WRITE_DEPARTURES, reason=reason, lock=lock)


def _own(session: Session, intake_id: str, person: Person, actor: Actor) -> Departure:
    row = session.get(Departure, (intake_id, person.row.applicant))
    if row is None or not _covers(session, intake_id, row.route_id, actor):
        raise not_found("departure", "path applicant")
    return row


def _covers(session: Session, intake_id: str, route_id: str | None, actor: Actor) -> bool:
    """Say whether the seat is at one of the actor's schools; the office's scope covers all."""
    scope = actor.scope(Permission.WRITE_DEPARTURES)
    if scope.everything:
        return True
    route = None if route_id is None else route_of(session, intake_id, route_id)
    return route is not None and scope.covers(
        organiser=route.organiser, school=route.school, municipality=route.municipality
    )


def _seat(session: Session, intake_id: str, person: Person, actor: Actor, kind: Kind) -> str | None:
    """Find the route whose seat becomes free.

    Raises
    ------
    Problem
        404: not a seat of the actor's schools; 422 ``no_seat``: nobody leaves a seat that is not held.
    """
    run = run_before(session, intake_id, AFTER_ALL)
    route_id = None if run is None else seat_now(session, run, person.row.applicant)
    if not _covers(session, intake_id, route_id, actor):
        raise not_found("applicant", "path applicant")
    if route_id is None and kind != "elsewhere":
        raise unprocessable(
            "no_seat", "The applicant holds no seat.", place="body.kind", remedy="Only elsewhere fits without a seat."
        )
    return route_id


@router.put("/{applicant}")
def note_departure(
    intake_id: str,
    applicant: str,
    body: DepartureInput,
    request: Request,
    response: Response,
    actor: Writer,
    if_match: IfMatch = None,
    reason: Reason = None,
) -> DepartureView:
    """Note that somebody is gone; a first note needs no If-Match, a changed one does."""
    state = request.app.state
    with state.store.write() as session:
        get_intake(session, intake_id)
        person = _person(session, request, intake_id, applicant, actor, reason, lock=True)
        row = session.get(Departure, (intake_id, person.row.applicant))
        before = None
        if row is None:
            route_id = _seat(session, intake_id, person, actor, body.kind)
            row = Departure(intake_id=intake_id, applicant=person.row.applicant, route_id=route_id, version=1)
            session.add(row)
        else:
            row = _own(session, intake_id, person, actor)
            check_version(if_match, row.version, _view(row, person.shown).model_dump(mode="json"))
            before = row.kind
            row.version += 1
        row.kind, row.noted_on = body.kind, (body.noted_on or today(state.clock())).isoformat()
        row.noted_by, row.noted_at = actor.id, state.clock()
        touch(session, intake_id)
        state.trail.record(
            session, EventKind.DEPARTURE_NOTED, actor=actor.id, object_type="departure", object_id=person.shown,
            intake_id=intake_id, payload={"before": before, "after": body.kind, "route": row.route_id},
        )  # fmt: skip
        session.flush()
        response.headers["ETag"] = etag(row.version)
        return _view(row, person.shown)


@router.delete("/{applicant}", status_code=204)
def withdraw_departure(
    intake_id: str, applicant: str, request: Request, actor: Writer, if_match: IfMatch = None, reason: Reason = None
) -> Response:
    """Take back a note made by mistake; rounds that were run with it stay as they are."""
    state = request.app.state
    with state.store.write() as session:
        person = _person(session, request, intake_id, applicant, actor, reason, lock=True)
        row = _own(session, intake_id, person, actor)
        check_version(if_match, row.version, _view(row, person.shown).model_dump(mode="json"))
        payload = {"before": row.kind, "after": None, "route": row.route_id}
        session.delete(row)
        touch(session, intake_id)
        state.trail.record(
            session, EventKind.DEPARTURE_WITHDRAWN, actor=actor.id, object_type="departure", object_id=person.shown,
            intake_id=intake_id, payload=payload,
        )  # fmt: skip
    return Response(status_code=204)
