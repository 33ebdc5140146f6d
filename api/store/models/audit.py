"""The audit chain: events over opaque ids and keyed digests, payloads beside them that may be erased."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base


class AuditEvent(Base):
    """One thing that was done. ``at`` is ISO text, exactly as hashed."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_object_type_object_id", "object_type", "object_id"),
        Index("ix_audit_event_actor", "actor"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str]
    kind: Mapped[str]
    actor: Mapped[str]
    intake_id: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    payload_digest: Mapped[str]
    previous: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)


class AuditPayload(Base):
    """What an event carried; erased with its key, which leaves a digest that tells nothing."""

    __tablename__ = "audit_payload"

    number: Mapped[int] = mapped_column(ForeignKey("audit_event.number"), primary_key=True, autoincrement=False)
    key: Mapped[str]
    body: Mapped[str]
    erase_after: Mapped[datetime | None] = mapped_column(index=True)


class AuditHead(Base):
    """The end of the chain, sealed with the service's key: a cut tail shows."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    digest: Mapped[str]
    seal: Mapped[str]
