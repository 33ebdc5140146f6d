"""Seats: read with scope, changed with version and history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.store.base import new_id
from api.store.models import Pool, Route, Seat, SeatChange

KEY = ("route_or_pool", "round", "group")
VALUES = ("seats", "held_outside", "reason", "over_intake")


def values_of(seat: Seat) -> dict[str, Any]:
    """Give what can be changed of a row of seats."""
    return {name: getattr(seat, name) for name in VALUES}


def change_seat(session: Session, seat: Seat, values: Mapping[str, Any], actor: str, now: datetime) -> bool:
    """Change a row of seats and keep what it was; say whether anything changed."""
    before = values_of(seat)
    after = {**before, **values}
    if after == before:
        return False
    for name, value in after.items():
        setattr(seat, name, value)
    seat.version += 1
    seat.changed_by, seat.changed_at = actor, now
    seat.confirmed_by = seat.confirmed_at = None
    session.add(history(seat, before, after, actor, now))
    return True


def history(
    seat: Seat, before: dict[str, Any] | None, after: dict[str, Any] | None, actor: str, now: datetime
) -> SeatChange:
    """Make the line of history of a change."""
    return SeatChange(
        intake_id=seat.intake_id,
        seat_id=seat.id,
        pool_id=seat.pool_id,
        round=seat.round,
        version=seat.version,
        before=before,
        after=after,
        changed_by=actor,
        changed_at=now,
    )


def replace_seats(session: Session, intake_id: str, frame: pl.DataFrame, actor: str, now: datetime) -> None:
    """Bring the seats to what a table says: rows that stay equal keep their version and history."""
    routes = session.execute(select(Route.route_id, Route.pool).where(Route.intake_id == intake_id))
    pool_of = {route_id: pool for route_id, pool in routes}  # noqa: C416 - dict() does not know a Row for a pair
    pools = set(session.scalars(select(Pool.pool_id).where(Pool.intake_id == intake_id)))
    known = {
        (seat.route_or_pool, seat.round, seat.group): seat
        for seat in session.scalars(select(Seat).where(Seat.intake_id == intake_id))
    }
    for row in frame.select(*KEY, *VALUES).iter_rows(named=True):
        key = (row["route_or_pool"], row["round"], row["group"])
        values = {name: row[name] for name in VALUES}
        pool = row["route_or_pool"] if row["route_or_pool"] in pools else pool_of[row["route_or_pool"]]
        seat = known.pop(key, None)
        if seat is not None:
            seat.pool_id = pool
            change_seat(session, seat, values, actor, now)
            continue
        seat = Seat(
            id=new_id(), intake_id=intake_id, pool_id=pool, **dict(zip(KEY, key, strict=True)), **values,
            version=1, changed_by=actor, changed_at=now,
        )  # fmt: skip
        session.add_all((seat, history(seat, None, values, actor, now)))
    for seat in known.values():
        seat.version += 1
        session.add(history(seat, values_of(seat), None, actor, now))
        session.delete(seat)
    session.flush()


def seats_frame(session: Session, intake_id: str) -> pl.DataFrame:
    """Give the seats as the intake's table."""
    from api.store.repositories.intake_tables import read_table

    return read_table(session, Seat, intake_id, (*KEY, *VALUES))
