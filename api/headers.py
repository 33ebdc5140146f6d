"""Headers that narrow what a browser does with our answers, and hosts that demo mode answers to."""

from collections.abc import Sequence
from ipaddress import ip_address

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from api.settings import is_loopback

POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self' data:"
)
HEADERS: Sequence[tuple[bytes, bytes]] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)
TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class Headers:
    """ASGI middleware that adds the headers an answer does not set itself."""

    def __init__(self, app: ASGIApp, *, encrypted: bool) -> None:
        self.app = app
        self.headers = [*HEADERS, TRANSPORT] if encrypted else list(HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in self.headers if pair[0] not in own)]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class LoopbackOnly:
    """ASGI middleware of demo mode: ready accounts are for this machine, asked by a name of this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what comes from elsewhere, or was led here by a foreign name (DNS rebinding)."""
        if scope["type"] == "http" and not (_from_here(scope) and _to_here(scope)):
            await _refusal()(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _from_here(scope: Scope) -> bool:
    client = scope.get("client")
    if client is None:
        return False
    try:
        return ip_address(client[0]).is_loopback
    except ValueError:
        return False


def _to_here(scope: Scope) -> bool:
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return is_loopback(name)


def _refusal() -> JSONResponse:
    return Problem(
        403,
        "loopback_only",
        "Demo mode serves this machine only",
        "The request came from another address or under another name.",
        remedy="Use http://127.0.0.1 on the same machine, or set up a real installation (docs/operations.md).",
    ).response()
