"""What is applied to: study routes, seat pools and their seats per round.

Columns are those of the intake's tables; dates are ISO text, as in the files, so that both databases sort them alike.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base, new_id


class Pool(Base):
    """A seat pool (platspott) and who is responsible for it."""

    __tablename__ = "pool"

    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"), primary_key=True)
    pool_id: Mapped[str] = mapped_column(primary_key=True)
    municipality: Mapped[str]
    school: Mapped[str]
    organiser: Mapped[str]


class Route(Base):
    """A study route (studieväg)."""

    __tablename__ = "route"
    __table_args__ = (
        ForeignKeyConstraint(["intake_id", "pool"], ["pool.intake_id", "pool.pool_id"]),
        Index("ix_route_intake_id_sort_key", "intake_id", "sort_key"),
    )

    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"), primary_key=True)
    route_id: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int]
    municipality: Mapped[str]
    school: Mapped[str]
    school_unit_code: Mapped[str | None]
    organiser: Mapped[str]
    organiser_form: Mapped[str | None]
    route_code: Mapped[str]
    route_name: Mapped[str]
    programme: Mapped[str]
    mode: Mapped[str]
    pool: Mapped[str]
    test_rule: Mapped[str | None]
    reception: Mapped[str | None]
    prerequisite: Mapped[str | None]
    closed_at: Mapped[str | None]
    sort_key: Mapped[str]


class Seat(Base):
    """Seats of one group of a pool in one round; the version guards against stale edits."""

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("intake_id", "route_or_pool", "round", "group"),
        Index("ix_seat_intake_id_pool_id", "intake_id", "pool_id"),
        ForeignKeyConstraint(["intake_id", "pool_id"], ["pool.intake_id", "pool.pool_id"]),
        CheckConstraint("seats >= 0 AND held_outside >= 0 AND over_intake >= 0", name="not_negative"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    intake_id: Mapped[str]
    route_or_pool: Mapped[str]
    pool_id: Mapped[str]
    round: Mapped[str]
    group: Mapped[str] = mapped_column(default="")
    seats: Mapped[int]
    held_outside: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    over_intake: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]


class SeatChange(Base):
    """Who changed what when, about one row of seats; kept when the row itself goes."""

    __tablename__ = "seat_change"
    __table_args__ = (Index("ix_seat_change_intake_id_seat_id", "intake_id", "seat_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"))
    seat_id: Mapped[str]
    pool_id: Mapped[str]
    round: Mapped[str]
    version: Mapped[int]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
