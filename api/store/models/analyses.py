"""What the planners' tools worked out: scenarios run, seat values, packages, forecasts. Working material, no decision.

The tables of an analysis are Parquet, written once with the end of its job; what was asked for stands beside them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base, new_id


class Analysis(Base):
    """Something worked out by a job: what was asked, what every figure of it has to say, and who asked."""

    __tablename__ = "analysis"
    __table_args__ = (
        CheckConstraint("kind IN ('scenario', 'seat_values', 'package', 'forecast')", name="kind"),
        Index("ix_analysis_kind_created_at", "kind", "created_at"),
        Index("ix_analysis_run_id", "run_id"),
        Index("ix_analysis_scenario_id", "scenario_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    intake_id: Mapped[str | None] = mapped_column(ForeignKey("intake.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("run.id"))
    scenario_id: Mapped[str | None] = mapped_column(ForeignKey("scenario.id"))
    parameters: Mapped[dict[str, Any]]
    about: Mapped[dict[str, Any] | None]
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id"))
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class AnalysisTable(Base):
    """A table of an analysis, or a file it was made from."""

    __tablename__ = "analysis_table"

    analysis_id: Mapped[str] = mapped_column(ForeignKey("analysis.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    rows: Mapped[int]
    digest: Mapped[str]
    content: Mapped[bytes]
