"""The composition root of the service: settings and a store in, an ASGI application out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.access.allow import declared
from api.access.provider import Provider, make_provider
from api.audit import Trail
from api.clock import Clock, utc_now
from api.headers import Headers, LoopbackOnly
from api.observe import Metrics, Observe
from api.openapi import describe
from api.problems import Problem, on_http, on_invalid, on_problem
from api.rates import RateLimits
from api.resources import routers
from api.results import ResultTables
from api.settings import Settings
from api.store import Store, open_store
from api.web import routers as page_routers

DESCRIPTION = "Admissions to upper-secondary school: intakes, rounds, runs, results, and who did what."


def create_app(
    settings: Settings,
    *,
    store: Store | None = None,
    clock: Clock = utc_now,
    provider: Provider | None = None,
    run_folder: Path | None = None,
) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings
        What the installation decides.
    store
        An open store; made from the settings if not given.
    clock
        Tells the time.
    provider
        The identity provider; the one of the settings if not given.
    run_folder
        A finished run whose report is shown on the first page.

    Raises
    ------
    RuntimeError
        An operation declares no permission.
    """
    opened = store or open_store(settings.database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001 - the framework's signature
        yield
        if store is None:
            opened.close()

    app = FastAPI(
        title="Admissions engine",
        description=DESCRIPTION,
        version=version("admissions-engine"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.settings = settings
    app.state.store = opened
    app.state.clock = clock
    app.state.trail = Trail(settings.secret_key.get_secret_value().encode(), clock)
    app.state.provider = provider or make_provider(settings, clock)
    app.state.metrics = Metrics()
    app.state.results = ResultTables()
    app.state.run_folder = run_folder
    for router in (*routers(), *page_routers()):
        app.include_router(router)
    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        Problem: on_problem,
        RequestValidationError: on_invalid,
        HTTPException: on_http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    if settings.request_limit is not None:
        app.add_middleware(RateLimits, settings=settings)
    app.add_middleware(Headers, encrypted=not settings.demo)
    if settings.demo:
        app.add_middleware(LoopbackOnly)
    app.add_middleware(Observe, metrics=app.state.metrics)
    declared(app)
    _describe_once(app)
    return app


def _describe_once(app: FastAPI) -> None:
    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's documented way
