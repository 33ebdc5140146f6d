"""Clearing numbers: how many seats a set of routes would have to have for nobody to be refused there.

Match once with unlimited open seats at all pools of the set and sum what exceeds their seats. Sets are solved one by
one: the numbers of single routes do not add up, because whoever gets into one route leaves another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from admissions.matching.deferred_acceptance import propose
from admissions.matching.kernels import kernel

if TYPE_CHECKING:
    from admissions.matching import Market
    from admissions.rules.compiled import CompiledRound


def clearing_numbers(
    compiled: CompiledRound,
    pools: Sequence[npt.NDArray[np.int64]],
    wanted: npt.NDArray[np.bool_],
    *,
    progress: Callable[[int], None] | None = None,
) -> npt.NDArray[np.int64]:
    """Return the clearing number of each set of pools, int64.

    Parameters
    ----------
    compiled
        The round whose market is solved again for each set.
    pools
        The pools of each set.
    wanted
        Which pools refused somebody in the run, bool[pools]. A set without such a pool needs no match: nobody prefers
        it to what they hold, so it takes in nobody more and its number is 0.
    progress
        Called with 1 each time a set is done, from any thread.

    Notes
    -----
    Equal sets are matched once. The seats added are open ones: in a pool with seat groups, its last open group.
    """
    kinds: dict[bytes, int] = {}
    order = [kinds.setdefault(np.asarray(one, dtype=np.int64).tobytes(), len(kinds)) for one in pools]
    distinct = [np.frombuffer(key, dtype=np.int64) for key in kinds]

    def solve(one: npt.NDArray[np.int64]) -> int:
        number = _clear(compiled.market, one) if wanted[one].any() else 0
        if progress is not None:
            progress(1)
        return number

    with ThreadPoolExecutor(max_workers=2) as threads:
        numbers = np.fromiter(threads.map(solve, distinct), dtype=np.int64, count=len(distinct))
    return numbers[np.asarray(order, dtype=np.int64)] if order else np.zeros(0, dtype=np.int64)


def _clear(market: Market, pools: npt.NDArray[np.int64]) -> int:
    """Match with unlimited open seats in some pools and return what exceeds their seats."""
    book, classes = market.book, market.classes  # the order books are built once for all sets
    capacity = classes.capacity.copy()
    capacity[classes.entry[pools]] += market.n_applicants
    cut, left = np.empty(classes.size, np.int32), np.empty(classes.size, np.int64)
    bits = np.zeros((len(book.at) >> 6) + 1, np.uint64)
    propose(book._replace(capacity=capacity), bits, cut, left)
    taken = np.zeros(market.n_pools, dtype=np.int64)
    pool = classes.pool if len(classes.pool) else np.arange(market.n_pools, dtype=np.int32)  # plain: class = pool
    count_held(book.start, bits, pool, taken)
    return int(np.maximum(taken - market.seats, 0)[pools].sum())


@kernel
def count_held(start: Any, bits: Any, pool: Any, taken: Any) -> None:
    """Add to ``taken[pool]`` the seats held in each class: the set bits of its slots."""
    for c in range(start.size - 1):
        for g in range(start[c], start[c + 1]):
            if bits[g >> 6] & (np.uint64(1) << np.uint64(g & 63)):
                taken[pool[c]] += 1
