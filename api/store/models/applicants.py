"""Applicants and what the office knows of them; an opaque id everywhere, the identity number sealed and apart.

Grades lie as one row per applicant and term, marks as ``EN:B MA:C``: 60,000 rows instead of 950,000, which a full
import writes in a second, and still one row to read or change for a person.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base

OWNER = ["applicant.intake_id", "applicant.applicant"]


class Applicant(Base):
    """An applicant (sökande) of an intake.

    A protected person is known by ``alias`` wherever a person could read it; the opaque id stays inside, because the
    lottery hangs on it.
    """

    __tablename__ = "applicant"
    __table_args__ = (
        UniqueConstraint("intake_id", "alias"),
        Index("ix_applicant_intake_id_sending_school", "intake_id", "sending_school"),
    )

    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"), primary_key=True)
    applicant: Mapped[str] = mapped_column(primary_key=True)
    alias: Mapped[str | None]
    protected: Mapped[bool] = mapped_column(default=False)
    home_municipality: Mapped[str]
    birth_year: Mapped[int | None]
    flags: Mapped[str | None]
    sending_school: Mapped[str | None]


class ApplicantIdentity(Base):
    """The identity number of an applicant: a keyed digest to find it by, the number itself sealed."""

    __tablename__ = "applicant_identity"
    __table_args__ = (
        ForeignKeyConstraint(["intake_id", "applicant"], OWNER, ondelete="CASCADE"),
        UniqueConstraint("intake_id", "lookup_key"),
    )

    intake_id: Mapped[str] = mapped_column(primary_key=True)
    applicant: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    lookup_key: Mapped[str]
    sealed: Mapped[bytes]


class GradeSheet(Base):
    """All grades of an applicant in one term (autumn or final)."""

    __tablename__ = "grade_sheet"
    __table_args__ = (ForeignKeyConstraint(["intake_id", "applicant"], OWNER, ondelete="CASCADE"),)

    intake_id: Mapped[str] = mapped_column(primary_key=True)
    applicant: Mapped[str] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(primary_key=True)
    marks: Mapped[str]


class Choice(Base):
    """One row of an applicant's list (val), with its history: a moved row is withdrawn and registered again."""

    __tablename__ = "choice"
    __table_args__ = (
        ForeignKeyConstraint(["intake_id", "applicant"], OWNER, ondelete="CASCADE"),
        ForeignKeyConstraint(["intake_id", "route_id"], ["route.intake_id", "route.route_id"]),
        Index("ix_choice_intake_id_route_id", "intake_id", "route_id"),
    )

    intake_id: Mapped[str] = mapped_column(primary_key=True)
    applicant: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[str]
    rank: Mapped[int]
    registered_at: Mapped[str]
    withdrawn_at: Mapped[str | None]


class CaseDecision(Base):
    """A decision about an applicant or one of the choices: dispens, free quota, test, rank, reception."""

    __tablename__ = "case_decision"
    __table_args__ = (
        ForeignKeyConstraint(["intake_id", "applicant"], OWNER, ondelete="CASCADE"),
        Index("ix_case_decision_intake_id_route_id", "intake_id", "route_id"),
    )

    intake_id: Mapped[str] = mapped_column(primary_key=True)
    applicant: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[str | None]
    kind: Mapped[str]
    value: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Answer(Base):
    """An applicant's answer to an offer (svar), per round."""

    __tablename__ = "answer"
    __table_args__ = (ForeignKeyConstraint(["intake_id", "applicant"], OWNER, ondelete="CASCADE"),)

    intake_id: Mapped[str] = mapped_column(primary_key=True)
    applicant: Mapped[str] = mapped_column(primary_key=True)
    round: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[str]
    route_id: Mapped[str | None]
    answered_at: Mapped[str | None]
