"""Reserves called by hand: the order they are called in, what happened since the round, and the calls themselves."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.rounds.by_hand import CallingOrder, Held, Since, Waiting
from api.problems import conflict
from api.results import ResultTables
from api.store.base import new_id
from api.store.models import Answer, Applicant, CallEntry, Departure, Route, Run
from api.store.repositories.runs import run_before

AFTER_ALL = "reserve-99"
OPEN, ACCEPTED, EXPIRED, WITHDRAWN = "open", "accepted", "expired", "withdrawn"
IN_USE = (OPEN, ACCEPTED)


def run_to_call_from(session: Session, run: Run) -> None:
    """Refuse to call reserves of a run that people do not go by.

    Raises
    ------
    Problem
        409 ``not_published``, or ``run_passed``: a later run counts.
    """
    if run.state != "published":
        raise conflict(
            "not_published", "The run is not published: nobody knows of a place in its queues.", remedy="Publish it."
        )
    latest = run_before(session, run.intake_id, AFTER_ALL)
    if latest is None or latest.id != run.id:
        raise conflict(
            "run_passed", "A later run counts; its queues are called.", remedy="Call from the latest round's run."
        )


def calling_order(session: Session, results: ResultTables, run: Run, today: date) -> CallingOrder:
    """Give the queues and seats of a run, without the routes that were closed since."""
    decisions = results.get(session, run.id, "decisions").select(
        "applicant", "route_id", "rank", "status", "reserve_position"
    )
    routes = results.get(session, run.id, "demand").select("route_id", "pool", "seats")
    rows = select(Route.route_id).where(Route.intake_id == run.intake_id, Route.closed_at <= today.isoformat())
    closed = list(session.scalars(rows))
    if closed:
        shut = pl.col("route_id").is_in(closed)
        decisions = decisions.filter(~(shut & (pl.col("status") == "reserve")))
        routes = routes.with_columns(pl.when(shut.all().over("pool")).then(0).otherwise("seats").alias("seats"))
    return CallingOrder(decisions, routes)


def since_run(session: Session, run: Run, ranks: Mapping[tuple[str, str], int]) -> Since:
    """Give what people said and did since a run.

    Parameters
    ----------
    session, run
        The run.
    ranks
        Rank of (applicant, route) for those who were called.
    """
    said = session.execute(
        select(Answer.applicant, Answer.answer).where(Answer.intake_id == run.intake_id, Answer.round == run.round)
    ).all()
    gone = select(Departure.applicant, Departure.noted_at).where(Departure.intake_id == run.intake_id)
    left = {applicant: noted for applicant, noted in session.execute(gone)}  # noqa: C416 - typed rows
    accepted: dict[str, Held] = {}
    called = set()
    for one in calls_of(session, run.id):
        if one.outcome != WITHDRAWN:
            called.add((one.applicant, one.route_id))
        if one.outcome == ACCEPTED and not _after(left.get(one.applicant), one.closed_at):
            seat = Held(ranks[one.applicant, one.route_id], one.route_id)
            accepted[one.applicant] = min(seat, accepted.get(one.applicant, seat))
    return Since(
        given_back=frozenset({who for who, answer in said if answer in {"no", "no_keep_reserve"}} | set(left)),
        out=frozenset({who for who, answer in said if answer in {"no", "yes_no_reserve"}} | set(left)),
        accepted=accepted,
        called=frozenset(called),
    )


def _after(left: datetime | None, accepted: datetime | None) -> bool:
    return left is not None and accepted is not None and left > accepted


def ranks_of(session: Session, results: ResultTables, run: Run) -> dict[tuple[str, str], int]:
    """Give the rank of each choice somebody was called to."""
    pairs = {(one.applicant, one.route_id) for one in calls_of(session, run.id)}
    if not pairs:
        return {}
    keys = pl.DataFrame(sorted(pairs), schema={"applicant": pl.String, "route_id": pl.String}, orient="row")
    rows = results.get(session, run.id, "decisions").select("applicant", "route_id", "rank")
    found = rows.join(keys, on=["applicant", "route_id"], how="semi").iter_rows()
    return {(applicant, route): rank for applicant, route, rank in found}


def calls_of(session: Session, run_id: str) -> list[CallEntry]:
    """Give the calls of a run, oldest first."""
    rows = select(CallEntry).where(CallEntry.run_id == run_id).order_by(CallEntry.called_at, CallEntry.id)
    return list(session.scalars(rows))


def accepted_by_hand(session: Session, run_id: str) -> int:
    """Count the seats of a run that were given by hand since."""
    return sum(one.outcome == ACCEPTED for one in calls_of(session, run_id))


def new_call(
    session: Session, run: Run, one: Waiting, pool: str, *, actor: str, now: datetime, deadline: datetime
) -> CallEntry:
    """Write a call for the pool's first seat without one."""
    used = {call.seat for call in calls_of(session, run.id) if call.pool == pool and call.outcome in IN_USE}
    seat = next(number for number in range(1, len(used) + 2) if number not in used)
    call = CallEntry(
        id=new_id(), run_id=run.id, applicant=one.applicant, route_id=one.route_id, pool=pool, seat=seat,
        called_at=now, deadline=deadline, called_by=actor, outcome=OPEN, version=1,
    )  # fmt: skip
    session.add(call)
    session.flush()
    return call


def close_call(call: CallEntry, outcome: str, actor: str, now: datetime) -> None:
    """Note what came of a call."""
    call.outcome, call.closed_by, call.closed_at = outcome, actor, now
    call.version += 1


def names_shown(session: Session, intake_id: str, people: set[str]) -> dict[str, str]:
    """Give the alias of each protected person among some people."""
    rows = session.execute(
        select(Applicant.applicant, Applicant.alias).where(Applicant.intake_id == intake_id, Applicant.protected)
    )
    return {applicant: alias for applicant, alias in rows if applicant in people and alias is not None}


def calls_frame(calls: list[CallEntry]) -> pl.DataFrame:
    """Give calls as a table."""
    names = ("id", "applicant", "route_id", "pool", "seat", "called_at", "deadline", "outcome", "closed_at", "version")
    rows: list[dict[str, Any]] = [{name: getattr(one, name) for name in names} for one in calls]
    schema: dict[str, pl.DataType] = {name: pl.String() for name in names}
    schema |= {"seat": pl.Int64(), "version": pl.Int64()}
    schema |= {name: pl.Datetime("us", "UTC") for name in ("called_at", "deadline", "closed_at")}
    return pl.DataFrame(rows, schema=schema, orient="row")
