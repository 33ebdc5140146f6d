"""The applicant-optimal stable matching by deferred acceptance, one applicant at a time.

Gale and Shapley 1962; one applicant at a time by McVitie and Wilson 1971, whose order independence makes the result the
same for any order of applicants. A class's admitted rows are bits over its slots and its worst admitted row a cursor
that only falls: O(choices) time and memory, no heap.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from admissions.matching.arrays import frozen
from admissions.matching.book import SLOT, Book, Ints, State
from admissions.matching.kernels import OPEN_CUT, kernel, last_held
from admissions.matching.market import Market


@dataclass(frozen=True, eq=False)
class Matching:
    """Who got what, one entry an applicant.

    Parameters
    ----------
    route
        int32[n]: the granted route, -1 for no seat.
    choice
        int64[n]: the granted row, -1 for none.
    group
        int32[n]: the seat group whose seat it is; -1 for none, for a pool without groups and for a reverted seat.
    solved
        What :func:`match` keeps for what-ifs on the same market; leave it out.
    """

    route: npt.NDArray[np.int32]
    choice: npt.NDArray[np.int64]
    group: npt.NDArray[np.int32]
    solved: Solved | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Solved:
    """What :func:`match` keeps for later what-ifs on the very same market."""

    book: Book
    state: State


def match(market: Market) -> Matching:
    """Match a market: the stable matching every applicant likes best.

    Parameters
    ----------
    market
        Any market; time and memory are proportional to its choices.

    Returns
    -------
    Matching
        No seat is empty that somebody wants, nobody is refused while somebody with a worse priority is admitted, and
        no other such matching is better for anybody. With seat groups: the outcome of cumulative offers.

    Examples
    --------
    >>> match(Market([0, 2, 4], [0, 1, 0, 1], [1, 0, 0, 1], [1, 1])).route.tolist()
    [1, 0]
    """
    book = market.book
    bits = np.zeros((len(book.at) >> 6) + 1, np.uint64)
    classes, n = len(book.capacity), market.n_applicants
    cut, left = np.empty(classes, np.int32), np.empty(classes, np.int64)
    propose(book, bits, cut, left)
    route, choice, group = np.empty(n, np.int32), np.empty(n, np.int64), np.empty(n, np.int32)
    state = State(np.empty(n, np.int32), np.empty(classes, np.int32), np.empty(classes, np.int32), left)
    settle(book, bits, cut, state)
    _grant(book, cut, state, route, choice, group)
    return Matching(frozen(route), frozen(choice), frozen(group), Solved(book, state))


@kernel
def propose(book: Book, bits: Ints, cut: Ints, left: Ints) -> None:
    """Let every applicant propose down the list, the displaced at once.

    ``bits`` (uint64 words over slots) comes zeroed. Leaves ``cut``: slot of the worst admitted of each class,
    ``OPEN_CUT`` where seats are left, -1 where there are none; ``left``: empty seats.
    """
    indptr, record, start, at = book.indptr, book.record, book.start, book.at
    capacity, fallback = book.capacity, book.fallback
    for c in range(capacity.size):
        left[c] = capacity[c]
    for c in range(fallback.size):  # nothing is filled yet: all seats of reverting groups revert
        if fallback[c] >= 0:
            left[fallback[c]] += capacity[c]
    for c in range(capacity.size):
        cut[c] = OPEN_CUT if left[c] > 0 else -1
    for i in range(indptr.size - 1):
        e = indptr[i]
        if e == indptr[i + 1]:
            continue
        packed = record[e]
        while True:
            c = int((packed >> 32) & SLOT)
            g = packed & SLOT
            worst = int(cut[c])
            if g < worst:
                bits[g >> 6] |= np.uint64(1) << np.uint64(g & 63)
                if left[c] > 0:
                    left[c] -= 1
                    if left[c] == 0:
                        cut[c] = last_held(bits, start[c + 1] - 1, start[c])
                    if fallback.size == 0 or fallback[c] < 0:
                        break
                    # a reverting seat was filled: the reverted seats are one fewer
                    c = int(fallback[c])
                    left[c] -= 1
                    if left[c] > 0:
                        break
                    if left[c] == 0:
                        cut[c] = last_held(bits, start[c + 1] - 1, start[c])
                        break
                    left[c] = 0
                    worst = int(cut[c])
                bits[worst >> 6] &= ~(np.uint64(1) << np.uint64(worst & 63))
                cut[c] = last_held(bits, worst, start[c])
                e = at[worst]
                packed = record[e]
            if packed < 0:
                break
            e += 1
            packed = record[e]


@kernel
def settle(book: Book, bits: Ints, cut: Ints, state: State) -> None:
    """Fill ``worst``, and ``nxt`` with the classes' ends."""
    start = book.start
    for c in range(cut.size):
        state.worst[c] = cut[c]
        if cut[c] == OPEN_CUT:
            state.worst[c] = last_held(bits, start[c + 1] - 1, start[c])
        state.nxt[c] = start[c + 1]


@kernel
def _grant(book: Book, cut: Ints, state: State, route: Ints, choice: Ints, group: Ints) -> None:
    """Grant everybody the first copy within the cut; ``nxt`` falls to the first slot refused in each class."""
    indptr, record, row, routes, groups = book.indptr, book.record, book.row, book.route, book.group
    cur, nxt = state.cur, state.nxt
    for i in range(route.size):
        e = indptr[i]
        end = indptr[i + 1]
        granted = np.int64(-1)
        r = np.int32(-1)
        held = np.int32(-1)
        while e < end:
            c = (record[e] >> 32) & SLOT
            g = record[e] & SLOT
            if g <= cut[c]:
                granted = np.int64(row[e]) if row.size else e
                r = routes[granted]
                if groups.size:
                    held = groups[c]
                break
            nxt[c] = min(nxt[c], g)
            e += 1
        cur[i] = e
        route[i] = r
        choice[i] = granted
        group[i] = held
