"""Answers to an offer: one person's at a time, or a table of them; checked against what was offered.

An answer is about the run that people go by in its round: the published one, else the newest that is verified. Whoever
has a seat says yes or no to it; whoever has none can only stay reserve or not.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Path, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.rules import round_number
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.access.windows import SWEDEN
from api.answer_checks import check_answer, refuse_passed
from api.answer_tables import read_answers
from api.audit import EventKind
from api.etags import IfMatch, check_etag, content_etag
from api.handed_in import uploaded
from api.idempotency import Created, OncePerKey
from api.lists import FILES, Cells, Listing, Page, answer_frame
from api.problems import conflict, not_found
from api.pseudonyms import pseudonym
from api.results_queries import narrowed
from api.store.models import Answer, Run
from api.store.repositories.intakes import get_intake, touch
from api.store.repositories.offers import (
    OF_ROUTE,
    answers_frame,
    day_text,
    offers_and_answers,
    people_frame,
    run_with_offers,
    write_answers,
)
from api.store.repositories.people import Reason, find_person, opened_for
from api.store.repositories.runs import FINAL, sees_unpublished
from api.store.repositories.scoping import decisions_within

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/answers", tags=["answers"])
Reader = Annotated[Actor, allow(Permission.READ_RESULTS)]
Writer = Annotated[Actor, allow(Permission.WRITE_ANSWERS)]
Text = Annotated[str | None, Query(max_length=200)]
RoundName = Annotated[
    str, Path(pattern=r"^(final|reserve-[1-9][0-9]?)$", examples=["final"], description="The round answered.")
]
Said = Literal["yes", "yes_no_reserve", "no_keep_reserve", "no"]
EXAMPLE: dict[str, Any] = {
    "applicant": "k7m2q9x4wd3h",
    "round": "final",
    "answer": "yes",
    "route_id": "3f2a91c07b",
    "answered_at": "2026-07-20",
}


class AnswerView(BaseModel):
    """What somebody said about the result of a round."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [EXAMPLE]})

    applicant: str = Field(description="The opaque id; an alias for a protected person.")
    round: str
    answer: Said
    route_id: str | None = Field(description="The study route of the seat; empty where none was offered.")
    answered_at: date | None


class AnswerInput(BaseModel):
    """An answer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"answer": "yes", "route_id": "3f2a91c07b", "answered_at": "2026-07-20"}]},
    )

    answer: Said = Field(
        description="yes: takes the seat, stays reserve on higher choices; yes_no_reserve: takes it and leaves the "
        "queues; no_keep_reserve: gives it back, stays reserve; no: gives up seat and queues."
    )
    route_id: str | None = Field(None, max_length=64, description="The route meant; the offered one if left out.")
    answered_at: date | None = Field(None, description="The day of the answer; today if left out.")


class AnswersRead(BaseModel):
    """What a table of answers changed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rows": 812, "new": 790, "changed": 22}]})

    rows: int
    new: int = Field(description="Answers of people who had not answered that round.")
    changed: int = Field(description="Answers that say something else than before.")


def _view(row: Answer, shown: str) -> AnswerView:
    return AnswerView.model_validate(row).model_copy(update={"applicant": shown})


def answered(view: AnswerView) -> str:
    """Give the ETag of an answer."""
    return content_etag(view.model_dump(mode="json"))


@router.get("", response_model=Page[Cells], responses=FILES)
def list_answers(
    intake_id: str,
    request: Request,
    actor: Reader,
    query: Listing,
    *,
    round: Annotated[str | None, Query(pattern=r"^(final|reserve-[1-9][0-9]?)$")] = None,  # noqa: A002 - the URL's name
    answer: Annotated[Said | Literal["none"] | None, Query(description="none: offered a seat, silent.")] = None,
    route_id: Text = None,
    programme: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the offers of a round within one's scope and what was said to each; the latest round if none is named.

    Whoever was offered no seat stands here only with an answer. Protected persons are in no list.
    """
    state = request.app.state
    with state.store.read() as session:
        get_intake(session, intake_id)
        name = round or latest_round(session, intake_id, actor)
        run = None if name is None else run_with_offers(session, intake_id, name)
        if run is None or not (run.state == "published" or sees_unpublished(actor)):
            raise not_found("round with offers", "query round")
        decisions = state.results.get(session, run.id, "decisions")
        said = answers_frame(session, intake_id).filter(pl.col("round") == run.round)
        people = people_frame(session, intake_id).drop("alias")
    frame = offers_and_answers(decisions, said, people).filter(decisions_within(actor, Permission.READ_RESULTS))
    given = {"route_id": route_id, "programme": programme, "school": school}
    frame = narrowed(frame, **given, municipality=municipality, organiser=organiser)
    if answer is not None:
        frame = frame.filter(pl.col("answer").is_null() if answer == "none" else pl.col("answer") == answer)
    frame = frame.select("applicant", pl.lit(run.round).alias("round"), "route_id", *OF_ROUTE, "answer", "answered_at")
    if not actor.sees_people():
        known = {one: pseudonym(state.trail.secret, run.id, one) for one in frame["applicant"].to_list()}
        frame = frame.with_columns(pl.col("applicant").replace_strict(known, return_dtype=pl.String))
    return answer_frame(frame.sort("route_id", "applicant"), query, "answers")


def latest_round(session: Session, intake_id: str, actor: Actor) -> str | None:
    """Give the latest round with offers that somebody may know of."""
    shown = Run.state != "draft" if sees_unpublished(actor) else Run.state == "published"
    names = session.scalars(select(Run.round).where(Run.intake_id == intake_id, shown).distinct())
    return max((one for one in names if round_number(one) >= FINAL), key=round_number, default=None)


@router.get("/{round}/{applicant}")
def read_answer(
    intake_id: str, round: RoundName, applicant: str, request: Request, response: Response, actor: Writer,  # noqa: A002
    reason: Reason = None,
) -> AnswerView:  # fmt: skip
    """Read one person's answer, with the ETag that a change needs."""
    state = request.app.state
    with opened_for(state.store, applicant) as session:
        person = find_person(session, state.trail, intake_id, applicant, actor, Permission.WRITE_ANSWERS, reason=reason)
        row = session.get(Answer, (intake_id, person.row.applicant, round))
        if row is None:
            raise not_found("answer", "path applicant")
        view = _view(row, person.shown)
        response.headers["ETag"] = answered(view)
        return view


@router.put("/{round}/{applicant}")
def record_answer(
    intake_id: str,
    round: RoundName,  # noqa: A002
    applicant: str,
    body: AnswerInput,
    request: Request,
    response: Response,
    actor: Writer,
    if_match: IfMatch = None,
    reason: Reason = None,
) -> AnswerView:
    """Record one person's answer; a new one needs no If-Match, a changed one does."""
    state = request.app.state
    with state.store.write() as session:
        get_intake(session, intake_id)
        person = find_person(
            session, state.trail, intake_id, applicant, actor, Permission.WRITE_ANSWERS, reason=reason, lock=True
        )
        run = run_with_offers(session, intake_id, round)
        refuse_passed(session, intake_id, round)
        offered = check_answer(session, run, person.row.applicant, body.answer, body.route_id)
        row = session.get(Answer, (intake_id, person.row.applicant, round))
        before = None
        if row is None:
            row = Answer(intake_id=intake_id, applicant=person.row.applicant, round=round)
            session.add(row)
        else:
            old = _view(row, person.shown)
            check_etag(if_match, answered(old), old.model_dump(mode="json"))
            before = old.answer
        row.answer, row.route_id = body.answer, offered
        row.answered_at = day_text(body.answered_at or today(state.clock()))
        touch(session, intake_id)
        state.trail.record(
            session, EventKind.ANSWER_RECORDED, actor=actor.id, object_type="answer",
            object_id=f"{round}/{person.shown}", intake_id=intake_id,
            payload={"before": before, "after": body.answer, "route": offered, "run": run.id},
        )  # fmt: skip
        session.flush()
        view = _view(row, person.shown)
        response.headers["ETag"] = answered(view)
        return view


@router.delete("/{round}/{applicant}", status_code=204)
def withdraw_answer(
    intake_id: str,
    round: RoundName,  # noqa: A002
    applicant: str,
    request: Request,
    actor: Writer,
    if_match: IfMatch = None,
    reason: Reason = None,
) -> Response:
    """Take back an answer that was recorded by mistake: the person counts as silent again."""
    state = request.app.state
    with state.store.write() as session:
        person = find_person(
            session, state.trail, intake_id, applicant, actor, Permission.WRITE_ANSWERS, reason=reason, lock=True
        )
        row = session.get(Answer, (intake_id, person.row.applicant, round))
        if row is None:
            raise not_found("answer", "path applicant")
        refuse_passed(session, intake_id, round)
        view = _view(row, person.shown)
        check_etag(if_match, answered(view), view.model_dump(mode="json"))
        session.delete(row)
        touch(session, intake_id)
        state.trail.record(
            session, EventKind.ANSWER_WITHDRAWN, actor=actor.id, object_type="answer",
            object_id=f"{round}/{person.shown}", intake_id=intake_id, payload={"before": view.answer, "after": None},
        )  # fmt: skip
    return Response(status_code=204)


def today(now: datetime) -> date:
    """Give the day in Sweden."""
    return now.astimezone(SWEDEN).date()


@router.post("", status_code=201, response_model=AnswersRead)
def upload_answers(intake_id: str, file: UploadFile, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Hand in a table of answers (applicant, round, answer, route_id, answered_at): all of it, or every problem."""
    state = request.app.state
    content = uploaded(file, state.settings.upload_limit_mb)
    with state.store.read() as session:
        get_intake(session, intake_id)
        table = read_answers(session, state.results, intake_id, content, file.filename or "answers.csv")

    def work(session: Session) -> Created:
        intake = get_intake(session, intake_id, lock=True)
        runs = {name: run_with_offers(session, intake_id, name).id for name in table.runs}
        if runs != table.runs:
            raise conflict(
                "offers_changed", "Another run counts since the table was checked.", remedy="Hand the table in again."
            )
        for name in runs:
            refuse_passed(session, intake_id, name)
        new, changed = table.against(answers_frame(session, intake_id), day_text(today(state.clock())))
        write_answers(session, intake_id, [*new, *changed])
        intake.revision += 1
        counts = AnswersRead(rows=table.rows, new=len(new), changed=len(changed))
        state.trail.record(
            session, EventKind.ANSWERS_IMPORTED, actor=actor.id, object_type="intake", object_id=intake_id,
            intake_id=intake_id, payload={"file": table.digest, **counts.model_dump()},
        )  # fmt: skip
        return Created(body=counts, location=f"/api/v1/intakes/{intake_id}/answers")

    return once.run(actor, work, content=table.digest)
