"""Packages: the extra seats that do most within a budget, and how good any other package could be; found by a job."""

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.analyses import AnalysisRow, AnalysisView, answer_list, answer_table, begin, get_analysis, started_run, visible
from api.analyses import view as view_of
from api.idempotency import Created, OncePerKey
from api.jobs.kinds import FIND_PACKAGE
from api.jobs.planning import lock_key
from api.lists import FILES, Cells, Listing, Page
from api.store.models import Analysis

router = APIRouter(prefix="/api/v1/packages", tags=["planning"])
Reader = Annotated[Actor, allow(Permission.READ_SCENARIOS)]
Writer = Annotated[Actor, allow(Permission.WRITE_SCENARIOS)]
Ore = Annotated[int, Field(ge=0, le=10**12)]


class PriceOf(BaseModel):
    """What a seat and a pupil of a programme cost a year, in öre."""

    model_config = ConfigDict(extra="forbid")

    programme: str = Field(max_length=10, examples=["NA"])
    per_seat_ore: Ore = Field(examples=[1_500_000])
    per_pupil_ore: Ore = Field(examples=[9_500_000])


class NewPackage(BaseModel):
    """A budget of seats, of money, or of both."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"run_id": "4f7c2a91d0e84b6f", "seats": 30}]}
    )

    run_id: str = Field(max_length=64, description="A run of the preliminary or the final round.")
    seats: int | None = Field(None, ge=1, le=2000, description="At most so many extra seats.")
    money_ore: Ore | None = Field(None, description="At most so much a year; needs prices of every programme.")
    prices: list[PriceOf] = Field(default_factory=list, max_length=200)
    routes: list[str] = Field(default_factory=list, max_length=2000, description="Only these routes; all if empty.")
    seconds: float = Field(30.0, ge=0.0, le=120.0, description="Longest time for improving by exchange.")

    @model_validator(mode="after")
    def _has_a_budget(self) -> Self:
        if self.seats is None and self.money_ore is None:
            raise ValueError("give a budget: seats, money_ore or both")
        if self.money_ore is not None and not self.prices:
            raise ValueError("a budget of money needs prices")
        return self


@router.get("", response_model=Page[AnalysisRow], responses=FILES)
def list_packages(
    request: Request, actor: Reader, query: Listing, run_id: Annotated[str | None, Query(max_length=64)] = None
) -> Response:
    """List the packages that were looked for, newest first."""
    statement = visible(actor, "package")
    if run_id is not None:
        statement = statement.where(Analysis.run_id == run_id)
    with request.app.state.store.read() as session:
        return answer_list(session, query, "packages", statement)


@router.post("", status_code=202, response_model=AnalysisView)
def start_package(body: NewPackage, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Look for the best package within a budget; the answer names the job."""

    def work(session: Session) -> Created:
        run = started_run(session, body.run_id, actor)
        row = begin(
            request, session, actor, kind="package", job_kind=FIND_PACKAGE, lock_key=lock_key(FIND_PACKAGE, run.id),
            parameters=body.model_dump(), intake_id=run.intake_id, run_id=run.id,
        )  # fmt: skip
        return Created(body=view_of(session, row, actor), status=202, location=f"/api/v1/packages/{row.id}")

    return once.run(actor, work)


@router.get("/{package_id}")
def read_package(package_id: str, request: Request, actor: Reader) -> AnalysisView:
    """Read a package: what it does, the gap to the best there could be, and which tables there are."""
    with request.app.state.store.read() as session:
        return view_of(session, get_analysis(session, package_id, actor, "package"), actor)


@router.get("/{package_id}/tables/{name}", response_model=Page[Cells], responses=FILES)
def read_package_table(package_id: str, name: str, request: Request, actor: Reader, query: Listing) -> Response:
    """Read one of its tables: ``package``, or what it would change: ``totals``, ``programmes``, ``homes`` ..."""
    return answer_table(request, package_id, actor, "package", name, query)
