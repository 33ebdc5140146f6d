"""Forecasts: next year's published results for every route, from those of earlier years; worked out by a job.

The history is uploaded, or the published years that come along; the catalogue is uploaded, or that of an intake.
"""

import hashlib
import io
import tempfile
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Form, Request, Response, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.errors import InputError
from admissions.tables import Problem as TableProblem
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.analyses import AnalysisRow, AnalysisView, answer_list, answer_table, begin, get_analysis, visible
from api.analyses import view as view_of
from api.idempotency import Created, OncePerKey
from api.jobs.analysis import store_table
from api.jobs.kinds import FORECAST_ROUTES
from api.jobs.planning import lock_key
from api.lists import FILES, Cells, Listing, Page
from api.problems import Problem, unprocessable
from api.store.models import Intake, Route
from api.store.repositories.intakes import get_intake
from api.store.repositories.seats import seats_frame

router = APIRouter(prefix="/api/v1/forecasts", tags=["planning"])
Reader = Annotated[Actor, allow(Permission.READ_SCENARIOS)]
Writer = Annotated[Actor, allow(Permission.WRITE_SCENARIOS)]
LARGEST = 20_000_000
SUFFIXES = {".csv", ".xlsx", ".parquet"}


@router.get("", response_model=Page[AnalysisRow], responses=FILES)
def list_forecasts(request: Request, actor: Reader, query: Listing) -> Response:
    """List the forecasts, newest first."""
    with request.app.state.store.read() as session:
        return answer_list(session, query, "forecasts", visible(actor, "forecast"))


@router.post("", status_code=202, response_model=AnalysisView)
def start_forecast(
    request: Request,
    actor: Writer,
    once: OncePerKey,
    history: UploadFile | None = None,
    catalogue: UploadFile | None = None,
    intake_id: Annotated[
        str, Form(max_length=64, description="Take the catalogue of this intake instead of a file.")
    ] = "",
) -> Response:
    """Forecast every route of a catalogue; the answer names the job.

    ``history``: published results of one or more consecutive years, the last the year before the catalogue's; without
    it those that come along (Stockholm 2020-2023). Both files have the columns of the published tables
    (docs/forecast.md); every problem of both is told at once, before anything is queued.
    """
    if (catalogue is None) == (not intake_id):
        raise unprocessable(
            "invalid_request",
            "Give either a catalogue or an intake.",
            place="body.catalogue",
            remedy="Upload the catalogue of the year to forecast, or name the intake.",
        )
    frames = _inputs(request, history, catalogue, intake_id)
    digest = hashlib.sha256("".join(_digest(one) for one in frames.values()).encode()).hexdigest()
    source = {
        "history": "published results that come along" if history is None else _name(history, "history"),
        "catalogue": f"intake {intake_id}" if catalogue is None else _name(catalogue, "catalogue"),
    }

    def work(session: Session) -> Created:
        row = begin(
            request, session, actor, kind="forecast", job_kind=FORECAST_ROUTES,
            lock_key=lock_key(FORECAST_ROUTES, digest), parameters={"source": source, "digest": digest},
            intake_id=intake_id or None,
        )  # fmt: skip
        for place, (name, frame) in enumerate(frames.items()):
            store_table(session, row.id, name, frame, 100 + place)
        session.flush()
        return Created(body=view_of(session, row, actor), status=202, location=f"/api/v1/forecasts/{row.id}")

    return once.run(actor, work, content=digest)


@router.get("/{forecast_id}")
def read_forecast(forecast_id: str, request: Request, actor: Reader) -> AnalysisView:
    """Read a forecast: what it was made from, how far it is, and which tables there are."""
    with request.app.state.store.read() as session:
        return view_of(session, get_analysis(session, forecast_id, actor, "forecast"), actor)


@router.get("/{forecast_id}/tables/{name}", response_model=Page[Cells], responses=FILES)
def read_forecast_table(forecast_id: str, name: str, request: Request, actor: Reader, query: Listing) -> Response:
    """Read ``forecast`` (cut-off, admitted, reserves, vacant seats, 80 % intervals), ``history`` or ``catalogue``."""
    return answer_table(request, forecast_id, actor, "forecast", name, query)


def _inputs(
    request: Request, history: UploadFile | None, catalogue: UploadFile | None, intake_id: str
) -> dict[str, pl.DataFrame]:
    """Read and check both tables.

    Raises
    ------
    Problem
        422 ``invalid_tables``, with every problem of both.
    """
    from admissions.tables.reading import read_checked
    from simulations.forecast import read_inputs
    from simulations.forecast.published import HISTORY

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        coming = _saved(catalogue, folder, "catalogue") if catalogue is not None else folder / "catalogue.csv"
        if catalogue is None:
            _catalogue_of(request, intake_id).write_csv(coming)
        past = _saved(history, folder, "history") if history is not None else folder / "history.csv"
        if history is None:
            _published().write_csv(past)
        try:
            routes = read_inputs(past, coming)[1]
            return {"history": read_checked(past, HISTORY).frame, "catalogue": routes}
        except InputError as error:
            told = [_told(one) for one in error.problems]
            raise unprocessable(
                "invalid_tables",
                f"{len(told)} problem(s) in the tables; see problems.",
                place="body",
                remedy="Correct the files; docs/forecast.md has the columns. Nothing was queued.",
                problems=told,
            ) from None


def _told(problem: object) -> dict[str, Any]:
    if isinstance(problem, TableProblem):
        return {name: value for name, value in asdict(problem).items() if value is not None}
    return {"place": "file", "message": str(problem)}


def _published() -> pl.DataFrame:
    """Give the published years that come along, with the columns of a history."""
    from sample_data.catalogue import published
    from simulations.forecast.published import HISTORY

    return HISTORY.conform(published().rename({"school_unit_code": "skolenhetskod"}))


def _catalogue_of(request: Request, intake_id: str) -> pl.DataFrame:
    """Give an intake's routes and final seats as a catalogue; the first route of a pool carries its seats."""
    names = ("route_id", "pool", "school", "school_unit_code", "municipality", "organiser", "route_code", "route_name")
    with request.app.state.store.read() as session:
        intake: Intake = get_intake(session, intake_id)
        columns = [getattr(Route, name) for name in names]
        rows = [tuple(one) for one in session.execute(select(*columns).where(Route.intake_id == intake_id))]
        seats = seats_frame(session, intake_id)
        year = intake.year
    routes = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").sort("route_id")
    last = {"preliminary": 0, "final": 1}
    ranked = seats.filter(pl.col("round").is_in(list(last))).with_columns(
        order=pl.col("round").replace_strict(last, return_dtype=pl.Int64)
    )
    newest = ranked.filter(pl.col("order") == pl.col("order").max().over("route_or_pool"))
    per_pool = newest.group_by("route_or_pool").agg(
        (pl.col("seats") - pl.col("held_outside").fill_null(0) + pl.col("over_intake").fill_null(0))
        .sum()
        .alias("seats")
    )
    found = routes.join(per_pool, left_on="pool", right_on="route_or_pool", how="left").with_columns(
        seats=pl.when(pl.col("route_id").is_first_distinct().over("pool")).then(pl.col("seats")).otherwise(0),
        year=pl.lit(year),
    )
    return found.rename({"school_unit_code": "skolenhetskod"}).select(
        "year", "school", pl.col("skolenhetskod").fill_null(""), "municipality", "organiser", "route_code",
        "route_name", pl.col("seats").fill_null(0),
    )  # fmt: skip


def _saved(file: UploadFile, folder: Path, name: str) -> Path:
    content = file.file.read(LARGEST + 1)
    suffix = PurePosixPath(_name(file, name)).suffix.lower()
    if len(content) > LARGEST:
        raise Problem(
            413, "file_too_large", "The file is too large", f"Files up to {LARGEST // 1_000_000} MB are taken.",
            place=f"body.{name}", remedy="Hand in the published tables only.",
        )  # fmt: skip
    path = folder / f"{name}{suffix if suffix in SUFFIXES else '.csv'}"
    path.write_bytes(content)
    return path


def _name(file: UploadFile, otherwise: str) -> str:
    return PurePosixPath((file.filename or otherwise).replace("\\", "/")).name[:200]


def _digest(frame: pl.DataFrame) -> str:
    part = io.BytesIO()
    frame.write_csv(part)
    return hashlib.sha256(part.getvalue()).hexdigest()
