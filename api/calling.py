"""The state of calling reserves by hand in a run, as it stands in a transaction; its tables."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from admissions.rounds.by_hand import CallingOrder, Since, Waiting
from api.access.windows import SWEDEN
from api.problems import not_found
from api.store.models import CallEntry, Run
from api.store.repositories.calls import OPEN, calling_order, calls_frame, calls_of, ranks_of, since_run
from api.store.repositories.offers import OF_ROUTE


class Desk:
    """The state of calling in a run, as it stands in a transaction."""

    def __init__(self, state: Any, session: Session, run: Run) -> None:
        self.run, self.now = run, state.clock()
        self.order: CallingOrder = calling_order(session, state.results, run, self.now.astimezone(SWEDEN).date())
        self.since: Since = since_run(session, run, ranks_of(session, state.results, run))
        self.calls = calls_of(session, run.id)
        self.free = self.order.free(self.since)

    def pool(self, route_id: str) -> str:
        """Give the pool of a route.

        Raises
        ------
        Problem
            404.
        """
        if route_id not in self.order.pool_of:
            raise not_found("study route in the run", "route_id")
        return self.order.pool_of[route_id]

    def open_in(self, pool: str) -> list[CallEntry]:
        """Give the pool's calls that are open and within their time."""
        return [one for one in self.calls if one.pool == pool and one.outcome == OPEN and one.deadline > self.now]

    def overdue_in(self, pool: str) -> list[CallEntry]:
        """Give the pool's open calls whose time is over."""
        return [one for one in self.calls if one.pool == pool and one.outcome == OPEN and one.deadline <= self.now]


def next_free(desk: Desk, pool: str) -> Waiting | None:
    """Give who is called next to a pool; None where no seat is empty without an open call, or nobody waits."""
    if desk.free[pool] <= len(desk.open_in(pool)):
        return None
    return desk.order.next(desk.since, pool)


def vacancies(desk: Desk, demand: pl.DataFrame) -> pl.DataFrame:
    """Give one row per pool with an empty seat: what it is, how many are empty, called, and waiting."""
    rows = [
        {
            "pool": pool,
            "free": free,
            "open_calls": len(desk.open_in(pool)),
            "overdue": len(desk.overdue_in(pool)),
            "waiting": len({one.applicant for one in desk.order.waiting(desk.since, pool)})
            if pool in desk.order.waited_for
            else 0,
        }
        for pool, free in desk.free.items()
        if free
    ]
    names = ("free", "open_calls", "overdue", "waiting")
    found = pl.DataFrame(rows, schema={"pool": pl.String, **dict.fromkeys(names, pl.Int64)}, orient="row")
    pools = demand.sort("route_id").group_by("pool", maintain_order=True).first()
    return pools.select("pool", "route_id", *OF_ROUTE, "seats").join(found, on="pool").sort("school", "route_name")


def call_log(calls: list[CallEntry], decisions: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Give the calls with what they were about, and what a scope needs."""
    overdue = (pl.col("outcome") == OPEN) & (pl.col("deadline") <= pl.lit(now.astimezone(UTC)))
    kept = decisions.select(
        "applicant", "route_id", "rank", "reserve_position", *OF_ROUTE,
        "protected", "home_municipality", "sending_school",
    )  # fmt: skip
    log = calls_frame(calls).with_columns(overdue.alias("overdue"))
    return log.join(kept, on=["applicant", "route_id"], how="left", maintain_order="left")
