"""Who gains by extra seats: by home municipality and merit band, and the chains of moves they start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.matching.seat_values import change_seats
from simulations.seat_value.samples import Sample, Source, over_samples
from simulations.sweeps.summaries import LEVEL, columns
from simulations.sweeps.year import homes_of

if TYPE_CHECKING:
    from admissions.rules import CompiledRound

BAND = 2000
"""Hundredths of a point: merit bands of twenty points."""
_BANDS = 18
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Gains:
    """Who gains by a number of extra seats at each of some routes.

    Attributes
    ----------
    homes, bands
        One row a route and home municipality, or merit band: persons better off and, of them, newly placed.
    lengths
        One row a route: how many persons move, with an interval.
    """

    homes: pl.DataFrame
    bands: pl.DataFrame
    lengths: pl.DataFrame


def gains(
    source: Source,
    count: int,
    routes: Sequence[int],
    catalogue: pl.DataFrame,
    compiled: CompiledRound,
    *,
    seats: int = 1,
    level: float = LEVEL,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Gains:
    """Tell who gains when a route gets more seats, each route on its own.

    Parameters
    ----------
    compiled
        Any round of the intake: homes are read from it.
    seats
        How many more seats.
    """
    homes = homes_of(compiled.static.intake)
    home = compiled.static.people.home
    width = (len(routes), len(homes) + _BANDS)

    def look(sample: Sample) -> npt.NDArray[np.int64]:
        found = np.zeros((2, *width), np.int64)
        merit = merits(sample.compiled)
        for place, route in enumerate(routes):
            change = change_seats(sample.market, sample.matching, {route: seats})
            for kind, who in enumerate((change.applicant, change.applicant[change.before < 0])):
                np.add.at(found[kind, place], home[who], 1)
                np.add.at(found[kind, place], len(homes) + np.minimum(merit[who] // BAND, _BANDS - 1), 1)
        return found

    if not routes:
        empty = pl.DataFrame(schema={"route_id": pl.String})
        return Gains(empty, empty, empty)
    values = np.stack(over_samples(source, count, look, threads=threads, progress=progress))
    named = catalogue[list(routes)].select("route_id", "school", "route_name")
    labels = [f"{20 * band}-{20 * band + 20}" for band in range(_BANDS - 1)] + [f"{20 * (_BANDS - 1)}-"]
    parts = {"home_municipality": (list(homes), slice(0, len(homes))), "merit": (labels, slice(len(homes), None))}
    tables = []
    for title, (names, part) in parts.items():
        wide = values[:, :, :, part].reshape(len(values), 2, -1)
        frame = named.join(pl.DataFrame({title: names}), how="cross", maintain_order="left_right").with_columns(
            *columns("better_off", wide[:, 0], level), *columns("newly_placed", wide[:, 1], level)
        )
        tables.append(frame.filter(pl.col("better_off") > 0))
    moved = values[:, 0, :, : len(homes)].sum(axis=2)
    return Gains(tables[0], tables[1], named.with_columns(columns("persons_moving", moved, level)))


def merits(compiled: CompiledRound) -> npt.NDArray[np.int64]:
    """Return everybody's grade sum in hundredths, 0 for persons without a row, int64[applicants]."""
    merit = np.zeros(len(compiled.applicants), np.int64)
    merit[compiled.applicant] = compiled.grade_sum
    return merit


def chains(sample: Sample, routes: Sequence[int], catalogue: pl.DataFrame, *, seats: int = 1) -> pl.DataFrame:
    """Return the chain an extra seat starts at each route in one sample: the routes people move between, in order.

    One row a move: from which route (empty: from no seat) to which; no persons are named. Moves of swaps that the freed
    seat opens follow the chain.
    """
    names = catalogue["route_id"].to_list()
    rows = []
    listed = np.asarray(sample.market.route)
    for route in routes:
        change = change_seats(sample.market, sample.matching, {route: seats})
        for step, (before, after) in enumerate(zip(change.before.tolist(), change.after.tolist(), strict=True), 1):
            source = names[listed[before]] if before >= 0 else ""
            rows.append((names[route], step, source, names[listed[after]] if after >= 0 else ""))
    return pl.DataFrame(
        rows,
        schema={"route_id": pl.String, "step": pl.Int64, "from_route": pl.String, "to_route": pl.String},
        orient="row",
    )
