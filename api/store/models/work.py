"""Long work, what-ifs, and requests that must have one effect however often they are sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base, new_id

OPEN = "state IN ('queued', 'running')"


class Job(Base):
    """A piece of long work. The partial unique index lets one open job hold a lock key, whoever asks."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        Index(
            "uq_job_lock_key_open",
            "lock_key",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index("ix_job_state_created_at", "state", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    lock_key: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="queued")
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    progress_note: Mapped[str] = mapped_column(default="")
    result: Mapped[dict[str, Any] | None]
    problem: Mapped[dict[str, Any] | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Scenario(Base):
    """A what-if on an intake: an overlay and, once run, its result. Working material, never a decision."""

    __tablename__ = "scenario"
    __table_args__ = (Index("ix_scenario_intake_id_created_at", "intake_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("run.id"))
    name: Mapped[str]
    overlay: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    shared: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class IdempotencyKey(Base):
    """The answer to a creating request, kept to be given again to the same key."""

    __tablename__ = "idempotency_key"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int | None]
    body: Mapped[str | None]
    etag: Mapped[str | None]
    location: Mapped[str | None]
    created_at: Mapped[datetime]
