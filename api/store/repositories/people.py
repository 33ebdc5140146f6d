"""Finding one person: within scope, and a protected one by alias only, for a recorded reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Header
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.permissions import Permission
from api.audit import EventKind, Trail
from api.problems import Problem, not_found
from api.pseudonyms import pseudonym
from api.store.models import Applicant
from api.store.repositories.scoping import people_within

ALIAS = "alias-"
Reason = Annotated[
    str | None,
    Header(
        alias="X-Access-Reason",
        min_length=5,
        max_length=200,
        description="Why; needed for a protected person, who is named by the alias. It is recorded.",
        examples=["Called by the guardian"],
    ),
]


@dataclass(frozen=True)
class Person:
    """An applicant, and the name under which others know the person: the opaque id, or the alias."""

    row: Applicant
    shown: str


@contextmanager
def opened_for(store: Any, name: str, *, writes: bool = False) -> Iterator[Session]:
    """Open the transaction in which a person is read: a look at a protected one is recorded, so it writes."""
    with store.write() if writes or name.startswith(ALIAS) else store.read() as session:
        yield session


def find_person(
    session: Session,
    trail: Trail,
    intake_id: str,
    name: str,
    actor: Actor,
    permission: Permission,
    *,
    reason: str | None = None,
    lock: bool = False,
) -> Person:
    """Find an applicant by opaque id, or a protected one by alias.

    Parameters
    ----------
    session, trail
        The transaction, from `opened_for`, and the audit trail.
    intake_id, name
        Whom.
    actor, permission
        Who asks, and the permission whose scope counts.
    reason
        Why a protected person is looked at.
    lock
        Hold the person until the transaction ends.

    Raises
    ------
    Problem
        404: nobody, or not within the scope: the same answer for both. 428 ``reason_needed`` for an alias without one.
    """
    statement = select(Applicant).where(Applicant.intake_id == intake_id)
    if lock:
        statement = statement.with_for_update()
    if not name.startswith(ALIAS):
        if not actor.sees_people():
            raise not_found("applicant", "path applicant")
        row = session.scalar(statement.where(Applicant.applicant == name, people_within(actor, permission)))
        if row is None:
            raise not_found("applicant", "path applicant")
        return Person(row, row.applicant)
    if not actor.may(Permission.READ_PROTECTED) or not actor.scope(permission).everything:
        raise not_found("applicant", "path applicant")
    row = session.scalar(statement.where(Applicant.alias == name, Applicant.protected))
    if row is None or row.alias is None:
        raise not_found("applicant", "path applicant")
    if reason is None:
        raise Problem(
            428,
            "reason_needed",
            "Say why",
            "A protected person is looked at for a reason that is recorded.",
            place="header X-Access-Reason",
            remedy="Send the reason in X-Access-Reason.",
        )
    trail.record(
        session, EventKind.PROTECTED_VIEWED, actor=actor.id, object_type="applicant", object_id=row.alias,
        intake_id=intake_id, payload={"reason": reason, "permission": str(permission)},
    )  # fmt: skip
    return Person(row, row.alias)


def shown_name(actor: Actor, secret: bytes, intake_id: str, applicant: str) -> str:
    """Give the name under which somebody meets an applicant in a list: the opaque id, or a pseudonym of the intake."""
    return applicant if actor.sees_people() else pseudonym(secret, intake_id, applicant)
