"""Who am I here, and signing out."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.access.actor import Actor
from api.access.allow import allow
from api.access.authenticate import cookie_name
from api.access.permissions import ROLES, Permission
from api.access.secrets import digest
from api.audit import EventKind
from api.store.repositories import accounts

router = APIRouter(prefix="/api/v1/session", tags=["session"])


class HeldRole(BaseModel):
    """A role within a scope."""

    role: str = Field(examples=["principal"])
    scope_kind: str = Field(examples=["organiser"])
    scope_value: str = Field(examples=["Nacka"])


class Me(BaseModel):
    """The one who asks."""

    id: str
    name: str
    roles: list[HeldRole]
    permissions: list[str]


@router.get("")
def read_session(actor: Annotated[Actor, allow(Permission.OWN_ACCOUNT)]) -> Me:
    """Say who is signed in, with which roles and permissions."""
    roles = [HeldRole(role=one.role, scope_kind=one.scope_kind, scope_value=one.scope_value) for one in actor.held]
    permissions = sorted({str(each) for one in actor.held for each in ROLES[one.role] if actor.may(each)})
    return Me(id=actor.id, name=actor.name, roles=roles, permissions=permissions)


@router.delete("", status_code=204)
def end_session(request: Request, actor: Annotated[Actor, allow(Permission.OWN_ACCOUNT)]) -> Response:
    """Sign out: the session ends on the server's side."""
    state = request.app.state
    name = cookie_name(state.settings)
    cookie = request.cookies.get(name)
    with state.store.write() as session:
        if cookie:
            accounts.end_session(session, digest(cookie))
        state.trail.record(session, EventKind.SIGNED_OUT, actor=actor.id, object_type="user", object_id=actor.id)
    answer = Response(status_code=204)
    answer.delete_cookie(name, path="/", secure=not state.settings.demo, httponly=True, samesite="lax")
    return answer
