"""Calling down the reserve lists: each empty seat goes to the first in line who would rather have it.

Whoever moves leaves a seat that is called out in turn, until no empty seat finds a taker. The result is stable and does
not depend on the order in which the seats are called out: it is the stable matching of the reserve market that is best
for the seats (Blum, Roth and Rothblum, Journal of Economic Theory 1997), so every holder moves only if they move in
every stable matching. Calling down and *fewest moves* therefore give one result; a full re-run can move more people, to
places they like better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.matching import Matching

if TYPE_CHECKING:
    from admissions.matching import Market


def call_down(market: Market, holders: npt.NDArray[np.int64], held_group: npt.NDArray[np.int32]) -> Matching:
    """Fill the empty seats of a reserve market by calling down its queues.

    Parameters
    ----------
    market
        A market that carries the holders' right.
    holders
        int64[n]: market row each applicant holds, -1 for none.
    held_group
        int32[n]: seat group of that seat, -1 in a pool without groups.

    Returns
    -------
    Matching
        Stable in `market`; nobody ends below what they held.
    """
    book = market.book
    plain = len(book.row) == 0
    row_of = np.arange(len(book.classes), dtype=np.int64) if plain else book.row.astype(np.int64)
    owner, classes, at, start = book.owner, book.classes, book.at, book.start
    fallback = book.fallback if len(book.fallback) else np.full(len(book.capacity), -1, dtype=np.int32)
    left = book.capacity.astype(np.int64).copy()
    pointer = start[:-1].astype(np.int64).copy()
    current = book.indptr[1:].astype(np.int64).copy()  # the end of the list: nothing held

    for who in np.flatnonzero(holders >= 0).tolist():
        copies = range(int(book.indptr[who]), int(book.indptr[who + 1]))
        seat = next(
            copy
            for copy in copies
            if row_of[copy] == holders[who] and (plain or book.group[classes[copy]] == held_group[who])
        )
        current[who] = seat
        left[classes[seat]] -= 1

    used = np.zeros(len(left), dtype=np.int64)  # reverted seats taken
    reverted = sorted({int(one) for one in fallback if one >= 0})
    work = [number for number in range(len(left)) if left[number] > 0]
    while True:
        while work:
            one = work.pop()
            while left[one] > 0 and pointer[one] < start[one + 1]:
                copy = int(at[pointer[one]])
                pointer[one] += 1
                who = int(owner[copy])
                if copy >= current[who]:
                    continue
                before = int(current[who])
                current[who] = copy
                left[one] -= 1
                if one in reverted:
                    used[one] += 1
                if before < book.indptr[who + 1]:
                    freed = int(classes[before])
                    left[freed] += 1
                    if freed in reverted:
                        used[freed] -= 1
                        left[freed] -= 1  # counted anew below
                    else:
                        work.append(freed)
        # seats of reverting groups that found no taker now go to everybody; nobody will ask for them again
        for one in reverted:
            given_back = int(left[fallback == one].sum()) - int(used[one])
            left[one] = max(given_back, 0)
            if left[one] > 0 and pointer[one] < start[one + 1]:
                work.append(one)
        if not work:
            break
    return _matching(market, current, row_of)


def _matching(market: Market, current: npt.NDArray[np.int64], row_of: npt.NDArray[np.int64]) -> Matching:
    book = market.book
    placed = current < book.indptr[1:]
    choice = np.full(market.n_applicants, -1, dtype=np.int64)
    choice[placed] = row_of[current[placed]]
    route = np.full(market.n_applicants, -1, dtype=np.int32)
    route[placed] = market.route[choice[placed]]
    group = np.full(market.n_applicants, -1, dtype=np.int32)
    if len(book.group):
        group[placed] = book.group[book.classes[current[placed]]]
    return Matching(route, choice, group)
