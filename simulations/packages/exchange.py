"""Make a package better by exchange: give one seat back, buy the best others for what it frees, as long as it helps.

Each trial is exact: the package without one seat is a solved state of its own, in which all offers are valued at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from simulations.packages.budget import Budget
from simulations.packages.greedy import fill
from simulations.packages.objective import Ints
from simulations.packages.seating import Seating

Told = Callable[[int], None]


def exchange(
    seating: Seating, budget: Budget, extra: Ints, *, enough: int, seconds: float, told: Told | None = None
) -> tuple[Seating, Ints, bool]:
    """Exchange seats until no single exchange helps; (seating, extra, whether that end was reached).

    Parameters
    ----------
    seating, extra
        A package: a seating and its seats, int64[offers]; not changed.
    budget
        The budget.
    enough
        A value that cannot be passed: stop there.
    seconds
        Stop after this time with the best so far.
    told
        Told the number of exchanges made after each trial.
    """
    classes = seating.entry[budget.pool]
    end = time.monotonic() + seconds
    value = seating.effect().value
    made = 0
    untried = [int(one) for one in np.flatnonzero(extra)]
    while untried and value < enough:
        if time.monotonic() > end:
            return seating, extra, False
        offer = untried.pop(0)
        trial, seats = seating.copy(), extra.copy()
        trial.remove(int(classes[offer]))
        seats[offer] -= 1
        refill(trial, budget, seats, instead_of=offer)
        reached = trial.effect().value
        if reached > value:
            seating, extra, value = trial, seats, reached
            made += 1
            untried = [int(one) for one in np.flatnonzero(extra)]
            untried = [one for one in untried if one > offer] + [one for one in untried if one <= offer]
        if told is not None:
            told(made)
    return seating, extra, True


def refill(seating: Seating, budget: Budget, extra: Ints, *, instead_of: int) -> None:
    """Buy the best other seat, then whatever the budget still allows."""
    classes = seating.entry[budget.pool]
    fits = budget.affordable(int(extra.sum()), int(extra @ budget.price))
    fits[instead_of] = False
    offers = np.flatnonzero(fits)
    if len(offers):
        gains = seating.gains(classes[offers])
        if gains.max() > 0:
            offer = int(offers[int(np.argmax(gains))])
            seating.add(int(classes[offer]))
            extra[offer] += 1
    fill(seating, budget, extra)
