"""Worklists: what blocks the next run and who needs something after one, counted and opened by responsible school."""

from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.lists import FILES, Cells, Listing, Page, answer_frame
from api.results_queries import narrowed
from api.worklists.kept import counted, lists_after, lists_before, next_round, within, worklist
from api.worklists.rows import COLUMNS, Lists

router = APIRouter(prefix="/api/v1", tags=["worklists"])
Reader = Annotated[Actor, allow(Permission.READ_WORKLISTS)]
Text = Annotated[str | None, Query(max_length=200)]
Lang = Annotated[Literal["sv", "en"], Query(description="Language of titles and remedies.")]
RoundName = Annotated[
    Literal["preliminary", "final"] | None, Query(description="The round to come; the next one if left out.")
]


class Count(BaseModel):
    """How much a worklist holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "free_quota",
                    "title": "Free quota undecided",
                    "rows": 12,
                    "people": 9,
                    "responsible": 4,
                    "blocks": True,
                    "remedy": "Decide on the free quota.",
                }
            ]
        }
    )

    name: str
    title: str
    rows: int
    people: int = Field(description="Distinct applicants; 0 for lists about seats.")
    responsible: int = Field(description="How many schools (or home municipalities) have something to do.")
    blocks: bool = Field(description="Whether the next step should wait for it.")
    remedy: str


class SchoolCount(BaseModel):
    """How much of a worklist one school has to do."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "free_quota", "responsible": "Nackas gymnasium", "rows": 3}]}
    )

    name: str
    responsible: str | None
    rows: int


SCHOOL_COLUMNS = ("name", "responsible", "rows")


def _by_school(lists: Lists) -> pl.DataFrame:
    parts = [
        frame.group_by("responsible")
        .agg(pl.len().cast(pl.Int64).alias("rows"))
        .with_columns(pl.lit(name).alias("name"))
        for name, frame in lists.items()
    ]
    return pl.concat(parts).select(SCHOOL_COLUMNS).sort("name", "responsible", nulls_last=True)


def _rows(frame: pl.DataFrame, name: str, stage: str, language: str, **given: str | None) -> pl.DataFrame:
    remedy = worklist(name, stage).words(language)[1]
    return narrowed(frame, **given).select(*COLUMNS, pl.lit(remedy).alias("remedy"))


def _counts(lists: Lists, stage: str, language: str) -> pl.DataFrame:
    return pl.DataFrame(counted(lists, stage, language))


@router.get("/intakes/{intake_id}/worklists", response_model=Page[Count], responses=FILES)
def list_before(
    intake_id: str, request: Request, actor: Reader, query: Listing, round: RoundName = None, lang: Lang = "en"  # noqa: A002 - the name in the URL
) -> Response:  # fmt: skip
    """Count what blocks the round to come, within one's scope."""
    return answer_frame(
        _counts(_before(request, intake_id, actor, round), "before", lang), query, "worklists", row=Count
    )


@router.get("/intakes/{intake_id}/worklists/by-school", response_model=Page[SchoolCount], responses=FILES)
def list_before_by_school(
    intake_id: str, request: Request, actor: Reader, query: Listing, round: RoundName = None  # noqa: A002 - the name in the URL
) -> Response:  # fmt: skip
    """Count what blocks the round to come, by list and responsible school."""
    return answer_frame(_by_school(_before(request, intake_id, actor, round)), query, "worklists", row=SchoolCount)


@router.get("/intakes/{intake_id}/worklists/{name}", response_model=Page[Cells], responses=FILES)
def open_before(
    intake_id: str,
    name: str,
    request: Request,
    actor: Reader,
    query: Listing,
    *,
    round: RoundName = None,  # noqa: A002 - the name in the URL
    responsible: Text = None,
    school: Text = None,
    organiser: Text = None,
    municipality: Text = None,
    home_municipality: Text = None,
    lang: Lang = "en",
) -> Response:
    """Open a worklist of the round to come: whom it is about, which route, who is responsible and what to do."""
    worklist(name, "before")
    given = {"responsible": responsible, "school": school, "organiser": organiser, "municipality": municipality}
    frame = _before(request, intake_id, actor, round)[name]
    found = _rows(frame, name, "before", lang, **given, home_municipality=home_municipality)
    return answer_frame(found, query, f"worklist-{name}")


@router.get("/runs/{run_id}/worklists", response_model=Page[Count], responses=FILES)
def list_after(run_id: str, request: Request, actor: Reader, query: Listing, lang: Lang = "en") -> Response:
    """Count who needs something after a run, within one's scope; answers and departures as they stand now."""
    return answer_frame(_counts(_after(request, run_id, actor), "after", lang), query, "worklists", row=Count)


@router.get("/runs/{run_id}/worklists/by-school", response_model=Page[SchoolCount], responses=FILES)
def list_after_by_school(run_id: str, request: Request, actor: Reader, query: Listing) -> Response:
    """Count who needs something after a run, by list and responsible school."""
    return answer_frame(_by_school(_after(request, run_id, actor)), query, "worklists", row=SchoolCount)


@router.get("/runs/{run_id}/worklists/{name}", response_model=Page[Cells], responses=FILES)
def open_after(
    run_id: str,
    name: str,
    request: Request,
    actor: Reader,
    query: Listing,
    *,
    responsible: Text = None,
    school: Text = None,
    organiser: Text = None,
    municipality: Text = None,
    home_municipality: Text = None,
    lang: Lang = "en",
) -> Response:
    """Open a worklist after a run."""
    worklist(name, "after")
    given = {"responsible": responsible, "school": school, "organiser": organiser, "municipality": municipality}
    frame = _after(request, run_id, actor)[name]
    found = _rows(frame, name, "after", lang, **given, home_municipality=home_municipality)
    return answer_frame(found, query, f"worklist-{name}")


def _before(request: Request, intake_id: str, actor: Actor, round_name: str | None) -> Lists:
    state: Any = request.app.state
    with state.store.read() as session:
        found = lists_before(state, session, intake_id, round_name or next_round(session, intake_id))
    return within(found, actor)


def _after(request: Request, run_id: str, actor: Actor) -> Lists:
    state: Any = request.app.state
    with state.store.read() as session:
        found = lists_after(state, session, run_id, actor)
    return within(found, actor)
