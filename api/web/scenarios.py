"""Scenarios: those one may read, and a new one on the run that is shown."""

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import or_, select
from starlette.datastructures import FormData

from admissions.reports.wording import round_text
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission, Role
from api.problems import not_found
from api.resources import scenarios
from api.store.models import Analysis, Job, Run, Scenario, User
from api.store.repositories.runs import get_run, sees_unpublished
from api.web.editions import Edition, Selected, choose, editions
from api.web.forms import Text, filled, once
from api.web.grids import Column, address, fixed
from api.web.moments import local_time
from api.web.rendering import Content, answer
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, prefix="/scenarios", include_in_schema=False)
Reader = Annotated[Actor, page(Permission.READ_SCENARIOS)]
Writer = Annotated[Actor, allow(Permission.WRITE_SCENARIOS)]
MOST_FIELDS = 10_000


async def form_of(request: Request) -> FormData:
    """Give the fields of a form: as many as the editor has."""
    return await request.form(max_fields=MOST_FIELDS)


Fields = Annotated[FormData, Depends(form_of)]


def back(scenario_id: str, place: str = "", **more: str) -> Response:
    """Lead back to the editor."""
    return RedirectResponse(address(f"/scenarios/{scenario_id}", more) + place, 303)


def selected_for(request: Request, actor: Actor, run_id: str) -> Selected:
    """Give what a page about a stored run belongs to.

    Raises
    ------
    Problem
        404: no such run, or not for the actor.
    """
    with request.app.state.store.read() as session:
        run = get_run(session, run_id, actor)
    edition = next((one for one in editions(request, actor) if one.intake_id == run.intake_id), None)
    if edition is None:
        raise not_found("run", "run_id")
    runs, states = {**edition.runs, run.round: run.id}, {**edition.states, run.id: run.state}
    return Selected(request, Edition(edition.key, edition.name, edition.year, runs, states, run.intake_id), run.round)


@router.get("")
def list_page(request: Request, actor: Reader) -> Response:
    """Show one's own scenarios and shared ones."""
    selected = choose(request, actor)
    t = texts_of(request)
    rows = [_row(one, t) for one in _visible(request, actor)]

    def leads(row: Any) -> str:
        return address(f"/scenarios/{row['id']}", {})

    columns = (
        Column("name", "text", ("Namn", "Name"), link=leads),
        Column("round", "text", ("Omgång", "Round")),
        Column("maker", "text", ("Av", "By")),
        Column("shared", "text", ("Delat", "Shared")),
        Column("changed", "text", ("Ändrat", "Changed")),
        Column("result", "text", ("Resultat", "Result")),
    )
    names = ("id", *(one.name for one in columns))
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    grid = fixed("scenarios", t("scenarios.list"), columns, frame, t.language)
    plannable = selected is not None and bool(selected.edition.intake_id) and not selected.round.startswith("reserve")
    values = {"plannable": plannable, "any": bool(rows)}
    return answer(request, actor, selected, "scenarios.html.j2", Content(tables=[grid], values=values))


def _visible(request: Request, actor: Actor) -> list[tuple[Scenario, str, str, str | None]]:
    statement = select(Scenario, Run.round, User.name).join(Run, Run.id == Scenario.run_id)
    statement = statement.outerjoin(User, User.id == Scenario.created_by)
    if not actor.has_role(Role.OFFICE):
        statement = statement.where(or_(Scenario.created_by == actor.id, Scenario.shared))
    if not sees_unpublished(actor):
        statement = statement.where(Run.state == "published")
    newest = statement.order_by(Scenario.changed_at.desc(), Scenario.id).limit(500)
    with request.app.state.store.read() as session:
        found = [tuple(one) for one in session.execute(newest)]
        ids = [row.id for row, _, _ in found]
        jobs = select(Analysis.scenario_id, Job.state).join(Job, Job.id == Analysis.job_id)
        states: dict[str, str] = {}
        ordered = jobs.where(Analysis.scenario_id.in_(ids)).order_by(Analysis.created_at)
        for scenario_id, state in session.execute(ordered):
            states[str(scenario_id)] = state
        return [(row, round_name, maker or "", states.get(row.id)) for row, round_name, maker in found]


def _row(one: tuple[Scenario, str, str, str | None], t: Texts) -> tuple[str, ...]:
    row, round_name, maker, state = one
    return (
        row.id,
        row.name,
        round_text(round_name, t.language),
        maker,
        t("scenarios.yes") if row.shared else t("scenarios.no"),
        local_time(row.changed_at),
        t(f"job_state.{state}") if state else "",
    )


@router.post("")
def create(
    request: Request, actor: Writer, run_id: Annotated[str, Form(max_length=64)] = "", name: Text = ""
) -> Response:
    """Make an empty scenario on a run, and open it."""
    body = filled(scenarios.NewScenario, run_id=run_id, name=name.strip())
    made = scenarios.create_scenario(body, request, actor, once(request))
    return back(made.headers["location"].rpartition("/")[2])
