"""Why an applicant got what they got in a run, and what would have been enough."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from admissions.explanations.explaining import Explanation, explain
from admissions.explanations.sentences import sentences
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.explained import explained_run
from api.letters import letter_of, letter_pdf
from api.problems import not_found
from api.store.models import Applicant
from api.store.repositories.runs import find_result, finished_run
from api.store.repositories.scoping import people_within

router = APIRouter(prefix="/api/v1/runs/{run_id}", tags=["results"])
Results = Annotated[Actor, allow(Permission.READ_RESULTS)]
Lang = Annotated[Literal["sv", "en"], Query(description="Language of the sentences.")]
PDF = "application/pdf"


class Paragraph(BaseModel):
    """Sentences under a heading."""

    heading: str = Field(examples=["Val 1: Naturvetenskapsprogrammet, Nackas gymnasium"])
    sentences: list[str] = Field(examples=[["Du är antagen."]])


class Told(BaseModel):
    """An explanation: in words, and what is behind them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "run_id": "5f0c",
                    "applicant": "k7m2q9x4wd3h",
                    "round": "final",
                    "language": "sv",
                    "text": [{"heading": "Val 1: Naturvetenskapsprogrammet", "sentences": ["Du är antagen."]}],
                    "choices": [{"route_id": "3f2a91c07b", "rank": 1, "status": "admitted", "reason": "open_seat"}],
                    "menu": ["3f2a91c07b"],
                    "enough_unknown": "",
                }
            ]
        }
    )

    run_id: str
    applicant: str
    round: str
    language: Literal["sv", "en"]
    text: list[Paragraph]
    choices: list[dict[str, Any]] = Field(
        description="Per choice: status, reason, own value, cut-off, what was enough."
    )
    menu: list[str] = Field(description="Own choices that were within reach, best first.")
    enough_unknown: str = Field(description="Why nothing is said about what would have been enough; empty if it is.")


def explanation_for(request: Request, run_id: str, applicant: str, actor: Actor) -> Explanation:
    """Explain an applicant's result, if the actor may see it; protected persons are not found.

    Raises
    ------
    Problem
        404: no such run or applicant for the actor; 409: the run is not finished.
    """
    if not actor.sees_people():
        raise not_found("applicant", "path applicant")
    with request.app.state.store.read() as session:
        finished_run(session, run_id, actor)
        _, intake_id = find_result(session, run_id, applicant, actor)
        mine = select(Applicant.applicant).where(
            Applicant.intake_id == intake_id,
            Applicant.applicant == applicant,
            people_within(actor, Permission.READ_RESULTS),
        )
        if session.scalar(mine) is None:
            raise not_found("applicant", "path applicant")
    known = explained_run(request.app.state, run_id)
    return explain(known.facts, applicant, unknown=known.unknown)


@router.get("/explanations/{applicant}")
def read_explanation(run_id: str, applicant: str, request: Request, actor: Results, lang: Lang = "sv") -> Told:
    """Explain the result of an applicant within one's scope, choice by choice."""
    found = explanation_for(request, run_id, applicant, actor)
    data = found.as_dict()
    return Told(
        run_id=run_id,
        applicant=applicant,
        round=found.round,
        language=lang,
        text=[Paragraph(heading=heading, sentences=lines) for heading, lines in sentences(found, lang)],
        choices=list(data["choices"]),
        menu=list(found.menu),
        enough_unknown=found.unknown,
    )


@router.get(
    "/explanations/{applicant}/letter",
    response_class=Response,
    responses={
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}, "description": "The letter"}
    },
)
def read_letter(run_id: str, applicant: str, request: Request, actor: Results, lang: Lang = "sv") -> Response:
    """Give the letter to an applicant within one's scope, as PDF."""
    found = explanation_for(request, run_id, applicant, actor)
    known = explained_run(request.app.state, run_id)
    letter = letter_of(
        found,
        lang,
        organisers=known.organisers,
        calendar=known.rulebook.calendar,
        silence=known.rulebook.sections.answers.silence,
        sender=known.intake_name,
    )
    headers = {"Content-Disposition": f'attachment; filename="letter-{lang}.pdf"'}
    return Response(letter_pdf(letter), media_type=PDF, headers=headers)
