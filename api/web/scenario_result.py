"""What running a scenario gave: baseline beside scenario with intervals, gains and losses, chains; working material."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.jobs.analysis import stored_table
from api.problems import not_found
from api.resources import scenarios
from api.store.models import Analysis, Scenario
from api.web.comparison_tables import Compared
from api.web.facets import choice
from api.web.grids import address
from api.web.intervals import figure
from api.web.moments import local_time
from api.web.rendering import Content, answer
from api.web.scenarios import Reader, selected_for
from api.web.texts import Texts
from api.web.visits import PageRoute, texts_of
from simulations.reports import words

router = APIRouter(route_class=PageRoute, prefix="/scenarios", include_in_schema=False)
TABLES = ("totals", "programmes", "homes", "movers", "flows_programme", "flows_municipality", "routes")
MEASURES = ("without_seat", "admitted", "admitted_first", "reserves", "vacancies", "seats", "first_choice_shortage")
PEOPLE = ("without_seat", "placed", "first")
KEY = ("seats", "placed", "without_seat", "first", "better_off", "worse_off")


def find_result(session: Session, scenario_id: str, wanted: str, actor: Actor) -> tuple[Scenario, Analysis]:
    """Find a scenario and the result of it that is asked for, the newest finished one if none is named.

    Raises
    ------
    Problem
        404.
    """
    row = scenarios.get_scenario(session, scenario_id, actor)
    if wanted:
        found: Analysis | None = scenarios.get_result(session, scenario_id, wanted, actor)
    else:
        mine = select(Analysis).where(Analysis.scenario_id == scenario_id, Analysis.finished_at.is_not(None))
        found = session.scalars(mine.order_by(Analysis.created_at.desc(), Analysis.id)).first()
    if found is None or found.finished_at is None:
        raise not_found("result of the scenario", "query of")
    return row, found


@router.get("/{scenario_id}/result")
def result_page(scenario_id: str, request: Request, actor: Reader) -> Response:
    """Show the newest result of a scenario, or the one the URL names."""
    t = texts_of(request)
    with request.app.state.store.read() as session:
        row, found = find_result(session, scenario_id, request.query_params.get("of", ""), actor)
        tables = {name: stored_table(session, found.id, name) for name in TABLES}
    held = {name: frame for name, frame in tables.items() if frame is not None}
    if len(held) < len(TABLES):
        raise not_found("result of the scenario", "query of")
    selected = selected_for(request, actor, found.run_id or "")
    about = found.about or {}
    measure = picked(request, "measure", MEASURES)
    people = picked(request, "people", PEOPLE)
    shown = Compared(held, about, measure, people, t, selected.link)
    values: dict[str, Any] = {
        "row": row,
        "found": found,
        "about": about,
        "when": local_time(found.created_at),
        "key": key_figures(held["totals"], t),
        "fields": measure_fields(measure, people, t),
        "lists": t(f"scenarios.lists_{about['lists']}"),
        "current": found.parameters["version"] == row.version,
        "editor": address(f"/scenarios/{row.id}", {}),
    }
    return answer(
        request, actor, selected, "scenario_result.html.j2", Content(shown.charts(), shown.grids(request), values)
    )


def picked(request: Request, name: str, known: tuple[str, ...]) -> str:
    """Give the value of a choice in the URL, the first there is unless it is known."""
    wanted = request.query_params.get(name, known[0])
    return wanted if wanted in known else known[0]


def measure_fields(measure: str, people: str, t: Texts) -> list[Any]:
    """Give the fields that choose what the tables by programme, route and home show."""

    def options(names: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(name, words.column(name, t.language)) for name in names]

    return [
        choice("measure", t("scenarios.measure"), measure, options(MEASURES)),
        choice("people", t("scenarios.people"), people, options(PEOPLE)),
    ]


def key_figures(totals: pl.DataFrame, t: Texts) -> list[dict[str, str]]:
    """Give the differences that are said first, each with its interval."""
    rows = {row["measure"]: row for row in totals.to_dicts()}
    return [
        {
            "name": words.column(name, t.language),
            "difference": figure(rows[name]["difference"], t.language, signed=True),
            "interval": interval(rows[name], "difference", t),
        }
        for name in KEY
        if name in rows
    ]


def interval(row: Mapping[str, Any], name: str, t: Texts) -> str:
    """Write an interval in words."""
    low, high = (figure(row[f"{name}_{end}"], t.language, signed=True) for end in ("low", "high"))
    return t("scenarios.interval", low=low, high=high)
