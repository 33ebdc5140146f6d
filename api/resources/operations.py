"""Is the service alive, is it ready, what does it count, what can it do."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from api.access.actor import Actor
from api.access.allow import allow, open_to_all
from api.access.permissions import Permission
from api.problems import Problem

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """The state of the service."""

    status: Literal["ok"] = "ok"


@router.get("/health/live", dependencies=[open_to_all("The host's supervisor has no account.")])
def live() -> Health:
    """Say that the process answers."""
    return Health()


@router.get("/health/ready", dependencies=[open_to_all("The load balancer has no account.")])
def ready(request: Request) -> Health:
    """Say that the database answers too."""
    try:
        is_ready = request.app.state.store.is_ready()
    except SQLAlchemyError:
        is_ready = False
    if not is_ready:
        raise Problem(503, "not_ready", "Not ready", "The database does not answer.", remedy="Try again in a minute.")
    return Health()


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text"}},
)
def metrics(request: Request, actor: Annotated[Actor, allow(Permission.READ_METRICS)]) -> Response:  # noqa: ARG001
    """Give the counters in Prometheus' text form."""
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/openapi.json",
    include_in_schema=False,
    dependencies=[open_to_all("Whoever builds on the service reads it first.")],
)
def openapi(request: Request) -> JSONResponse:
    """Give the OpenAPI document."""
    document: dict[str, Any] = request.app.openapi()
    return JSONResponse(document)
