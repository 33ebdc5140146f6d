"""Score limits: which outcomes no lottery can change, proved by two runs instead of many draws.

Tied means equal on every step before the lottery. One run refuses a tied group whole where it does not fit, the other
admits it whole; every lottery's outcome lies between the two (stable score limits: Biro and Kiselgof 2015). A seat left
empty because a tied group was refused never reverts: some lottery fills it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.errors import MarketError
from admissions.matching.arrays import frozen
from admissions.matching.book import SLOT, Book, Ints
from admissions.matching.kernels import inlined, kernel, last_held
from admissions.matching.market import Market

NOT_GRANTED, GRANTED, LOTTERY = 0, 1, 2
"""Labels of a row: certainly not granted, certainly granted, possibly decided by lottery."""


@dataclass(frozen=True, eq=False)
class ScoreLimits:
    """What every lottery gives each applicant.

    Parameters
    ----------
    best, worst
        int64[n]: the row granted when tied groups are admitted whole, and when they are refused whole; -1 for none.
        No lottery grants a better row than ``best`` nor a worse one than ``worst``.
    certain
        bool[n]: both agree, so that no lottery can change the outcome.
    label
        uint8[E], one a row: ``NOT_GRANTED`` or ``GRANTED`` in every lottery, or ``LOTTERY``, possibly decided by it.
    """

    best: npt.NDArray[np.int64]
    worst: npt.NDArray[np.int64]
    certain: npt.NDArray[np.bool_]
    label: npt.NDArray[np.uint8]


def score_limits(market: Market) -> ScoreLimits:
    """Bound the outcome of every lottery.

    Parameters
    ----------
    market
        A market from points; its lottery numbers play no part.

    Raises
    ------
    MarketError
        If the market was not built from points: then nobody is tied.

    Examples
    --------
    >>> market = Market.from_points([0, 1, 2, 3], [0, 0, 0], [300, 280, 280], [1, 2, 3], [2])
    >>> score_limits(market).certain.tolist()
    [True, False, False]
    """
    refuse_untied(market, "score limits")
    book = market.book
    first = np.empty(len(book.at), np.int32)
    block_starts(book, first)
    best, worst = (_granted(book, first, admit) for admit in (True, False))
    certain = best == worst
    label = np.full(market.n_choices, NOT_GRANTED, np.uint8)
    rows = np.arange(market.n_choices)
    lists = np.diff(market.indptr)
    low = np.repeat(np.where(best < 0, market.n_choices, best), lists)
    high = np.repeat(np.where(worst < 0, market.n_choices, worst), lists)
    label[(low <= rows) & (rows <= high)] = LOTTERY
    label[best[certain & (best >= 0)]] = GRANTED
    return ScoreLimits(frozen(best), frozen(worst), frozen(certain), frozen(label))


def refuse_untied(market: Market, what: str) -> None:
    """Refuse a market without points.

    Raises
    ------
    MarketError
        Always, unless the market was built from points.
    """
    if market.points is None:
        raise MarketError(f"{what} need a market from points: strict priorities do not say who is tied")


def _granted(book: Book, first: Ints, admit: bool) -> npt.NDArray[np.int64]:
    bits = np.zeros((len(book.at) >> 6) + 1, np.uint64)
    cut = np.empty(len(book.capacity), np.int32)
    _propose_whole(book, first, admit, bits, cut)
    granted = np.empty(len(book.indptr) - 1, np.int64)
    _rows_within(book, cut, granted)
    return granted


@kernel
def block_starts(book: Book, first: Ints) -> None:
    """Write the first slot of every slot's tie block."""
    start, at, tie = book.start, book.at, book.tie
    for c in range(start.size - 1):
        for g in range(start[c], start[c + 1]):
            first[g] = first[g - 1] if g > start[c] and tie[at[g]] == tie[at[g - 1]] else g


@inlined
def _trim(
    c: int,
    admit: bool,
    start: Ints,
    at: Ints,
    first: Ints,
    bits: Ints,
    count: Ints,
    room: Ints,
    cut: Ints,
    stack: Ints,
    top: int,
) -> int:
    """Refuse whole blocks from the bottom of class ``c`` as long as the rule says so; the stack's new height."""
    while count[c] > room[c]:
        g = last_held(bits, cut[c] - 1, start[c])
        block = first[g]
        k = 0
        h = g
        while h >= block:
            k += 1
            h = last_held(bits, h - 1, start[c])
        if admit and count[c] - k < room[c]:
            break
        while g >= block:
            bits[g >> 6] &= ~(np.uint64(1) << np.uint64(g & 63))
            stack[top] = at[g]
            top += 1
            g = last_held(bits, g - 1, start[c])
        count[c] -= k
        cut[c] = block
    return top


@kernel
def _propose_whole(book: Book, first: Ints, admit: bool, bits: Ints, cut: Ints) -> None:
    """Run deferred acceptance of whole tie blocks; leaves the first slot refused of each class in ``cut``."""
    indptr, record, start, at = book.indptr, book.record, book.start, book.at
    capacity, fallback = book.capacity, book.fallback
    room = capacity.copy()
    for c in range(fallback.size):
        if fallback[c] >= 0:
            room[fallback[c]] += capacity[c]
    asked = np.zeros(capacity.size, np.int64)  # seats somebody asked for, whether or not they were given
    count = np.zeros(capacity.size, np.int64)
    for c in range(capacity.size):
        cut[c] = start[c + 1]
    stack = np.empty(at.size + 1, np.int32)
    for i in range(indptr.size - 1):
        if indptr[i] == indptr[i + 1]:
            continue
        top = 0
        e = indptr[i]
        while True:
            packed = record[e]
            c = int((packed >> 32) & SLOT)
            g = packed & SLOT
            if g < cut[c]:
                bits[g >> 6] |= np.uint64(1) << np.uint64(g & 63)
                count[c] += 1
                if fallback.size > 0 and fallback[c] >= 0 and asked[c] < capacity[c]:
                    asked[c] += 1
                    room[fallback[c]] -= 1
                    top = _trim(int(fallback[c]), admit, start, at, first, bits, count, room, cut, stack, top)
                top = _trim(c, admit, start, at, first, bits, count, room, cut, stack, top)
            else:
                stack[top] = e
                top += 1
            # the next of the refused who has a next choice
            while top > 0 and record[stack[top - 1]] < 0:
                top -= 1
            if top == 0:
                break
            top -= 1
            e = np.int64(stack[top]) + 1


@kernel
def _rows_within(book: Book, cut: Ints, granted: Ints) -> None:
    """Write the row of everybody's first copy before the cut, -1 for none."""
    indptr, record, row = book.indptr, book.record, book.row
    for i in range(granted.size):
        granted[i] = -1
        for e in range(indptr[i], indptr[i + 1]):
            if record[e] & SLOT < cut[(record[e] >> 32) & SLOT]:
                granted[i] = row[e] if row.size else e
                break
