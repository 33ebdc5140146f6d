"""Build a package seat by seat: the best next seat, with exact values at every step.

Values of seats are not submodular (a seat can be worth more after another one), so a value from an earlier step bounds
nothing and lazy evaluation would be wrong: every offer is valued anew at every step. A seat worth nothing now, however,
stays worth nothing: nobody prefers the pool to what they hold, and more seats never change that.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from simulations.packages.budget import UNLIMITED, Budget
from simulations.packages.objective import Ints
from simulations.packages.seating import Seating

Told = Callable[[int], None]
LONGEST = 12
"""Longest block of seats tried at one offer."""
_MULTIPLE = math.lcm(*range(1, LONGEST + 1))


def fill(seating: Seating, budget: Budget, extra: Ints, *, by_money: bool = False, told: Told | None = None) -> None:
    """Spend what is left of the budget greedily; ``seating`` and ``extra`` (int64[offers]) are extended in place.

    Parameters
    ----------
    seating, extra
        A seating with the seats of ``extra`` in it.
    budget
        The whole budget, of which ``extra`` is a part.
    by_money
        Take the most value for the money, else the most value. Equals go to the cheaper, then to the first.
    told
        Told the number of seats after each one.
    """
    classes = seating.entry[budget.pool]
    seats, money = int(extra.sum()), int(extra @ budget.price)
    useful = np.ones(len(classes), np.bool_)
    while True:
        offers = np.flatnonzero(budget.affordable(seats, money) & useful)
        if not len(offers):
            return
        gains = seating.gains(classes[offers])
        useful[offers[gains <= 0]] = False
        offers, gains = offers[gains > 0], gains[gains > 0]
        if not len(offers):
            return
        best = _best(gains.tolist(), budget.price[offers].tolist(), by_money=by_money)
        offer = int(offers[best])
        seating.add(int(classes[offer]))
        extra[offer] += 1
        seats += 1
        money += int(budget.price[offer])
        if told is not None:
            told(seats)


def fill_by_blocks(seating: Seating, budget: Budget, extra: Ints, *, told: Told | None = None) -> None:
    """Spend the budget greedily by blocks: 1 to `LONGEST` seats at one offer, the most value a seat (or for the money).

    A queue may begin with people who only move up and end with people without a seat: its first seat looks poor, the
    block does not. Parameters as for :func:`fill`.
    """
    classes = seating.entry[budget.pool]
    seats, money = int(extra.sum()), int(extra @ budget.price)
    while True:
        offers = np.flatnonzero(budget.affordable(seats, money))
        if not len(offers):
            return
        price = budget.price[offers]
        most = np.full(len(offers), min(LONGEST, budget.seats - seats), np.int64)
        costs = price > 0
        most[costs] = np.minimum(most[costs], (budget.money - money) // price[costs])
        gains = seating.block_gains(classes[offers], int(most.max()))
        lengths = np.arange(1, gains.shape[1] + 1)
        a_seat = np.where(lengths <= most[:, None], gains * (_MULTIPLE // lengths), -1)  # whole numbers, so exact
        length = np.argmax(a_seat, axis=1) + 1  # the shortest of equals
        worth = a_seat.max(axis=1).tolist()
        if max(worth) <= 0:
            return
        best = _best(worth, price.tolist(), by_money=budget.money < UNLIMITED)
        offer, taken = int(offers[best]), int(length[best])
        seating.add(int(classes[offer]), taken)
        extra[offer] += taken
        seats += taken
        money += taken * int(budget.price[offer])
        if told is not None:
            told(seats)


def _best(gains: list[int], prices: list[int], *, by_money: bool) -> int:
    """Find the best offer; exact, in whole numbers."""
    best = 0
    for k in range(1, len(gains)):
        if by_money:
            mine, its = gains[k] * prices[best], gains[best] * prices[k]
        else:
            mine, its = gains[k], gains[best]
        if mine > its or (mine == its and (prices[k], -gains[k]) < (prices[best], -gains[best])):
            best = k
    return best
