"""What happens between and after the rounds: people who leave, reserves who are called, other systems' results."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base, new_id
from api.store.models.applicants import OWNER

SEAT_IN_USE = "outcome IN ('open', 'accepted')"
COUNTS = "outcome <> 'withdrawn'"


class Departure(Base):
    """Somebody did not come, left, or keeps a seat given by another office: the seat is free for the next round."""

    __tablename__ = "departure"
    __table_args__ = (
        ForeignKeyConstraint(["intake_id", "applicant"], OWNER, ondelete="CASCADE"),
        CheckConstraint("kind IN ('no_show', 'left', 'elsewhere')", name="kind"),
    )

    intake_id: Mapped[str] = mapped_column(primary_key=True)
    applicant: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    route_id: Mapped[str | None]
    noted_on: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    noted_by: Mapped[str]
    noted_at: Mapped[datetime]


class CallEntry(Base):
    """A reserve was called for a seat: when, until when, and what came of it.

    The indexes keep two things true whoever writes: a seat of a pool has one open or accepted call at a time, and
    nobody is called twice to the same route of a run, but for a call the office withdrew.
    """

    __tablename__ = "call_entry"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('open', 'accepted', 'declined', 'no_answer', 'expired', 'withdrawn')", name="outcome"
        ),
        Index(
            "uq_call_entry_run_id_route_id_applicant",
            "run_id",
            "route_id",
            "applicant",
            unique=True,
            sqlite_where=text(COUNTS),
            postgresql_where=text(COUNTS),
        ),
        Index(
            "uq_call_entry_run_id_pool_seat_in_use",
            "run_id",
            "pool",
            "seat",
            unique=True,
            sqlite_where=text(SEAT_IN_USE),
            postgresql_where=text(SEAT_IN_USE),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    applicant: Mapped[str]
    route_id: Mapped[str]
    pool: Mapped[str]
    seat: Mapped[int]
    called_at: Mapped[datetime]
    deadline: Mapped[datetime]
    called_by: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="open")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class Comparison(Base):
    """Another system's result beside a run's (shadow run): each difference with its cause."""

    __tablename__ = "comparison"
    __table_args__ = (
        CheckConstraint("kind IN ('persons', 'routes')", name="kind"),
        Index("ix_comparison_run_id_created_at", "run_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    kind: Mapped[str]
    file_name: Mapped[str]
    file_digest: Mapped[str]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    totals: Mapped[list[Any]] = mapped_column(default=list)
    content: Mapped[bytes] = mapped_column(deferred=True)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
