"""Finding out who asks: a token in the Authorization header, or a browser's session cookie."""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Request

from api.access.actor import Actor
from api.access.secrets import digest
from api.problems import Problem
from api.settings import Settings
from api.store.repositories import accounts

COOKIE = "admissions"
SECURE_COOKIE = "__Host-admissions"
GOOD, WRONG = "credentials_good", "credentials_wrong"
"""Keys of the request's state: what the rate limits are told about the credentials that came."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_name(settings: Settings) -> str:
    """Name the session cookie; outside demo mode with the prefix that makes browsers insist on TLS and our host."""
    return COOKIE if settings.demo else SECURE_COOKIE


def identify(request: Request) -> Actor:
    """Give who asks.

    Raises
    ------
    Problem
        401 without valid credentials; 403 for a browser sent here by another site.
    """
    state = request.app.state
    now = state.clock()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() == "bearer" and token:
            with state.store.look() as connection:
                actor = accounts.actor_by_token(connection, digest(token.strip()), now)
            if actor is not None:
                setattr(request.state, GOOD, True)
                return actor
        setattr(request.state, WRONG, True)
        raise unauthorised("The token is unknown, has expired or was revoked.")
    cookie = request.cookies.get(cookie_name(state.settings))
    if not cookie:
        raise unauthorised("No token and no session came with the request.")
    if request.method not in SAFE_METHODS:
        _refuse_other_sites(request)
    idle = timedelta(minutes=state.settings.session_idle_minutes)
    with state.store.look() as connection:
        found = accounts.actor_by_session(connection, digest(cookie), now, idle)
    if found is None:
        setattr(request.state, WRONG, True)
        raise unauthorised("The session has ended.")
    setattr(request.state, GOOD, True)
    actor, note = found
    if note:
        with state.store.write() as session:
            accounts.note_use(session, digest(cookie), now)
    return actor


def unauthorised(detail: str) -> Problem:
    """Ask for credentials."""
    return Problem(
        401,
        "unauthorised",
        "Sign in first",
        detail,
        remedy="Sign in at /sign-in, or send a token: Authorization: Bearer ...",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _refuse_other_sites(request: Request) -> None:
    """Refuse a browser's write that did not start on our own pages (cross-site request forgery)."""
    origin = request.headers.get("origin")
    own = origin is not None and urlsplit(origin).netloc == request.headers.get("host")
    if request.headers.get("sec-fetch-site") in {"same-origin", "none"} or own:
        return
    raise Problem(
        403,
        "cross_site",
        "The request did not start on our pages",
        "A browser's session may write only from our own pages.",
        place="header Origin",
        remedy="Use the pages, or a token for a machine.",
    )
