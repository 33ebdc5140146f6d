"""Study routes: the catalogue, as people search it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, select

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.lists import FILES, Listing, Page, answer_select
from api.problems import not_found
from api.sorting import sort_key
from api.store.models import Route
from api.store.repositories.intakes import get_intake

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/routes", tags=["catalogue"])
Reader = Annotated[Actor, allow(Permission.READ_CATALOGUE)]
Text = Annotated[str | None, Query(max_length=200)]


class RouteView(BaseModel):
    """A study route."""

    model_config = ConfigDict(from_attributes=True)

    route_id: str
    municipality: str
    school: str
    school_unit_code: str | None
    organiser: str
    organiser_form: str | None
    route_code: str
    route_name: str
    programme: str
    mode: str
    pool: str
    test_rule: str | None
    reception: str | None
    prerequisite: str | None
    closed_at: str | None


COLUMNS = {name: getattr(Route, name) for name in RouteView.model_fields}


def narrowed(statement: Select[Any], **filters: str | None) -> Select[Any]:
    """Apply the filters that were given, each by equality."""
    for name, value in filters.items():
        if value is not None:
            statement = statement.where(getattr(Route, name) == value)
    return statement


@router.get("", response_model=Page[RouteView], responses=FILES)
def list_routes(
    intake_id: str,
    request: Request,
    actor: Reader,  # noqa: ARG001
    query: Listing,
    *,
    programme: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of a school's or route's name.")] = None,
) -> Response:
    """List the study routes, by school and name."""
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        statement = narrowed(
            select(Route).where(Route.intake_id == intake_id),
            programme=programme,
            school=school,
            municipality=municipality,
            organiser=organiser,
        )
        if q:
            statement = statement.where(Route.sort_key.contains(sort_key(q), autoescape=True))
        key = [Route.sort_key, Route.route_id]
        return answer_select(session, query, "routes", statement, COLUMNS, key=key, row=RouteView)


@router.get("/{route_id}")
def read_route(intake_id: str, route_id: str, request: Request, actor: Reader) -> RouteView:  # noqa: ARG001
    """Read a study route."""
    with request.app.state.store.read() as session:
        route = session.get(Route, (intake_id, route_id))
        if route is None:
            raise not_found("study route", "path route_id")
        return RouteView.model_validate(route)
