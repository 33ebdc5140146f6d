"""The choice of a package as a linear programme, small enough to solve: only what extra seats can change is in it.

Two facts make it exact in whole numbers for markets without seat groups, and a relaxation (so still a bound) with them.

1. *No envy is enough.* Of all matchings within the seats in which nobody envies somebody behind them, the stable one is
   best for every applicant at once (Wu and Roth, Games and Economic Behavior 2018). So it need not be forbidden that a
   wanted seat stays empty: the best envy-free matching of the best package is its stable one.
2. *Envy is a threshold.* In each class, with its possible moves in order, let z say "admitted down to here": z falls
   along the order, a move happens only where z is 1, and where z is 1 the applicant makes this move or a better one.

Variables: x (a possible move), z (a step of a threshold), t (seats bought). Without the demand for whole numbers the
optimum is an upper bound, proved anew from its dual prices alone (:mod:`simulations.packages.bound`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from simulations.packages.budget import UNLIMITED, Budget
from simulations.packages.objective import Ints
from simulations.packages.reach import Moves, matched, possible_moves
from simulations.packages.seating import Seating


@dataclass(frozen=True, eq=False)
class Programme:
    """Maximise ``gain @ v`` over ``matrix @ v <= limit`` and ``0 <= v <= upper``; whole numbers throughout.

    The last ``offers`` variables are the seats of each offer of the budget. ``placed`` and ``better`` (int64, 0 or 1)
    are the parts of the gain: a move that newly places somebody, and one to a better row.
    """

    gain: Ints
    placed: Ints
    better: Ints
    matrix: Any
    limit: Ints
    upper: Ints
    offers: int


class _Lines:
    """Rows of a sparse matrix, gathered block by block."""

    def __init__(self) -> None:
        self.entries: list[tuple[Ints, Ints, Ints]] = []
        self.limits: list[Ints] = []
        self.count = 0

    def block(self, limit: Ints, *entries: tuple[Ints, Ints, int | Ints]) -> None:
        """Add rows with these limits; entries are (row within the block, column, coefficient)."""
        for row, column, coefficient in entries:
            self.entries.append((row + self.count, column, np.broadcast_to(coefficient, row.shape)))
        self.limits.append(limit.astype(np.int64))
        self.count += len(limit)

    def matrix(self, columns: int) -> Any:
        """Return the matrix; entries of the same place are added."""
        row, column, value = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        return sparse.csr_array((value.astype(np.int64), (row, column)), shape=(self.count, columns))


def programme_of(base: Seating, budget: Budget, *, envy: bool = True) -> Programme:
    """Write down the choice of a package.

    Parameters
    ----------
    base
        The market as it is.
    budget
        The budget.
    envy
        With the thresholds; without them the programme is smaller and its bound looser.
    """
    entry = base.entry[budget.pool].astype(np.int64)
    most = np.minimum(budget.most(), _usable(base, entry))
    capacity = base.capacity.copy()
    capacity[entry] += most
    moves = possible_moves(base, matched(base.market, capacity))
    count = len(moves.copy)
    steps = count if envy else 0
    lines = _Lines()
    people, who = np.unique(moves.person, return_inverse=True)
    lines.block(np.ones(len(people), np.int64), (who.astype(np.int64), np.arange(count), 1))
    _seats(lines, base, moves, entry, count + steps)
    if envy:
        _thresholds(lines, moves, who.astype(np.int64))
    bought, one_line = np.arange(len(entry)) + count + steps, np.zeros(len(entry), np.int64)
    if budget.seats < UNLIMITED:
        lines.block(np.array([budget.seats]), (one_line, bought, 1))
    if budget.money < UNLIMITED:
        lines.block(np.array([budget.money]), (one_line, bought, budget.price))
    placed, better = base.weights
    columns = count + steps + len(entry)
    others = np.zeros(columns - count, np.int64)
    seatless, higher = np.concatenate((moves.placed, others)), np.concatenate((moves.better, others))
    return Programme(
        placed * seatless + better * higher,
        seatless,
        higher,
        lines.matrix(columns),
        np.concatenate(lines.limits),
        np.concatenate((np.ones(count + steps, np.int64), most.astype(np.int64))),
        len(entry),
    )


def _usable(base: Seating, entry: Ints) -> Ints:
    """Return the most seats a class can use: one a row, and those of the class its empty seats go to."""
    rows = np.diff(base.book.start).astype(np.int64)
    if not len(base.book.fallback):
        return rows[entry]
    onward = base.book.fallback[entry]
    return rows[entry] + np.where(onward >= 0, rows[onward], 0)


def _seats(lines: _Lines, base: Seating, moves: Moves, entry: Ints, first: int) -> None:
    """No class takes in more than leave it, are empty, or are bought; a reverted seat counts with its groups."""
    number = np.arange(len(moves.copy))
    leaves = np.flatnonzero(moves.out_of >= 0)
    bought = np.arange(len(entry)) + first
    entries: list[tuple[Ints, Ints, int | Ints]] = [
        (moves.into, number, 1),
        (moves.out_of[leaves], number[leaves], -1),
        (entry, bought, -1),
    ]
    fallback = base.book.fallback.astype(np.int64)
    if len(fallback):
        for classes, column, sign in ((moves.into, number, 1), (moves.out_of[leaves], number[leaves], -1)):
            goes = fallback[classes] >= 0
            entries.append((fallback[classes[goes]], column[goes], sign))
        goes = fallback[entry] >= 0
        entries.append((fallback[entry[goes]], bought[goes], -1))
    lines.block(base.empty_seats(), *entries)


def _thresholds(lines: _Lines, moves: Moves, who: Ints) -> None:
    """Nobody moves into a class past somebody who would rather be there."""
    count = len(moves.copy)
    number, none = np.arange(count), np.zeros(count, np.int64)
    order = np.lexsort((moves.slot, moves.into))
    same = np.flatnonzero(moves.into[order[1:]] == moves.into[order[:-1]])
    pair = np.arange(len(same))
    lines.block(none[: len(same)], (pair, order[same + 1] + count, 1), (pair, order[same] + count, -1))
    lines.block(none, (number, number, 1), (number, number + count, -1))
    # a move and the better ones of the same person; moves of a person follow one another, the best first
    first = np.searchsorted(who, who)
    sizes = number - first + 1
    mine = np.repeat(number, sizes)
    better = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[mine]
    lines.block(none, (number, number + count, 1), (mine, better, -1))
