"""Runs of a round and what they gave: immutable once verified.

The result tables of a run lie as Parquet artifacts: they never change, so a process reads each once and answers
filters and roll-ups from memory. What one applicant asks for lies ready as one row, one indexed read.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base, new_id


class Run(Base):
    """A run: draft -> verified -> signed_off -> published; a correction is a new run that names the old one.

    A reserve round says in ``continues`` which run's seats its people hold.
    """

    __tablename__ = "run"
    __table_args__ = (
        ForeignKeyConstraint(["intake_id", "round"], ["round.intake_id", "round.name"]),
        CheckConstraint("state IN ('draft', 'verified', 'signed_off', 'published')", name="state"),
        Index("ix_run_intake_id_round_created_at", "intake_id", "round", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    intake_id: Mapped[str]
    round: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft")
    rulebook_id: Mapped[str] = mapped_column(ForeignKey("rulebook.id"))
    lottery: Mapped[dict[str, Any]]
    base_revision: Mapped[int | None]
    input_digest: Mapped[str | None]
    result_digest: Mapped[str | None]
    rows_root: Mapped[str | None]
    certificate: Mapped[dict[str, Any] | None]
    summary: Mapped[dict[str, Any] | None]
    job_id: Mapped[str | None]
    corrects: Mapped[str | None] = mapped_column(ForeignKey("run.id"))
    continues: Mapped[str | None]
    audit_head: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    published_at: Mapped[datetime | None]
    inputs_erased_at: Mapped[datetime | None]


class RunSignature(Base):
    """A sign-off: by the second person (organiser empty) or under an organiser's recorded delegation."""

    __tablename__ = "run_signature"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    organiser: Mapped[str] = mapped_column(primary_key=True)
    signer: Mapped[str]
    delegation: Mapped[str | None]
    result_digest: Mapped[str]
    signed_at: Mapped[datetime]


class RunArtifact(Base):
    """A file of the run folder."""

    __tablename__ = "run_artifact"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    digest: Mapped[str]
    content: Mapped[bytes]


class RunResult(Base):
    """One applicant's outcome, rendered when the run was verified."""

    __tablename__ = "run_result"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    applicant: Mapped[str] = mapped_column(primary_key=True)
    protected: Mapped[bool]
    body: Mapped[str]
