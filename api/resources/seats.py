"""Seats per pool, round and group: changed with version and history, by the school's own within their window."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.access.windows import check_window
from api.audit import EventKind
from api.etags import IfMatch, check_version, etag
from api.lists import FILES, Listing, Page, answer_select
from api.problems import not_found
from api.store.models import Pool, Seat, SeatChange
from api.store.repositories.intakes import get_intake, touch
from api.store.repositories.seats import change_seat, values_of

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/seats", tags=["catalogue"])
Reader = Annotated[Actor, allow(Permission.READ_SEATS)]
Writer = Annotated[Actor, allow(Permission.WRITE_SEATS)]
Text = Annotated[str | None, Query(max_length=200)]
Count = Annotated[int, Field(ge=0, le=10_000)]


class SeatView(BaseModel):
    """Seats of one group of a pool in one round."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    route_or_pool: str
    pool_id: str
    round: str
    group: str = Field(description="Empty: the open group.")
    seats: int
    held_outside: int = Field(description="Seats filled outside the round.")
    reason: str | None
    over_intake: int = Field(description="Seats offered beyond those there are.")
    version: int
    changed_by: str
    changed_at: datetime
    confirmed_at: datetime | None


class SeatEdit(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    seats: Count | None = None
    held_outside: Count | None = None
    reason: Literal["free_quota", "sport", "incoming", "unknown"] | None = None
    over_intake: Count | None = None


class SeatHistory(BaseModel):
    """One change of a row of seats."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changed_by: str
    changed_at: datetime


COLUMNS = {name: getattr(Seat, name) for name in SeatView.model_fields}
SCHOOL = ("municipality", "school", "organiser")


def _view(seat: Seat) -> dict[str, Any]:
    return SeatView.model_validate(seat).model_dump(mode="json")


def _own(session: Session, intake_id: str, seat_id: str, actor: Actor) -> Seat:
    """Find seats the actor may change, and hold them until the transaction ends."""
    seat = session.scalar(select(Seat).where(Seat.id == seat_id, Seat.intake_id == intake_id).with_for_update())
    pool = None if seat is None else session.get(Pool, (intake_id, seat.pool_id))
    scope = actor.scope(Permission.WRITE_SEATS)
    if seat is None or pool is None or not scope.covers(**{name: getattr(pool, name) for name in SCHOOL}):
        raise not_found("row of seats", "path seat_id")
    return seat


@router.get("", response_model=Page[SeatView], responses=FILES)
def list_seats(
    intake_id: str,
    request: Request,
    actor: Reader,  # noqa: ARG001
    query: Listing,
    *,
    round: Text = None,  # noqa: A002 - the name in the URL
    pool_id: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the seats, by pool and round."""
    same = and_(Pool.intake_id == Seat.intake_id, Pool.pool_id == Seat.pool_id)
    statement = select(Seat).join(Pool, same).where(Seat.intake_id == intake_id)
    wanted = ((Seat.round, round), (Seat.pool_id, pool_id), (Pool.school, school))
    for column, value in (*wanted, (Pool.municipality, municipality), (Pool.organiser, organiser)):
        if value is not None:
            statement = statement.where(column == value)
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        key = [Seat.pool_id, Seat.round, Seat.group, Seat.id]
        return answer_select(session, query, "seats", statement, COLUMNS, key=key, row=SeatView)


@router.get("/{seat_id}")
def read_seat(intake_id: str, seat_id: str, request: Request, response: Response, actor: Reader) -> SeatView:  # noqa: ARG001
    """Read a row of seats."""
    with request.app.state.store.read() as session:
        seat = session.get(Seat, seat_id)
        if seat is None or seat.intake_id != intake_id:
            raise not_found("row of seats", "path seat_id")
        response.headers["ETag"] = etag(seat.version)
        return SeatView.model_validate(seat)


@router.patch("/{seat_id}")
def edit_seat(
    intake_id: str,
    seat_id: str,
    body: SeatEdit,
    request: Request,
    response: Response,
    actor: Writer,
    if_match: IfMatch = None,
) -> SeatView:
    """Change seats: the office always, a principal the own school's within the window."""
    state = request.app.state
    values = body.model_dump(exclude_unset=True)
    values = {name: value for name, value in values.items() if value is not None or name == "reason"}
    with state.store.write() as session:
        intake = get_intake(session, intake_id)
        seat = _own(session, intake_id, seat_id, actor)
        check_window(intake.windows, "seats", actor, state.clock())
        check_version(if_match, seat.version, _view(seat))
        before = values_of(seat)
        if change_seat(session, seat, values, actor.id, state.clock()):
            touch(session, intake_id)
            state.trail.record(
                session, EventKind.SEATS_CHANGED, actor=actor.id, object_type="seat", object_id=seat.id,
                intake_id=intake_id, payload={"before": before, "after": values_of(seat)}, keep_days=None,
            )  # fmt: skip
        session.flush()
        response.headers["ETag"] = etag(seat.version)
        return SeatView.model_validate(seat)


@router.post("/{seat_id}/confirm")
def confirm_seat(intake_id: str, seat_id: str, request: Request, response: Response, actor: Writer) -> SeatView:
    """Confirm that the seats are right for the round; a later change takes the confirmation away."""
    state = request.app.state
    with state.store.write() as session:
        intake = get_intake(session, intake_id)
        seat = _own(session, intake_id, seat_id, actor)
        check_window(intake.windows, "seats", actor, state.clock())
        if seat.confirmed_at is None:
            seat.confirmed_by, seat.confirmed_at = actor.id, state.clock()
            state.trail.record(
                session, EventKind.SEATS_CONFIRMED, actor=actor.id, object_type="seat", object_id=seat.id,
                intake_id=intake_id, payload={"version": seat.version},
            )  # fmt: skip
        session.flush()
        response.headers["ETag"] = etag(seat.version)
        return SeatView.model_validate(seat)


@router.get("/{seat_id}/history", response_model=Page[SeatHistory], responses=FILES)
def list_history(intake_id: str, seat_id: str, request: Request, actor: Reader, query: Listing) -> Response:  # noqa: ARG001
    """List who changed these seats, what and when, oldest first."""
    columns = {name: getattr(SeatChange, name) for name in SeatHistory.model_fields}
    with request.app.state.store.read() as session:
        statement = select(SeatChange).where(SeatChange.intake_id == intake_id, SeatChange.seat_id == seat_id)
        if session.scalar(statement.limit(1)) is None:
            raise not_found("row of seats", "path seat_id")
        key = [SeatChange.version, SeatChange.id]
        return answer_select(session, query, "seat-history", statement, columns, key=key, row=SeatHistory)
