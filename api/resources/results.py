"""Results of a run: decisions, cut-offs, demand, shortfalls, and what one applicant is told."""

import json
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import select

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.exchange.run_tables import PEOPLE_TABLE
from api.lists import FILES, Cells, Listing, Page, answer_frame
from api.problems import not_found, unprocessable
from api.pseudonyms import pseudonym
from api.results_queries import GROUPS, narrowed, rolled_up
from api.store.models import Applicant, RunResult
from api.store.repositories.runs import find_result, finished_run
from api.store.repositories.scoping import decisions_within, people_within

router = APIRouter(prefix="/api/v1/runs/{run_id}", tags=["results"])
Demand = Annotated[Actor, allow(Permission.READ_DEMAND)]
Results = Annotated[Actor, allow(Permission.READ_RESULTS)]
Text = Annotated[str | None, Query(max_length=200)]
INSIDE = ("protected", "sending_school", "home_municipality")
PEOPLE_COLUMNS = ("residents_without_seat",)
"""Counts by home municipality: tables about people, given as the declared set only."""


class Outcome(BaseModel):
    """What one applicant is told."""

    run_id: str
    applicant: str
    choices: list[dict[str, Any]]


def table(request: Request, run_id: str, actor: Actor, name: str) -> pl.DataFrame:
    """Give a table of a finished run that the actor may know of."""
    with request.app.state.store.read() as session:
        finished_run(session, run_id, actor)
        frame: pl.DataFrame = request.app.state.results.get(session, run_id, name)
        return frame


@router.get("/decisions", response_model=Page[Cells], responses=FILES)
def list_decisions(
    run_id: str,
    request: Request,
    actor: Results,
    query: Listing,
    *,
    route_id: Text = None,
    status: Text = None,
    programme: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the decisions on choices within one's scope; protected persons are in no list."""
    frame = table(request, run_id, actor, "decisions").filter(decisions_within(actor, Permission.READ_RESULTS))
    given = {"route_id": route_id, "status": status, "programme": programme, "school": school}
    frame = narrowed(frame, **given, municipality=municipality, organiser=organiser).drop(INSIDE)
    if not actor.sees_people():
        secret = request.app.state.trail.secret
        names = frame["applicant"].unique().to_list()
        known = {name: pseudonym(secret, run_id, name) for name in names}
        frame = frame.with_columns(pl.col("applicant").replace_strict(known, return_dtype=pl.String)).sort(
            "route_id", "status", "applicant"
        )
    return answer_frame(frame, query, "decisions")


@router.get("/results/{applicant}", response_model=Outcome)
def read_result(run_id: str, applicant: str, request: Request, actor: Results) -> Response:
    """Read what one applicant within one's scope is told."""
    if not actor.sees_people():
        raise not_found("applicant", "path applicant")
    with request.app.state.store.look() as connection:
        body, intake_id = find_result(connection, run_id, applicant, actor)
        if not actor.scope(Permission.READ_RESULTS).everything:
            mine = select(Applicant.applicant).where(
                Applicant.intake_id == intake_id,
                Applicant.applicant == applicant,
                people_within(actor, Permission.READ_RESULTS),
            )
            if connection.scalar(mine) is None:
                raise not_found("applicant", "path applicant")
    # the stored text is passed on as it is: on the day of the result this is most of the work there is
    told = f'{{"run_id": {json.dumps(run_id)}, "applicant": {json.dumps(applicant)}, "choices": {body}}}'
    return Response(told, media_type="application/json")


@router.get("/protected/{alias}")
def read_protected(
    run_id: str,
    alias: str,
    request: Request,
    actor: Annotated[Actor, allow(Permission.READ_PROTECTED)],
    reason: Annotated[str, Header(alias="X-Access-Reason", min_length=5, max_length=200)],
) -> Outcome:
    """Read what a protected person is told, under the alias; the reason is recorded."""
    state = request.app.state
    with state.store.write() as session:
        run = finished_run(session, run_id, actor)
        person = session.scalar(select(Applicant).where(Applicant.intake_id == run.intake_id, Applicant.alias == alias))
        kept = None if person is None else session.get(RunResult, (run_id, person.applicant))
        if kept is None:
            raise not_found("applicant", "path alias")
        state.trail.record(
            session, EventKind.PROTECTED_VIEWED, actor=actor.id, object_type="applicant", object_id=alias,
            intake_id=run.intake_id, payload={"reason": reason, "run": run_id},
        )  # fmt: skip
        return Outcome(run_id=run_id, applicant=alias, choices=json.loads(kept.body))


@router.get("/cutoffs", response_model=Page[Cells], responses=FILES)
def list_cutoffs(
    run_id: str,
    request: Request,
    actor: Demand,
    query: Listing,
    *,
    pool: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the cut-offs: the last admitted in each seat group where somebody was refused."""
    frame = table(request, run_id, actor, "cutoffs")
    frame = narrowed(frame, pool=pool, school=school, municipality=municipality, organiser=organiser)
    return answer_frame(frame, query, "cutoffs")


@router.get("/demand", response_model=Page[Cells], responses=FILES)
def list_demand(
    run_id: str,
    request: Request,
    actor: Demand,
    query: Listing,
    *,
    group_by: Annotated[
        list[Literal["programme", "kind", "school", "municipality", "organiser", "organiser_form"]] | None,
        Query(description="Roll routes up; every pool's seats count once.", max_length=6),
    ] = None,
    programme: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
    route_id: Text = None,
) -> Response:
    """List seats, choices, admitted, reserves, vacancies, limits and medians, per study route or rolled up."""
    frame = table(request, run_id, actor, "demand")
    given = {"programme": programme, "school": school, "municipality": municipality}
    frame = narrowed(frame, **given, organiser=organiser, route_id=route_id)
    return answer_frame(rolled_up(frame, group_by) if group_by else frame, query, "demand")


@router.get("/shortfalls", response_model=Page[Cells], responses=FILES)
def list_shortfalls(
    run_id: str,
    request: Request,
    actor: Demand,
    query: Listing,
    *,
    group_by: Annotated[
        Literal["route", "programme", "school", "municipality", "organiser", "region"], Query()
    ] = "route",
    route_id: Text = None,
    programme: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the shortfalls of one level; each set solves its own clearing number, so levels are never summed."""
    given = {"route_id": route_id, "programme": programme, "school": school}
    given |= {"municipality": municipality, "organiser": organiser}
    frame = table(request, run_id, actor, f"shortfalls-{group_by}")
    if group_by == "route":
        routes = table(request, run_id, actor, "demand").select(*GROUPS["route"])
        frame = routes.join(frame, on="route_id", how="right", maintain_order="right")
    unknown = sorted(name for name, value in given.items() if value is not None and name not in frame.columns)
    if unknown:
        raise unprocessable(
            "unknown_filter",
            f"Shortfalls by {group_by} cannot be narrowed by {', '.join(unknown)}.",
            place=f"query {unknown[0]}",
            remedy="Group by route to filter by everything.",
        )
    frame = narrowed(frame, **given).drop(PEOPLE_COLUMNS, strict=False)
    return answer_frame(frame, query, "shortfalls")


@router.get("/people/without-seat", response_model=Page[Cells], responses=FILES)
def list_people_without_seat(
    run_id: str,
    request: Request,
    actor: Demand,
    query: Listing,
    home_municipality: Text = None,
    programme: Text = None,
) -> Response:
    """List eligible applicants without a seat, by home and programme of the first choice: the declared table.

    Empty stands for all. Small counts were hidden over the whole table when the run was verified; filters only choose
    among its cells, and other crossings of people are not given.
    """
    frame = table(request, run_id, actor, PEOPLE_TABLE)
    return answer_frame(narrowed(frame, home_municipality=home_municipality, programme=programme), query, PEOPLE_TABLE)
