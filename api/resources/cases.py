"""Case decisions: dispens, free quota, tests, ranks, sport, target group, reception, prerequisites and others.

A principal decides for the own school's or organiser's routes within the window for cases, the office any time.
"""

import hashlib
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from admissions.tables.declared import APPLICANTS, DECISIONS
from admissions.tables.problem import Problem as TableProblem
from admissions.tables.raw import RefusedError
from admissions.tables.reading import SUFFIXES, read_checked
from admissions.tables.schema import Table
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.access.windows import check_window
from api.audit import EventKind
from api.engine_checks import told
from api.etags import IfMatch, check_version, etag
from api.idempotency import Created, OncePerKey
from api.lists import FILES, Listing, Page, answer_select
from api.numbers import Number
from api.problems import Problem, conflict, not_found, unprocessable
from api.store.models import Applicant, CaseDecision, Route
from api.store.repositories.cases import (
    add_case,
    change_case,
    find_case,
    known_people,
    problems_of_cases,
    routes_of,
)
from api.store.repositories.intakes import get_intake, touch
from api.store.repositories.people import ALIAS, Person, Reason, find_person, opened_for
from api.store.repositories.scoping import cases_within, schools_within

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/cases", tags=["cases"])
Reader = Annotated[Actor, allow(Permission.READ_CASES)]
Writer = Annotated[Actor, allow(Permission.WRITE_CASES)]
Text = Annotated[str | None, Query(max_length=200)]
Kind = Literal[
    "english_dispens", "free_quota", "test_points", "test_passed", "school_rank", "sport", "target_group", "reception",
    "special_grounds", "hand", "named", "prerequisite",
]  # fmt: skip
TableKind = Literal["school_rank", "test_points", "test_passed"]
TABLE = Table(
    "table",
    "A rank or test result of one applicant.",
    "En sökandes plats i rangordningen eller provresultat.",
    (APPLICANTS.column("applicant"), DECISIONS.column("value")),
    key=("applicant",),
)
MOST_ROWS = 20_000
EXAMPLE: dict[str, Any] = {
    "applicant": "k7m2q9x4wd3h",
    "number": 0,
    "route_id": "3f2a91c07b",
    "kind": "free_quota",
    "value": "approved",
    "version": 1,
    "decided_by": None,
    "decided_at": None,
}


class CaseView(BaseModel):
    """A decision about an applicant or one of the choices."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [EXAMPLE]})

    applicant: str
    number: int = Field(description="Counts the person's decisions.")
    route_id: str | None = Field(description="Empty: about the person, whatever the choice.")
    kind: str
    value: str | None = Field(description="approved, rejected or pending; points; a rank; see docs/formats.md.")
    version: int
    decided_by: str | None
    decided_at: datetime | None


class NewCase(BaseModel):
    """A decision to be recorded."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"applicant": "k7m2q9x4wd3h", "route_id": "3f2a91c07b", "kind": "free_quota", "value": "approved"}
            ]
        },
    )

    applicant: str = Field(min_length=1, max_length=64)
    route_id: str | None = Field(None, min_length=1, max_length=64)
    kind: Kind
    value: str = Field(min_length=1, max_length=200)


class CaseEdit(BaseModel):
    """The decision as it shall be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"value": "rejected"}]})

    value: str = Field(min_length=1, max_length=200)


class Uploaded(BaseModel):
    """What a table changed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"route_id": "3f2a91c07b", "kind": "school_rank", "rows": 31, "added": 30, "changed": 1}]
        }
    )

    route_id: str
    kind: str
    rows: int
    added: int
    changed: int


COLUMNS = {name: getattr(CaseDecision, name) for name in CaseView.model_fields}


def _view(case: CaseDecision, shown: str) -> CaseView:
    return CaseView.model_validate(case).model_copy(update={"applicant": shown})


def _own(actor: Actor) -> ColumnElement[bool]:
    """Give the condition on Route: whose decisions the actor makes."""
    return schools_within(actor.scope(Permission.WRITE_CASES), Route)


def _person(
    session: Session, request: Request, intake_id: str, name: str, actor: Actor, permission: Permission,
    reason: str | None,
) -> Person:  # fmt: skip
    """Find whom a decision is about; the route's scope is checked apart."""
    if name.startswith(ALIAS):
        return find_person(
            session, request.app.state.trail, intake_id, name, actor, permission, reason=reason, lock=True
        )
    held = select(Applicant).where(
        Applicant.intake_id == intake_id, Applicant.applicant == name, Applicant.protected.is_(False)
    )
    row = session.scalar(held.with_for_update()) if actor.sees_people() else None
    if row is None:
        raise not_found("applicant", "body.applicant")
    return Person(row, row.applicant)


def _case(
    session: Session, request: Request, intake_id: str, name: str, number: int, actor: Actor, reason: str | None
) -> tuple[CaseDecision, Person]:
    """Find a decision that the actor may change."""
    person = _person(session, request, intake_id, name, actor, Permission.WRITE_CASES, reason)
    case = session.get(CaseDecision, (intake_id, person.row.applicant, number))
    if case is None or not _may_decide(session, intake_id, actor, case.route_id):
        raise not_found("case", "path number")
    return case, person


def _may_decide(session: Session, intake_id: str, actor: Actor, route_id: str | None) -> bool:
    if actor.scope(Permission.WRITE_CASES).everything:
        return True
    return route_id is not None and bool(routes_of(session, intake_id, Route.route_id == route_id, _own(actor)))


def _check(
    session: Session, intake_id: str, person: Person, route_id: str | None, kind: str, value: str, *, place: str
) -> None:
    rows = [{"applicant": person.row.applicant, "route_id": route_id, "kind": kind, "value": value}]
    routes = routes_of(session, intake_id, Route.route_id == route_id)
    found = problems_of_cases(session, intake_id, rows, routes=routes, people=[person.row.applicant])
    if found:
        problems = [{**told(one, place), "place": f"{place}.{one.column}"} for one in found]
        raise unprocessable(
            "invalid_rows", f"{found[0].message}.", place=f"{place}.{found[0].column}", remedy=found[0].remedy,
            problems=problems,
        )  # fmt: skip


@router.get("", response_model=Page[CaseView], responses=FILES)
def list_cases(
    intake_id: str,
    request: Request,
    actor: Reader,
    query: Listing,
    *,
    applicant: Text = None,
    route_id: Text = None,
    kind: Kind | None = None,
    value: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the decisions within one's scope; protected persons are in no list."""
    person = and_(Applicant.intake_id == CaseDecision.intake_id, Applicant.applicant == CaseDecision.applicant)
    route = and_(Route.intake_id == CaseDecision.intake_id, Route.route_id == CaseDecision.route_id)
    statement = select(CaseDecision).join(Applicant, person).outerjoin(Route, route)
    statement = statement.where(CaseDecision.intake_id == intake_id, cases_within(actor, Permission.READ_CASES))
    wanted = (
        (CaseDecision.applicant, applicant), (CaseDecision.route_id, route_id), (CaseDecision.kind, kind),
        (CaseDecision.value, value), (Route.school, school), (Route.municipality, municipality),
        (Route.organiser, organiser),
    )  # fmt: skip
    for column, asked in wanted:
        if asked is not None:
            statement = statement.where(column == asked)
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        key = [CaseDecision.applicant, CaseDecision.number]
        return answer_select(session, query, "cases", statement, COLUMNS, key=key, row=CaseView)


@router.post("", status_code=201, response_model=CaseView)
def create_case(
    intake_id: str, body: NewCase, request: Request, actor: Writer, once: OncePerKey, reason: Reason = None
) -> Response:
    """Record a decision: principals for own routes within the window, the office any time."""
    state = request.app.state

    def work(session: Session) -> Created:
        intake = get_intake(session, intake_id)
        if not _may_decide(session, intake_id, actor, body.route_id):
            raise not_found("study route", "body.route_id")
        person = _person(session, request, intake_id, body.applicant, actor, Permission.WRITE_CASES, reason)
        check_window(intake.windows, "cases", actor, state.clock())
        _check(session, intake_id, person, body.route_id, body.kind, body.value, place="body")
        applicant = person.row.applicant
        known = find_case(session, intake_id, applicant, body.route_id, body.kind) if body.kind != "named" else None
        if known is not None:
            raise conflict(
                "case_exists",
                "There is a decision of this kind on the same choice.",
                place="body.kind",
                remedy=f"Change number {known.number} of the person instead.",
            )
        case = add_case(
            session, intake_id, applicant, body.route_id, body.kind, body.value, actor=actor.id, now=state.clock()
        )
        touch(session, intake_id)
        state.trail.record(
            session, EventKind.CASE_DECIDED, actor=actor.id, object_type="case",
            object_id=f"{person.shown}/{case.number}", intake_id=intake_id,
            payload={"route": body.route_id, "kind": body.kind, "before": None, "after": body.value},
        )  # fmt: skip
        where = f"/api/v1/intakes/{intake_id}/cases/{person.shown}/{case.number}"
        return Created(body=_view(case, person.shown), location=where, etag=etag(case.version))

    return once.run(actor, work)


@router.get("/{applicant}/{number}")
def read_case(
    intake_id: str, applicant: str, number: Number, request: Request, response: Response, actor: Reader,
    reason: Reason = None,
) -> CaseView:  # fmt: skip
    """Read a decision within one's scope."""
    with opened_for(request.app.state.store, applicant) as session:
        if applicant.startswith(ALIAS):
            person = _person(session, request, intake_id, applicant, actor, Permission.READ_CASES, reason)
            case = session.get(CaseDecision, (intake_id, person.row.applicant, number))
        else:
            of_person = and_(
                Applicant.intake_id == CaseDecision.intake_id, Applicant.applicant == CaseDecision.applicant
            )
            route = and_(Route.intake_id == CaseDecision.intake_id, Route.route_id == CaseDecision.route_id)
            case = session.scalar(
                select(CaseDecision)
                .join(Applicant, of_person)
                .outerjoin(Route, route)
                .where(
                    CaseDecision.intake_id == intake_id,
                    CaseDecision.applicant == applicant,
                    CaseDecision.number == number,
                    cases_within(actor, Permission.READ_CASES),
                )
            )
        if case is None:
            raise not_found("case", "path number")
        response.headers["ETag"] = etag(case.version)
        return _view(case, applicant)


@router.patch("/{applicant}/{number}")
def edit_case(
    intake_id: str,
    applicant: str,
    number: Number,
    body: CaseEdit,
    request: Request,
    response: Response,
    actor: Writer,
    if_match: IfMatch = None,
    reason: Reason = None,
) -> CaseView:
    """Change a decision."""
    state = request.app.state
    with state.store.write() as session:
        intake = get_intake(session, intake_id)
        case, person = _case(session, request, intake_id, applicant, number, actor, reason)
        check_window(intake.windows, "cases", actor, state.clock())
        check_version(if_match, case.version, _view(case, person.shown).model_dump(mode="json"))
        _check(session, intake_id, person, case.route_id, case.kind, body.value, place="body")
        before = case.value
        if change_case(case, body.value, actor.id, state.clock()):
            touch(session, intake_id)
            state.trail.record(
                session, EventKind.CASE_DECIDED, actor=actor.id, object_type="case",
                object_id=f"{person.shown}/{number}", intake_id=intake_id,
                payload={"route": case.route_id, "kind": case.kind, "before": before, "after": body.value},
            )  # fmt: skip
        session.flush()
        response.headers["ETag"] = etag(case.version)
        return _view(case, person.shown)


@router.delete("/{applicant}/{number}", status_code=204)
def withdraw_case(
    intake_id: str,
    applicant: str,
    number: Number,
    request: Request,
    actor: Writer,
    if_match: IfMatch = None,
    reason: Reason = None,
) -> Response:
    """Withdraw a decision: it stands no longer; the audit trail keeps what it was."""
    state = request.app.state
    with state.store.write() as session:
        intake = get_intake(session, intake_id)
        case, person = _case(session, request, intake_id, applicant, number, actor, reason)
        check_window(intake.windows, "cases", actor, state.clock())
        check_version(if_match, case.version, _view(case, person.shown).model_dump(mode="json"))
        payload = {"route": case.route_id, "kind": case.kind, "before": case.value, "after": None}
        session.delete(case)
        touch(session, intake_id)
        state.trail.record(
            session, EventKind.CASE_WITHDRAWN, actor=actor.id, object_type="case",
            object_id=f"{person.shown}/{number}", intake_id=intake_id, payload=payload,
        )  # fmt: skip
    return Response(status_code=204)


@router.post("/tables", status_code=201, response_model=Uploaded)
def upload_cases(
    intake_id: str,
    route_id: Annotated[str, Query(min_length=1, max_length=64, examples=["3f2a91c07b"])],
    kind: Annotated[TableKind, Query(description="What the column value holds.")],
    file: UploadFile,
    request: Request,
    actor: Writer,
    once: OncePerKey,
) -> Response:
    """Hand in a route's ranks or test results as a table with the columns applicant and value: all of it or nothing."""
    state = request.app.state
    content = file.file.read(state.settings.upload_limit_mb * 1_000_000 + 1)
    rows = _read(content, file.filename or "table.csv", state.settings.upload_limit_mb)

    def work(session: Session) -> Created:
        intake = get_intake(session, intake_id)
        if not routes_of(session, intake_id, Route.route_id == route_id, _own(actor)):
            raise not_found("study route", "query route_id")
        check_window(intake.windows, "cases", actor, state.clock())
        decided = [{**row, "route_id": route_id, "kind": kind} for row in rows]
        people = known_people(session, intake_id, [row["applicant"] for row in rows])
        _refuse(problems_of_cases(session, intake_id, decided, routes=[route_id], people=people), rows)
        before = {
            case.applicant: case
            for case in session.scalars(
                select(CaseDecision).where(
                    CaseDecision.intake_id == intake_id, CaseDecision.route_id == route_id, CaseDecision.kind == kind
                )
            )
        }
        now, added, changed = state.clock(), 0, 0
        for row in rows:
            case = before.get(str(row["applicant"]))
            if case is None:
                person, value = str(row["applicant"]), str(row["value"])
                add_case(session, intake_id, person, route_id, kind, value, actor=actor.id, now=now)
                added += 1
            else:
                changed += change_case(case, str(row["value"]), actor.id, now)
        if added or changed:
            touch(session, intake_id)
        counts = {"rows": len(rows), "added": added, "changed": changed}
        state.trail.record(
            session, EventKind.CASES_IMPORTED, actor=actor.id, object_type="route", object_id=route_id,
            intake_id=intake_id, payload={"kind": kind, "file": digest, **counts},
        )  # fmt: skip
        body = Uploaded(route_id=route_id, kind=kind, **counts)
        return Created(body=body, location=f"/api/v1/intakes/{intake_id}/cases?route_id={route_id}&kind={kind}")

    digest = hashlib.sha256(content).hexdigest()
    return once.run(actor, work, content=digest)


def _read(content: bytes, name: str, limit: int) -> list[dict[str, Any]]:
    """Read the table: the row number, the applicant and the value of each row."""
    suffix = Path(name.replace("\\", "/")).suffix.lower()
    if len(content) > limit * 1_000_000:
        raise Problem(
            413,
            "file_too_large",
            "The file is too large",
            f"Files up to {limit} MB are taken.",
            place="body.file",
            remedy="Hand in one route's table only.",
        )
    if suffix not in SUFFIXES:
        kinds = ", ".join(SUFFIXES)
        raise unprocessable(
            "unreadable_file", f"A table is a file of the kind {kinds}.", place="body.file", remedy="Save it as CSV."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix}"
        path.write_bytes(content)
        try:
            checked = read_checked(path, TABLE)
            found = [_told(one, one.row) for one in checked.problems]
        except RefusedError as error:
            found = [_told(one, one.row) for one in error.problems]
    if found:
        raise _invalid(found)
    if len(checked.rows) > MOST_ROWS:
        raise unprocessable(
            "too_many_rows", f"A table has at most {MOST_ROWS} rows.", place="body.file", remedy="Hand in one route's."
        )
    rows = zip(checked.rows, checked.frame["applicant"].to_list(), checked.frame["value"].to_list(), strict=True)
    return [{"row": int(row), "applicant": applicant, "value": value} for row, applicant, value in rows]


def _told(problem: TableProblem, row: int | None) -> dict[str, Any]:
    place = ", ".join(f"{what} {where}" for what, where in (("row", row), ("column", problem.column)) if where)
    return {**told(problem, ""), "place": place or "body.file"}


def _invalid(found: list[dict[str, Any]]) -> Problem:
    return unprocessable(
        "invalid_rows",
        f"{len(found)} problem(s), see problems; nothing was written.",
        place=str(found[0]["place"]),
        remedy="Correct the rows, then hand the table in again.",
        problems=found,
    )


def _refuse(found: list[TableProblem], rows: list[dict[str, Any]]) -> None:
    """Refuse a table with every problem, at the true rows of the file."""
    problems = [_told(one, rows[one.row - 1]["row"]) for one in found if one.row is not None]
    if problems:
        raise _invalid(problems)
