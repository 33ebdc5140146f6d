"""Writing the chain: events of a transaction are linked last, so that the chain is locked for a moment only."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.audit.chain import GENESIS, Link, canonical, payload_digest, seal
from api.audit.kinds import EventKind
from api.clock import Clock, utc_now
from api.store.database import before_commit
from api.store.models import AuditEvent, AuditHead, AuditPayload

PENDING = "audit_events"
PAYLOAD_DAYS = 730
"""Payloads are kept this long unless the event says otherwise; a setting of the retention schedule."""


class Trail:
    """Records events; one per application."""

    def __init__(self, secret: bytes, clock: Clock = utc_now) -> None:
        self.secret = secret
        self.clock = clock

    def record(
        self,
        session: Session,
        kind: EventKind,
        *,
        actor: str,
        object_type: str,
        object_id: str,
        intake_id: str = "",
        payload: dict[str, Any] | None = None,
        keep_days: int | None = PAYLOAD_DAYS,
    ) -> None:
        """Record that something was done; it becomes part of the chain when the transaction commits, or not at all.

        Parameters
        ----------
        session
            The writing transaction.
        kind
            What was done.
        actor
            Opaque id of who did it.
        object_type
            What it was done to: a noun of the domain.
        object_id
            Opaque id of it.
        intake_id
            The admission year, where there is one.
        payload
            Details; may be personal, lies apart and can be erased.
        keep_days
            Days until the payload is due for erasure; None keeps it.
        """
        if PENDING not in session.info:
            session.info[PENDING] = []
            before_commit(session, lambda: self._link(session))
        now = self.clock()
        erase_after = None if keep_days is None else now + timedelta(days=keep_days)
        event = (now.isoformat(), str(kind), actor, intake_id, object_type, object_id)
        session.info[PENDING].append((event, canonical(payload or {}), erase_after))

    def _link(self, session: Session) -> None:
        pending: list[tuple[tuple[str, str, str, str, str, str], str, datetime | None]] = session.info.pop(PENDING)
        head = session.scalar(select(AuditHead).where(AuditHead.id == 1).with_for_update())
        if head is None:
            raise RuntimeError("the audit chain has no head: the database was not made by our migrations")
        number, previous = head.number, head.digest
        events, payloads = [], []
        for event, body, erase_after in pending:
            number += 1
            key = secrets.token_hex(32)
            link = Link(number, *event, payload_digest(key, body), previous)
            previous = link.digest()
            events.append(AuditEvent(**link._asdict(), digest=previous))
            payloads.append(AuditPayload(number=number, key=key, body=body, erase_after=erase_after))
        session.add_all(events)
        session.flush()
        session.add_all(payloads)
        head.number, head.digest, head.seal = number, previous, seal(self.secret, number, previous)


def head_digest(session: Session) -> str:
    """Give the digest at the end of the chain, as printed in each publication."""
    return session.scalar(select(AuditHead.digest).where(AuditHead.id == 1)) or GENESIS
