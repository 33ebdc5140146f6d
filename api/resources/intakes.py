"""Intakes: admission years, their windows, their rounds."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.access.windows import Window
from api.audit import EventKind
from api.etags import IfMatch, check_version, etag
from api.idempotency import Created, OncePerKey
from api.lists import FILES, Listing, Page, answer_select
from api.problems import conflict
from api.store.base import new_id
from api.store.models import Intake, Round
from api.store.repositories.intakes import change_intake, get_intake, get_rulebook

router = APIRouter(prefix="/api/v1/intakes", tags=["intakes"])
Reader = Annotated[Actor, allow(Permission.READ_CATALOGUE)]
Writer = Annotated[Actor, allow(Permission.WRITE_INTAKE)]


class Windows(BaseModel):
    """When people outside the office may change what."""

    model_config = ConfigDict(extra="forbid")

    choices: Window | None = Field(None, description="Counsellors change choices: the re-choice window.")
    seats: Window | None = Field(None, description="Principals change seats.")
    cases: Window | None = Field(None, description="Principals decide on free quota, tests, ranks and reception.")


class NewIntake(BaseModel):
    """An intake to be opened."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100, examples=["Antagning 2026"])
    year: int = Field(ge=2000, le=2100, examples=[2026])


class IntakeChange(BaseModel):
    """What can be changed of an intake; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    rulebook_id: str | None = None
    windows: Windows | None = None


class IntakeView(BaseModel):
    """An intake."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    year: int
    rulebook_id: str | None
    windows: dict[str, Any]
    revision: int = Field(description="Grows with every change to the intake's tables.")
    version: int
    created_at: datetime
    erased_at: datetime | None


class RoundView(BaseModel):
    """A round of an intake."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["final"])
    position: int
    date: str | None
    published_run_id: str | None


COLUMNS = {name: getattr(Intake, name) for name in IntakeView.model_fields}


@router.get("", response_model=Page[IntakeView], responses=FILES)
def list_intakes(
    request: Request,
    actor: Reader,  # noqa: ARG001
    query: Listing,
    year: Annotated[int | None, Query(description="Admission year.")] = None,
) -> Response:
    """List the intakes."""
    statement = select(Intake)
    if year is not None:
        statement = statement.where(Intake.year == year)
    with request.app.state.store.read() as session:
        return answer_select(session, query, "intakes", statement, COLUMNS, key=[Intake.id], row=IntakeView)


@router.post("", status_code=201, response_model=IntakeView)
def create_intake(body: NewIntake, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Open an intake."""
    state = request.app.state

    def work(session: Session) -> Created:
        intake = Intake(
            id=new_id(), name=body.name, year=body.year, windows={}, revision=0, version=1,
            created_by=actor.id, created_at=state.clock(),
        )  # fmt: skip
        try:
            with session.begin_nested():
                session.add(intake)
        except IntegrityError as error:
            raise conflict(
                "name_taken", "Another intake has this name.", place="body.name", remedy="Choose another name."
            ) from error
        state.trail.record(
            session, EventKind.INTAKE_CREATED, actor=actor.id, object_type="intake", object_id=intake.id,
            intake_id=intake.id, payload=body.model_dump(),
        )  # fmt: skip
        view = IntakeView.model_validate(intake)
        return Created(body=view, location=f"/api/v1/intakes/{intake.id}", etag=etag(intake.version))

    return once.run(actor, work)


@router.get("/{intake_id}")
def read_intake(intake_id: str, request: Request, response: Response, actor: Reader) -> IntakeView:  # noqa: ARG001
    """Read an intake."""
    with request.app.state.store.read() as session:
        intake = get_intake(session, intake_id)
        response.headers["ETag"] = etag(intake.version)
        return IntakeView.model_validate(intake)


@router.patch("/{intake_id}")
def edit_intake(
    intake_id: str, body: IntakeChange, request: Request, response: Response, actor: Writer, if_match: IfMatch = None
) -> IntakeView:
    """Change an intake's windows or rulebook."""
    state = request.app.state
    values = body.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    with state.store.write() as session:
        intake = get_intake(session, intake_id, lock=True)
        check_version(if_match, intake.version, IntakeView.model_validate(intake).model_dump(mode="json"))
        if "rulebook_id" in values:
            get_rulebook(session, values["rulebook_id"])
        change_intake(intake, values)
        state.trail.record(
            session, EventKind.INTAKE_CHANGED, actor=actor.id, object_type="intake", object_id=intake.id,
            intake_id=intake.id, payload=values,
        )  # fmt: skip
        session.flush()
        response.headers["ETag"] = etag(intake.version)
        return IntakeView.model_validate(intake)


@router.get("/{intake_id}/rounds", response_model=Page[RoundView], responses=FILES)
def list_rounds(intake_id: str, request: Request, actor: Reader, query: Listing) -> Response:  # noqa: ARG001
    """List the rounds of an intake, in the order of the year."""
    columns = {name: getattr(Round, name) for name in RoundView.model_fields}
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        statement = select(Round).where(Round.intake_id == intake_id)
        return answer_select(
            session, query, "rounds", statement, columns, key=[Round.position, Round.name], row=RoundView
        )
