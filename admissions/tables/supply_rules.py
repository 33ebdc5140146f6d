"""Rules of the tables of what is offered: routes and seats."""

from __future__ import annotations

import numpy as np
import polars as pl

from admissions.tables.references import Finding, Frames, repeated, unknown


def routes(frames: Frames) -> list[Finding]:
    """One row for each route, all of one admission year."""
    rows = frames["routes"]
    years = rows["year"].drop_nulls()
    year = int(np.bincount(years.to_numpy()).argmax()) if len(years) else 0
    return [
        Finding(
            repeated(rows, ("route_id",)),
            "route_id",
            "duplicate",
            "the route_id stands in an earlier row",
            "Keep one.",
        ),
        Finding(
            rows["year"] != year,
            "year",
            "mixed_years",
            f"most routes are of {year}",
            "An intake holds one admission year; deliver each year by itself.",
        ),
    ]


def _pools(frames: Frames) -> pl.Series:
    return frames["routes"].select(pl.coalesce("pool", "route_id"))["pool"]


def routes_without_seats(frames: Frames) -> list[Finding]:
    """Every route that a run admits to has seats, be it none."""
    return [
        Finding(
            unknown(_pools(frames), frames["seats"]["route_or_pool"])
            & (frames["routes"]["mode"] != "manual").fill_null(value=False),
            "route_id",
            "no_seats",
            "no row of seats names this route or its pool",
            "Add a row for it in seats; 0 is a number of seats too.",
        )
    ]


def seats(frames: Frames) -> list[Finding]:
    """One row for each pool, round and group; seats held outside are some of the seats, for a reason."""
    rows = frames["seats"]
    return [
        Finding(
            repeated(rows, ("route_or_pool", "round", "group")),
            "route_or_pool",
            "duplicate",
            "the same pool, round and group stand in an earlier row",
            "Keep one row; seats of several kinds are several groups.",
        ),
        Finding(
            rows["held_outside"] > rows["seats"],
            "held_outside",
            "held_above_seats",
            "more seats are held outside than there are",
            "Correct one of the two numbers.",
        ),
        Finding(
            (rows["held_outside"] > 0) & rows["reason"].is_null(),
            "reason",
            "reason_missing",
            "seats are held outside without a reason",
            "Give one of free_quota, sport, incoming; unknown where nobody knows.",
        ),
    ]


def seat_pools(frames: Frames) -> list[Finding]:
    """Seats are given to pools that some route draws on."""
    named, routes = frames["seats"]["route_or_pool"], frames["routes"]
    strange = unknown(named, _pools(frames))
    pooled = strange & named.is_in(routes["route_id"].implode())
    return [
        Finding(
            strange & ~pooled,
            "route_or_pool",
            "unknown_pool",
            "no route draws on a pool of this name",
            "Use the route_id of a route, or the name in its column pool.",
        ),
        Finding(
            pooled,
            "route_or_pool",
            "route_of_a_pool",
            "this route draws on a shared pool",
            "Give the seats to the pool named in the column pool of the route.",
        ),
    ]
