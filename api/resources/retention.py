"""The retention schedule of an intake: what is erased after which day."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.etags import IfMatch, check_version, etag
from api.retention.schedule import MEANING, Category, last_days
from api.store.models import Intake
from api.store.repositories.intakes import change_intake, get_intake

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/retention", tags=["retention"])


class Schedule(BaseModel):
    """The last day on which each category is kept; people last, because everything else hangs on them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "uploads": "2026-12-31",
                    "identities": "2027-01-31",
                    "grades": "2027-12-31",
                    "results": "2028-12-31",
                    "people": "2028-12-31",
                }
            ]
        },
    )

    uploads: date = Field(description=MEANING[Category.UPLOADS])
    identities: date = Field(description=MEANING[Category.IDENTITIES])
    grades: date = Field(description=MEANING[Category.GRADES])
    results: date = Field(description=MEANING[Category.RESULTS])
    people: date = Field(description=MEANING[Category.PEOPLE])

    @model_validator(mode="after")
    def _people_last(self) -> "Schedule":
        if self.people < max(self.identities, self.grades, self.results):
            raise ValueError("people are erased last: nothing else about them is kept longer")
        return self


def _schedule(intake: Intake) -> Schedule:
    return Schedule.model_validate({str(name): day for name, day in last_days(intake.year, intake.retention).items()})


@router.get("")
def read_retention(
    intake_id: str,
    request: Request,
    response: Response,
    actor: Annotated[Actor, allow(Permission.READ_AUDIT)],  # noqa: ARG001
) -> Schedule:
    """Read the last day on which each category of the intake's data is kept."""
    with request.app.state.store.read() as session:
        intake = get_intake(session, intake_id)
        response.headers["ETag"] = etag(intake.version)
        return _schedule(intake)


@router.put("")
def set_retention(
    intake_id: str,
    body: Schedule,
    request: Request,
    response: Response,
    actor: Annotated[Actor, allow(Permission.WRITE_INTAKE)],
    if_match: IfMatch = None,
) -> Schedule:
    """Set the schedule; `admissions retention` erases what is past its day."""
    state = request.app.state
    with state.store.write() as session:
        intake = get_intake(session, intake_id, lock=True)
        check_version(if_match, intake.version, _schedule(intake).model_dump(mode="json"))
        values = {"retention": body.model_dump(mode="json")}
        change_intake(intake, values)
        state.trail.record(
            session, EventKind.INTAKE_CHANGED, actor=actor.id, object_type="intake", object_id=intake.id,
            intake_id=intake.id, payload=values,
        )  # fmt: skip
        session.flush()
        response.headers["ETag"] = etag(intake.version)
        return body
