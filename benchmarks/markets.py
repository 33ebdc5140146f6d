"""Generated markets of any size, equal for everybody: popularity falls like a power, merit is mostly shared.

About 25 applicants a programme and lists of one to six choices, as in a large Swedish region; seats for 95 in a
hundred. Every programme orders its applicants strictly by merit with a small own part (a test, an interview), so that
the matching is not simply one queue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PER_PROGRAMME = 25
LONGEST = 6


@dataclass(frozen=True)
class Instance:
    """A market as arrays: rows in list order, dense ranks within programmes, and merit points with a lottery."""

    indptr: NDArray[np.int64]
    route: NDArray[np.int32]
    rank: NDArray[np.int64]
    points: NDArray[np.int64]
    lottery: NDArray[np.uint64]
    seats: NDArray[np.int64]

    @property
    def applicants(self) -> int:
        """Number of applicants."""
        return len(self.indptr) - 1


def generate(applicants: int, seed: int) -> Instance:
    """Generate a market."""
    rng = np.random.default_rng([seed, applicants])
    programmes = max(2, applicants // PER_PROGRAMME)
    popularity = np.arange(1, programmes + 1) ** -0.6
    # twice as many draws as the longest list needs; repeated ones drop out, in the order drawn
    drawn = rng.choice(programmes, size=(applicants, 2 * LONGEST), p=popularity / popularity.sum()).astype(np.int32)
    by_route = np.argsort(drawn, axis=1, kind="stable")
    in_order = np.take_along_axis(drawn, by_route, axis=1)
    again = np.zeros(drawn.shape, bool)
    np.put_along_axis(again, by_route[:, 1:], in_order[:, 1:] == in_order[:, :-1], axis=1)
    wanted = rng.integers(1, LONGEST + 1, applicants)
    kept = ~again & (np.cumsum(~again, axis=1) <= wanted[:, None])
    route = drawn[kept]
    indptr = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int64)

    owner = np.repeat(np.arange(applicants), np.diff(indptr))
    merit = np.clip(rng.normal(22000, 5500, applicants), 0, 34000) // 250 * 250  # hundredths, in steps of 2.5
    points = (merit[owner] + 250 * rng.integers(0, 5, len(route))).astype(np.int64)
    lottery = rng.permutation(applicants).astype(np.uint64)[owner]
    line = np.lexsort((lottery, -points, route))
    start = np.searchsorted(route[line], np.arange(programmes))
    rank = np.empty(len(route), np.int64)
    rank[line] = np.arange(len(route)) - start[route[line]]
    share = np.bincount(route, minlength=programmes) + 1.0
    seats = np.maximum(1, (0.95 * applicants * share / share.sum())).astype(np.int64)
    return Instance(indptr, route, rank, points, lottery, seats)
