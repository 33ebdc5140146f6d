"""Signing out, and the ready accounts of demo mode."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.access.actor import Actor
from api.access.allow import allow
from api.access.authenticate import cookie_name
from api.access.local_provider import ACCOUNTS
from api.access.permissions import Permission
from api.resources.session import end_session
from api.web.rendering import Content, answer
from api.web.visits import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/sign-out", status_code=303)
def sign_out(request: Request, actor: Annotated[Actor, allow(Permission.OWN_ACCOUNT)]) -> Response:
    """End the session and go to the first page."""
    end_session(request, actor)
    gone = RedirectResponse("/", 303)
    settings = request.app.state.settings
    gone.delete_cookie(cookie_name(settings), path="/", secure=not settings.demo, httponly=True, samesite="lax")
    return gone


def accounts_page(request: Request, fields: dict[str, str]) -> Response:
    """Show the ready accounts; each button posts the fields of the sign-in that is under way."""
    accounts = [{"subject": one.subject, "name": one.name, "role": str(one.held[0].role)} for one in ACCOUNTS]
    page = answer(request, None, None, "accounts.html.j2", Content(values={"fields": fields, "accounts": accounts}))
    assert isinstance(page, HTMLResponse)
    return page
