"""A person's grades: one sheet per term, changed as a whole."""

from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from admissions.tables.declared import APPLICANT_GRADES
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.engine_checks import check_rows
from api.etags import IfMatch, check_etag, content_etag
from api.store.models import GradeSheet
from api.store.repositories.intakes import touch
from api.store.repositories.people import Person, Reason, find_person, opened_for

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/applicants/{applicant}/grades", tags=["applicants"])
Reader = Annotated[Actor, allow(Permission.READ_GRADES)]
Writer = Annotated[Actor, allow(Permission.WRITE_GRADES)]
Term = Literal["autumn", "final", "summer"]
TERMS = tuple(APPLICANT_GRADES.column("term").allowed)
MARKS: dict[str, Any] = {"BL": "C", "EN": "B", "M2": "B", "MA": "C", "SV": "A"}
Code = Annotated[str, Field(min_length=1, max_length=10, pattern=r"^[A-Z0-9-]+$")]


class SheetView(BaseModel):
    """The grades of a term."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"applicant": "k7m2q9x4wd3h", "term": "final", "grades": MARKS}]}
    )

    applicant: str
    term: Term
    grades: dict[str, str] = Field(description="Grade by subject; empty where no certificate came.")


class Sheets(BaseModel):
    """The grades of all terms."""

    sheets: list[SheetView]


class SheetEdit(BaseModel):
    """The grades as they shall be: the whole sheet."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"grades": MARKS}]})

    grades: dict[Code, Code] = Field(
        max_length=100, description="Grade by subject; M2 is a modern language as language choice. Empty: no sheet."
    )


def marks_of(text: str) -> dict[str, str]:
    """Read a sheet as the store keeps it.

    Examples
    --------
    >>> marks_of("EN:- MA:C")
    {'EN': '-', 'MA': 'C'}
    """
    return {subject: grade for subject, _, grade in (mark.partition(":") for mark in text.split())}


def _view(session: Session, person: Person, term: Term) -> SheetView:
    sheet = session.get(GradeSheet, (person.row.intake_id, person.row.applicant, term))
    return SheetView(applicant=person.shown, term=term, grades={} if sheet is None else marks_of(sheet.marks))


def _tag(view: SheetView) -> str:
    return content_etag({"term": view.term, "grades": view.grades})


@router.get("")
def list_sheets(intake_id: str, applicant: str, request: Request, actor: Reader, reason: Reason = None) -> Sheets:
    """Read the grades of a person in every term."""
    state = request.app.state
    with opened_for(state.store, applicant) as session:
        asked = (session, state.trail, intake_id, applicant, actor, Permission.READ_GRADES)
        person = find_person(*asked, reason=reason)
        return Sheets(sheets=[_view(session, person, term) for term in TERMS])  # type: ignore[arg-type]


@router.get("/{term}")
def read_sheet(
    intake_id: str, applicant: str, term: Term, request: Request, response: Response, actor: Reader,
    reason: Reason = None,
) -> SheetView:  # fmt: skip
    """Read the grades of a person in a term."""
    state = request.app.state
    with opened_for(state.store, applicant) as session:
        asked = (session, state.trail, intake_id, applicant, actor, Permission.READ_GRADES)
        view = _view(session, find_person(*asked, reason=reason), term)
        response.headers["ETag"] = _tag(view)
        return view


@router.put("/{term}")
def put_sheet(
    intake_id: str,
    applicant: str,
    term: Term,
    body: SheetEdit,
    request: Request,
    response: Response,
    actor: Writer,
    if_match: IfMatch = None,
    reason: Reason = None,
) -> SheetView:
    """Set the grades of a person in a term: checked by the rules of an import, every problem at once."""
    state = request.app.state
    with state.store.write() as session:
        asked = (session, state.trail, intake_id, applicant, actor, Permission.WRITE_GRADES)
        person = find_person(*asked, reason=reason, lock=True)
        before = _view(session, person, term)
        check_etag(if_match, _tag(before), before.model_dump(mode="json"))
        subjects = sorted(body.grades)
        _check(term, subjects, [body.grades[one] for one in subjects])
        key = (intake_id, person.row.applicant, term)
        sheet = session.get(GradeSheet, key)
        marks = " ".join(f"{one}:{body.grades[one]}" for one in subjects)
        if sheet is None and marks:
            session.add(GradeSheet(intake_id=intake_id, applicant=key[1], term=term, marks=marks))
        elif sheet is not None and not marks:
            session.delete(sheet)
        elif sheet is not None:
            sheet.marks = marks
        session.flush()
        after = _view(session, person, term)
        if after != before:
            touch(session, intake_id)
            state.trail.record(
                session, EventKind.GRADES_CHANGED, actor=actor.id, object_type="applicant", object_id=person.shown,
                intake_id=intake_id, payload={"term": term, "before": before.grades, "after": after.grades},
            )  # fmt: skip
        response.headers["ETag"] = _tag(after)
        return after


def _check(term: str, subjects: list[str], grades: list[str]) -> None:
    if subjects:
        rows = {"applicant": "one", "term": term, "subject": subjects, "grade": grades}
        check_rows({"grades": pl.DataFrame(rows)}, "grades", place="body.grades")
