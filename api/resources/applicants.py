"""Applicants: listed within scope by opaque id; identity numbers sealed, opened for a recorded reason only."""

import secrets
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from admissions.tables.declared import APPLICANTS
from api.access.actor import Actor
from api.access.allow import allow
from api.access.identity import IdentityVault
from api.access.permissions import Permission
from api.audit import EventKind
from api.engine_checks import check_rows
from api.etags import IfMatch, check_etag, content_etag
from api.idempotency import Created, OncePerKey
from api.lists import FILES, Listing, Page, answer_frame, answer_select
from api.problems import conflict, unprocessable
from api.store.models import Applicant, ApplicantIdentity, Run, RunResult
from api.store.repositories.intake_tables import new_alias
from api.store.repositories.intakes import get_intake, touch
from api.store.repositories.people import Person, Reason, find_person, opened_for, shown_name
from api.store.repositories.scoping import people_within

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/applicants", tags=["applicants"])
Reader = Annotated[Actor, allow(Permission.READ_APPLICANTS)]
Writer = Annotated[Actor, allow(Permission.WRITE_APPLICANTS)]
Opener = Annotated[Actor, allow(Permission.READ_IDENTITY)]
Text = Annotated[str | None, Query(max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
FLAGS = " ".join(APPLICANTS.column("flags").allowed)
NUMBER = r"^[0-9]{8}[-+]?([0-9]{4}|[A-Z]{1,2}[0-9A-Z]{2,3})$"
NUMBER_EXAMPLE = "20100230-0000"  # no day of any year, and no valid check digit
ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
ID_LENGTH = 12


class ApplicantView(BaseModel):
    """An applicant."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "applicant": "k7m2q9x4wd3h",
                    "home_municipality": "Salem",
                    "birth_year": 2010,
                    "flags": "foreign_grades",
                    "sending_school": "Säbyskolan",
                    "identity": "full",
                }
            ]
        },
    )

    applicant: str = Field(description="The opaque id; an alias for a protected person.")
    home_municipality: str
    birth_year: int | None
    flags: str | None = Field(description=f"Words with a space between: {FLAGS}.")
    sending_school: str | None = Field(description="The school the person leaves.")
    identity: Literal["full", "temporary"] | None = Field(description="Which kind of identity number is known.")


class ApplicantChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"home_municipality": "Nacka", "flags": "foreign_grades"}]}
    )

    home_municipality: Name | None = None
    birth_year: int | None = Field(None, ge=1950, le=2090)
    flags: str | None = Field(None, max_length=500)
    sending_school: Name | None = None


class NewApplicant(BaseModel):
    """An applicant to be registered; the id is made here and is random."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"home_municipality": "Salem", "birth_year": 2010, "identity_number": NUMBER_EXAMPLE}]
        },
    )

    home_municipality: Name
    birth_year: int = Field(ge=1950, le=2090)
    flags: str = Field("", max_length=500)
    sending_school: Name | None = None
    identity_number: str | None = Field(
        None, pattern=NUMBER, description="Twelve characters; a temporary one has letters. Sealed at once."
    )


class IdentityNumber(BaseModel):
    """A number to be recorded."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"number": NUMBER_EXAMPLE}]})

    number: str = Field(pattern=NUMBER, description="Twelve characters; a temporary one has letters.")


class IdentityReason(BaseModel):
    """Why a number is opened."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Guardian asked for a correction by telephone"}]}
    )

    reason: str = Field(min_length=5, max_length=200)


class IdentityView(BaseModel):
    """An opened identity number."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"applicant": "k7m2q9x4wd3h", "kind": "full", "number": NUMBER_EXAMPLE.replace("-", "")}]
        }
    )

    applicant: str
    kind: str
    number: str


def vault_of(request: Request) -> IdentityVault:
    """Give what seals identity numbers."""
    return IdentityVault(request.app.state.settings.identity_key.get_secret_value().encode())


def kind_of(number: str) -> str:
    """Say whether a number is a full one or a temporary one.

    Examples
    --------
    >>> kind_of("20100230-0000"), kind_of("20100230-TF12")
    ('full', 'temporary')
    """
    return "full" if number.replace("-", "").replace("+", "").isdigit() else "temporary"


def _view(session: Session, person: Person) -> ApplicantView:
    row = person.row
    known = session.get(ApplicantIdentity, (row.intake_id, row.applicant))
    return ApplicantView(
        applicant=person.shown,
        home_municipality=row.home_municipality,
        birth_year=row.birth_year,
        flags=row.flags,
        sending_school=row.sending_school,
        identity=None if known is None else known.kind,  # type: ignore[arg-type]
    )


def _tag(view: ApplicantView) -> str:
    return content_etag(view.model_dump(mode="json"))


def _checked(row: Applicant) -> None:
    frame = {
        "applicant": ["new"],
        "home_municipality": [row.home_municipality],
        "birth_year": [row.birth_year],
        "flags": [row.flags or ""],
    }
    check_rows({"applicants": pl.DataFrame(frame)}, "applicants", place="body")


@router.get("", response_model=Page[ApplicantView], responses=FILES)
def list_applicants(
    intake_id: str,
    request: Request,
    actor: Reader,
    query: Listing,
    *,
    applicant: Annotated[str | None, Query(max_length=64, description="The opaque id, or its beginning.")] = None,
    home_municipality: Text = None,
    sending_school: Text = None,
    identity: Literal["full", "temporary"] | None = None,
) -> Response:
    """List the applicants within one's scope, by id; protected persons are in no list."""
    same = and_(ApplicantIdentity.intake_id == Applicant.intake_id, ApplicantIdentity.applicant == Applicant.applicant)
    statement = select(Applicant).outerjoin(ApplicantIdentity, same)
    statement = statement.where(Applicant.intake_id == intake_id, people_within(actor, Permission.READ_APPLICANTS))
    wanted = ((Applicant.home_municipality, home_municipality), (Applicant.sending_school, sending_school))
    for column, value in (*wanted, (ApplicantIdentity.kind, identity)):
        if value is not None:
            statement = statement.where(column == value)
    columns: dict[str, Any] = {name: getattr(Applicant, name) for name in list(ApplicantView.model_fields)[:-1]}
    columns["identity"] = ApplicantIdentity.kind
    state = request.app.state
    with state.store.read() as session:
        get_intake(session, intake_id)
        if actor.sees_people():
            if applicant:
                statement = statement.where(Applicant.applicant.startswith(applicant, autoescape=True))
            key = [Applicant.applicant]
            return answer_select(session, query, "applicants", statement, columns, key=key, row=ApplicantView)
        labelled = [column.label(name) for name, column in columns.items()]
        found = session.execute(statement.with_only_columns(*labelled, maintain_column_froms=True)).all()
    schema = {name: pl.Int64 if name == "birth_year" else pl.String for name in columns}
    rows = [(shown_name(actor, state.trail.secret, intake_id, one[0]), *one[1:]) for one in found]
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("applicant")
    return answer_frame(frame.filter(pl.col("applicant").str.starts_with(applicant or "")), query, "applicants")


@router.post("", status_code=201, response_model=ApplicantView)
def create_applicant(intake_id: str, body: NewApplicant, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Register an applicant, who gets a random id that stays for good."""
    state = request.app.state

    def work(session: Session) -> Created:
        get_intake(session, intake_id, lock=True)
        protected = "protected" in body.flags.split()
        row = Applicant(
            intake_id=intake_id,
            applicant="".join(secrets.choice(ID_LETTERS) for _ in range(ID_LENGTH)),
            alias=new_alias() if protected else None,
            protected=protected,
            home_municipality=body.home_municipality,
            birth_year=body.birth_year,
            flags=body.flags,
            sending_school=body.sending_school,
        )
        _checked(row)
        session.add(row)
        session.flush()
        person = Person(row, row.alias or row.applicant)
        if body.identity_number is not None:
            _record(session, request, person, body.identity_number)
        touch(session, intake_id)
        values = body.model_dump(mode="json", exclude={"identity_number"})
        state.trail.record(
            session, EventKind.APPLICANT_ADDED, actor=actor.id, object_type="applicant", object_id=person.shown,
            intake_id=intake_id, payload=values,
        )  # fmt: skip
        session.flush()
        view = _view(session, person)
        where = f"/api/v1/intakes/{intake_id}/applicants/{person.shown}"
        return Created(body=view, location=where, etag=_tag(view))

    return once.run(actor, work)


@router.get("/{applicant}")
def read_applicant(
    intake_id: str, applicant: str, request: Request, response: Response, actor: Reader, reason: Reason = None
) -> ApplicantView:
    """Read an applicant within one's scope; a protected one by alias, for a recorded reason."""
    state = request.app.state
    with opened_for(state.store, applicant) as session:
        asked = (session, state.trail, intake_id, applicant, actor, Permission.READ_APPLICANTS)
        view = _view(session, find_person(*asked, reason=reason))
        response.headers["ETag"] = _tag(view)
        return view


@router.patch("/{applicant}")
def edit_applicant(
    intake_id: str,
    applicant: str,
    body: ApplicantChange,
    request: Request,
    response: Response,
    actor: Writer,
    if_match: IfMatch = None,
    reason: Reason = None,
) -> ApplicantView:
    """Change an applicant. With the flag protected the person goes on under an alias, given in the answer."""
    state = request.app.state
    with state.store.write() as session:
        asked = (session, state.trail, intake_id, applicant, actor, Permission.WRITE_APPLICANTS)
        person = find_person(*asked, reason=reason, lock=True)
        row, before = person.row, _view(session, person)
        check_etag(if_match, _tag(before), before.model_dump(mode="json"))
        for name, value in body.model_dump(exclude_unset=True).items():
            if value is not None or name in {"sending_school", "flags"}:
                setattr(row, name, value)
        _checked(row)
        row.protected = "protected" in (row.flags or "").split()
        if row.protected and row.alias is None:
            row.alias = new_alias()
        person = Person(row, row.alias if row.protected and row.alias else row.applicant)
        session.flush()
        after = _view(session, person)
        if after != before:
            touch(session, intake_id)
            values = {"before": before.model_dump(mode="json"), "after": after.model_dump(mode="json")}
            for part in values.values():
                part.pop("applicant")  # the payload does not tie an alias to an id
            state.trail.record(
                session, EventKind.APPLICANT_CHANGED, actor=actor.id, object_type="applicant", object_id=person.shown,
                intake_id=intake_id, payload=values,
            )  # fmt: skip
        response.headers["ETag"] = _tag(after)
        return after


@router.delete("/{applicant}", status_code=204)
def erase_applicant(intake_id: str, applicant: str, request: Request, actor: Writer, reason: Reason = None) -> Response:
    """Erase an applicant with everything registered; refused once a run's result names the person."""
    state = request.app.state
    with state.store.write() as session:
        asked = (session, state.trail, intake_id, applicant, actor, Permission.WRITE_APPLICANTS)
        person = find_person(*asked, reason=reason, lock=True)
        results = select(RunResult.run_id).join(Run, Run.id == RunResult.run_id)
        named = results.where(Run.intake_id == intake_id, RunResult.applicant == person.row.applicant)
        if session.scalar(named.limit(1)) is not None:
            raise conflict(
                "in_results",
                "A run's result names the person: it could not be checked any more.",
                place="path applicant",
                remedy="Withdraw the choices; personal data are erased with the whole intake on its day.",
            )
        session.delete(person.row)
        touch(session, intake_id)
        state.trail.record(
            session, EventKind.APPLICANT_ERASED, actor=actor.id, object_type="applicant", object_id=person.shown,
            intake_id=intake_id,
        )  # fmt: skip
    return Response(status_code=204)


@router.post("/{applicant}/identity")
def open_identity(
    intake_id: str, applicant: str, body: IdentityReason, request: Request, actor: Opener
) -> IdentityView:
    """Open an identity number; who did it, when and why is recorded."""
    state = request.app.state
    with state.store.write() as session:
        asked = (session, state.trail, intake_id, applicant, actor, Permission.READ_IDENTITY)
        person = find_person(*asked, reason=body.reason)
        known = session.get(ApplicantIdentity, (intake_id, person.row.applicant))
        if known is None:
            raise conflict(
                "no_identity", "No identity number is known.", place="path applicant", remedy="Record it first."
            )
        state.trail.record(
            session, EventKind.IDENTITY_VIEWED, actor=actor.id, object_type="applicant", object_id=person.shown,
            intake_id=intake_id, payload={"reason": body.reason},
        )  # fmt: skip
        number = vault_of(request).unseal(intake_id, known.sealed)
        return IdentityView(applicant=person.shown, kind=known.kind, number=number)


@router.put("/{applicant}/identity", status_code=204)
def replace_identity(
    intake_id: str, applicant: str, body: IdentityNumber, request: Request, actor: Opener, reason: Reason = None
) -> Response:
    """Record an identity number, the full one in place of a temporary one; the opaque id and the draw stay."""
    state = request.app.state
    with state.store.write() as session:
        get_intake(session, intake_id, lock=True)
        asked = (session, state.trail, intake_id, applicant, actor, Permission.READ_IDENTITY)
        person = find_person(*asked, reason=reason, lock=True)
        before = _record(session, request, person, body.number)
        touch(session, intake_id)
        state.trail.record(
            session, EventKind.IDENTITY_REPLACED, actor=actor.id, object_type="applicant", object_id=person.shown,
            intake_id=intake_id, payload={"before": before, "after": kind_of(body.number)},
        )  # fmt: skip
    return Response(status_code=204)


def _record(session: Session, request: Request, person: Person, number: str) -> str | None:
    """Seal a number; give the kind of the one it replaces."""
    vault, intake_id, applicant = vault_of(request), person.row.intake_id, person.row.applicant
    key = vault.lookup_key(intake_id, number)
    known = session.get(ApplicantIdentity, (intake_id, applicant))
    owner = select(ApplicantIdentity.applicant).where(
        ApplicantIdentity.intake_id == intake_id, ApplicantIdentity.lookup_key == key
    )
    if session.scalar(owner) not in {None, applicant}:
        raise conflict(
            "identity_known",
            "Another applicant of the intake has this number.",
            place="body number",
            remedy="Bring choices and decisions over to the one registered first and erase the other, then try again.",
        )
    if known is not None and known.kind == "full" and kind_of(number) == "temporary":
        raise unprocessable(
            "full_number_known",
            "The person has a full number; a temporary one does not take its place.",
            place="body number",
            remedy="Give the full number.",
        )
    before = None if known is None else known.kind
    sealed = vault.seal(intake_id, number)
    if known is None:
        known = ApplicantIdentity(intake_id=intake_id, applicant=applicant)
        session.add(known)
    known.kind, known.lookup_key, known.sealed = kind_of(number), key, sealed
    session.flush()
    return before
