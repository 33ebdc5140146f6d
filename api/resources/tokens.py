"""Tokens for machines: narrower than their owner, shown once, stored as digests."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.actor import Actor, forbidden
from api.access.allow import allow
from api.access.permissions import Permission
from api.access.secrets import TOKEN_PREFIX, digest, new_secret
from api.audit import EventKind
from api.idempotency import Created, OncePerKey
from api.problems import not_found
from api.store.base import new_id
from api.store.models import Token

router = APIRouter(prefix="/api/v1/tokens", tags=["session"])
Owner = Annotated[Actor, allow(Permission.OWN_ACCOUNT)]


class NewToken(BaseModel):
    """A token to be made."""

    name: str = Field(min_length=1, max_length=100, examples=["nightly export"])
    permissions: list[Permission] = Field(min_length=1, max_length=len(Permission), examples=[["results.read"]])
    days: int = Field(90, ge=1, le=366, description="Days until it expires.")


class TokenView(BaseModel):
    """A token, without its secret."""

    id: str
    name: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokenShown(TokenView):
    """A new token with its secret: kept by the one who asked, shown never again."""

    secret: str = Field(description="Empty when the same request is repeated: it was shown once.")


def view(token: Token) -> TokenView:
    """Show a token."""
    return TokenView.model_validate(token, from_attributes=True)


@router.get("")
def list_tokens(request: Request, actor: Owner) -> list[TokenView]:
    """List one's own tokens."""
    with request.app.state.store.read() as session:
        mine = select(Token).where(Token.user_id == actor.id).order_by(Token.created_at, Token.id)
        return [view(token) for token in session.scalars(mine)]


@router.post("", status_code=201, response_model=TokenShown)
def create_token(body: NewToken, request: Request, actor: Owner, once: OncePerKey) -> Response:
    """Make a token; it can never do more than its owner."""
    state = request.app.state
    for permission in body.permissions:
        if not actor.may(permission):
            raise forbidden(permission)
    secret = new_secret(TOKEN_PREFIX)

    def work(session: Session) -> Created:
        now = state.clock()
        token = Token(
            id=new_id(),
            user_id=actor.id,
            name=body.name,
            digest=digest(secret),
            permissions=sorted(set(body.permissions)),
            created_at=now,
            expires_at=now + timedelta(days=body.days),
        )
        session.add(token)
        payload = {"permissions": token.permissions, "days": body.days}
        state.trail.record(
            session, EventKind.TOKEN_CREATED, actor=actor.id, object_type="token", object_id=token.id, payload=payload
        )
        shown = TokenShown(**view(token).model_dump(), secret="")
        return Created(body=shown, location=f"/api/v1/tokens/{token.id}", private={"secret": secret})

    return once.run(actor, work)


@router.delete("/{token_id}", status_code=204)
def revoke_token(token_id: str, request: Request, actor: Owner) -> Response:
    """Revoke one of one's own tokens, at once."""
    state = request.app.state
    with state.store.write() as session:
        token = session.get(Token, token_id)
        if token is None or token.user_id != actor.id:
            raise not_found("token", "path token_id")
        if token.revoked_at is None:
            token.revoked_at = state.clock()
            state.trail.record(
                session, EventKind.TOKEN_REVOKED, actor=actor.id, object_type="token", object_id=token.id
            )
    return Response(status_code=204)
