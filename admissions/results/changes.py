"""What changed between two rounds: applicants moved, cut-offs risen, seats added or closed.

Increases and decreases are always kept apart: ten seats opened in one place and ten closed in another are both news.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from admissions.results.levels import LEVELS

if TYPE_CHECKING:
    from admissions.results.decisions import Decisions

MOVES = (
    "same_route",
    "other_route",
    "seat_gained",
    "seat_lost",
    "still_without",
    "newcomer_with_seat",
    "newcomer_without",
    "gone",
)


@dataclass(frozen=True, eq=False)
class Changes:
    """The difference between two rounds of one intake.

    Parameters
    ----------
    before, after
        Names of the rounds.
    applicants
        How many persons made each of `MOVES`, as columns ``move`` and ``persons``; every person of either round once.
    levels
        For each level a table: seats and admitted before and after, ``seats_added`` and ``seats_closed`` (both from 0),
        ``arrived`` and ``departed`` (persons admitted in the set in only one of the rounds), and how many limits were
        ``limits_risen``, ``limits_fallen``, ``limits_new`` and ``limits_gone``; on routes also the limits themselves.
    """

    before: str
    after: str
    applicants: pl.DataFrame
    levels: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, eq=False)
class Compared:
    """What a comparison needs to know of a round.

    Parameters
    ----------
    round
        Its name.
    granted
        Everybody who took part, as columns ``applicant`` and ``route_id`` (missing where no seat was granted).
    demand
        One row per route, see `admissions.results.demand`.
    """

    round: str
    granted: pl.DataFrame
    demand: pl.DataFrame


def compared(decisions: Decisions, demand: pl.DataFrame) -> Compared:
    """Return what a comparison needs to know of a decided round."""
    compiled = decisions.compiled
    some = np.flatnonzero(np.diff(compiled.indptr) > 0)
    ids = [str(compiled.applicants[one]) for one in some.tolist()]
    routes = [str(route) for route in compiled.routes]
    granted = [routes[route] if route >= 0 else None for route in decisions.granted_route[some].tolist()]
    frame = pl.DataFrame(
        {"applicant": ids, "route_id": granted}, schema={"applicant": pl.String, "route_id": pl.String}
    )
    return Compared(compiled.round, frame, demand)


def changes(before: Compared, after: Compared) -> Changes:
    """Compare two decided rounds of one intake, route by route and person by person."""
    people = _named(before, "old").join(_named(after, "new"), on="applicant", how="full", coalesce=True)
    people = people.with_columns(pl.col("in_old", "in_new").fill_null(value=False))
    moves = people.select(_move()).group_by("move").len("persons").cast({"persons": pl.Int64})
    applicants = (
        pl.DataFrame({"move": list(MOVES)})
        .join(moves, on="move", how="left", maintain_order="left")
        .with_columns(pl.col("persons").fill_null(0))
    )
    routes = _routes(before.demand, after.demand)
    levels = {}
    for name, columns in LEVELS.items():
        shown = columns or ("region",)
        keyed = routes if columns else routes.with_columns(pl.lit("all").alias("region"))
        pools = keyed.unique([*shown, "pool"])  # a pool counts once in every set it belongs to
        levels[name] = (
            pools.group_by(shown)
            .agg(_seat_sums())
            .join(keyed.group_by(shown).agg(_route_sums()), on=shown)
            .join(_flows(people, keyed, shown), on=shown, how="left")
            .with_columns(pl.col("arrived", "departed").fill_null(0))
            .sort(shown)
        )
    limits = routes.select("route_id", "limit_before", "limit_after")
    levels["route"] = levels["route"].join(limits, on="route_id", how="left", maintain_order="left")
    return Changes(before.round, after.round, applicants, levels)


def _named(outcome: Compared, name: str) -> pl.DataFrame:
    """Return who took part in a round and which route each was granted, as columns of that name."""
    return outcome.granted.select("applicant", pl.col("route_id").alias(name), pl.lit(value=True).alias(f"in_{name}"))


def _move() -> pl.Expr:
    """Classify one person."""
    old, new = pl.col("old"), pl.col("new")
    return (
        pl.when(~pl.col("in_new"))
        .then(pl.lit("gone"))
        .when(~pl.col("in_old") & new.is_not_null())
        .then(pl.lit("newcomer_with_seat"))
        .when(~pl.col("in_old"))
        .then(pl.lit("newcomer_without"))
        .when(old.is_null() & new.is_null())
        .then(pl.lit("still_without"))
        .when(old.is_null())
        .then(pl.lit("seat_gained"))
        .when(new.is_null())
        .then(pl.lit("seat_lost"))
        .when(old == new)
        .then(pl.lit("same_route"))
        .otherwise(pl.lit("other_route"))
        .alias("move")
    )


def _routes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Lay the two rounds' routes side by side; a route in only one of them has no seats in the other."""
    counted = ["seats", "admitted", "limit"]
    named = [column for column in dict.fromkeys(sum(LEVELS.values(), ())) if column != "route_id"]
    old = before.select("route_id", *named, "pool", *(pl.col(one).alias(f"{one}_before") for one in counted))
    new = after.select("route_id", *named, "pool", *(pl.col(one).alias(f"{one}_after") for one in counted))
    both = old.join(new, on=["route_id", *named, "pool"], how="full", coalesce=True, nulls_equal=True).sort("route_id")
    return both.with_columns(pl.col(f"{one}_{side}").fill_null(0) for one in counted for side in ("before", "after"))


def _seat_sums() -> list[pl.Expr]:
    """Return the columns of a level that are sums over its pools."""
    change = pl.col("seats_after") - pl.col("seats_before")
    return [
        pl.col("seats_before").sum(),
        pl.col("seats_after").sum(),
        change.clip(lower_bound=0).sum().alias("seats_added"),
        (-change).clip(lower_bound=0).sum().alias("seats_closed"),
    ]


def _route_sums() -> list[pl.Expr]:
    """Return the columns of a level that are sums over its routes."""
    old, new = pl.col("limit_before"), pl.col("limit_after")
    both = (old > 0) & (new > 0)
    counts = {
        "limits_risen": both & (new > old),
        "limits_fallen": both & (new < old),
        "limits_new": (old == 0) & (new > 0),
        "limits_gone": (old > 0) & (new == 0),
    }
    return [
        pl.col("admitted_before").sum(),
        pl.col("admitted_after").sum(),
        *(which.sum().cast(pl.Int64).alias(name) for name, which in counts.items()),
    ]


def _flows(people: pl.DataFrame, routes: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Count who is admitted in each set in only one of the two rounds."""
    sets = routes.select("route_id", pl.struct(columns).alias("set")).unique()
    placed = people.join(sets.rename({"set": "old_set"}), left_on="old", right_on="route_id", how="left").join(
        sets.rename({"set": "new_set"}), left_on="new", right_on="route_id", how="left"
    )
    moved = placed.filter(pl.col("old_set").ne_missing(pl.col("new_set")))
    left = moved.filter(pl.col("old").is_not_null()).group_by(pl.col("old_set").alias("set")).len("departed")
    came = moved.filter(pl.col("new").is_not_null()).group_by(pl.col("new_set").alias("set")).len("arrived")
    both = left.join(came, on="set", how="full", coalesce=True).with_columns(
        pl.col("departed", "arrived").fill_null(0).cast(pl.Int64)
    )
    return both.unnest("set")
