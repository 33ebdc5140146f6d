"""Signing in by OpenID Connect: away to the provider and back, each attempt once."""

import secrets
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.allow import open_to_all
from api.access.authenticate import cookie_name
from api.access.id_token import Person, refused
from api.access.local_provider import ACCOUNTS, LocalProvider, code_challenge
from api.access.provider import Provider
from api.access.roles_claim import roles_of_claim
from api.access.secrets import digest, new_secret
from api.audit import EventKind
from api.problems import Problem, not_found
from api.store.models import SignInAttempt
from api.store.repositories import accounts

router = APIRouter(prefix="/sign-in", tags=["session"])
STRANGERS = open_to_all("Nobody is signed in yet.")
ATTEMPT_COOKIE = "admissions-sign-in"
ATTEMPT_LIFE = timedelta(minutes=10)


def safe_path(path: str) -> str:
    """Give a path on our own pages, whatever was asked for: no open redirect.

    Examples
    --------
    >>> safe_path("/runs?x=1"), safe_path("//elsewhere"), safe_path("https:evil")
    ('/runs?x=1', '/', '/')
    """
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if ours else "/"


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise Problem(
            503,
            "no_provider",
            "Nobody can sign in",
            "No identity provider is set.",
            remedy="Set ADMISSIONS_OIDC_ISSUER, ADMISSIONS_OIDC_CLIENT_ID and ADMISSIONS_PUBLIC_URL.",
        )
    return provider


def _callback(request: Request) -> str:
    base = request.app.state.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/sign-in/callback"


@router.get("", dependencies=[STRANGERS], status_code=303, response_class=RedirectResponse)
def start(request: Request, return_to: Annotated[str, Query(max_length=500)] = "/") -> Response:
    """Send the browser to the identity provider."""
    state = request.app.state
    token, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    url = _provider(request).authorization_url(
        state=token, nonce=nonce, challenge=code_challenge(verifier), redirect_uri=_callback(request)
    )
    with state.store.write() as session:
        expires = state.clock() + ATTEMPT_LIFE
        kept = {"nonce": nonce, "verifier": verifier, "return_to": safe_path(return_to), "expires_at": expires}
        session.add(SignInAttempt(state_digest=digest(token), **kept))
    answer = RedirectResponse(url, 303)
    answer.set_cookie(
        ATTEMPT_COOKIE,
        token,
        max_age=int(ATTEMPT_LIFE.total_seconds()),
        path="/sign-in",
        secure=not state.settings.demo,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/callback", dependencies=[STRANGERS], status_code=303, response_class=RedirectResponse)
def callback(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """Take back somebody whom the provider has identified, and start the session."""
    services = request.app.state
    provider = _provider(request)
    if not state or not secrets.compare_digest(request.cookies.get(ATTEMPT_COOKIE, "").encode(), state.encode()):
        raise refused("This sign-in was started in another browser.")
    with services.store.write() as session:
        attempt = accounts.take_attempt(session, digest(state), services.clock())
    if attempt is None:
        raise refused("This sign-in was used already, or took too long.")
    person = provider.exchange(
        code=code, verifier=attempt.verifier, nonce=attempt.nonce, redirect_uri=_callback(request)
    )
    answer = RedirectResponse(attempt.return_to, 303)
    answer.delete_cookie(ATTEMPT_COOKIE, path="/sign-in")
    _start_session(request, person, answer)
    return answer


def _start_session(request: Request, person: Person, answer: Response) -> None:
    services = request.app.state
    settings = services.settings
    secret = new_secret()
    with services.store.write() as session:
        user = accounts.user_for(session, person.issuer, person.subject, person.name, services.clock())
        if user.disabled_at is not None:
            raise refused("The account is closed.")
        if isinstance(services.provider, LocalProvider):
            ready = {account.subject: account.held for account in ACCOUNTS}
            accounts.set_grants(session, user.id, ready[person.subject])
        elif settings.oidc_roles_claim:
            claim = person.claims.get(settings.oidc_roles_claim) or []
            values = claim if isinstance(claim, list) else [claim]
            accounts.set_grants(session, user.id, roles_of_claim(values))
        accounts.start_session(session, user.id, digest(secret), services.clock(), settings.session_hours)
        services.trail.record(session, EventKind.SIGNED_IN, actor=user.id, object_type="user", object_id=user.id)
    answer.set_cookie(cookie_name(settings), secret, path="/", secure=not settings.demo, httponly=True, samesite="lax")


def _local(request: Request) -> LocalProvider:
    provider = request.app.state.provider
    if not isinstance(provider, LocalProvider):
        raise not_found("page", "path")
    return provider


@router.get("/local", dependencies=[STRANGERS], response_class=HTMLResponse, include_in_schema=False)
def choose_account(request: Request, state: str, nonce: str, code_challenge: str, redirect_uri: str) -> Response:
    """Show the ready accounts of demo mode."""
    _local(request)
    from api.web.session import accounts_page

    fields = {"state": state, "nonce": nonce, "code_challenge": code_challenge, "redirect_uri": redirect_uri}
    return accounts_page(request, fields)


@router.post("/local", dependencies=[STRANGERS], include_in_schema=False)
def take_account(
    request: Request,
    subject: Annotated[str, Form()],
    state: Annotated[str, Form()],
    nonce: Annotated[str, Form()],
    code_challenge: Annotated[str, Form()],
    redirect_uri: Annotated[str, Form()],
) -> RedirectResponse:
    """Go back with the code for the chosen account."""
    provider = _local(request)
    if redirect_uri != _callback(request):
        raise refused("The stand-in provider sends people back to this service only.")
    code = provider.choose(subject, nonce=nonce, challenge=code_challenge, redirect_uri=redirect_uri)
    return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", 303)
