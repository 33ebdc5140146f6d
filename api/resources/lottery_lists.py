"""The lists of ids that the office commits to: those in time, and late ids as further lists under the same seed.

Published before the public value is known, so that nobody can shop for a draw. The seed itself is never kept.
"""

import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from admissions.rules.lottery import Lottery, ids_digest
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.idempotency import Created, OncePerKey
from api.lists import FILES, Listing, Page, answer_select
from api.numbers import Number
from api.problems import conflict, not_found
from api.store.bulk import bulk_insert
from api.store.models import Applicant, LotteryId, LotteryList
from api.store.repositories.intakes import get_intake
from api.store.repositories.scoping import people_within

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/lottery-lists", tags=["applicants"])
Reader = Annotated[Actor, allow(Permission.READ_RUNS)]


class ListView(BaseModel):
    """A list that was committed to."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "number": 1,
                    "ids": 30000,
                    "ids_digest": ids_digest(["a"]),
                    "commitment": hashlib.sha256(b"example").hexdigest(),
                    "created_at": "2026-02-16T08:00:00Z",
                }
            ]
        },
    )

    number: int = Field(description="1: those in time; further ones: late ids.")
    ids: int = Field(description="How many ids the list has, protected persons' included.")
    ids_digest: str = Field(description="SHA-256 of the sorted ids, each followed by a line feed.")
    commitment: str = Field(description="SHA-256 of seed|digest of the ids.")
    created_at: datetime


class NewList(BaseModel):
    """The office's seed, which is used and not kept."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"seed_phrase": "a long secret phrase"}]})

    seed_phrase: str = Field(min_length=1, max_length=500, pattern=r"^[^|\n\r]*$")


class ListedId(BaseModel):
    """An id of a list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"applicant": "k7m2q9x4wd3h"}]})

    applicant: str


COLUMNS = {name: getattr(LotteryList, name) for name in ListView.model_fields}


@router.get("", response_model=Page[ListView], responses=FILES)
def list_lists(intake_id: str, request: Request, actor: Reader, query: Listing) -> Response:  # noqa: ARG001
    """List the commitments, oldest first: what the office publishes."""
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        statement = select(LotteryList).where(LotteryList.intake_id == intake_id)
        key = [LotteryList.number]
        return answer_select(session, query, "lottery-lists", statement, COLUMNS, key=key, row=ListView)


@router.post("", status_code=201, response_model=ListView)
def fix_list(
    intake_id: str,
    body: NewList,
    request: Request,
    actor: Annotated[Actor, allow(Permission.WRITE_APPLICANTS)],
    once: OncePerKey,
) -> Response:
    """Fix the ids that stand in no list yet as the next list, under the same seed as the first."""
    state = request.app.state

    def work(session: Session) -> Created:
        get_intake(session, intake_id, lock=True)
        lottery = Lottery(body.seed_phrase, "")
        last = session.scalar(select(func.max(LotteryList.number)).where(LotteryList.intake_id == intake_id)) or 0
        if last:
            first = session.get_one(LotteryList, (intake_id, 1))
            ids = session.scalars(select(LotteryId.applicant).where(_of(intake_id, 1)))
            if lottery.commitment(ids) != first.commitment:
                raise conflict(
                    "other_seed",
                    "The first list was committed to under another seed.",
                    place="body.seed_phrase",
                    remedy="Use the seed of the first list: late ids are drawn under the same one.",
                )
        listed = and_(LotteryId.intake_id == Applicant.intake_id, LotteryId.applicant == Applicant.applicant)
        fresh = select(Applicant.applicant).outerjoin(LotteryId, listed)
        fresh = fresh.where(Applicant.intake_id == intake_id, LotteryId.applicant.is_(None))
        new = sorted(session.scalars(fresh))
        if not new:
            raise conflict("no_new_ids", "Every applicant's id stands in a list.", remedy="Nothing is left to list.")
        row = LotteryList(
            intake_id=intake_id, number=last + 1, ids_digest=ids_digest(new), commitment=lottery.commitment(new),
            ids=len(new), created_by=actor.id, created_at=state.clock(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        columns = ("intake_id", "number", "applicant")
        bulk_insert(session, LotteryId, columns, [(intake_id, row.number, one) for one in new])
        state.trail.record(
            session, EventKind.LOTTERY_LISTED, actor=actor.id, object_type="intake", object_id=intake_id,
            intake_id=intake_id, keep_days=None,
            payload={"number": row.number, "ids": row.ids, "digest": row.ids_digest, "commitment": row.commitment},
        )  # fmt: skip
        where = f"/api/v1/intakes/{intake_id}/lottery-lists/{row.number}"
        return Created(body=ListView.model_validate(row), location=where)

    return once.run(actor, work)


@router.get("/{number}")
def read_list(intake_id: str, number: Number, request: Request, actor: Reader) -> ListView:  # noqa: ARG001
    """Read a commitment."""
    with request.app.state.store.read() as session:
        return ListView.model_validate(_find(session, intake_id, number))


@router.get("/{number}/ids", response_model=Page[ListedId], responses=FILES)
def list_ids(
    intake_id: str,
    number: Number,
    request: Request,
    actor: Annotated[Actor, allow(Permission.WRITE_APPLICANTS)],
    query: Listing,
) -> Response:
    """List the ids of a list; protected persons' are part of the digest and not shown, nor are erased ones."""
    with request.app.state.store.read() as session:
        _find(session, intake_id, number)
        same = and_(Applicant.intake_id == LotteryId.intake_id, Applicant.applicant == LotteryId.applicant)
        statement = select(LotteryId).join(Applicant, same)
        statement = statement.where(_of(intake_id, number), people_within(actor, Permission.WRITE_APPLICANTS))
        columns = {"applicant": LotteryId.applicant}
        key = [LotteryId.applicant]
        return answer_select(session, query, "ids", statement, columns, key=key, row=ListedId)


def _of(intake_id: str, number: int) -> ColumnElement[bool]:
    return and_(LotteryId.intake_id == intake_id, LotteryId.number == number)


def _find(session: Session, intake_id: str, number: int) -> LotteryList:
    found = session.get(LotteryList, (intake_id, number))
    if found is None:
        raise not_found("list", "path number")
    return found
