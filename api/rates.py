"""Rate limits: so many requests a minute for each identity, fewer for signing in and for tokens that are wrong.

Who is limited is the holder of a token or session that worked, by its digest, else the address. A token that worked
lately is let through even where others at the same address try wrong ones: a whole school may share an address.
"""

from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.authenticate import GOOD, WRONG, cookie_name
from api.access.secrets import digest
from api.problems import Problem
from api.settings import DEFAULT_LIMIT, Settings

FREE = ("/health/", "/static/")
SIGN_IN = "/sign-in"
MOST_REMEMBERED = 20_000


class RateLimits:
    """ASGI middleware that counts and refuses."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.cookie = cookie_name(settings)
        self.most = RateLimitItemPerMinute(settings.request_limit or DEFAULT_LIMIT)
        self.strict = RateLimitItemPerMinute(settings.attempts_per_minute)
        storage = storage_from_string(f"async+{settings.rate_limit_storage}")
        self.limiter = SlidingWindowCounterRateLimiter(storage)
        self._good: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 429 and the seconds to wait."""
        if scope["type"] != "http" or scope["path"].startswith(FREE):
            await self.app(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else "unknown"
        token, session = self._credentials(scope)
        holder = digest(token or session) if token or session else ""
        known = holder in self._good
        seconds = await self._hit(self.most, "all", holder if known else address)
        if not seconds and scope["path"].startswith(SIGN_IN):
            seconds = await self._hit(self.strict, "sign-in", address)
        elif not seconds and token and not known:
            seconds = await self._look(self.strict, "wrong", address)
        if seconds:
            await _refusal(seconds).response()(scope, receive, send)
            return
        told = scope.setdefault("state", {})
        await self.app(scope, receive, send)
        if told.get(WRONG):
            self._good.pop(holder, None)
            if token:
                await self.limiter.hit(self.strict, "wrong", address)
        elif told.get(GOOD):
            self._remember(holder)

    def _credentials(self, scope: Scope) -> tuple[str, str]:
        """Give the token and the session that came with a request; the token goes first, as in `identify`."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        token = headers.get(b"authorization", "")
        try:
            found = SimpleCookie(headers.get(b"cookie", "")).get(self.cookie)
        except CookieError:
            found = None
        return token, "" if found is None else found.value

    async def _hit(self, limit: RateLimitItemPerMinute, *whose: str) -> int:
        """Count a request; give 0, or the seconds to wait."""
        return 0 if await self.limiter.hit(limit, *whose) else await self._seconds(limit, *whose)

    async def _look(self, limit: RateLimitItemPerMinute, *whose: str) -> int:
        """Give 0, or the seconds to wait, without counting."""
        return 0 if await self.limiter.test(limit, *whose) else await self._seconds(limit, *whose)

    async def _seconds(self, limit: RateLimitItemPerMinute, *whose: str) -> int:
        stats = await self.limiter.get_window_stats(limit, *whose)
        return max(1, ceil(stats.reset_time - time()))

    def _remember(self, holder: str) -> None:
        self._good[holder] = None
        self._good.move_to_end(holder)
        while len(self._good) > MOST_REMEMBERED:
            self._good.popitem(last=False)


def _refusal(seconds: int) -> Problem:
    return Problem(
        429,
        "too_many_requests",
        "Too many requests",
        f"More requests came than are taken in a minute; wait {seconds} seconds.",
        remedy="Wait as long as Retry-After says. An installation sets its limits: docs/operations.md.",
        headers={"Retry-After": str(seconds)},
    )
