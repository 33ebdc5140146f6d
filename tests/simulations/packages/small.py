"""Small markets and full matches of changed ones, to hold the quick answers against."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from admissions.matching import Market, match
from simulations.packages import Effect, Objective
from tests.admissions.matching.random_markets import Case, standing


def refilled(case: Case, change: np.ndarray) -> Market:
    """Build the market anew with other seats in its pools: in the entry class of each."""
    market = case.market()
    pools, groups = {}, {}
    for pool in np.flatnonzero(change).tolist():
        entry = int(market.classes.entry[pool])
        group = int(market.classes.group[entry]) if len(market.classes.group) else -1
        if group >= 0:
            groups[group] = int(change[pool])
        else:
            pools[pool] = int(change[pool])
    return case.with_seats(pools, groups).market()


def effect_of(case: Case, change: np.ndarray, objective: Objective | None = None) -> Effect:
    """Return the effect of other seats by two full matches."""
    before, after = standing(match(case.market())), standing(match(refilled(case, change)))
    none = 10**9
    placed = int(((before == none) & (after < none)).sum() - ((before < none) & (after == none)).sum())
    better = int((after < before).sum() - (after > before).sum())
    first, second = (objective or Objective()).weights(case.n)
    return Effect(first * placed + second * better, placed, better)


def packages(pools: int, seats: int) -> Iterator[np.ndarray]:
    """Yield every way to give at most so many seats to so many pools."""
    if pools == 0:
        yield np.zeros(0, np.int64)
        return
    for here in range(seats + 1):
        for rest in packages(pools - 1, seats - here):
            yield np.concatenate(([here], rest)).astype(np.int64)
