"""Seat values: what more seats at each study route are worth, exactly, with intervals; worked out by a job."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.analyses import AnalysisRow, AnalysisView, answer_list, answer_table, begin, get_analysis, started_run, visible
from api.analyses import view as view_of
from api.idempotency import Created, OncePerKey
from api.jobs.kinds import VALUE_SEATS
from api.jobs.planning import lock_key
from api.lists import FILES, Cells, Listing, Page
from api.store.models import Analysis

router = APIRouter(prefix="/api/v1/seat-values", tags=["planning"])
Reader = Annotated[Actor, allow(Permission.READ_SCENARIOS)]
Writer = Annotated[Actor, allow(Permission.WRITE_SCENARIOS)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class NewSeatValues(BaseModel):
    """What to work out. The seeds are kept: the same request gives the same figures."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"run_id": "4f7c2a91d0e84b6f", "lotteries": 1000, "top": 20}]}
    )

    run_id: str = Field(max_length=64, description="A run of the preliminary or the final round.")
    lotteries: int = Field(1000, ge=1, le=10_000, description="Fresh lotteries behind the value of every route.")
    years: int = Field(0, ge=0, le=500, description="Also over so many simulated years: behaviour and lottery vary.")
    top: int = Field(20, ge=1, le=100, description="Curves, chains and who gains, for so many routes.")
    seed_lottery: Seed = 1
    seed_behaviour: Seed = 1


@router.get("", response_model=Page[AnalysisRow], responses=FILES)
def list_seat_values(
    request: Request, actor: Reader, query: Listing, run_id: Annotated[str | None, Query(max_length=64)] = None
) -> Response:
    """List what was worked out, newest first."""
    statement = visible(actor, "seat_values")
    if run_id is not None:
        statement = statement.where(Analysis.run_id == run_id)
    with request.app.state.store.read() as session:
        return answer_list(session, query, "seat-values", statement)


@router.post("", status_code=202, response_model=AnalysisView)
def start_seat_values(body: NewSeatValues, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Work seat values out; the answer names the job."""

    def work(session: Session) -> Created:
        run = started_run(session, body.run_id, actor)
        row = begin(
            request, session, actor, kind="seat_values", job_kind=VALUE_SEATS,
            lock_key=lock_key(VALUE_SEATS, run.id), parameters=body.model_dump(), intake_id=run.intake_id,
            run_id=run.id,
        )  # fmt: skip
        body_of = view_of(session, row, actor)
        return Created(body=body_of, status=202, location=f"/api/v1/seat-values/{row.id}")

    return once.run(actor, work)


@router.get("/{seat_values_id}")
def read_seat_values(seat_values_id: str, request: Request, actor: Reader) -> AnalysisView:
    """Read what was asked for, how far it is, and which tables there are."""
    with request.app.state.store.read() as session:
        return view_of(session, get_analysis(session, seat_values_id, actor, "seat_values"), actor)


@router.get("/{seat_values_id}/tables/{name}", response_model=Page[Cells], responses=FILES)
def read_seat_values_table(seat_values_id: str, name: str, request: Request, actor: Reader, query: Listing) -> Response:
    """Read one of its tables: ``values`` (all routes), ``curves``, ``moves`` ...; every figure with its interval."""
    return answer_table(request, seat_values_id, actor, "seat_values", name, query)
