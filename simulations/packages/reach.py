"""What extra seats can change at all: the moves an applicant could make under some package, and no others.

More seats harm nobody (Crawford 1991), so every package's result lies, for each applicant, between the base and the
*top* market, in which every offer has all the seats the budget could buy for it. A row beyond the top is never granted;
its applicant would always rather have it, so nobody behind them in that class is ever admitted there either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.matching import Market
from admissions.matching.book import SLOT, State
from admissions.matching.deferred_acceptance import propose, settle
from admissions.matching.kernels import kernel
from simulations.packages.objective import Ints
from simulations.packages.seating import Seating


@dataclass(frozen=True, eq=False)
class Moves:
    """The possible moves, one entry each, by applicant and from the best down; int64.

    Attributes
    ----------
    person
        Who moves.
    copy
        The copy of the row moved to.
    into, slot
        Its class of seats, and its place in the order of that class.
    out_of
        The class left, -1 for somebody without a seat.
    placed, better
        1 where the move newly places the applicant, and where the row is a better one (not only another seat group).
    """

    person: Ints
    copy: Ints
    into: Ints
    slot: Ints
    out_of: Ints
    placed: Ints
    better: Ints


def matched(market: Market, capacity: Ints) -> npt.NDArray[np.int32]:
    """Match with other seats in the classes; int32[n]: the copy each applicant holds, or the end of the list."""
    book, classes = market.book._replace(capacity=capacity), len(capacity)
    bits = np.zeros((len(book.at) >> 6) + 1, np.uint64)
    cut, left = np.empty(classes, np.int32), np.empty(classes, np.int64)
    propose(book, bits, cut, left)
    cur = np.empty(market.n_applicants, np.int32)
    settle(book, bits, cut, State(cur, np.empty(classes, np.int32), np.empty(classes, np.int32), left))
    _hold(book, cut, cur)
    return cur


@kernel
def _hold(book: Any, cut: Any, cur: Any) -> None:
    """Fill ``cur`` with the first copy within the cut of its class."""
    indptr, record = book.indptr, book.record
    for i in range(cur.size):
        e = indptr[i]
        while e < indptr[i + 1] and (record[e] & SLOT) > cut[(record[e] >> 32) & SLOT]:
            e += 1
        cur[i] = e


def possible_moves(base: Seating, top: npt.NDArray[np.int32]) -> Moves:
    """List the moves between the base and the top.

    Parameters
    ----------
    base
        The market as it is.
    top
        int32[n]: the copy each applicant holds in the top market.
    """
    book = base.book
    ends = book.indptr[1:]
    first, bottom = top.astype(np.int64), base.state.cur.astype(np.int64)
    slots = (book.record & SLOT).astype(np.int64)
    # the first row of each class that is beyond its applicant's top
    limit = np.full(len(book.capacity), np.iinfo(np.int64).max, np.int64)
    beyond = np.arange(len(book.classes)) < first[book.owner]
    np.minimum.at(limit, book.classes[beyond], slots[beyond])
    everyone = np.arange(len(book.classes))
    within = (everyone >= first[book.owner]) & (everyone < bottom[book.owner])
    copy = np.flatnonzero(within & (slots < limit[book.classes]))
    person = book.owner[copy].astype(np.int64)
    before = bottom[person]
    seatless = before == ends[person]
    held = np.where(seatless, 0, before)
    another = np.ones(len(copy), np.bool_)
    if len(book.row):
        another = book.row[copy] != book.row[held]
    return Moves(
        person,
        copy.astype(np.int64),
        book.classes[copy].astype(np.int64),
        slots[copy],
        np.where(seatless, -1, book.classes[held]).astype(np.int64),
        seatless.astype(np.int64),
        (seatless | another).astype(np.int64),
    )
