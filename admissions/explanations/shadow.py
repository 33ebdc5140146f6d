"""Shadow run: our result beside another system's, row by row, each difference with its cause.

A cause is taken from what the other file says where it says something, else from where the two orders contradict each
other: an *inversion* is a row refused there although its key is better by our reading than that of an admitted one.
Differences without a cause of their own follow from another difference: the same person's higher choice, or somebody
else's in the same pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from admissions.explanations.facts import whole
from admissions.explanations.inversions import Order

if TYPE_CHECKING:
    from admissions.rounds.stored import StoredRound

CAUSES = ("seats", "eligibility", "tier", "merit", "tie", "lottery", "unexplained")
"""Why a row differs: the pool's seats, who takes part, the group of the order, the merit or rank, a step of the chain
before the lottery, the lottery, or nothing either file says."""

DIRECT, FOLLOWS, NOTHING = "direct", "follows", ""
_TRIED = ("admitted", "reserve", "struck", "withdrawn", "declined", "admitted_elsewhere", "seat_ended")
_STEP_CAUSE = {"tier": "tier", "merit": "merit", "school_rank": "merit", "lottery": "lottery"}
_LOTTERY_DIGITS = 64


@dataclass(frozen=True, eq=False)
class Comparison:
    """Our result beside another's.

    Parameters
    ----------
    rows
        One line for each differing choice: both statuses and positions, ``cause`` (`CAUSES`) and ``how``: ``direct``
        where the cause is the row's own, ``follows`` where it follows from another difference.
    persons
        One line for each person with a difference: both routes, the cause of the highest differing choice.
    routes
        One line for each route with a difference: admitted, reserves and lowest merit on both sides, and the causes.
    totals
        Choices compared, differing rows and persons by cause.
    """

    rows: pl.DataFrame
    persons: pl.DataFrame
    routes: pl.DataFrame
    totals: pl.DataFrame

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not len(self.rows) and not len(self.routes)


def compare(stored: StoredRound, official: pl.DataFrame, chain: Sequence[str]) -> Comparison:
    """Compare a round with another system's decisions.

    Parameters
    ----------
    stored
        Our round.
    official
        From `admissions.explanations.official.read_official`.
    chain
        Our rulebook's chain of tie-breaks.
    """
    both = side_by_side(stored, official)
    seats = _seats_of(stored, both)
    order = Order(both, tuple(chain))
    causes = _Causes(both, seats, order)
    different = both.filter(pl.col("differs"))
    found = [causes.of(row) for row in different["number"].to_list()]
    rows = different.with_columns(
        pl.Series("cause", [cause for cause, _ in found], dtype=pl.String),
        pl.Series("how", [how for _, how in found], dtype=pl.String),
    )
    shown = rows.select(
        "applicant", "route_id", "rank", "status", "their_status", "reserve_position", "their_position", "cause", "how"
    )
    persons = _persons(both, rows)
    routes = _routes(both, rows)
    totals = pl.DataFrame({"cause": CAUSES}).with_columns(
        pl.Series("rows", [rows.filter(pl.col("cause") == one).height for one in CAUSES]),
        pl.Series("persons", [persons.filter(pl.col("cause") == one).height for one in CAUSES]),
    )
    return Comparison(shown, persons, routes, totals)


def side_by_side(stored: StoredRound, official: pl.DataFrame) -> pl.DataFrame:
    """Return every choice of either side, ours first, with what the other file says in columns ``their_...``."""
    decided = stored.decisions.select("applicant", "route_id", "status", whole("reserve_position"))
    ours = stored.rows.rename({"status": "row_status"}).join(decided, on=["applicant", "route_id"], how="left")
    pools = ours.select("route_id", "pool").unique()
    theirs = official.rename(
        {"status": "their_status", "reserve_position": "their_position"}
        | {
            name: f"their_{name}"
            for name in ("merit", "tier", "lottery", "grade_sum", "grade_count", "seats", "eligible")
        }
    )
    both = ours.join(theirs, on=["applicant", "route_id"], how="full", coalesce=True, maintain_order="left")
    drawn = pl.col("their_lottery").str.len_chars() == _LOTTERY_DIGITS
    both = both.with_columns(pl.when(drawn).then("their_lottery").alias("their_drawn"))
    both = both.join(pools, on="route_id", how="left", suffix="_of").with_columns(
        pl.coalesce("pool", "pool_of").alias("pool")
    )
    absent = pl.col("their_status").is_null() & pl.col("status").is_in(["struck", "withdrawn"])
    status = pl.col("status").ne_missing(pl.col("their_status")) & ~absent
    reserve = (pl.col("status") == "reserve") & (pl.col("their_status") == "reserve")
    moved = (
        reserve
        & pl.col("their_position").is_not_null()
        & pl.col("reserve_position").ne_missing(pl.col("their_position"))
    )
    return (
        both.sort("applicant", "rank", "route_id")
        .with_row_index("number")
        .with_columns((status | moved.fill_null(value=False)).alias("differs"), status.alias("status_differs"))
    )


def _seats_of(stored: StoredRound, both: pl.DataFrame) -> set[str]:
    """Return the pools whose seats differ: as the file states, else where it admits more than we have seats."""
    ours = dict(stored.seats.group_by("pool").agg(pl.col("seats").sum()).iter_rows())
    stated = both.filter(pl.col("their_seats").is_not_null()).select("pool", "route_id", "their_seats").unique()
    if len(stated):
        found = {pool for pool, _, seats in stated.iter_rows() if seats != ours.get(pool)}
        summed = dict(stated.group_by("pool").agg(pl.col("their_seats").sum()).iter_rows())
        return {pool for pool in found if summed[pool] != ours.get(pool)}
    admitted = both.filter(pl.col("their_status") == "admitted").group_by("pool").len()
    return {pool for pool, count in admitted.iter_rows() if count > ours.get(pool, 0)}


class _Causes:
    """The cause of every differing row."""

    def __init__(self, both: pl.DataFrame, seats: set[str], order: Order) -> None:
        self.seats, self.order = seats, order
        columns = ("number", "applicant", "pool", "status_differs")
        self.rows = both.filter(pl.col("differs"))
        own = self.rows.select(_own_cause().alias("own"))["own"].to_list()
        self.own = {row: cause for row, cause in zip(self.rows["number"].to_list(), own, strict=True) if cause}
        self.found: dict[int, tuple[str, str]] = {row: (cause, DIRECT) for row, cause in self.own.items()}
        lines = list(self.rows.select(columns).iter_rows())
        self._by_order(lines)
        self._follow(lines)

    def of(self, row: int) -> tuple[str, str]:
        """Return the cause of a row, and how it came by it."""
        return self.found.get(row, ("unexplained", NOTHING))

    def _by_order(self, lines: list[tuple[int, str, str, bool]]) -> None:
        """Give a cause to the highest differing choice of each person that has none of its own."""
        person = ""
        for row, applicant, pool, status in lines:
            first = applicant != person
            person = applicant if status else person
            if row in self.found or not (first and status):
                continue
            inversion = self.order.inversion(row, self.own)
            if inversion is None:
                if pool in self.seats:
                    self.found[row] = ("seats", DIRECT)
                continue
            other, step = inversion
            if other in self.own:
                self.found[row] = (self.own[other], FOLLOWS)
            elif not self.order.stated(row, other, step):
                self.found[row] = (_STEP_CAUSE.get(step, "tie"), DIRECT)
            else:
                self.found[row] = ("unexplained", DIRECT)

    def _follow(self, lines: list[tuple[int, str, str, bool]]) -> None:
        """Hand causes on: down a person's list, then from row to row of a pool, until nothing changes."""
        waiting = [line for line in lines if line[0] not in self.found]
        while waiting:
            persons: dict[str, str] = {}
            pools: dict[str, str] = {}
            for row, applicant, pool, status in lines:
                if row in self.found and self.found[row][1] != NOTHING:
                    if status:
                        persons.setdefault(applicant, self.found[row][0])
                    pools.setdefault(pool, self.found[row][0])
            pools |= dict.fromkeys(self.seats, "seats")
            rest = []
            for line in waiting:
                row, applicant, pool, _ = line
                cause = persons.get(applicant) or pools.get(pool)
                if cause is None:
                    rest.append(line)
                else:
                    self.found[row] = (cause, FOLLOWS)
            if len(rest) == len(waiting):
                return
            waiting = rest


def _own_cause() -> pl.Expr:
    """Return the first thing the other file states differently of the row itself."""
    took_part = pl.col("row_status") == "tried"
    theirs = pl.coalesce(pl.col("their_eligible"), pl.col("their_status").is_in(_TRIED))
    chain = (pl.col("grade_sum") != pl.col("their_grade_sum")).fill_null(value=False)
    return (
        pl.when(pl.col("status").is_null() | pl.col("their_status").is_null())
        .then(pl.lit(""))
        .when(took_part != theirs)
        .then(pl.lit("eligibility"))
        .when(pl.col("tier") != pl.col("their_tier"))
        .then(pl.lit("tier"))
        .when(pl.col("merit") != pl.col("their_merit"))
        .then(pl.lit("merit"))
        .when(chain)
        .then(pl.lit("tie"))
        .when(pl.col("lottery") != pl.col("their_drawn"))
        .then(pl.lit("lottery"))
        .otherwise(pl.lit(""))
    )


def _persons(both: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return both routes of everybody with a difference, and the cause of the highest differing choice."""
    first = (
        rows.sort("number")
        .group_by("applicant", maintain_order=True)
        .agg(pl.col("cause").first(), pl.len().alias("differing_choices"))
    )
    sides = [
        both.filter(pl.col(column) == "admitted").select("applicant", pl.col("route_id").alias(name))
        for column, name in (("status", "route"), ("their_status", "their_route"))
    ]
    for side in sides:
        first = first.join(side.unique("applicant"), on="applicant", how="left", maintain_order="left")
    return first.select("applicant", "route", "their_route", "cause", "differing_choices")


def _routes(both: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return both sides of every route with a difference."""

    def count(column: str, status: str) -> pl.Expr:
        return (pl.col(column) == status).sum().cast(pl.Int64)

    merit = pl.coalesce("their_merit", "merit")
    lowest = pl.col("merit").filter(pl.col("status") == "admitted").min()
    table = both.group_by("route_id").agg(
        count("status", "admitted").alias("admitted"),
        count("their_status", "admitted").alias("their_admitted"),
        count("status", "reserve").alias("reserves"),
        count("their_status", "reserve").alias("their_reserves"),
        lowest.alias("lowest_merit"),
        merit.filter(pl.col("their_status") == "admitted").min().alias("their_lowest_merit"),
        pl.col("their_seats").first().alias("their_seats"),
    )
    causes = rows.group_by("route_id").agg(
        pl.len().alias("differing_choices"),
        pl.col("cause").unique().sort().str.join(" ").alias("causes"),
    )
    return table.join(causes, on="route_id", how="inner").sort("route_id")
