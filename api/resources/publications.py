"""Publications: what everybody may read of a published run, and how to check it."""

from datetime import datetime
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import select

from api.access.allow import open_to_all
from api.lists import FILES, Cells, Listing, Page, answer_frame
from api.problems import not_found
from api.store.models import Intake, Run

router = APIRouter(prefix="/api/v1/publications", tags=["publications"])
PUBLIC = open_to_all("The published layout is public.")
LAYOUT = (
    "municipality", "school", "organiser", "route_code", "route_name", "programme",
    "seats", "first_choices", "all_choices", "admitted", "reserves", "vacancies", "limit", "median",
)  # fmt: skip


class Publication(BaseModel):
    """A published run: enough to check that it is the one that was verified."""

    run_id: str
    intake: str
    year: int
    round: str
    result_digest: str
    certificate: dict[str, Any]
    lottery: dict[str, Any]
    corrects: str | None
    audit_head: str
    published_at: datetime


@router.get("", dependencies=[PUBLIC])
def list_publications(request: Request) -> list[Publication]:
    """List the published runs, newest first."""
    statement = select(Run, Intake).join(Intake, Run.intake_id == Intake.id).where(Run.state == "published")
    with request.app.state.store.read() as session:
        return [
            Publication(
                run_id=run.id,
                intake=intake.name,
                year=intake.year,
                round=run.round,
                result_digest=run.result_digest,
                certificate=run.certificate,
                lottery=run.lottery,
                corrects=run.corrects,
                audit_head=run.audit_head,
                published_at=run.published_at,
            )
            for run, intake in session.execute(statement.order_by(Run.published_at.desc(), Run.id))
        ]


@router.get("/{run_id}/routes", dependencies=[PUBLIC], response_model=Page[Cells], responses=FILES)
def list_published_routes(run_id: str, request: Request, query: Listing) -> Response:
    """List every study route with its limit, median, admitted, reserves and vacancies, as the office publishes it."""
    with request.app.state.store.read() as session:
        run = session.get(Run, run_id)
        if run is None or run.state != "published":
            raise not_found("publication", "path run_id")
        frame: pl.DataFrame = request.app.state.results.get(session, run_id, "demand")
    return answer_frame(frame.select("route_id", *LAYOUT), query, "routes")
