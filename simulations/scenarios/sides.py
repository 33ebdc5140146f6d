"""One side of a comparison: what happened to whom, and what the numbers stand for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from simulations.sweeps.chunks import Years
from simulations.sweeps.plan import catalogue_of
from simulations.sweeps.summaries import POOLED, PoolFigures, summed
from simulations.sweeps.tally import ROUTE_MEASURES, tally
from simulations.sweeps.year import ROUNDS, homes_of, ranks

if TYPE_CHECKING:
    from admissions.matching import Market, Matching
    from admissions.rules import CompiledRound, Static
    from simulations.sweeps.plan import Plan

FINAL = ROUNDS.index("final")


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a comparison.

    Attributes
    ----------
    catalogue
        Naming columns of the routes, in the order of the arrays.
    pool
        int32[routes].
    applicants
        Sorted ids.
    home, homes
        int32[applicants] codes and the municipalities they stand for.
    years
        What happened, with everybody's results.
    """

    catalogue: pl.DataFrame
    pool: npt.NDArray[np.int32]
    applicants: pl.Series
    home: npt.NDArray[np.int32]
    homes: tuple[str, ...]
    years: Years

    @classmethod
    def of(cls, plan: Plan, years: Years) -> Self:
        """Return the side of a sweep."""
        return cls._of(plan.model.static, years)

    @classmethod
    def of_round(cls, compiled: CompiledRound, market: Market, matching: Matching) -> Self:
        """Return the side of one round that was run: a single year, the round in the place of the final one."""
        static = compiled.static
        by_route, by_home = tally(compiled, market, matching, len(homes_of(static.intake)))
        years = Years(
            by_route=np.stack([by_route * 0, by_route])[None],
            by_home=np.stack([by_home * 0, by_home])[None],
            seat_values=np.zeros((1, 2, 0), np.int32),
            route=matching.route.astype(np.int16)[None],
            rank=ranks(compiled, matching)[None],
        )
        return cls._of(static, years)

    @classmethod
    def _of(cls, static: Static, years: Years) -> Self:
        return cls(
            catalogue=catalogue_of(static.intake),
            pool=static.route_table.pool,
            applicants=static.applicants.series,
            home=static.people.home,
            homes=homes_of(static.intake),
            years=years,
        )

    def names(self, column: str) -> npt.NDArray[np.str_]:
        """Return a column of the catalogue, str[routes]."""
        return self.catalogue[column].to_numpy().astype(str)

    def measure(self, name: str) -> npt.NDArray[np.int64]:
        """Return a measure of the final round, int64[years, routes]; a pool's figures stand at each of its routes."""
        return self.years.by_route[:, FINAL, ROUTE_MEASURES.index(name)].astype(np.int64)

    def sums(self, name: str, code: npt.NDArray[np.integer], groups: int) -> npt.NDArray[np.int64]:
        """Sum a measure over groups of routes, int64[years, groups]; every pool counts once in a group."""
        if name in POOLED:
            return self.pools.of_groups(name, self.pool, code, groups)
        return summed(self.measure(name), code, groups)

    def total(self, name: str) -> npt.NDArray[np.int64]:
        """Sum a measure over all routes, int64[years]."""
        return self.sums(name, np.zeros(len(self.pool), np.int64), 1)[:, 0]

    @cached_property
    def pools(self) -> PoolFigures:
        """The figures of the pools."""
        return PoolFigures.of(self.years, FINAL, self.pool)

    def seats_of_first_routes(self) -> npt.NDArray[np.int64]:
        """Return the seats of each pool at its first route and zero at the others, int64[years, routes]."""
        first = np.zeros(len(self.pool), np.bool_)
        first[np.unique(self.pool, return_index=True)[1]] = True
        return np.where(first, self.measure("seats"), 0).astype(np.int64)
