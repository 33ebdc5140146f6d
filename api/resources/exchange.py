"""Exchange: public codes, and organisations, programmes, persons and grades in the shape of SS 12000.

Lists are the standard's: ``data`` and ``pageToken``, which is null on the last page.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.exchange.codes import municipality_codes, programme_codes, with_municipality_code
from api.exchange.ss12000 import Grade, Meta, Organisation, Person, Programme
from api.exchange.ss12000_entities import grade, organisations, person, programmes
from api.lists import FILES, Cells, Listing, Page, answer_frame
from api.problems import not_found, unprocessable
from api.resources.grades import marks_of
from api.store.models import Answer, Applicant, Departure, GradeSheet, Round, Route, Run
from api.store.models import Intake as IntakeRow
from api.store.repositories.intakes import get_intake
from api.store.repositories.runs import finished_run
from api.store.repositories.scoping import decisions_within, people_within

router = APIRouter(prefix="/api/v1", tags=["exchange"])
Catalogue = Annotated[Actor, allow(Permission.READ_CATALOGUE)]
DECLINED = ("no", "no_keep_reserve")
One = TypeVar("One")
Token = Annotated[str, Query(alias="pageToken", max_length=1000, description="From the page before.")]
Limit = Annotated[int, Query(ge=1, description="Entities of a page, at most.")]


class Entities(BaseModel, Generic[One]):
    """A page of entities."""

    data: list[One]
    pageToken: str | None = Field(description="Gives the next page; null at the end.")  # noqa: N815 - the standard's name


@router.get("/codes/municipalities", response_model=Page[Cells], responses=FILES)
def list_municipality_codes(request: Request, actor: Catalogue, query: Listing) -> Response:  # noqa: ARG001
    """List the municipalities with their codes (SCB)."""
    return answer_frame(municipality_codes(), query, "municipality-codes")


@router.get("/codes/programmes", response_model=Page[Cells], responses=FILES)
def list_programme_codes(request: Request, actor: Catalogue, query: Listing) -> Response:  # noqa: ARG001
    """List the programmes with their codes, names and kinds."""
    return answer_frame(programme_codes(), query, "programme-codes")


@router.get("/intakes/{intake_id}/school-units", response_model=Page[Cells], responses=FILES)
def list_school_units(intake_id: str, request: Request, actor: Catalogue, query: Listing) -> Response:  # noqa: ARG001
    """List the schools with their unit codes, and how many study routes each has."""
    columns = ("municipality", "school", "school_unit_code", "organiser", "organiser_form")
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        found = session.execute(select(*(getattr(Route, one) for one in columns)).where(Route.intake_id == intake_id))
        rows = [tuple(row) for row in found]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    first = [pl.col(one).drop_nulls().first() for one in columns[2:]]
    units = frame.group_by("municipality", "school").agg(*first, pl.len().alias("study_routes"))
    return answer_frame(with_municipality_code(units.sort("municipality", "school")), query, "school-units")


@router.get("/intakes/{intake_id}/ss12000/organisations")
def list_organisations(
    intake_id: str,
    request: Request,
    actor: Catalogue,  # noqa: ARG001
    token: Token = "",
    limit: Limit = 100,
) -> Entities[Organisation]:
    """List the organisers and school units."""
    with request.app.state.store.read() as session:
        intake, routes = _catalogue(session, intake_id)
    return _page(request, organisations(intake_id, routes, _meta(intake.created_at)), token, limit)


@router.get("/intakes/{intake_id}/ss12000/programmes")
def list_programmes(
    intake_id: str,
    request: Request,
    actor: Catalogue,  # noqa: ARG001
    token: Token = "",
    limit: Limit = 100,
) -> Entities[Programme]:
    """List the programmes, and the study route codes within them."""
    with request.app.state.store.read() as session:
        intake, routes = _catalogue(session, intake_id)
    return _page(request, programmes(intake_id, routes, _meta(intake.created_at)), token, limit)


@router.get("/intakes/{intake_id}/ss12000/persons")
def list_persons(
    intake_id: str,
    request: Request,
    actor: Annotated[Actor, allow(Permission.READ_RESULTS)],
    token: Token = "",
    limit: Limit = 100,
    run_id: Annotated[str, Query(max_length=200, description="The last published run if not given.")] = "",
) -> Entities[Person]:
    """List who is admitted within one's scope, with the enrolment each begins: what a school takes over.

    A school sees those admitted to it; protected persons are in no list.
    """
    if not actor.sees_people():
        raise not_found("list of persons", "path intake_id")
    state = request.app.state
    with state.store.read() as session:
        intake, routes = _catalogue(session, intake_id)
        run = _run(session, intake_id, run_id, actor)
        frame: pl.DataFrame = state.results.get(session, run.id, "decisions")
        mine = decisions_within(actor, Permission.READ_RESULTS) & (pl.col("status") == "admitted")
        admitted = frame.filter(mine).sort("applicant")
        start, size = _start(token), min(limit, state.settings.page_limit)
        rows = admitted.slice(start, size)
        gone = _gone(session, run, rows["applicant"].to_list())
    codes = {route.route_id: route.route_code for route in routes}
    made = run.published_at or run.verified_at or intake.created_at
    data = [person(intake_id, row, codes, gone, _meta(made)) for row in rows.iter_rows(named=True)]
    return Entities(data=data, pageToken=_token(start + size) if start + size < len(admitted) else None)


@router.get("/intakes/{intake_id}/ss12000/grades")
def list_grades(
    intake_id: str,
    request: Request,
    actor: Annotated[Actor, allow(Permission.READ_GRADES)],
    token: Token = "",
    limit: Limit = 100,
) -> Entities[Grade]:
    """List the grades of applicants within one's scope; protected persons are in no list."""
    if not actor.sees_people():
        raise not_found("list of grades", "path intake_id")
    state = request.app.state
    size = min(limit, state.settings.page_limit)
    after = _after(token)
    sheet = and_(GradeSheet.intake_id == Applicant.intake_id, GradeSheet.applicant == Applicant.applicant)
    left = or_(GradeSheet.applicant > after[0], and_(GradeSheet.applicant == after[0], GradeSheet.term >= after[1]))
    statement = (
        select(GradeSheet.applicant, GradeSheet.term, GradeSheet.marks)
        .join(Applicant, sheet)
        .where(GradeSheet.intake_id == intake_id, people_within(actor, Permission.READ_GRADES), left)
        .order_by(GradeSheet.applicant, GradeSheet.term)
        .limit(size + 2)  # a sheet holds a grade at least, but the first may be used up
    )
    with state.store.read() as session:
        intake = get_intake(session, intake_id)
        year, made = intake.year, intake.created_at
        keys = [
            (applicant, term, subject, value)
            for applicant, term, marks in session.execute(statement)
            for subject, value in sorted(marks_of(marks).items())
        ]
    keys = [key for key in keys if key[:3] > after]
    data = [grade(intake_id, year, *key, made) for key in keys[:size]]
    return Entities(data=data, pageToken=_token(*keys[size - 1][:3]) if len(keys) > size else None)


def _catalogue(session: Session, intake_id: str) -> tuple[IntakeRow, list[Route]]:
    intake = get_intake(session, intake_id)
    routes = select(Route).where(Route.intake_id == intake_id).order_by(Route.route_id)
    return intake, list(session.scalars(routes))


def _run(session: Session, intake_id: str, run_id: str, actor: Actor) -> Run:
    """Find the run that is handed over: the one named, else the published one of the last round that has any."""
    if not run_id:
        published = select(Round.published_run_id).where(
            Round.intake_id == intake_id, Round.published_run_id.is_not(None)
        )
        run_id = session.scalars(published.order_by(Round.position.desc(), Round.name.desc())).first() or ""
    run = finished_run(session, run_id, actor)
    if run.intake_id != intake_id:
        raise not_found("run", "query run_id")
    return run


def _gone(session: Session, run: Run, applicants: list[str]) -> set[str]:
    """Give who declined the seat, did not come or left."""
    declined = select(Answer.applicant).where(
        Answer.intake_id == run.intake_id,
        Answer.round == run.round,
        Answer.answer.in_(DECLINED),
        Answer.applicant.in_(applicants),
    )
    left = select(Departure.applicant).where(Departure.intake_id == run.intake_id, Departure.applicant.in_(applicants))
    return {*session.scalars(declined), *session.scalars(left)}


def _meta(moment: datetime) -> Meta:
    return Meta(created=moment, modified=moment)


def _page(request: Request, entities: list[Any], token: str, limit: int) -> Entities[Any]:
    start, size = _start(token), min(limit, request.app.state.settings.page_limit)
    more = start + size < len(entities)
    return Entities(data=entities[start : start + size], pageToken=_token(start + size) if more else None)


def _token(*key: Any) -> str:
    return urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode()


def _read(token: str) -> Any:
    try:
        return json.loads(urlsafe_b64decode(token.encode()))
    except (ValueError, RecursionError):
        return None


def _start(token: str) -> int:
    found = _read(token) if token else [0]
    match found:
        case [int(start)] if 0 <= start < 1 << 40:
            return start
    raise _unknown_token()


def _after(token: str) -> tuple[str, str, str]:
    found = _read(token) if token else ["", "", ""]
    match found:
        case [str(applicant), str(term), str(subject)] if "\0" not in applicant + term:
            return applicant, term, subject
    raise _unknown_token()


def _unknown_token() -> Exception:
    return unprocessable(
        "unknown_page_token",
        "The page token is not one that this list gave.",
        place="query pageToken",
        remedy="Start again without one.",
    )
