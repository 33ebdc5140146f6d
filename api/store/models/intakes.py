"""An admission year, its rounds and rulebooks, and what was imported into it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base, new_id


class Rulebook(Base):
    """A rulebook as it was loaded; never changed, a new text is a new row."""

    __tablename__ = "rulebook"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class Intake(Base):
    """One admission year (antagningsår).

    ``revision`` grows with every write to the intake's tables: a run says on which revision it stands, and an import
    checked against an older one is refused.
    """

    __tablename__ = "intake"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    rulebook_id: Mapped[str | None] = mapped_column(ForeignKey("rulebook.id"))
    windows: Mapped[dict[str, Any]] = mapped_column(default=dict)
    retention: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class Round(Base):
    """A round of an intake: preliminary, final, reserve-1 ..."""

    __tablename__ = "round"

    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    date: Mapped[str | None]
    published_run_id: Mapped[str | None]


class Delegation(Base):
    """An organiser's recorded delegation of the decisions on admission to the office."""

    __tablename__ = "delegation"

    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"), primary_key=True)
    organiser: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class ImportBatch(Base):
    """A file somebody handed in: checked first, committed later, all or nothing."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint("state IN ('refused', 'checked', 'committed', 'discarded')", name="state"),
        Index("ix_import_batch_intake_id_created_at", "intake_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"))
    state: Mapped[str]
    file_name: Mapped[str]
    file_digest: Mapped[str]
    content_digest: Mapped[str | None]
    base_revision: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    difference: Mapped[dict[str, Any]] = mapped_column(default=dict)
    forms: Mapped[list[Any] | None]
    problems: Mapped[list[Any]] = mapped_column(default=list)
    problem_count: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes | None] = mapped_column(deferred=True)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    committed_by: Mapped[str | None]
    committed_at: Mapped[datetime | None]
