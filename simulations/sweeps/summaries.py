"""What many simulated years say: tables with intervals, never a bare mean.

An interval is the one that holds the stated share of the simulated years, the rest left out evenly at both ends: order
statistics of whole numbers, so exact. It covers what the models vary (lottery, re-choice, grades, newcomers, schools'
seats), not what they do not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from simulations.sweeps.tally import HOME_MEASURES, ROUTE_MEASURES
from simulations.sweeps.year import ROUNDS

if TYPE_CHECKING:
    from simulations.sweeps.chunks import Years

LEVEL = 0.8
_GROUPED = (
    "without_seat",
    "first_choice_shortage",
    "vacancies",
    "reserves",
    "seats",
    "first_choices",
    "admitted",
    "admitted_first",
    "first_choice_surplus",
)
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean, low end, middle and high end of each column of values, one row a simulated year."""

    mean: npt.NDArray[np.float64]
    low: Ints
    middle: Ints
    high: Ints


def spread(values: npt.NDArray[np.integer], level: float = LEVEL) -> Spread:
    """Return the spread of whole numbers over their first axis.

    Examples
    --------
    >>> one = spread(np.arange(11)[:, None])
    >>> int(one.low[0]), int(one.middle[0]), int(one.high[0])
    (1, 5, 9)
    """
    ordered = np.sort(np.asarray(values, np.int64), axis=0)
    out = int(round((1 - level) / 2 * len(ordered), 6))  # 0.1 * 100 is 10, whatever the floats say
    mean = ordered.sum(axis=0) / len(ordered)
    return Spread(mean, ordered[out], ordered[(len(ordered) - 1) // 2], ordered[-1 - out])


def columns(name: str, values: npt.NDArray[np.integer], level: float = LEVEL) -> list[pl.Series]:
    """Return four columns of a measure: ``name`` (mean), ``name_low``, ``name_middle``, ``name_high``."""
    one = spread(values, level)
    return [
        pl.Series(name, np.round(one.mean, 4)),
        pl.Series(f"{name}_low", one.low),
        pl.Series(f"{name}_middle", one.middle),
        pl.Series(f"{name}_high", one.high),
    ]


def routes_table(
    years: Years, catalogue: pl.DataFrame, pool: npt.NDArray[np.int32], level: float = LEVEL
) -> pl.DataFrame:
    """Return one row a round and route, every measure with its interval; limits in hundredths, 0 = no limit.

    ``no_limit`` is the share of the years without one. With seat values, ``better_off`` and ``newly_placed`` say what
    one more seat does in the final round.
    """
    parts = []
    for at, name in enumerate(ROUNDS[: years.by_route.shape[1]]):
        frame = catalogue.with_columns(pl.lit(name).alias("round"))
        for measure, title in enumerate(ROUTE_MEASURES):
            frame = frame.with_columns(columns(title, years.by_route[:, at, measure], level))
        limit = years.by_route[:, at, ROUTE_MEASURES.index("limit")]
        frame = frame.with_columns(pl.Series("no_limit", np.round((limit == 0).mean(axis=0), 4)))
        short = PoolFigures.of(years, at, pool).first_choice_shortage[:, pool]
        parts.append(frame.with_columns(columns("first_choice_shortage", short, level)))
    table = pl.concat(parts)
    if years.seat_values.shape[2]:
        values = catalogue.select("route_id").with_columns(
            *columns("better_off", years.seat_values[:, 0], level),
            *columns("newly_placed", years.seat_values[:, 1], level),
            round=pl.lit("final"),
        )
        table = table.join(values, on=["route_id", "round"], how="left", maintain_order="left")
    return table.select("round", pl.exclude("round"))


@dataclass(frozen=True, eq=False)
class PoolFigures:
    """Figures of seat pools, int64[years, pools]: routes that share a pool have seats, gaps and vacancies together."""

    seats: Ints
    vacancies: Ints
    first_choice_shortage: Ints
    first_choice_surplus: Ints

    @classmethod
    def of(cls, years: Years, at: int, pool: npt.NDArray[np.int32]) -> PoolFigures:
        """Return the figures of round number `at`; ``pool`` is int32[routes]."""
        first_route = np.unique(pool, return_index=True)[1]
        seats, vacancies = (_measured(years, at, name)[:, first_route] for name in ("seats", "vacancies"))
        wanted = summed(_measured(years, at, "first_choices"), pool, len(first_route))
        return cls(seats, vacancies, np.maximum(wanted - seats, 0), np.maximum(seats - wanted, 0))

    def of_groups(
        self, name: str, pool: npt.NDArray[np.int32], code: npt.NDArray[np.integer], groups: int
    ) -> npt.NDArray[np.int64]:
        """Sum a figure over groups of routes, every pool once in each group it has a route in."""
        pairs = np.unique(np.stack([np.asarray(code, np.int64), pool.astype(np.int64)], axis=1), axis=0)
        return summed(getattr(self, name)[:, pairs[:, 1]], pairs[:, 0], groups)


POOLED = ("seats", "vacancies", "first_choice_shortage", "first_choice_surplus")


def _measured(years: Years, at: int, name: str) -> npt.NDArray[np.int64]:
    return years.by_route[:, at, ROUTE_MEASURES.index(name)].astype(np.int64)


def grouped_table(
    years: Years, catalogue: pl.DataFrame, pool: npt.NDArray[np.int32], by: str | None, level: float = LEVEL
) -> pl.DataFrame:
    """Return one row a round and group of routes (a column of the catalogue; None: all of them).

    Sums are taken year by year before the interval; every pool counts once in a group; shortages and surpluses are
    never netted.
    """
    names = catalogue[by].unique().sort() if by else pl.Series("region", ["all"])
    code = (
        np.searchsorted(names.to_numpy().astype(str), catalogue[by].to_numpy().astype(str))
        if by
        else np.zeros(len(catalogue), np.int64)
    )
    parts = []
    for at, name in enumerate(ROUNDS[: years.by_route.shape[1]]):
        frame = pl.DataFrame({"round": [name] * len(names), names.name: names})
        pools = PoolFigures.of(years, at, pool)
        for title in _GROUPED:
            if title in POOLED:
                values = pools.of_groups(title, pool, code, len(names))
            else:
                values = summed(_measured(years, at, title), code, len(names))
            frame = frame.with_columns(columns(title, values, level))
        parts.append(frame)
    return pl.concat(parts)


def summed(values: npt.NDArray[np.integer], code: npt.NDArray[np.integer], groups: int) -> npt.NDArray[np.int64]:
    """Sum the last axis of [years, items] by group, int64[years, groups]."""
    total = np.zeros((groups, len(values)), np.int64)
    np.add.at(total, code, np.asarray(values, np.int64).T)
    return total.T


def homes_table(years: Years, homes: tuple[str, ...], level: float = LEVEL) -> pl.DataFrame:
    """Return one row a round and home municipality with applicants: tried, placed, on the first choice, without."""
    parts = []
    for at, name in enumerate(ROUNDS[: years.by_route.shape[1]]):
        frame = pl.DataFrame({"round": [name] * len(homes), "home_municipality": list(homes)})
        for measure, title in enumerate(HOME_MEASURES):
            frame = frame.with_columns(columns(title, years.by_home[:, at, measure], level))
        parts.append(frame)
    return pl.concat(parts).filter(pl.col("tried_high") > 0)
