"""An applicant's list of choices with its history: read by day, changed as a whole.

A row that moves to another rank is withdrawn and registered again, so that lateness can be decided row by row; a row
that keeps its place is not touched. What is undone the same day leaves no trace in the list, which counts by days; the
audit trail has it.
"""

from datetime import date
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.access.windows import SWEDEN, check_window
from api.audit import EventKind
from api.engine_checks import problems_of, told
from api.etags import IfMatch, check_etag, content_etag
from api.problems import unprocessable
from api.store.models import Choice, Route, Rulebook
from api.store.models import Intake as IntakeRow
from api.store.repositories.intakes import get_intake, touch
from api.store.repositories.people import Person, Reason, find_person, opened_for
from api.store.repositories.scoping import routes_seen

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/applicants/{applicant}/choices", tags=["applicants"])
Reader = Annotated[Actor, allow(Permission.READ_APPLICANTS)]
Writer = Annotated[Actor, allow(Permission.WRITE_CHOICES)]
RouteId = Annotated[str, Field(min_length=1, max_length=64)]
NO_LIMIT = 0


class ChoiceRow(BaseModel):
    """A row of the list, now or in the past."""

    model_config = ConfigDict(from_attributes=True)

    route_id: str
    rank: int
    registered_at: date
    withdrawn_at: date | None = Field(description="The first day on which it no longer stands.")


class ChoicesView(BaseModel):
    """The list as it stands, and every row there ever was."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "applicant": "k7m2q9x4wd3h",
                    "routes": ["3f2a91c07b"],
                    "history": [
                        {"route_id": "3f2a91c07b", "rank": 1, "registered_at": "2026-01-20", "withdrawn_at": None}
                    ],
                }
            ]
        }
    )

    applicant: str
    routes: list[str] = Field(description="Ids of the routes in the order of the list.")
    history: list[ChoiceRow] = Field(description="By day of registration and rank.")


class ChoicesEdit(BaseModel):
    """The list as it shall be: the whole of it, in order."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"routes": ["3f2a91c07b"]}]})

    routes: list[RouteId] = Field(max_length=100)


def _rows(session: Session, person: Person) -> list[Choice]:
    mine = select(Choice).where(Choice.intake_id == person.row.intake_id, Choice.applicant == person.row.applicant)
    return list(session.scalars(mine.order_by(Choice.registered_at, Choice.rank, Choice.number)))


def _view(person: Person, rows: list[Choice], seen: set[str] | None = None) -> ChoicesView:
    shown = [row for row in rows if seen is None or row.route_id in seen]
    active = sorted((row for row in shown if row.withdrawn_at is None), key=lambda row: row.rank)
    return ChoicesView(
        applicant=person.shown,
        routes=[row.route_id for row in active],
        history=[ChoiceRow.model_validate(row) for row in shown],
    )


def _tag(view: ChoicesView) -> str:
    return content_etag(view.model_dump(mode="json", exclude={"applicant"}))


@router.get("")
def read_choices(
    intake_id: str, applicant: str, request: Request, response: Response, actor: Reader, reason: Reason = None
) -> ChoicesView:
    """Read an applicant's list and its history; a receiving principal sees the rows of the own routes only."""
    state = request.app.state
    with opened_for(state.store, applicant) as session:
        asked = (session, state.trail, intake_id, applicant, actor, Permission.READ_APPLICANTS)
        person = find_person(*asked, reason=reason)
        seen = routes_seen(session, actor, Permission.READ_APPLICANTS, person.row)
        view = _view(person, _rows(session, person), seen)
        response.headers["ETag"] = _tag(view)
        return view


@router.put("")
def put_choices(
    intake_id: str,
    applicant: str,
    body: ChoicesEdit,
    request: Request,
    response: Response,
    actor: Writer,
    if_match: IfMatch = None,
    reason: Reason = None,
) -> ChoicesView:
    """Set an applicant's list: the office always, a counsellor the own pupils' within the re-choice window."""
    state = request.app.state
    today = state.clock().astimezone(SWEDEN).date()
    with state.store.write() as session:
        intake = get_intake(session, intake_id)
        asked = (session, state.trail, intake_id, applicant, actor, Permission.WRITE_CHOICES)
        person = find_person(*asked, reason=reason, lock=True)
        check_window(intake.windows, "choices", actor, state.clock())
        rows = _rows(session, person)
        before = _view(person, rows)
        check_etag(if_match, _tag(before), before.model_dump(mode="json"))
        if before.routes != body.routes:
            _check(session, intake, person, body.routes, before.routes, today)
            _change(session, person, rows, body.routes, today)
            session.flush()
            touch(session, intake_id)
            state.trail.record(
                session, EventKind.CHOICES_CHANGED, actor=actor.id, object_type="applicant", object_id=person.shown,
                intake_id=intake_id, payload={"before": before.routes, "after": body.routes},
            )  # fmt: skip
        after = _view(person, _rows(session, person))
        response.headers["ETag"] = _tag(after)
        return after


def _change(session: Session, person: Person, rows: list[Choice], wanted: list[str], today: date) -> None:
    """Withdraw what goes, leave what stays, register what comes or moves."""
    day = today.isoformat()
    places = {(route, rank) for rank, route in enumerate(wanted, start=1)}
    standing = {(row.route_id, row.rank): row for row in rows if row.withdrawn_at is None}
    undone = {(row.route_id, row.rank): row for row in rows if row.withdrawn_at == day}
    number = max((row.number for row in rows), default=-1)
    for place, row in standing.items():
        if place in places:
            continue
        if row.registered_at >= day:
            session.delete(row)  # never stood at the end of a day
        else:
            row.withdrawn_at = day
    for route, rank in sorted(places - set(standing), key=lambda place: place[1]):
        back = undone.get((route, rank))
        if back is not None:
            back.withdrawn_at = None
            continue
        number += 1
        session.add(
            Choice(
                intake_id=person.row.intake_id, applicant=person.row.applicant, number=number, route_id=route,
                rank=rank, registered_at=day, withdrawn_at=None,
            )
        )  # fmt: skip


def _check(
    session: Session, intake: IntakeRow, person: Person, wanted: list[str], before: list[str], today: date
) -> None:
    """Refuse a list that breaks a rule, with every problem."""
    known = select(Route.route_id, Route.closed_at).where(Route.intake_id == intake.id, Route.route_id.in_(wanted))
    closed_at = {one.route_id: one.closed_at for one in session.execute(known)}
    rows = {
        "applicant": [person.row.applicant] * len(wanted),
        "route_id": wanted,
        "rank": list(range(1, len(wanted) + 1)),
        "registered_at": [today] * len(wanted),
    }
    schema = {"applicant": pl.String, "route_id": pl.String, "rank": pl.Int64, "registered_at": pl.Date}
    frames = {"choices": pl.DataFrame(rows, schema=schema)}
    found = [told(one, "body.routes") for one in problems_of(frames) if not (one.rule == "empty_table" and not wanted)]
    found += [
        _problem(at, route, "unknown_route", "the intake has no such route", "Correct the id.")
        for at, route in enumerate(wanted)
        if route not in closed_at
    ]
    found += [
        _problem(at, route, "route_closed", "the route does not start", "Take it out of the list.")
        for at, route in enumerate(wanted)
        if (closed := closed_at.get(route)) is not None and closed <= today.isoformat() and route not in before
    ]
    most = _most(session, intake)
    if NO_LIMIT < most < len(wanted):
        remedy = f"Keep {most}."
        found.append(_problem(most, wanted[most], "too_many", f"a list has at most {most} choices", remedy))
    if found:
        raise unprocessable(
            "invalid_rows",
            f"{len(found)} problem(s), see problems; nothing was written.",
            place=str(found[0]["place"]),
            remedy=str(found[0]["remedy"]),
            problems=found,
        )


def _most(session: Session, intake: IntakeRow) -> int:
    """Give the most choices a list may have by the intake's rulebook, 0 for any number."""
    from api.jobs.run_round import rulebook_from_text

    rulebook = session.get(Rulebook, intake.rulebook_id) if intake.rulebook_id else None
    if rulebook is None:
        return NO_LIMIT
    return int(rulebook_from_text(rulebook.text, intake.year).sections.choices.highest_number)


def _problem(at: int, route: str, rule: str, message: str, remedy: str) -> dict[str, Any]:
    return {"place": f"body.routes.{at}", "code": rule, "value": route, "message": message, "remedy": remedy}
