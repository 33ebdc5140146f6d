"""Over-intake (överintag): more offers than seats, because some do not come; how full, how often too full.

A seat more at one route changes who is admitted elsewhere, so routes are planned jointly: every trial is a full match
of all over-intakes together, and the same people stay away in every trial (common random numbers). Reserves called
after the start are not part of it: the two numbers are those of the first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError
from admissions.matching import Market
from admissions.matching.kernels import kernel
from simulations.packages.reach import matched
from simulations.streams import Keys, person_keys, uniform

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OverIntake:
    """Over-intakes and what they lead to, one entry a pool.

    Attributes
    ----------
    extra
        int64: offers beyond the class size.
    admitted
        int64: admitted with them.
    too_full
        float64: share of the simulated first days with more pupils than the class size.
    too_full_if_one_more
        float64: the same, had one more been admitted and come.
    empty
        float64: mean number of empty seats.
    """

    extra: Ints
    admitted: Ints
    too_full: Floats
    too_full_if_one_more: Floats
    empty: Floats


class _FirstDay:
    """The simulated first days of a market."""

    def __init__(self, market: Market, ids: Sequence[str], no_show: Any, runs: int, seed: int) -> None:
        rate = np.broadcast_to(np.asarray(no_show, np.float64), market.n_pools).copy()
        problems = [
            f"pool {pool}: a no-show rate of {rate[pool]} is no probability below 1"
            for pool in np.flatnonzero(~((rate >= 0) & (rate < 1))).tolist()
        ]
        if runs < 1:
            problems.append("at least one run is simulated")
        if problems:
            raise AdmissionsError("; ".join(problems))
        self.market, self.rate, self.runs = market, rate, runs
        self.keys: Keys = person_keys(ids, seed, "no-shows")

    def outcome(self, extra: Ints) -> OverIntake:
        """Match with over-intakes and simulate the first days."""
        market = self.market
        capacity = market.classes.capacity.astype(np.int64)
        np.add.at(capacity, market.classes.entry, extra)
        held = matched(market, capacity).astype(np.int64)
        placed = np.flatnonzero(held < market.book.indptr[1:])
        copies = held[placed]
        rows = market.book.row[copies] if len(market.book.row) else copies
        pool = market.pool[market.route[rows]].astype(np.int64)
        arrived = np.zeros((self.runs, market.n_pools), np.int64)
        _arrive(self.keys[placed], pool, self.rate, arrived)
        return OverIntake(
            extra.copy(),
            np.bincount(pool, minlength=market.n_pools).astype(np.int64),
            (arrived > market.seats).mean(axis=0),
            (arrived + 1 > market.seats).mean(axis=0),
            np.maximum(market.seats - arrived, 0).mean(axis=0),
        )


def over_intake_levels(
    market: Market,
    ids: Sequence[str],
    no_show: float | Floats,
    levels: Sequence[int],
    *,
    runs: int = 500,
    seed: int = 1,
) -> list[OverIntake]:
    """Return what the same over-intake at every pool leads to, for each level.

    Parameters
    ----------
    market
        The market; its seats are the class sizes.
    ids
        The applicants' ids, to which the draws belong.
    no_show
        Probability that an admitted applicant does not come: one number, or float64[pools].
    levels
        Offers beyond the class size, at least 0.
    runs, seed
        Simulated first days, and their seed.

    Raises
    ------
    AdmissionsError
        If a rate is no probability below 1, a level is negative, or nothing is simulated.
    """
    if min(levels, default=0) < 0:
        raise AdmissionsError("an over-intake is 0 or more")
    day = _FirstDay(market, ids, no_show, runs, seed)
    return [day.outcome(np.full(market.n_pools, level, np.int64)) for level in levels]


def plan_over_intake(
    market: Market,
    ids: Sequence[str],
    no_show: float | Floats,
    *,
    at_most: float = 0.05,
    runs: int = 500,
    seed: int = 1,
    most: int = 30,
) -> OverIntake:
    """Find over-intakes, all routes together, that fill seats and are too full no more often than wished.

    Parameters
    ----------
    market, ids, no_show, runs, seed
        See :func:`over_intake_levels`.
    at_most
        Highest probability of a class above its size, at every pool.
    most
        Highest over-intake of a pool.

    Notes
    -----
    Step by step every full pool that could take one more gets one; then pools that have become too full give theirs
    back, and keep to that. In the result no pool passes ``at_most`` on the simulated days.
    """
    if not 0 <= at_most < 1:
        raise AdmissionsError(f"a probability of {at_most} is not from 0 to below 1")
    day = _FirstDay(market, ids, no_show, runs, seed)
    cap = np.full(market.n_pools, most, np.int64)
    now = day.outcome(np.zeros(market.n_pools, np.int64))
    while True:
        over = (now.too_full > at_most) & (now.extra > 0)
        full = now.admitted >= market.seats + now.extra
        room = full & (now.too_full_if_one_more <= at_most) & (now.extra < cap)
        if over.any():
            cap[over] = now.extra[over] - 1
            now = day.outcome(np.minimum(now.extra, cap))
        elif room.any():
            now = day.outcome(now.extra + room)
        else:
            return now


@kernel
def _arrive(keys: Any, pool: Any, rate: Any, arrived: Any) -> None:
    for run in range(arrived.shape[0]):
        for i in range(keys.size):
            if uniform(keys[i], run) >= rate[pool[i]]:
                arrived[run, pool[i]] += 1
