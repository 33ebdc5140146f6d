"""The lists of applicants' ids that the office committed to: the first before the deadline, late ids after it."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base


class LotteryList(Base):
    """A list of ids under the intake's seed; number 1 is the list of those who were in time."""

    __tablename__ = "lottery_list"

    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ids_digest: Mapped[str]
    commitment: Mapped[str]
    ids: Mapped[int]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class LotteryId(Base):
    """One id of a list; it stays there when the applicant is erased, or the commitment could not be checked."""

    __tablename__ = "lottery_id"
    __table_args__ = (
        ForeignKeyConstraint(["intake_id", "number"], ["lottery_list.intake_id", "lottery_list.number"]),
        UniqueConstraint("intake_id", "applicant"),
    )

    intake_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    applicant: Mapped[str] = mapped_column(primary_key=True)
