"""Erasing payloads on schedule; the chain of events stays whole."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from api.audit.kinds import EventKind
from api.audit.trail import Trail
from api.store.models import AuditPayload


def erase_payloads(session: Session, trail: Trail, actor: str) -> int:
    """Erase every payload that is due, with its key; give their number. Itself an event."""
    due = delete(AuditPayload).where(AuditPayload.erase_after <= trail.clock())
    erased: int = session.connection().execute(due).rowcount
    if erased:
        trail.record(
            session,
            EventKind.PAYLOADS_ERASED,
            actor=actor,
            object_type="audit",
            object_id="payloads",
            payload={"erased": erased},
            keep_days=None,
        )
    return erased
