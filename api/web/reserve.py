"""Reserve rounds: empty seats, who is next, answers and departures, the call log, what a move would free."""

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.rules import round_number
from api.access.actor import Actor
from api.access.permissions import Permission
from api.calling import Desk, next_free
from api.etags import etag
from api.problems import Problem
from api.resources.answers import AnswerView, answered
from api.store.models import Answer, Applicant, Departure, Run
from api.store.repositories.calls import names_shown, run_to_call_from
from api.store.repositories.offers import choices_told, seat_now
from api.store.repositories.runs import FINAL
from api.store.repositories.scoping import people_within
from api.web.editions import Selected, chosen
from api.web.grids import Column, Grid, fixed
from api.web.rendering import Content, answer
from api.web.reserve_tables import SAID, answers_given, log_of_calls, open_calls, seats_empty
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reader = Annotated[Actor, page(Permission.READ_RESULTS)]
OUTCOMES = ("accepted", "declined", "no_answer", "withdrawn")
DEPARTURES = ("no_show", "left", "elsewhere")
HOURS = (24, 48, 72)
ROWS_WRONG = (
    Column("place", "text", ("Plats", "Place")),
    Column("value", "text", ("Värde", "Value")),
    Column("message", "text", ("Fel", "Problem")),
    Column("remedy", "text", ("Åtgärd", "Remedy")),
)
STEPS = (
    Column("step", "whole", ("Steg", "Step")),
    Column("applicant", "text", ("Sökande", "Applicant")),
    Column("takes", "text", ("Tar plats på", "Takes a seat at")),
    Column("leaves", "text", ("Lämnar plats på", "Leaves a seat at")),
)


@router.get("/reserve")
def read_reserve(request: Request, actor: Reader) -> Response:
    """Show where seats are empty and who is next for them."""
    return reserve_page(request, actor, None)


def reserve_page(request: Request, actor: Actor, refused: Problem | None) -> Response:
    """Show the page, with the problems of a table that was handed in, if it was refused."""
    selected, t = chosen(request, actor), texts_of(request)
    offers = round_number(selected.round) >= FINAL
    stored = bool(selected.edition.intake_id)
    values: dict[str, Any] = {
        "offers": offers, "stored": stored, "refused": None, "calls": [], "next": None, "person": None,
        "callable": False, "why_not": "", "outcomes": OUTCOMES, "said": SAID, "kinds": DEPARTURES, "hours": HOURS,
        "coming": "",
    }  # fmt: skip
    tables: list[Grid] = []
    if refused is not None:
        tables.append(_problems(refused, t))
        values["refused"] = len(refused.document.problems)
    if offers:
        desk = _desk(request, selected) if stored else None
        if desk is not None:
            values |= _stored(request, actor, selected, desk, t)
        tables.append(seats_empty(request, selected, desk, t, calls=bool(values["callable"])))
        if desk is not None:
            tables.append(answers_given(request, selected, actor, t))
            if values["next"] is not None:
                tables.append(values["next"].pop("chain"))
            if actor.sees_people():
                tables.append(log_of_calls(request, selected, actor, desk, t))
        if refused is None and "format" in request.query_params:  # the first table is what an export means
            tables.sort(key=lambda one: one.name != "vacancies")
    return answer(request, actor, selected, "reserve.html.j2", Content(tables=tables, values=values))


def _desk(request: Request, selected: Selected) -> Desk:
    with request.app.state.store.read() as session:
        return Desk(request.app.state, session, session.get_one(Run, selected.run_id))


def _problems(refused: Problem, t: Texts) -> Grid:
    rows = [{one.name: str(problem.get(one.name) or "") for one in ROWS_WRONG} for problem in refused.document.problems]
    schema = {one.name: pl.String for one in ROWS_WRONG}
    return fixed("problems", t("reserve.problems"), ROWS_WRONG, pl.DataFrame(rows, schema=schema), t.language)


def _stored(request: Request, actor: Actor, selected: Selected, desk: Desk, t: Texts) -> dict[str, Any]:
    """Give what the office does with a run in the store."""
    values: dict[str, Any] = {}
    with request.app.state.store.read() as session:
        run = session.get_one(Run, selected.run_id)
        if actor.may(Permission.WRITE_CALLS):
            try:
                run_to_call_from(session, run)
                values["callable"] = True
            except Problem as problem:
                values["why_not"] = t(f"reserve.{problem.document.code}")
            hidden = set(names_shown(session, run.intake_id, {one.applicant for one in desk.calls}))
            values["calls"] = open_calls(selected, desk, hidden, t)
            at = request.query_params.get("at", "")
            if values.get("callable") and at in desk.order.pool_of:
                values["next"] = _next(session, run, selected, desk, at, t)
        if actor.may(Permission.WRITE_ANSWERS):
            values["person"] = _person(session, run, actor, request.query_params.get("applicant", "")[:64])
    values["coming"] = f"reserve-{max(round_number(selected.round), FINAL)}"
    return values


def _next(session: Session, run: Run, selected: Selected, desk: Desk, route_id: str, t: Texts) -> dict[str, Any]:
    """Say who is next for a seat of a route, and what their move frees, step by step."""
    one = next_free(desk, desk.pool(route_id))
    chain = [] if one is None else desk.order.chain(desk.since, one)
    hidden = names_shown(session, run.intake_id, {move.applicant for move in chain})
    routes = selected.picture.routes.select("route_id", "school", "route_name").iter_rows()
    title = {route: f"{school}, {name}" for route, school, name in routes}
    rows = [
        {
            "step": number,
            "applicant": t("reserve.protected") if move.applicant in hidden else move.applicant,
            "takes": title[move.route_id],
            "leaves": title[move.left] if move.left else t("reserve.none_left"),
        }
        for number, move in enumerate(chain, 1)
    ]
    schema = {one.name: pl.Int64 if one.name == "step" else pl.String for one in STEPS}
    return {
        "route": title[route_id],
        "route_id": route_id,
        "who": "" if one is None else hidden.get(one.applicant, one.applicant),
        "protected": one is not None and one.applicant in hidden,
        "position": None if one is None else one.position,
        "ends": bool(chain) and chain[-1].left is not None,
        "chain": fixed("chain", t("reserve.chain"), STEPS, pl.DataFrame(rows, schema=schema), t.language),
    }


def _person(session: Session, run: Run, actor: Actor, name: str) -> dict[str, Any] | None:
    """Give what one person was offered and has said, with what a change must name; None if nobody is named."""
    if not name:
        return None
    row = session.scalar(
        select(Applicant).where(
            Applicant.intake_id == run.intake_id,
            Applicant.applicant == name,
            people_within(actor, Permission.WRITE_ANSWERS),
        )
    )
    if row is None:
        return {"name": name, "known": False, "answer": None, "departure": None, "tag": "", "version": "", "seat": ""}
    said = session.get(Answer, (run.intake_id, name, run.round))
    gone = session.get(Departure, (run.intake_id, name))
    return {
        "name": name,
        "known": True,
        "part": bool(choices_told(session, run.id, name)),
        "seat": seat_now(session, run, name) or "",
        "answer": None if said is None else said.answer,
        "tag": "" if said is None else answered(AnswerView.model_validate(said)),
        "departure": None if gone is None else gone.kind,
        "version": "" if gone is None else etag(gone.version),
    }
