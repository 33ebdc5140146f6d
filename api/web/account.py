"""One's own account: the roles one holds and the tokens of one's machines; a token's secret is shown once."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.resources import tokens
from api.web.forms import Text, filled, once
from api.web.rendering import Content, answer
from api.web.role_words import role_words
from api.web.visits import PageRoute, texts_of

router = APIRouter(route_class=PageRoute, prefix="/account", include_in_schema=False)
Owner = Annotated[Actor, allow(Permission.OWN_ACCOUNT)]


@router.get("")
def read_account(request: Request, actor: Owner) -> Response:
    """Show the roles and tokens of whoever is signed in."""
    return _page(request, actor, "")


@router.post("/tokens")
def create_token(
    request: Request,
    actor: Owner,
    name: Text = "",
    days: Text = "",
    permission: Annotated[list[str] | None, Form(max_length=200)] = None,
) -> Response:
    """Make a token; this one answer holds its secret, no address and no later page does."""
    body = filled(tokens.NewToken, name=name.strip(), days=days.strip(), permissions=permission or [])
    made = tokens.create_token(body, request, actor, once(request))
    return _page(request, actor, tokens.TokenShown.model_validate_json(bytes(made.body)).secret)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(token_id: str, request: Request, actor: Owner) -> Response:
    """Revoke a token."""
    tokens.revoke_token(token_id, request, actor)
    return RedirectResponse("/account#tokens", 303)


def _page(request: Request, actor: Actor, secret: str) -> Response:
    t, now = texts_of(request), request.app.state.clock()

    def state(one: tokens.TokenView) -> str:
        return "revoked" if one.revoked_at is not None else "expired" if one.expires_at <= now else "valid"

    values: dict[str, Any] = {
        "roles": [role_words(one, t) for one in actor.held],
        "tokens": [{"one": one, "state": state(one)} for one in tokens.list_tokens(request, actor)],
        "permissions": [str(one) for one in Permission if actor.may(one)],
        "secret": secret,
    }
    return answer(request, actor, None, "account.html.j2", Content(values=values))
