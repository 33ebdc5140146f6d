"""The levels results are rolled up to, and the seat pools each roll-up owns.

A pool belongs to a set of routes when one of its routes does, and is counted once in it. So seats, vacancies and gaps
of a roll-up are sums over its pools, never over its routes; in a catalogue where each route has seats of its own the
two are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

# level: the columns of the catalogue that name a set of routes
LEVELS: dict[str, tuple[str, ...]] = {
    "route": ("route_id",),
    "programme": ("programme",),
    "school": ("municipality", "school"),
    "municipality": ("municipality",),
    "organiser": ("organiser",),
    "region": (),
}


@dataclass(frozen=True, eq=False)
class Level:
    """The sets of one level.

    Parameters
    ----------
    name
        One of `LEVELS`.
    keys
        One row per set with the naming columns, sorted; one row without columns of interest for the region.
    of_route
        Set of each route, int64[m].
    pair_set, pair_pool
        Every pool of every set once: the set and the pool, sorted.
    """

    name: str
    keys: pl.DataFrame
    of_route: npt.NDArray[np.int64]
    pair_set: npt.NDArray[np.int64]
    pair_pool: npt.NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of sets."""
        return len(self.keys)

    def pools_of(self, number: int) -> npt.NDArray[np.int64]:
        """Return the pools of one set, ascending."""
        start, end = np.searchsorted(self.pair_set, [number, number + 1])
        return self.pair_pool[start:end]

    def sum_pools(self, per_pool: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Sum a quantity of pools over each set, every pool once."""
        total = np.zeros(self.size, dtype=np.int64)
        np.add.at(total, self.pair_set, per_pool[self.pair_pool])
        return total

    def sum_routes(self, per_route: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Sum a quantity of routes over each set."""
        total = np.zeros(self.size, dtype=np.int64)
        np.add.at(total, self.of_route, per_route)
        return total


def level(name: str, catalogue: pl.DataFrame, pool: npt.NDArray[np.int32]) -> Level:
    """Build one level of a round's catalogue.

    Parameters
    ----------
    name
        One of `LEVELS`.
    catalogue
        One row per route in the round's order, with the naming columns.
    pool
        Pool of each route, int32[m].
    """
    columns = LEVELS[name]
    if columns:
        keys = catalogue.select(columns).unique().sort(columns)
        number = keys.with_row_index("set")
        of_route = (
            catalogue.select(columns)
            .join(number, on=columns, how="left", nulls_equal=True, maintain_order="left")["set"]
            .to_numpy()
            .astype(np.int64)
        )
    else:
        keys = pl.DataFrame({"region": ["all"]})
        of_route = np.zeros(len(catalogue), dtype=np.int64)
    pairs = np.unique(np.stack((of_route, pool.astype(np.int64)), axis=1), axis=0)
    return Level(name, keys, of_route, pairs[:, 0], pairs[:, 1])
