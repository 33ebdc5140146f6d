"""The audit trail: who did what when, and whether the chain holds."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit.verify import verify_chain
from api.lists import FILES, Listing, Page, answer_select
from api.numbers import Number
from api.problems import not_found
from api.store.models import AuditEvent, AuditPayload

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])
Reader = Annotated[Actor, allow(Permission.READ_AUDIT)]
Text = Annotated[str | None, Query(max_length=100)]


class EventView(BaseModel):
    """An event of the chain."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: str
    kind: str = Field(examples=["seats.changed"])
    actor: str
    intake_id: str
    object_type: str
    object_id: str
    payload_digest: str
    previous: str
    digest: str


class EventDetail(EventView):
    """An event with what it carried."""

    payload: dict[str, Any] | None = Field(description="None: erased on schedule; the digest remains.")


class ChainVerdict(BaseModel):
    """What the check of the chain found."""

    model_config = ConfigDict(from_attributes=True)

    holds: bool
    events: int
    erased_payloads: int
    head: str
    problems: list[str]


COLUMNS = {name: getattr(AuditEvent, name) for name in EventView.model_fields}


@router.get("", response_model=Page[EventView], responses=FILES)
def list_events(
    request: Request,
    actor: Reader,  # noqa: ARG001
    query: Listing,
    *,
    kind: Text = None,
    by: Annotated[str | None, Query(max_length=100, description="Id of who did it.")] = None,
    intake_id: Text = None,
    object_type: Text = None,
    object_id: Text = None,
) -> Response:
    """List the events, newest first."""
    statement = select(AuditEvent)
    given = ((AuditEvent.kind, kind), (AuditEvent.actor, by), (AuditEvent.intake_id, intake_id))
    for column, value in (*given, (AuditEvent.object_type, object_type), (AuditEvent.object_id, object_id)):
        if value is not None:
            statement = statement.where(column == value)
    with request.app.state.store.read() as session:
        key = [AuditEvent.number.desc()]
        return answer_select(session, query, "audit", statement, COLUMNS, key=key, row=EventView)


@router.get("/verification")
def verify_audit(
    request: Request,
    actor: Reader,  # noqa: ARG001
    head: Annotated[list[str] | None, Query(max_length=20, description="Heads printed elsewhere.")] = None,
) -> ChainVerdict:
    """Check the whole chain: a flipped, deleted, inserted, moved or cut-off event is found, with its place."""
    state = request.app.state
    with state.store.read() as session:
        return ChainVerdict.model_validate(verify_chain(session, state.trail.secret, head or ()))


@router.get("/{number}")
def read_event(number: Number, request: Request, actor: Reader) -> EventDetail:  # noqa: ARG001
    """Read an event with what it carried."""
    with request.app.state.store.read() as session:
        event = session.get(AuditEvent, number) if abs(number) < 1 << 62 else None
        if event is None:
            raise not_found("event", "path number")
        payload = session.get(AuditPayload, number)
        shown = EventView.model_validate(event).model_dump()
        return EventDetail(**shown, payload=None if payload is None else json.loads(payload.body))
