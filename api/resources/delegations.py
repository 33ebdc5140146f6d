"""Organisers' delegations: who decided that the office decides."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.lists import FILES, Listing, Page, answer_select
from api.problems import not_found
from api.store.models import Delegation, Pool
from api.store.repositories.intakes import get_intake

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/delegations", tags=["runs"])


class NewDelegations(BaseModel):
    """Delegations to be recorded, for organisers that share a reference."""

    model_config = ConfigDict(extra="forbid")

    organisers: list[str] = Field(min_length=1, max_length=1000, examples=[["Nacka"]])
    reference: str = Field(min_length=1, max_length=200, examples=["KS 2025/417, 12 §"])


class DelegationView(BaseModel):
    """A recorded delegation."""

    model_config = ConfigDict(from_attributes=True)

    organiser: str
    reference: str
    recorded_by: str
    recorded_at: datetime


COLUMNS = {name: getattr(Delegation, name) for name in DelegationView.model_fields}


@router.get("", response_model=Page[DelegationView], responses=FILES)
def list_delegations(
    intake_id: str,
    request: Request,
    actor: Annotated[Actor, allow(Permission.READ_RUNS)],  # noqa: ARG001
    query: Listing,
) -> Response:
    """List the recorded delegations."""
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        statement = select(Delegation).where(Delegation.intake_id == intake_id)
        key = [Delegation.organiser]
        return answer_select(session, query, "delegations", statement, COLUMNS, key=key, row=DelegationView)


@router.put("")
def record_delegations(
    intake_id: str, body: NewDelegations, request: Request, actor: Annotated[Actor, allow(Permission.DELEGATE_RUNS)]
) -> list[DelegationView]:
    """Record delegations: the office for anybody, a principal for the own organiser."""
    state = request.app.state
    scope = actor.scope(Permission.DELEGATE_RUNS)
    with state.store.write() as session:
        get_intake(session, intake_id, lock=True)
        known = set(session.scalars(select(Pool.organiser).where(Pool.intake_id == intake_id)))
        for organiser in body.organisers:
            if organiser not in known or not (scope.everything or organiser in scope.organisers):
                raise not_found("organiser", "body.organisers")
        recorded = []
        for organiser in sorted(set(body.organisers)):
            row = session.get(Delegation, (intake_id, organiser)) or Delegation(
                intake_id=intake_id, organiser=organiser
            )
            row.reference, row.recorded_by, row.recorded_at = body.reference, actor.id, state.clock()
            session.add(row)
            recorded.append(row)
        state.trail.record(
            session, EventKind.DELEGATION_RECORDED, actor=actor.id, object_type="intake", object_id=intake_id,
            intake_id=intake_id, payload=body.model_dump(), keep_days=None,
        )  # fmt: skip
        session.flush()
        return [DelegationView.model_validate(row) for row in recorded]
