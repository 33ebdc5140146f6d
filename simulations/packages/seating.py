"""A solved market whose seats can be changed one by one, every change valued against the base exactly.

Adding a seat follows the vacancy chain and then carries out the rotations it opened; removing one lets the displaced
propose on (see :mod:`admissions.matching.solved_state`): each state equals a full match of the changed market. Values
are counted against the *base*, not against the step before: somebody made better off twice counts once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError
from admissions.matching import Market, Matching
from admissions.matching.book import Book, State, Work, room
from admissions.matching.extra_seats import add_seats
from admissions.matching.kernels import inlined, kernel
from admissions.matching.seat_values import taken_up
from admissions.matching.solved_state import add_seat, remove_seat, rotate, take_up
from simulations.packages.objective import Effect, Ints, Objective


class Seating:
    """A market with seats added to or taken from its classes of seats.

    Parameters
    ----------
    market, matching
        The base: a market and what :func:`~admissions.matching.match` gave for it. Never disturbed.
    objective
        Its weights value every change.

    Attributes
    ----------
    entry
        int32[pools]: the class of each pool that its extra seats go to.
    capacity
        int64[classes]: the seats as they are now.
    """

    def __init__(self, market: Market, matching: Matching, objective: Objective) -> None:
        self.market = market
        self.entry: npt.NDArray[np.int32] = market.classes.entry.astype(np.int32)
        self.capacity: Ints = market.classes.capacity.astype(np.int64)
        self.weights = objective.weights(market.n_applicants)
        self.book: Book = market.book
        self.state: State = taken_up(market, matching)
        self.base: npt.NDArray[np.int32] = self.state.cur.copy()
        self._work: Work = room(market.book)

    def copy(self) -> Seating:
        """Return a copy that can be changed on its own."""
        twin = object.__new__(Seating)
        twin.__dict__.update(self.__dict__)
        twin.capacity, twin.state = self.capacity.copy(), self.state.copy()
        return twin

    def add(self, seat_class: int, seats: int = 1) -> None:
        """Add seats to a class."""
        self._work.stamp[:] = 0
        chosen = np.full(seats, seat_class, np.int32)
        add_seats(chosen, self.book, self.state, self._work, False, np.empty(seats, np.int64))  # noqa: FBT003 - kernels take positions
        self.capacity[seat_class] += seats

    def remove(self, seat_class: int) -> None:
        """Take one seat from a class that has one."""
        self._refresh()
        remove_seat(seat_class, self.book, self.state, self._work.moves)
        self.capacity[seat_class] -= 1
        self._refresh()

    def _refresh(self) -> None:
        """Work out again what adding leaves behind: the worst admitted, the first refused, the empty seats."""
        bad = take_up(self.book, self.capacity, self.state)
        if bad >= 0:
            raise AdmissionsError(f"seat class {bad}: the seating is no longer stable; this is a fault of the program")

    def empty_seats(self) -> Ints:
        """int64[classes]: seats nobody holds, those given back by reverting groups in their last class."""
        self._refresh()
        return self.state.left.copy()

    def effect(self) -> Effect:
        """Return what the changes so far do, against the base."""
        counts = np.zeros(2, np.int64)
        total_effect(self.book, self.state.cur, self.base, counts)
        return Effect(int(counts @ np.array(self.weights)), int(counts[0]), int(counts[1]))

    def gains(self, classes: npt.NDArray[np.int32]) -> Ints:
        """Return what one seat more in each of the classes would add to the value, each on its own; int64."""
        gain = np.empty((len(classes), 2), np.int64)
        gains_in_turn(classes, self.book, self.state, self._work, self.base, gain)
        result: Ints = gain @ np.array(self.weights, np.int64)
        return result

    def block_gains(self, classes: npt.NDArray[np.int32], longest: int) -> Ints:
        """Return what 1, 2, ... ``longest`` seats more in each of the classes would add; int64[classes, longest]."""
        gain = np.empty((len(classes), longest, 2), np.int64)
        gains_in_blocks(classes, self.book, self.state, self._work, self.base, gain)
        result: Ints = np.cumsum(gain, axis=1) @ np.array(self.weights, np.int64)
        return result

    def rows(self) -> Ints:
        """int64[n]: the market row each applicant holds now, -1 for none."""
        cur = self.state.cur.astype(np.int64)
        held = np.full(len(cur), -1, np.int64)
        placed = cur < self.book.indptr[1:]
        copies = cur[placed]
        held[placed] = self.book.row[copies] if len(self.book.row) else copies
        return held


@inlined
def standing(i: int, copy: int, base: int, book: Any) -> tuple[int, int]:
    """How an applicant with ``copy`` compares with the base: placed (1, 0, -1) and better off (1, 0, -1)."""
    if copy == base:
        return 0, 0
    end = book.indptr[i + 1]
    if base == end:
        return 1, 1
    if copy == end:
        return -1, -1
    now = np.int64(copy)
    before = np.int64(base)
    if book.row.size:
        now, before = np.int64(book.row[copy]), np.int64(book.row[base])
    if now < before:
        return 0, 1
    return 0, -1 if now > before else 0


@kernel
def total_effect(book: Any, cur: Any, base: Any, counts: Any) -> None:
    """Add up the standings of everybody."""
    for i in range(cur.size):
        placed, better = standing(i, cur[i], base[i], book)
        counts[0] += placed
        counts[1] += better


@kernel
def gains_in_turn(entry: Any, book: Any, state: Any, work: Any, base: Any, gain: Any) -> None:
    """One seat more at class ``entry[p]``, for every p, each undone again: change of both counts against the base."""
    cur, moves, seen, log = state.cur, work.moves, work.seen, work.log
    seen[:] = 0
    work.stamp[:] = 0
    tick = 0
    for p in range(entry.size):
        moved, logged, _ = add_seat(int(entry[p]), book, state, work, 0)
        if moved > 0:
            moved, logged, tick = rotate(book, state, work, logged, 0, moved, tick)
        gain[p, 0] = 0
        gain[p, 1] = 0
        for k in range(moved):
            i = moves[k, 0]
            if seen[i] != p + 1:
                seen[i] = p + 1
                placed, better = standing(i, cur[i], base[i], book)
                placed_before, better_before = standing(i, moves[k, 1], base[i], book)
                gain[p, 0] += placed - placed_before
                gain[p, 1] += better - better_before
        for k in range(moved - 1, -1, -1):
            cur[moves[k, 0]] = moves[k, 1]
        for k in range(logged - 1, -1, -1):
            state.nxt[log[k, 0]] = log[k, 1]


@kernel
def gains_in_blocks(entry: Any, book: Any, state: Any, work: Any, base: Any, gain: Any) -> None:
    """Seats one after the other at class ``entry[p]``, for every p, all undone again: change of both counts a seat."""
    cur, nxt, moves, seen = state.cur, state.nxt, work.moves, work.seen
    seen[:] = 0
    work.stamp[:] = 0
    first_refused = nxt.copy()
    tick = 0
    step = 0
    for p in range(entry.size):
        done = 0
        for q in range(gain.shape[1]):
            step += 1
            moved, _, _ = add_seat(int(entry[p]), book, state, work, done)
            gain[p, q, 0] = 0
            gain[p, q, 1] = 0
            if moved == done:  # nobody wants it, nor any further one
                gain[p, q:] = 0
                break
            moved, _, tick = rotate(book, state, work, 0, done, moved, tick)
            for k in range(done, moved):
                i = moves[k, 0]
                if seen[i] != step:
                    seen[i] = step
                    placed, better = standing(i, cur[i], base[i], book)
                    placed_before, better_before = standing(i, moves[k, 1], base[i], book)
                    gain[p, q, 0] += placed - placed_before
                    gain[p, q, 1] += better - better_before
            done = moved
        for k in range(done - 1, -1, -1):
            cur[moves[k, 0]] = moves[k, 1]
        nxt[:] = first_refused
