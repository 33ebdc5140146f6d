"""The scenario editor: seats, openings, closures, cohorts and rules as one form; saved, copied, shared, run."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from admissions.rules import preset_names
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.jobs.planning import MOST_YEARS
from api.jobs.queue import OPEN
from api.problems import Problem
from api.resources import jobs, scenarios
from api.store.models import Analysis, Job, Scenario, User
from api.web.forms import Text, filled, once
from api.web.grids import address, ordered
from api.web.job_words import job_note
from api.web.moments import local_time
from api.web.problem_words import problem_title
from api.web.rendering import Content, answer
from api.web.scenario_forms import NEW, Draft, draft_from, draft_of, overlay_of
from api.web.scenarios import Fields, Reader, Writer, back, selected_for
from api.web.texts import Texts
from api.web.visits import PageRoute, texts_of

router = APIRouter(route_class=PageRoute, prefix="/scenarios", include_in_schema=False)
Canceller = Annotated[Actor, allow(Permission.CANCEL_JOBS)]
FOUND = 20
SHOWN = (
    "route_id",
    "school",
    "route_name",
    "municipality",
    "programme",
    "seats",
    "first_choices",
    "reserves",
    "vacancies",
)
YEARS = 50


def _read(request: Request, scenario_id: str, actor: Actor) -> tuple[Scenario, str]:
    with request.app.state.store.read() as session:
        row = scenarios.get_scenario(session, scenario_id, actor)
        maker = session.get(User, row.created_by)
        return row, maker.name if maker is not None else ""


@router.get("/{scenario_id}")
def edit_page(scenario_id: str, request: Request, actor: Reader) -> Response:
    """Show the editor."""
    row, maker = _read(request, scenario_id, actor)
    found = request.query_params.get("q", "")
    return _page(request, actor, row, maker, draft_of(row.name, row.overlay), found, [])


@router.post("/{scenario_id}")
def save(scenario_id: str, request: Request, actor: Writer, form: Fields) -> Response:
    """Save what the form says, or look for routes; what is refused stays in the form, with every problem."""
    t = texts_of(request)
    row, maker = _read(request, scenario_id, actor)
    draft = draft_from(form, draft_of(row.name, row.overlay).kept)
    sought = str(form.get("q", ""))[:100]
    if form.get("act") == "find":
        return _page(request, actor, row, maker, draft, sought, [])
    problems: list[str] = []
    overlay = overlay_of(draft, t, problems)
    if problems:
        return _page(request, actor, row, maker, draft, sought, problems, 422)
    try:
        body = scenarios.ScenarioEdit(name=draft.name, overlay=overlay)
    except ValueError:
        return _page(request, actor, row, maker, draft, sought, [t("scenarios.no_name")], 422)
    version = str(form.get("version", ""))
    try:
        scenarios.edit_scenario(scenario_id, body, request, Response(), actor, if_match=f'"v{version}"')
    except Problem as problem:
        told = [str(one["message"]) for one in problem.document.problems]
        return _page(
            request, actor, row, maker, draft, sought, told or [problem_title(problem.document.code, t)], problem.status
        )
    return back(scenario_id, "#seats" if sought else "", **({"q": sought} if sought else {"saved": "1"}))


def _page(
    request: Request, actor: Actor, row: Scenario, maker: str, draft: Draft, sought: str, problems: Sequence[str],
    status: int = 200,
) -> Response:  # fmt: skip
    t = texts_of(request)
    selected = selected_for(request, actor, row.run_id or "")
    routes = selected.picture.routes
    mine = scenarios.may_change(row, actor) and actor.may(Permission.WRITE_SCENARIOS)
    rows = _routes(routes, draft, sought)
    homes = sorted(selected.picture.people["home_municipality"].unique().drop_nulls().to_list())
    blank = dict.fromkeys(NEW, "")
    values: dict[str, Any] = {
        "row": row,
        "maker": maker,
        "changed": local_time(row.changed_at),
        "mine": mine,
        "draft": draft,
        "rows": rows,
        "sought": sought,
        "missed": bool(sought.strip()) and not matching(routes, sought).height,
        "problems": problems,
        "saved": request.query_params.get("saved") == "1" and not problems,
        "homes": homes,
        "cohort": [*draft.cohort, ("", "")] if mine else draft.cohort,
        "new": [*draft.new, blank] if mine else draft.new,
        "presets": preset_names(),
        "kept": _kept(draft.kept),
        "runs": _runs(request, row, t),
        "years": YEARS,
        "most_years": MOST_YEARS,
    }
    response = answer(request, actor, selected, "scenario.html.j2", Content(values=values))
    response.status_code = status
    return response


def _routes(routes: pl.DataFrame, draft: Draft, sought: str) -> list[dict[str, Any]]:
    """Give the routes that the scenario touches, and those that were looked for."""
    touched = draft.routes
    named = {row["route_id"]: row for row in routes.filter(pl.col("route_id").is_in(touched)).select(SHOWN).to_dicts()}
    unknown = dict.fromkeys(SHOWN)
    listed = [{**unknown, "route_id": one, **named.get(one, {}), "found": False} for one in touched]
    if sought.strip():
        hits = ordered(matching(routes, sought), "school", "route_name").select(SHOWN).head(FOUND)
        listed += [{**one, "found": True} for one in hits.to_dicts() if one["route_id"] not in touched]
    return listed


def matching(routes: pl.DataFrame, sought: str) -> pl.DataFrame:
    """Give the routes whose id, names or code hold every word."""
    text = pl.concat_str("route_id", "school", "route_name", "route_code", "municipality", separator=" ")
    words = sought.lower().split()
    return routes.filter([text.str.to_lowercase().str.contains(word, literal=True) for word in words])


def _kept(kept: Mapping[str, Any]) -> list[str]:
    """Write the parts that the form does not edit as they would stand in a scenario file."""
    return [
        f"{key}: " + ", ".join(f"{name} = {value}" for name, value in one.items())
        for key, part in kept.items()
        for one in (part if isinstance(part, list) else [part])
    ]


def _runs(request: Request, row: Scenario, t: Texts) -> list[dict[str, Any]]:
    """Give the latest runs of the scenario with how far they are."""
    statement = select(Analysis, Job).join(Job, Job.id == Analysis.job_id).where(Analysis.scenario_id == row.id)
    with request.app.state.store.read() as session:
        found = session.execute(statement.order_by(Analysis.created_at.desc(), Analysis.id).limit(5)).all()
    return [
        {
            "id": one.id,
            "job": job.id,
            "when": local_time(one.created_at),
            "years": one.parameters["years"],
            "react": one.parameters["react"],
            "current": one.parameters["version"] == row.version,
            "state": job.state,
            "words": t(f"job_state.{job.state}"),
            "note": job_note(job, t),
            "open": job.state in OPEN,
            "done": job.progress_done,
            "total": job.progress_total or 100,
            "problem": problem_title(str((job.problem or {}).get("code", "")), t) if job.problem else "",
        }
        for one, job in found
    ]


@router.post("/{scenario_id}/duplicate")
def duplicate(scenario_id: str, request: Request, actor: Writer, name: Text = "") -> Response:
    """Make a copy of one's own and open it."""
    body = filled(scenarios.Copied, name=name.strip())
    made = scenarios.duplicate_scenario(scenario_id, body, request, actor, once(request))
    return back(made.headers["location"].rpartition("/")[2])


@router.post("/{scenario_id}/share")
def share(
    scenario_id: str, request: Request, actor: Writer, shared: Annotated[bool, Form()], version: Text = ""
) -> Response:
    """Share a scenario by its link, or take it back."""
    body = scenarios.ScenarioEdit(shared=shared)
    scenarios.edit_scenario(scenario_id, body, request, Response(), actor, if_match=f'"v{version}"')
    return back(scenario_id, "#share")


@router.post("/{scenario_id}/delete")
def delete(scenario_id: str, request: Request, actor: Writer, version: Text = "") -> Response:
    """Delete a scenario of one's own."""
    scenarios.delete_scenario(scenario_id, request, actor, if_match=f'"v{version}"')
    return RedirectResponse("/scenarios", 303)


@router.post("/{scenario_id}/run")
def run(
    scenario_id: str,
    request: Request,
    actor: Writer,
    *,
    years: Text = "",
    react: Annotated[bool, Form()] = False,
    seed_behaviour: Text = "1",
    seed_lottery: Text = "1",
) -> Response:
    """Run the scenario; a worker does it."""
    body = filled(
        scenarios.NewResult, years=years, react=react, seed_behaviour=seed_behaviour, seed_lottery=seed_lottery
    )
    scenarios.start_result(scenario_id, body, request, actor, once(request))
    return back(scenario_id, "#run")


@router.post("/{scenario_id}/cancel")
def cancel(scenario_id: str, request: Request, actor: Canceller, job: Text = "") -> Response:
    """Stop a run of the scenario."""
    jobs.cancel_job(job, request, actor)
    return RedirectResponse(address(f"/scenarios/{scenario_id}", {}) + "#run", 303)
