"""Who looks at a page, in which language, and what happens when they may not.

Pages declare permissions as the JSON resources do. Where somebody is not signed in, a browser is sent to sign in; in
demo mode with a run folder given, a guest of this machine sees that run's figures without an account.
"""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from api.access.actor import Actor, Held, forbidden
from api.access.allow import Allow
from api.access.authenticate import identify
from api.access.permissions import Permission, Role
from api.problems import Problem
from api.web.texts import LANGUAGES, Language, Texts

GUEST = Actor(
    "guest",
    "",
    (Held(Role.ANALYST),),
    narrowed_to=frozenset({Permission.READ_DEMAND, Permission.READ_RUNS, Permission.READ_SCENARIOS}),
)
"""A visitor of demo mode: the figures of the run folder that the service was started with, no person."""
LANGUAGE_COOKIE = "lang"


def guests_allowed(request: Request) -> bool:
    """Say whether a run of generated people is shown on this machine."""
    state = request.app.state
    return bool(state.settings.demo and state.run_folder is not None)


class PageAllow(Allow):
    """As `Allow`, with the guest of demo mode."""

    def __call__(self, request: Request) -> Actor:
        """Find the actor and check the permission."""
        actor = visitor(request)
        if actor is None:
            return super().__call__(request)  # refuses, and says why
        if not actor.may(self.permission):
            raise forbidden(self.permission)
        return actor


def page(permission: Permission) -> Any:
    """Declare the permission of a page: ``actor: Annotated[Actor, page(...)]``."""
    return Depends(PageAllow(permission))


def visitor(request: Request) -> Actor | None:
    """Give who looks at a page open to all; None for a stranger."""
    try:
        return identify(request)
    except Problem:
        return GUEST if guests_allowed(request) and not request.headers.get("authorization") else None


def language_of(request: Request) -> Language:
    """Give the language asked for: in the URL, else by the cookie, else Swedish."""
    asked = (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE))
    return next((language for wanted in asked for language in LANGUAGES if wanted == language), "sv")


def texts_of(request: Request) -> Texts:
    """Give the texts in the language asked for."""
    return Texts(language_of(request))


def wants_page(request: Request) -> bool:
    """Say whether a browser asks."""
    return "text/html" in request.headers.get("accept", "")


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose problems are pages for browsers, and documents for everybody else."""

    def get_route_handler(self) -> Handler:
        """Wrap the handler."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except Problem as problem:
                if not wants_page(request):
                    raise
                if problem.status == 401:
                    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                    back = here if request.method == "GET" else "/"
                    return RedirectResponse(f"/sign-in?{urlencode({'return_to': back[:500]})}", 303)
                from api.web.rendering import problem_page

                return problem_page(request, problem)

        return handle
