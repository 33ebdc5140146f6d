"""Hand-over: after its day the receiving principal decides, so each school gets its admitted and its reserves."""

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.lists import FILES, Listing, Page, answer_frame
from api.results_queries import narrowed
from api.store.repositories.runs import finished_run
from api.store.repositories.scoping import handed_over
from api.web.kept import Kept, kept

router = APIRouter(prefix="/api/v1/runs/{run_id}/handover", tags=["worklists"])
Reader = Annotated[Actor, allow(Permission.READ_HANDOVER)]
Text = Annotated[str | None, Query(max_length=200)]
KEY = ("municipality", "school", "organiser")
KEPT = 4


class HandedOver(BaseModel):
    """Somebody who is admitted to a route, or stands on its reserve list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "municipality": "Nacka",
                    "school": "Nackas gymnasium",
                    "organiser": "Nacka",
                    "route_id": "3f2a91c07b",
                    "route_name": "Naturvetenskapsprogrammet",
                    "applicant": "k7m2q9x4wd3h",
                    "status": "reserve",
                    "reserve_position": 4,
                    "home_municipality": "Salem",
                }
            ]
        }
    )

    municipality: str
    school: str
    organiser: str
    route_id: str
    route_name: str
    applicant: str
    status: str = Field(description="admitted or reserve")
    reserve_position: int | None
    home_municipality: str


class SchoolHandover(BaseModel):
    """What one school takes over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "municipality": "Nacka",
                    "school": "Nackas gymnasium",
                    "organiser": "Nacka",
                    "admitted": 310,
                    "reserves": 95,
                }
            ]
        }
    )

    municipality: str
    school: str
    organiser: str
    admitted: int
    reserves: int


def frame_of(request: Request, run_id: str, actor: Actor) -> pl.DataFrame:
    """Give the rows of the schools within the actor's scope; protected persons are handed over by telephone."""
    state: Any = request.app.state
    with state.store.read() as session:
        finished_run(session, run_id, actor)
        decisions: pl.DataFrame = state.results.get(session, run_id, "decisions")
    known: Kept[pl.DataFrame] = kept(request, "handovers", KEPT)
    whole = known.get(run_id, lambda: _in_order(decisions))
    return whole.filter(handed_over(actor, Permission.READ_HANDOVER)).select(list(HandedOver.model_fields))


def _in_order(decisions: pl.DataFrame) -> pl.DataFrame:
    """Give everybody who is admitted or reserve, school by school, in the order in which they are taken."""
    rows = decisions.filter(pl.col("status").is_in(["admitted", "reserve"]))
    order = [*KEY, "route_name", "route_id", "status", "reserve_position", "applicant"]
    return rows.select(*HandedOver.model_fields, "protected").sort(order, nulls_last=True)


@router.get("", response_model=Page[HandedOver], responses=FILES)
def list_handover(
    run_id: str,
    request: Request,
    actor: Reader,
    query: Listing,
    *,
    school: Text = None,
    municipality: Text = None,
    organiser: Text = None,
    route_id: Text = None,
    status: Text = None,
) -> Response:
    """List who is handed over to the schools within one's scope: the admitted, then the reserves in their order."""
    given = {"school": school, "municipality": municipality, "organiser": organiser}
    frame = narrowed(frame_of(request, run_id, actor), **given, route_id=route_id, status=status)
    return answer_frame(frame, query, "handover", row=HandedOver)


@router.get("/schools", response_model=Page[SchoolHandover], responses=FILES)
def list_schools(run_id: str, request: Request, actor: Reader, query: Listing, organiser: Text = None) -> Response:
    """Count what each school within one's scope takes over."""
    frame = narrowed(frame_of(request, run_id, actor), organiser=organiser)
    counts = frame.group_by(KEY).agg(
        (pl.col("status") == "admitted").sum().cast(pl.Int64).alias("admitted"),
        (pl.col("status") == "reserve").sum().cast(pl.Int64).alias("reserves"),
    )
    return answer_frame(counts.sort(KEY), query, "handover-schools", row=SchoolHandover)
