"""Redraws: what other lotteries would have given, by drawing afresh inside the tie blocks only.

Merit decides between blocks, so a draw permutes the lottery units (applicants, or rows where each choice has its own
number) and lets every tie block follow the new order: O(tied rows) a draw. Draw d depends on the seed and d alone, so
the numbers are the same on any number of threads. Multiple and single tie-breaking: Abdulkadiroglu, Pathak, Roth 2009.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from admissions.errors import MarketError
from admissions.matching.arrays import frozen
from admissions.matching.book import I32, SLOT, Book, Ints, State, Work, room
from admissions.matching.deferred_acceptance import propose, settle
from admissions.matching.extra_seats import seats_in_turn
from admissions.matching.kernels import inlined, kernel
from admissions.matching.market import Market
from admissions.matching.score_limits import block_starts, refuse_untied

NO_CUTOFF = np.iinfo(np.int64).min
"""A cut-off where nobody was refused, or nobody admitted."""


@dataclass(frozen=True, eq=False)
class Redraws:
    """What fresh lotteries gave.

    Parameters
    ----------
    draws
        Number of draws.
    granted
        int64[E]: in how many draws each row was granted.
    cutoff
        int64[draws, pools]: points of the last admitted where somebody was refused, else ``NO_CUTOFF``; of a pool with
        seat groups, that of its reverted seats.
    group_cutoff
        int64[draws, G]: the same a seat group, as the group's own priority.
    better_off, newly_placed
        int32[draws, pools]: applicants better off, and newly placed, with one more seat in the pool; empty ([0, 0])
        unless seat values were asked for.
    pool
        int32[m], the pool of each route.
    """

    draws: int
    granted: npt.NDArray[np.int64]
    cutoff: npt.NDArray[np.int64]
    group_cutoff: npt.NDArray[np.int64]
    better_off: npt.NDArray[np.int32]
    newly_placed: npt.NDArray[np.int32]
    pool: npt.NDArray[np.int32]

    def probability(self) -> npt.NDArray[np.float64]:
        """float64[E]: share of the draws in which each row was granted."""
        return self.granted / max(self.draws, 1)

    def seat_values(self, level: float = 0.9) -> tuple[npt.NDArray[np.float64], Ints, Ints]:
        """Mean number better off with one more seat, a route, and the interval that holds ``level`` of the draws.

        Parameters
        ----------
        level
            Share of the draws the interval leaves out evenly at both ends, 0 to 1.

        Returns
        -------
        tuple
            float64[m] means, int64[m] low ends, int64[m] high ends.
        """
        return _spread(self.better_off, level, self.pool)

    def placed_values(self, level: float = 0.9) -> tuple[npt.NDArray[np.float64], Ints, Ints]:
        """Return the same as :meth:`seat_values` for the newly placed."""
        return _spread(self.newly_placed, level, self.pool)


def _spread(values: Ints, level: float, pool: Ints) -> tuple[npt.NDArray[np.float64], Ints, Ints]:
    if not values.size:
        raise MarketError("these redraws hold no seat values: ask for them with seat_values=True")
    ordered = np.sort(values, axis=0)
    out = int((1 - level) / 2 * len(ordered))
    mean = values.sum(axis=0, dtype=np.int64) / len(values)
    return mean[pool], ordered[out].astype(np.int64)[pool], ordered[-1 - out].astype(np.int64)[pool]


class _Units(NamedTuple):
    """The tied copies of every lottery unit.

    ``start`` int32[units+1]; ``copy`` and ``block`` int32, by unit in list order; ``first`` int32[blocks], first slots.
    """

    start: I32
    copy: I32
    block: I32
    first: I32


def redraw(
    market: Market,
    draws: int,
    *,
    seed: int,
    per: Literal["applicant", "row"] = "applicant",
    seat_values: bool = True,
    first: int = 0,
    threads: int | None = None,
) -> Redraws:
    """Draw fresh lotteries and match anew each time.

    Parameters
    ----------
    market
        A market from points; its own lottery numbers play no part.
    draws
        How many draws, at least 1.
    seed
        0 to 2**64 - 1; draws ``first``, ``first`` + 1, ... of a seed are always the same.
    per
        ``"applicant"``: one number on all rows of an applicant; ``"row"``: a number for each choice.
    seat_values
        Also the exact value of one more seat at every route in every draw.
    first
        Number of the first draw.
    threads
        Threads to use, all cores unless said; the result does not depend on it.

    Raises
    ------
    MarketError
        If the market was not built from points.

    Examples
    --------
    >>> market = Market.from_points([0, 1, 2], [0, 0], [300, 300], [1, 2], [1])
    >>> int(redraw(market, 100, seed=1).granted.sum())
    100
    """
    refuse_untied(market, "redraws")
    if draws < 1 or not 0 <= seed < 2**64 or first < 0:
        raise MarketError(
            f"{draws} draws from number {first} with seed {seed}: draws >= 1, first >= 0, 0 <= seed < 2**64"
        )
    book = market.book
    units = _tied_units(market, per)
    classes, pools = len(book.capacity), market.n_pools if seat_values else 0
    cuts = np.empty((draws, classes), np.int64)
    better, placed = np.empty((draws, pools), np.int32), np.empty((draws, pools), np.int32)
    workers = max(1, min(threads or os.cpu_count() or 1, draws))
    edges = np.linspace(0, draws, workers + 1).astype(np.int64).tolist()
    entry = market.classes.entry if seat_values else np.empty(0, np.int32)

    def work(lo: int, hi: int) -> npt.NDArray[np.int64]:
        own = book._replace(record=book.record.copy(), at=book.at.copy())
        state = State(
            np.empty(market.n_applicants, np.int32),
            np.empty(classes, np.int32),
            np.empty(classes, np.int32),
            np.empty(classes, np.int64),
        )
        granted = np.zeros(len(book.at), np.int64)
        outcome = (cuts[lo:hi], better[lo:hi], placed[lo:hi])
        _draw_many(own, units, np.uint64(seed), first + lo, entry, state, room(book), granted, *outcome)
        return granted

    with ThreadPoolExecutor(workers) as pool:
        parts = pool.map(work, edges[:-1], edges[1:])
        copies: npt.NDArray[np.int64] = np.sum(np.stack(list(parts)), axis=0)
    granted = copies if market.groups is None else np.bincount(book.row, copies, market.n_choices).astype(np.int64)
    cutoff, group_cutoff = _cutoffs(market, cuts)
    return Redraws(
        draws, frozen(granted), frozen(cutoff), frozen(group_cutoff), frozen(better), frozen(placed), market.pool
    )


def _cutoffs(market: Market, cuts: Ints) -> tuple[Ints, Ints]:
    """Split the classes' cut-off keys into points of pools and priorities of groups."""
    points = np.where(cuts == NO_CUTOFF, NO_CUTOFF, ~cuts)
    classes = market.classes
    if not classes.group.size:
        return points, np.empty((len(cuts), 0), np.int64)
    groups = market.groups
    pools = np.full((len(cuts), market.n_pools), NO_CUTOFF, np.int64)
    named = np.full((len(cuts), groups.n_groups if groups else 0), NO_CUTOFF, np.int64)
    rest = classes.group < 0
    pools[:, classes.pool[rest]] = points[:, rest]
    named[:, classes.group[~rest]] = cuts[:, ~rest]
    return pools, named


def _tied_units(market: Market, per: str) -> _Units:
    """List the copies a lottery can move: those that share a tie block with another unit's."""
    if per not in ("applicant", "row"):
        raise MarketError(f"per is {per!r}: a lottery is drawn per 'applicant' or per 'row'")
    book = market.book
    first = np.empty(len(book.at), np.int32)
    block_starts(book, first)
    unit_of = book.owner if per == "applicant" else (book.row if book.row.size else np.arange(len(book.at)))
    unit = unit_of[book.at]  # by slot
    size = np.bincount(first, minlength=len(first))
    mixed = np.zeros(len(first), np.bool_)
    mixed[first[unit != unit[first]]] = True
    slots = np.flatnonzero(mixed[first] & (size[first] > 1))
    starts, block = np.unique(first[slots], return_inverse=True)
    copy = book.at[slots]
    order = np.lexsort((copy, unit[slots]))
    names, begin = np.unique(unit[slots][order], return_index=True)
    start = np.concatenate([begin, [len(order)]]) if len(names) else np.zeros(1, np.int64)
    return _Units(
        start.astype(np.int32), copy[order].astype(np.int32), block[order].astype(np.int32), starts.astype(np.int32)
    )


@inlined
def _random(state: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Next number and state of splitmix64 (Steele, Lea and Flood 2014)."""
    state += np.uint64(0x9E3779B97F4A7C15)
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31)), state


@kernel
def _shuffle(order: Ints, seed: np.uint64, draw: int) -> None:
    """Permute 0, 1, ... uniformly (Fisher and Yates; unbiased bounds after Lemire 2019)."""
    key, _ = _random(seed)
    _, state = _random(key ^ (np.uint64(draw) * np.uint64(0xD1B54A32D192ED03)))
    for u in range(order.size):
        order[u] = u
    half = np.uint64(32)
    low = np.uint64(0xFFFFFFFF)
    for u in range(order.size - 1, 0, -1):
        bound = np.uint64(u + 1)
        z, state = _random(state)
        product = (z >> half) * bound
        if product & low < bound:
            least = ((low + np.uint64(1)) - bound) % bound
            while product & low < least:
                z, state = _random(state)
                product = (z >> half) * bound
        v = np.int64(product >> half)
        order[u], order[v] = order[v], order[u]


@kernel
def _rank_units(book: Book, units: _Units, order: Ints, place: Ints) -> None:
    """Give the slots of every tie block to its copies in the order of their units."""
    start, copy, block, record, at = units.start, units.copy, units.block, book.record, book.at
    place[:] = units.first
    for k in range(order.size):
        u = order[k]
        for x in range(start[u], start[u + 1]):
            e = copy[x]
            g = np.int64(place[block[x]])
            place[block[x]] += 1
            at[g] = e
            record[e] = (record[e] & ~np.int64(SLOT)) | g


@kernel
def _draw_many(
    book: Book,
    units: _Units,
    seed: np.uint64,
    first: int,
    entry: Ints,
    state: State,
    work: Work,
    granted: Ints,
    cuts: Ints,
    better: Ints,
    placed: Ints,
) -> None:
    """Draw, match and value seats; draw ``first`` + d into row d. ``book`` has its own ``record`` and ``at``."""
    order = np.empty(units.start.size - 1, np.int32)
    place = np.empty(units.first.size, np.int32)
    bits = np.zeros((book.at.size >> 6) + 1, np.uint64)
    cut = np.empty(book.capacity.size, np.int32)
    indptr, record = book.indptr, book.record
    cur, nxt = state.cur, state.nxt
    for d in range(cuts.shape[0]):
        _shuffle(order, seed, first + d)
        _rank_units(book, units, order, place)
        bits[:] = 0
        propose(book, bits, cut, state.left)
        settle(book, bits, cut, state)
        for i in range(cur.size):
            e = indptr[i]
            end = indptr[i + 1]
            while e < end:
                c = (record[e] >> 32) & SLOT
                g = record[e] & SLOT
                if g <= cut[c]:
                    granted[e] += 1
                    break
                nxt[c] = min(nxt[c], g)
                e += 1
            cur[i] = e
        for c in range(cut.size):
            refused = nxt[c] < book.start[c + 1] and state.worst[c] >= 0
            cuts[d, c] = book.tie[book.at[state.worst[c]]] if refused else NO_CUTOFF
        if entry.size:
            seats_in_turn(entry, book, state, work, better[d], placed[d])
