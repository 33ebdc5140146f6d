"""A package of extra seats: what it is, how good any other could be, what it would change, and as a decision paper."""

from collections.abc import Mapping
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from admissions.reports import numbers
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.analyses import get_analysis
from api.problems import not_found
from api.resources import jobs, packages, seat_values
from api.store.models import Analysis
from api.web.charts import Chart
from api.web.comparison_tables import Compared
from api.web.decision_paper import decision_paper
from api.web.forms import Text, filled, once
from api.web.grids import Column, Grid, address, fixed
from api.web.intervals import figure, stamp_of, stamped
from api.web.moments import local_time
from api.web.plans import tables_of
from api.web.rendering import Content, answer
from api.web.scenario_result import (
    MEASURES,
    PEOPLE,
    key_figures,
    measure_fields,
    picked,
)
from api.web.scenarios import Reader, Writer, selected_for
from api.web.texts import Texts
from api.web.visits import PageRoute, texts_of

router = APIRouter(route_class=PageRoute, prefix="/seats", include_in_schema=False)
SECONDS = 15.0
"""For improving a package by exchange, where somebody waits at a page."""
Canceller = Annotated[Actor, allow(Permission.CANCEL_JOBS)]
CHANGES = ("totals", "programmes", "routes", "homes", "movers", "flows_programme", "flows_municipality")


def package_grid(request: Request, found: Analysis, t: Texts, link: Mapping[str, str]) -> Grid:
    """Give the routes of a package."""
    frame = tables_of(request, found, ("package",))["package"]

    def leads(row: Mapping[str, Any]) -> str:
        return address(f"/routes/{row['route_id']}", link)

    columns = (
        Column("route_name", "text", ("Studieväg", "Study route"), link=leads),
        Column("school", "text", ("Skola", "School")),
        Column("municipality", "text", ("Kommun", "Municipality")),
        Column("programme", "programme", ("Program", "Programme")),
        Column("seats_before", "whole", ("Platser nu", "Seats now")),
        Column("extra_seats", "whole", ("Fler platser", "Extra seats")),
    )
    return fixed("package", t("seats.package_table"), columns, frame, t.language)


def package_words(found: Analysis | None, t: Texts) -> dict[str, Any] | None:
    """Say what a package does and how good any other could be."""
    if found is None or found.about is None:
        return None
    about = found.about

    def whole(name: str) -> str:
        return numbers.whole(about[name], t.language) if about[name] else "0"

    if about["proved_best"]:
        bound = t("seats.package_proved")
    elif about["most_newly_placed"] is not None:
        bound = t("seats.package_bound", placed=whole("most_newly_placed"), better=whole("most_better_off"))
    else:
        bound = t("seats.package_gap", gap=whole("gap"))
    kronor = about["cost_ore"] / 100
    return {
        "id": found.id,
        "when": local_time(found.created_at),
        "effect": t(
            "seats.package_effect", seats=whole("extra_seats"), placed=whole("newly_placed"), better=whole("better_off")
        ),
        "bound": bound,
        "settled": t("seats.package_settled") if about["settled"] else t("seats.package_time"),
        "cost": t("seats.package_cost", kronor=figure(round(kronor), t.language)) if kronor else "",
    }


def _found(request: Request, package_id: str, actor: Actor) -> Analysis:
    with request.app.state.store.read() as session:
        found = get_analysis(session, package_id, actor, "package")
    if found.finished_at is None or found.run_id is None:
        raise not_found("package", "path package_id")
    return found


@router.post("/values")
def value(
    request: Request, actor: Writer, run_id: Text = "", lotteries: Text = "", years: Text = "0", top: Text = "20"
) -> Response:
    """Work the values of more seats out; a worker does it."""
    body = filled(seat_values.NewSeatValues, run_id=run_id, lotteries=lotteries, years=years or "0", top=top)
    seat_values.start_seat_values(body, request, actor, once(request))
    return _back(request, actor, run_id)


@router.post("/packages")
def search(request: Request, actor: Writer, run_id: Text = "", seats: Text = "") -> Response:
    """Look for the best package of so many seats; a worker does it."""
    body = filled(packages.NewPackage, run_id=run_id, seats=seats, seconds=SECONDS)
    packages.start_package(body, request, actor, once(request))
    return _back(request, actor, run_id)


@router.post("/cancel")
def cancel(request: Request, actor: Canceller, run_id: Text = "", job: Text = "") -> Response:
    """Stop one of these jobs."""
    jobs.cancel_job(job, request, actor)
    return _back(request, actor, run_id)


def _back(request: Request, actor: Actor, run_id: str) -> Response:
    return RedirectResponse(address("/seats", selected_for(request, actor, run_id).link) + "#plans", 303)


@router.get("/packages/{package_id}")
def read_package(package_id: str, request: Request, actor: Reader) -> Response:
    """Show a package and what it would change."""
    t = texts_of(request)
    found = _found(request, package_id, actor)
    selected = selected_for(request, actor, found.run_id or "")
    held = tables_of(request, found, CHANGES)
    about = found.about or {}
    stamp = stamp_of(about, t.language)
    grids: list[Grid] = [stamped(package_grid(request, found, t, selected.link), stamp)]
    values: dict[str, Any] = {"package": package_words(found, t), "changes": len(held) == len(CHANGES)}
    charts: list[Chart] = []
    if values["changes"]:
        measure, people = picked(request, "measure", MEASURES), picked(request, "people", PEOPLE)
        shown = Compared(held, about, measure, people, t, selected.link)
        charts = shown.charts()
        grids += shown.grids(request)
        values |= {"key": key_figures(held["totals"], t), "fields": measure_fields(measure, people, t)}
    return answer(request, actor, selected, "package.html.j2", Content(charts, grids, values))


@router.get("/packages/{package_id}/paper")
def read_paper(package_id: str, request: Request, actor: Reader) -> Response:
    """Give the decision paper of a package: PDF, or a workbook with ``format=xlsx``."""
    from api.papers import paper_pdf, paper_xlsx

    t = texts_of(request)
    found = _found(request, package_id, actor)
    selected = selected_for(request, actor, found.run_id or "")
    held: dict[str, pl.DataFrame] = tables_of(request, found, ("package", *CHANGES))
    words = package_words(found, t)
    assert words is not None
    paper = decision_paper(found.about or {}, held, words, selected.picture, t)
    name = f"{t('seats.paper_file')}-{package_id[:8]}"
    if request.query_params.get("format") == "xlsx":
        media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return _file(paper_xlsx(paper), media, f"{name}.xlsx")
    return _file(paper_pdf(paper), "application/pdf", f"{name}.pdf")


def _file(content: bytes, media: str, name: str) -> Response:
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
