"""Publications: what everybody may read of a published run, and how to check it."""

import io
import zipfile
from datetime import datetime
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from api.access.allow import open_to_all
from api.exchange.data_package import Published, package_files
from api.exchange.package_fields import RESOURCES
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
    result_digest: str = Field(description="Digest of the run folder.")
    rows_root: str | None = Field(description="Root hash of all rows and decisions: receipts are checked against it.")
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
                rows_root=run.rows_root,
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


@router.get(
    "/{run_id}/data-package",
    dependencies=[PUBLIC],
    response_class=Response,
    responses={
        200: {
            "content": {"application/zip": {"schema": {"type": "string"}}},
            "description": "A Frictionless data package",
        }
    },
)
def read_data_package(run_id: str, request: Request) -> Response:
    """Give the statistics of a published run as a data package: CSV files and what each column means."""
    with request.app.state.store.read() as session:
        run = session.get(Run, run_id)
        if run is None or run.state != "published":
            raise not_found("publication", "path run_id")
        intake = session.get_one(Intake, run.intake_id)
        results = request.app.state.results
        tables = {one.table: results.get(session, run_id, one.table) for one in RESOURCES}
    published = Published(run.id, str(run.result_digest), intake.year, run.round, intake.name)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in package_files(published, tables).items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    headers = {"Content-Disposition": f'attachment; filename="admission-{intake.year}-{run.round}.zip"'}
    return Response(whole.getvalue(), media_type="application/zip", headers=headers)
