"""Thresholds: what an applicant would need at each route, exactly, and the routes that were within reach (the menu).

An applicant's menu, and the key needed at each route, come from the programme-proposing matching of the market without
that applicant: the seats then held by the worst are those the applicant could take, whatever their own keys
(Gonczarowski, Heffetz and Thomas 2023; menus of a strategy-proof rule: Hammond 1979). That matching is found once for
the whole market; without one applicant, the vacated seat is offered further down, which touches few classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from admissions.errors import MarketError
from admissions.matching.arrays import frozen
from admissions.matching.book import SLOT, Book, Ints
from admissions.matching.kernels import inlined, kernel
from admissions.matching.market import Market

ANY_KEY, NO_KEY = -1, -2
"""In place of a row to beat: a seat is free, so that any key suffices; there is no seat, so that none does."""


class Bar(NamedTuple):
    """What is needed for one kind of a route's seats.

    ``group``: the seat group, -1 for a pool without groups or its reverted seats. ``beat``: the row whose key must be
    beaten (a strictly smaller priority; more points, or equal points and a smaller lottery number), or ``ANY_KEY``,
    or ``NO_KEY``.
    """

    group: int
    beat: int


@dataclass(frozen=True, eq=False)
class Thresholds:
    """What every applicant needs, and has, on each row.

    Parameters
    ----------
    indptr
        int64[n+1]: entries ``indptr[i]:indptr[i+1]`` belong to applicant i. Without seat groups the entries are the
        market's rows; with groups a row has one entry for each group it belongs to, as it asks, and one for the seats
        that revert, and is within reach if one of its entries is.
    row, group
        int64[X], int32[X]: the row and seat group of each entry (-1 for no group).
    beat
        int64[X]: the row to beat there, or ``ANY_KEY``, or ``NO_KEY``; it does not depend on the applicant's own keys.
    enough
        bool[X]: whether the applicant's own key is enough there. The granted row is the first with an entry that is.
    """

    indptr: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]
    group: npt.NDArray[np.int32]
    beat: npt.NDArray[np.int64]
    enough: npt.NDArray[np.bool_]
    market: Market
    _base: npt.NDArray[np.int32]
    _changed: tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32]]

    def at(self, applicant: int, route: int) -> list[Bar]:
        """Say what an applicant would need at any route, listed or not: one bar a kind of seat, in filling order.

        Parameters
        ----------
        applicant, route
            Indices in the market.
        """
        market = self.market
        if not 0 <= applicant < market.n_applicants or not 0 <= route < market.n_routes:
            raise MarketError(f"no applicant {applicant} or no route {route} in this market")
        pool, classes = int(market.pool[route]), market.classes
        mine = np.flatnonzero(classes.pool == pool).tolist() if classes.group.size else [pool]
        start, changed, bars = self._changed
        lo, hi = int(start[applicant]), int(start[applicant + 1])
        own = dict(zip(changed[lo:hi].tolist(), bars[lo:hi].tolist(), strict=True))
        return [
            Bar(
                int(classes.group[c]) if classes.group.size else -1,
                _row_at(market.book, own.get(c, int(self._base[c]))),
            )
            for c in mine
        ]

    def copies_to_beat(self, applicant: npt.NDArray[np.int64], classes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Say for pairs of applicant and class of seats which copy of the market's book must be beaten there.

        Parameters
        ----------
        applicant, classes
            int64[K] each; classes are numbered as in ``market.classes``.

        Returns
        -------
        int64[K]: a copy, or ``ANY_KEY``, or ``NO_KEY``.
        """
        start, changed, bars = self._changed
        width = len(self._base)
        own = np.repeat(np.arange(len(start) - 1), np.diff(start)) * width + changed
        order = np.argsort(own)
        slot = self._base[classes].astype(np.int64)
        if len(own):
            wanted = applicant * width + classes
            found = order[np.minimum(np.searchsorted(own, wanted, sorter=order), len(own) - 1)]
            slot = np.where(own[found] == wanted, bars[found], slot)
        return np.where(slot < 0, slot, self.market.book.at[np.maximum(slot, 0)]) if len(self.market.book.at) else slot

    def menu(self, applicant: int) -> list[int]:
        """List the applicant's own rows that were within reach, best first; the first of them is granted.

        Parameters
        ----------
        applicant
            Index in the market.
        """
        lo, hi = int(self.indptr[applicant]), int(self.indptr[applicant + 1])
        return list(dict.fromkeys(self.row[lo:hi][self.enough[lo:hi]].tolist()))


def thresholds(market: Market) -> Thresholds:
    """Find what everybody would have needed at each route.

    Parameters
    ----------
    market
        Any market.

    Examples
    --------
    >>> market = Market([0, 1, 2], [0, 0], [5, 7], [1])
    >>> thresholds(market).beat.tolist()
    [1, 0]
    """
    book, n = market.book, market.n_applicants
    classes = len(book.capacity)
    held = np.empty(n, np.int32)
    offered, free = np.empty(classes, np.int32), np.zeros(classes, np.bool_)
    _offer_all(book, held, offered, free)
    base = np.empty(classes, np.int32)
    _bars(book, offered, free, base)
    start = np.zeros(n + 1, np.int64)
    none = np.empty(0, np.int32)
    _without_each(book, held, offered, free, start, none, none)
    np.cumsum(start, out=start)
    changed, bars = np.empty(int(start[-1]), np.int32), np.empty(int(start[-1]), np.int32)
    _without_each(book, held, offered, free, start, changed, bars)
    beat, enough = np.empty(len(book.at), np.int64), np.empty(len(book.at), np.bool_)
    _compare(book, base, start, changed, bars, beat, enough)
    row = book.row.astype(np.int64) if book.row.size else np.arange(len(book.at), dtype=np.int64)
    group = book.group[book.classes] if book.group.size else np.full(len(book.at), -1, np.int32)
    return Thresholds(
        frozen(book.indptr),
        frozen(row),
        frozen(group),
        frozen(beat),
        frozen(enough),
        market,
        base,
        (start, changed, bars),
    )


def _row_at(book: Book, slot: int) -> int:
    if slot < 0:
        return slot
    copy = int(book.at[slot])
    return int(book.row[copy]) if book.row.size else copy


@kernel
def _offer_all(book: Book, held: Ints, offered: Ints, free: Ints) -> None:
    """Let every class offer its seats down its order: the programme-proposing matching (Gale and Shapley 1962).

    Leaves ``held`` (copy, or the list's end), ``offered`` (first slot without an offer), ``free`` (a seat is empty).
    """
    indptr, record, start, at = book.indptr, book.record, book.start, book.at
    owner, fallback = book.owner, book.fallback
    for i in range(held.size):
        held[i] = indptr[i + 1]
    vacant = book.capacity.copy()
    stack = np.empty(at.size + 2 * vacant.size + 1, np.int32)
    top = 0
    for c in range(vacant.size - 1, -1, -1):
        offered[c] = start[c]
        stack[top] = c
        top += 1
    while top > 0:
        top -= 1
        c = int(stack[top])
        while vacant[c] > 0 and offered[c] < start[c + 1]:
            e = at[offered[c]]
            offered[c] += 1
            i = owner[e]
            old = held[i]
            if e < old:
                held[i] = e
                vacant[c] -= 1
                if old < indptr[i + 1]:
                    left = int((record[old] >> 32) & SLOT)
                    vacant[left] += 1
                    if left != c:
                        stack[top] = left
                        top += 1
        if vacant[c] > 0:
            free[c] = True
            if fallback.size > 0 and fallback[c] >= 0:  # these seats stay empty here and revert
                vacant[fallback[c]] += vacant[c]
                vacant[c] = 0
                stack[top] = fallback[c]
                top += 1


@inlined
def _bar(c: int, start: Ints, offered: Ints, free: Ints) -> int:
    """Slot of the worst held of class ``c``, ``ANY_KEY`` or ``NO_KEY``."""
    if free[c]:
        return -1
    return int(offered[c]) - 1 if offered[c] > start[c] else -2


@kernel
def _bars(book: Book, offered: Ints, free: Ints, bars: Ints) -> None:
    for c in range(bars.size):
        bars[c] = _bar(c, book.start, offered, free)


@kernel
def _without_each(book: Book, held: Ints, offered: Ints, free: Ints, begin: Ints, changed: Ints, bars: Ints) -> None:
    """For every applicant i, let the matching without i form and note the bars that differ; everything is undone.

    With ``changed`` empty, only count them into ``begin[i + 1]``; else write them from ``begin[i]`` on.
    """
    indptr, record, start, at = book.indptr, book.record, book.start, book.at
    owner, fallback = book.owner, book.fallback
    classes = offered.size
    before = np.empty(classes, np.int32)
    touched = np.empty(classes, np.int32)
    stamp = np.full(classes, -1, np.int32)
    was_free = np.empty(classes, np.bool_)
    moves = np.empty((at.size + 1, 2), np.int32)
    for i in range(held.size):
        mine = held[i]
        if mine == indptr[i + 1]:
            continue  # nobody offered a seat, so nobody notices the absence
        held[i] = -1
        moved = 0
        n_touched = 0
        c = int((record[mine] >> 32) & SLOT)
        while c >= 0:
            if stamp[c] != i:
                stamp[c] = i
                before[c] = offered[c]
                was_free[c] = free[c]
                touched[n_touched] = c
                n_touched += 1
            end = start[c + 1]
            following = -2
            while offered[c] < end:
                e = at[offered[c]]
                offered[c] += 1
                j = owner[e]
                old = held[j]
                if e < old:
                    moves[moved, 0] = j
                    moves[moved, 1] = old
                    moved += 1
                    held[j] = e
                    following = -1 if old == indptr[j + 1] else int((record[old] >> 32) & SLOT)
                    break
            if following == -2:
                free[c] = True
                following = int(fallback[c]) if fallback.size > 0 else -1
            c = following
        if changed.size:
            for k in range(n_touched):
                changed[begin[i] + k] = touched[k]
                bars[begin[i] + k] = _bar(int(touched[k]), start, offered, free)
        else:
            begin[i + 1] = n_touched
        for k in range(n_touched):
            offered[touched[k]] = before[touched[k]]
            free[touched[k]] = was_free[touched[k]]
        for k in range(moved - 1, -1, -1):
            held[moves[k, 0]] = moves[k, 1]
        held[i] = mine


@kernel
def _compare(book: Book, base: Ints, begin: Ints, changed: Ints, bars: Ints, beat: Ints, enough: Ints) -> None:
    """Write the row to beat of every copy, and whether its own slot does."""
    indptr, record, row = book.indptr, book.record, book.row
    for i in range(indptr.size - 1):
        for e in range(indptr[i], indptr[i + 1]):
            c = (record[e] >> 32) & SLOT
            bar = base[c]
            for k in range(begin[i], begin[i + 1]):
                if changed[k] == c:
                    bar = bars[k]
            if bar < 0:
                beat[e] = bar
                enough[e] = bar == -1
            else:
                copy = book.at[bar]
                beat[e] = row[copy] if row.size else copy
                enough[e] = record[e] & SLOT < bar
