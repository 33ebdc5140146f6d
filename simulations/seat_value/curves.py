"""Values of 1, 2, 5, 10, 30 more seats at a route, with intervals over lotteries or simulated years.

Every value in every sample is exact (`admissions.matching.seat_values`): it equals matching the changed market anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.matching import extra_seat_values
from admissions.matching.seat_values import seat_curve
from simulations.seat_value.samples import Sample, Source, over_samples
from simulations.sweeps.summaries import LEVEL, columns

if TYPE_CHECKING:
    from admissions.matching.redraws import Redraws

STEPS = (1, 2, 5, 10, 30)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Values:
    """Better off and newly placed with one more seat, int64[samples, routes] each."""

    better_off: npt.NDArray[np.int64]
    newly_placed: npt.NDArray[np.int64]

    @classmethod
    def of_redraws(cls, redraws: Redraws) -> Values:
        """Take the values of fresh lotteries drawn by the engine."""
        pool = np.asarray(redraws.pool)
        return cls(redraws.better_off[:, pool].astype(np.int64), redraws.newly_placed[:, pool].astype(np.int64))

    @classmethod
    def of_samples(cls, source: Source, count: int, **how: object) -> Values:
        """Value one more seat everywhere in samples 0, 1, ..."""

        def look(sample: Sample) -> npt.NDArray[np.int64]:
            gains = extra_seat_values(sample.market, sample.matching)
            return np.stack([gains.better_off, gains.newly_placed])

        found = np.stack(over_samples(source, count, look, **how))  # type: ignore[arg-type]  # threads, progress
        return cls(found[:, 0], found[:, 1])

    def table(self, catalogue: pl.DataFrame, level: float = LEVEL) -> pl.DataFrame:
        """Return one row a route, the most worth first: newly placed, then better off."""
        frame = catalogue.with_columns(
            *columns("newly_placed", self.newly_placed, level), *columns("better_off", self.better_off, level)
        )
        by = ["newly_placed", "better_off", "route_id"]
        return frame.sort(by, descending=[True, True, False])

    def best(self, number: int) -> list[int]:
        """Return the routes whose next seat is worth most: newly placed, then better off, then the smaller number."""
        placed, better = self.newly_placed.sum(axis=0), self.better_off.sum(axis=0)
        order = np.lexsort((np.arange(len(placed)), -better, -placed))
        return [int(at) for at in order[:number] if better[at] > 0]


def curves(
    source: Source,
    count: int,
    routes: Sequence[int],
    catalogue: pl.DataFrame,
    *,
    steps: Sequence[int] = STEPS,
    level: float = LEVEL,
    threads: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Return one row a route and number of extra seats: better off and newly placed, with intervals."""
    at = np.array(steps) - 1

    def look(sample: Sample) -> npt.NDArray[np.int64]:
        found = np.empty((2, len(routes), len(steps)), np.int64)
        for place, route in enumerate(routes):
            curve = seat_curve(sample.market, sample.matching, route, up_to=max(steps))
            found[0, place], found[1, place] = curve.better_off[at], curve.newly_placed[at]
        return found

    if not routes:
        return pl.DataFrame(schema={"route_id": pl.String, "seats": pl.Int64})
    values = np.stack(over_samples(source, count, look, threads=threads, progress=progress))
    flat = values.reshape(len(values), 2, -1)
    named = catalogue[list(routes)].select("route_id", "school", "route_name", "municipality", "programme")
    frame = named.join(pl.DataFrame({"seats": list(steps)}), how="cross", maintain_order="left_right")
    return frame.with_columns(
        *columns("newly_placed", flat[:, 1], level),
        *columns("better_off", flat[:, 0], level),
    )
