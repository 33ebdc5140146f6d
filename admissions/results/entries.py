"""Who holds a seat of each class of seats, and who was refused one, in the order the class takes them.

A class is what seats are given by: the open seats of a pool, a named seat group, or the seats of a pool that named
groups left empty (reverted), which go by the pool's own order to rows without a claim to the group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.results.claims import claims
from admissions.results.queues import pool_of_route
from admissions.results.statuses import Status

if TYPE_CHECKING:
    from admissions.results.decisions import Decisions

Ints = npt.NDArray[np.int64]

REVERTED = "reverted"
"""Name of the class of seats that named groups left empty."""

NONE = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class SeatEntries:
    """Admitted and refused rows class by class.

    Parameters
    ----------
    seat_class
        int64[K]: pool ``p`` for its open seats, ``pools + g`` for named group ``g``, ``pools + groups + p`` for the
        seats of pool ``p`` that reverted.
    row
        int64[K]: the compiled row.
    key
        int64[K]: its place in the order of the class, smaller first.
    """

    seat_class: Ints
    row: Ints
    key: Ints

    def best_refused(self, admitted: npt.NDArray[np.bool_], tier: npt.NDArray[np.int32], classes: int) -> Ints:
        """Return the best tier with a refused row in each class, int64; `NONE` where nobody was refused."""
        best = np.full(classes, NONE, dtype=np.int64)
        np.minimum.at(best, self.seat_class[~admitted], tier[self.row[~admitted]])
        return best

    def last(self, which: npt.NDArray[np.bool_], classes: int) -> Ints:
        """Return the row that comes last among the chosen entries of each class, int64; -1 where there are none."""
        chosen = np.flatnonzero(which)
        chosen = chosen[np.lexsort((self.key[chosen], self.seat_class[chosen]))]
        last = np.full(classes, -1, dtype=np.int64)
        last[self.seat_class[chosen]] = self.row[chosen]  # of equal indices the last one stays: the worst key
        return last


def seat_entries(decisions: Decisions) -> SeatEntries:
    """Return who holds and who was refused the seats of each class of a decided round."""
    compiled = decisions.compiled
    market = compiled.market
    market_row = np.asarray(compiled.market_row)
    pool = pool_of_route(compiled)[compiled.route[market_row]].astype(np.int64)
    status = decisions.status[market_row]
    counts = (status == Status.ADMITTED) | (status == Status.RESERVE)
    groups = market.groups
    if groups is None:
        chosen = np.flatnonzero(counts)
        return SeatEntries(pool[chosen], market_row[chosen], market.priority[chosen])

    n_pools, n_groups = len(compiled.pools), len(compiled.group_names)
    grouped = np.zeros(n_pools, dtype=np.bool_)
    grouped[groups.pool] = True
    plain = np.flatnonzero(counts & ~grouped[pool])
    parts = [(pool[plain], market_row[plain], market.priority[plain])]

    held = np.full(len(market_row), -1, dtype=np.int64)
    placed = decisions.matching.choice >= 0
    held[decisions.matching.choice[placed]] = decisions.matching.group[placed]
    waits = status == Status.RESERVE
    named = np.array([name != "" for name in compiled.group_names], dtype=np.bool_)
    counted = claims(compiled) | ~named[groups.group]
    sits = (status[groups.row] == Status.ADMITTED) & (held[groups.row] == groups.group)
    member = np.flatnonzero((waits[groups.row] | sits) & counted)
    of_group = np.where(named, n_pools + np.arange(n_groups), groups.pool)
    parts.append((of_group[groups.group[member]], market_row[groups.row[member]], groups.priority[member]))

    given_back = (status == Status.ADMITTED) & grouped[pool]
    given_back[groups.row[sits & counted]] = False
    handed_on = np.zeros(n_pools, dtype=np.bool_)
    handed_on[pool[given_back]] = True
    chosen = np.flatnonzero(given_back | (waits & handed_on[pool]))
    parts.append((n_pools + n_groups + pool[chosen], market_row[chosen], market.priority[chosen]))
    return SeatEntries(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
