"""Around every request: an id, a time, a count, a log line without personal data, and an answer even to our own errors.

The log names the route's template, never the path as asked: ids stay out of it, and so does every query.
"""

import secrets
import traceback
from time import perf_counter

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import internal_error

log = structlog.get_logger("admissions.http")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What is counted; one registry per application, so that two in one process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "admissions_requests_total", "Requests.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "admissions_request_seconds",
            "Seconds to answer.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )


class Observe:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note what came of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        started, status = perf_counter(), 0

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        except Exception as error:  # noqa: BLE001 - the last line: strangers never see our insides
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{last.filename}:{last.lineno}"
            log.error("error", request=request_id, error=type(error).__name__, at=place)  # noqa: TRY400 - no texts
            if status == 0:
                await internal_error()(scope, receive, send_noting)
        finally:
            self._note(scope, request_id, status or 500, perf_counter() - started)

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route, method = template(scope), scope["method"] if scope["method"] in METHODS else "OTHER"
        self.metrics.requests.labels(method, route, status).inc()
        self.metrics.seconds.labels(method, route).observe(seconds)
        log.info(
            "request",
            request=request_id,
            method=method,
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def template(scope: Scope) -> str:
    """Name the route that answered, as declared; our routers carry their whole prefix themselves."""
    return str(getattr(scope.get("route"), "path", None) or "unknown")


def configure_logs(log_format: str) -> None:
    """Set the form of the log lines of this process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer(),
        ]
    )
