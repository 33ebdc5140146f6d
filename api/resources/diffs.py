"""Differences between two runs: what a correction, or the next round, changed; shown before it is published."""

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.explanations.facts import Facts, facts_of_stored
from admissions.explanations.reserve_moves import ReserveMove, move_sentences, reserve_moves
from admissions.rounds.stored import read_run
from admissions.rules import round_number
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.jobs.run_round import rulebook_from_text
from api.lists import FILES, Cells, Listing, Page, answer_frame
from api.problems import conflict, not_found, unprocessable
from api.pseudonyms import pseudonym
from api.results_queries import narrowed
from api.run_diffs import CAUSES, decision_changes, person_moves, route_changes
from api.run_folders import unpacked
from api.store.models import Run, RunArtifact
from api.store.repositories.people import Reason, find_person, opened_for
from api.store.repositories.runs import finished_run, sees_unpublished
from api.store.repositories.scoping import decisions_within, routes_seen

router = APIRouter(prefix="/api/v1/runs/{run_id}/diff", tags=["diffs"])
Demand = Annotated[Actor, allow(Permission.READ_DEMAND)]
Results = Annotated[Actor, allow(Permission.READ_RESULTS)]
Text = Annotated[str | None, Query(max_length=200)]
With = Annotated[
    str | None,
    Query(
        alias="with",
        max_length=64,
        description="The earlier run; if left out the one it corrects, else the one it continues, else that of the "
        "round before.",
    ),
]


class DiffView(BaseModel):
    """How a run differs from another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "run_id": "77a0",
                    "compared_with": "51cc",
                    "same_result": False,
                    "same_inputs": False,
                    "same_rulebook": True,
                    "routes": 12,
                    "choices": 87,
                    "persons": {"better": 21, "placed": 9, "worse": 0, "without": 0},
                    "causes": {"seats": 30, "others": 57},
                }
            ]
        },
    )

    run_id: str
    compared_with: str = Field(description="The earlier run.")
    same_result: bool
    same_inputs: bool
    same_rulebook: bool
    routes: int = Field(description="Routes with a changed figure.")
    choices: int | None = Field(description="Choices with a changed decision; for those who see unpublished runs.")
    persons: dict[str, int] | None = Field(description="Persons whose seat differs, by how; for the same.")
    causes: dict[str, int] | None = Field(description="Changed decisions by nearest cause; for the same.")


class PositionMove(BaseModel):
    """Why a reserve position moved, in counts and in words."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "route_id": "3f2a91c07b", "route_name": "Naturvetenskapsprogrammet", "before": 4, "after": 6,
                    "own": [], "newcomers": 1, "seat_lost": 0, "better_key": 1, "new_draw": 0, "left": 0,
                    "sv": ["Platsen i kön har flyttats bakåt"], "en": ["The position moved back"],
                }
            ]
        },
    )  # fmt: skip

    route_id: str
    route_name: str
    before: int
    after: int
    own: list[str] = Field(description="What changed in the person's own key: tier, merit, chain.")
    newcomers: int
    seat_lost: int
    better_key: int
    new_draw: int
    left: int
    sv: list[str]
    en: list[str]


def pair(session: Session, run_id: str, other: str | None, actor: Actor) -> tuple[Run, Run]:
    """Find a run and the one it is compared with.

    Raises
    ------
    Problem
        404; 409 ``nothing_before``; 422 ``other_intake``.
    """
    run = finished_run(session, run_id, actor)
    earlier = earlier_run(session, run, actor) if other is None else finished_run(session, other, actor)
    if earlier is None:
        raise conflict(
            "nothing_before", "There is no earlier run to compare with.", place="query with", remedy="Name one."
        )
    if earlier.intake_id != run.intake_id:
        raise unprocessable(
            "other_intake", "The runs are of different intakes.", place="query with", remedy="Name one of the same."
        )
    return run, earlier


def earlier_run(session: Session, run: Run, actor: Actor) -> Run | None:
    """Find what a run is compared with if nothing is named: what it corrects, continues, or follows."""
    shown = Run.state != "draft" if sees_unpublished(actor) else Run.state == "published"
    for named in (run.corrects, run.continues):
        found = None if named is None else session.scalar(select(Run).where(Run.id == named, shown))
        if found is not None:
            return found
    rows = select(Run).where(Run.intake_id == run.intake_id, Run.id != run.id, shown)
    older = [
        (round_number(one.round), one.created_at, one.id, one)
        for one in session.scalars(rows)
        if (round_number(one.round), one.created_at) < (round_number(run.round), run.created_at)
    ]
    return max(older, key=lambda one: one[:3])[3] if older else None


def _tables(request: Request, session: Session, name: str, *runs: Run) -> list[pl.DataFrame]:
    return [request.app.state.results.get(session, one.id, name) for one in runs]


@router.get("")
def read_diff(run_id: str, request: Request, actor: Demand, other: With = None) -> DiffView:
    """Say how much a run differs from an earlier one, and whether it stands on the same inputs."""
    with request.app.state.store.read() as session:
        run, earlier = pair(session, run_id, other, actor)
        demand = _tables(request, session, "demand", earlier, run)
        decisions = _tables(request, session, "decisions", earlier, run) if sees_unpublished(actor) else None
    changed = None if decisions is None else decision_changes(*decisions, *demand)
    causes = None if changed is None else dict(changed.group_by("cause").len().iter_rows())
    return DiffView(
        run_id=run.id,
        compared_with=earlier.id,
        same_result=run.result_digest == earlier.result_digest,
        same_inputs=run.input_digest == earlier.input_digest,
        same_rulebook=run.rulebook_id == earlier.rulebook_id,
        routes=len(route_changes(*demand)),
        choices=None if changed is None else len(changed),
        persons=None if decisions is None else person_moves(*decisions),
        causes=None if causes is None else {name: causes[name] for name in CAUSES if name in causes},
    )


@router.get("/routes", response_model=Page[Cells], responses=FILES)
def list_route_changes(
    run_id: str,
    request: Request,
    actor: Demand,
    query: Listing,
    *,
    other: With = None,
    programme: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the routes with a changed figure: seats, admitted, reserves, vacancies and limit, before and after."""
    with request.app.state.store.read() as session:
        run, earlier = pair(session, run_id, other, actor)
        frame = route_changes(*_tables(request, session, "demand", earlier, run))
    given = {"programme": programme, "school": school, "municipality": municipality, "organiser": organiser}
    return answer_frame(narrowed(frame, **given), query, "route-changes")


@router.get("/decisions", response_model=Page[Cells], responses=FILES)
def list_decision_changes(
    run_id: str,
    request: Request,
    actor: Results,
    query: Listing,
    *,
    other: With = None,
    cause: Text = None,
    route_id: Text = None,
    programme: Text = None,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
) -> Response:
    """List the changed decisions within one's scope, each with its nearest cause; protected persons are in no list."""
    state = request.app.state
    with state.store.read() as session:
        run, earlier = pair(session, run_id, other, actor)
        decisions = _tables(request, session, "decisions", earlier, run)
        demand = _tables(request, session, "demand", earlier, run)
    frame = decision_changes(*decisions, *demand).filter(decisions_within(actor, Permission.READ_RESULTS))
    given = {"cause": cause, "route_id": route_id, "programme": programme, "school": school}
    frame = narrowed(frame, **given, municipality=municipality, organiser=organiser)
    frame = frame.drop("protected", "home_municipality", "sending_school")
    if not actor.sees_people():
        names = frame["applicant"].unique().to_list()
        known = {one: pseudonym(state.trail.secret, run_id, one) for one in names}
        frame = frame.with_columns(pl.col("applicant").replace_strict(known, return_dtype=pl.String))
        frame = frame.sort("route_id", "applicant")
    return answer_frame(frame, query, "decision-changes")


@router.get("/positions/{applicant}")
def read_position_moves(
    run_id: str, applicant: str, request: Request, actor: Results, other: With = None, reason: Reason = None
) -> list[PositionMove]:
    """Explain why an applicant's reserve positions moved: who came ahead, who left, and what of it is the own."""
    state = request.app.state
    with opened_for(state.store, applicant) as session:
        run, earlier = pair(session, run_id, other, actor)
        person = find_person(
            session, state.trail, run.intake_id, applicant, actor, Permission.READ_RESULTS, reason=reason
        )
        facts = [_facts(session, one) for one in (earlier, run)]
        seen = routes_seen(session, actor, Permission.READ_RESULTS, person.row)
    moves = reserve_moves(facts[0], facts[1], person.row.applicant)
    return [_told(move) for move in moves if seen is None or move.route_id in seen]


def _facts(session: Session, run: Run) -> Facts:
    """Read a run's folder as an explanation needs it.

    Raises
    ------
    Problem
        404: its files were erased.
    """
    artifact = session.get(RunArtifact, (run.id, "run.zip"))
    if artifact is None:
        raise not_found("run folder", "path run_id")
    with unpacked(artifact.content) as folder:
        opened = read_run(folder)
        text = (folder / "rulebook.toml").read_text(encoding="utf-8")
        rules = rulebook_from_text(text, int(opened.about["year"])).sections
        return facts_of_stored(opened.round(run.round), tuple(opened.about["tie_chain"]), rules.order.late_first_hand)


def _told(move: ReserveMove) -> PositionMove:
    values = {name: getattr(move, name) for name in ReserveMove.__dataclass_fields__}
    values["own"] = list(move.own)
    return PositionMove(**values, sv=move_sentences(move, "sv"), en=move_sentences(move, "en"))
