"""Intakes, rulebooks and rounds."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session

from api.problems import conflict, not_found
from api.store.models import GradeSheet, Intake, Round, Rulebook, Run


def get_intake(session: Session, intake_id: str, *, lock: bool = False) -> Intake:
    """Find an intake; with a lock, no other writer changes it until the transaction ends.

    Raises
    ------
    Problem
        404.
    """
    statement = select(Intake).where(Intake.id == intake_id)
    intake = session.scalar(statement.with_for_update() if lock else statement)
    if intake is None:
        raise not_found("intake", "path intake_id")
    return intake


def refuse_erased(session: Session, intake_id: str) -> None:
    """Refuse to run rounds of an intake whose grades were erased on schedule: everybody would be ineligible.

    Raises
    ------
    Problem
        409 ``inputs_erased``.
    """
    erased = exists().where(Run.intake_id == intake_id, Run.inputs_erased_at.is_not(None))
    graded = exists().where(GradeSheet.intake_id == intake_id)
    if session.scalar(select(and_(erased, ~graded))):
        raise conflict(
            "inputs_erased",
            "What the intake's runs stand on was erased on schedule.",
            place="path intake_id",
            remedy="Look at the runs that were made; a new intake is needed for a new run.",
        )


def touch(session: Session, intake_id: str) -> None:
    """Note that a table of the intake changed."""
    session.execute(update(Intake).where(Intake.id == intake_id).values(revision=Intake.revision + 1))


def get_round(session: Session, intake_id: str, name: str) -> Round:
    """Find a round of an intake.

    Raises
    ------
    Problem
        404.
    """
    found = session.get(Round, (intake_id, name))
    if found is None:
        raise not_found("round of the intake", "round")
    return found


def get_rulebook(session: Session, rulebook_id: str) -> Rulebook:
    """Find a rulebook.

    Raises
    ------
    Problem
        404.
    """
    rulebook = session.get(Rulebook, rulebook_id)
    if rulebook is None:
        raise not_found("rulebook", "rulebook_id")
    return rulebook


def keep_rulebook(session: Session, name: str, text: str, actor: str, now: datetime) -> tuple[Rulebook, bool]:
    """Keep a rulebook; the same text is kept once. Say whether it was new."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = session.scalar(select(Rulebook).where(Rulebook.digest == digest))
    if known is not None:
        return known, False
    rulebook = Rulebook(name=name, digest=digest, text=text, created_by=actor, created_at=now)
    session.add(rulebook)
    session.flush()
    return rulebook, True


def change_intake(intake: Intake, values: Mapping[str, Any]) -> None:
    """Change an intake's own settings."""
    for name, value in values.items():
        setattr(intake, name, value)
    intake.version += 1
