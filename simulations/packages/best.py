"""The best package of extra seats under a budget: greedy, then exchange, with a bound that says how much is left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from admissions.matching import Market, Matching, match
from simulations.packages.bound import upper_bound
from simulations.packages.budget import UNLIMITED, Budget, budget_for
from simulations.packages.exact import MOST_COLUMNS, solve
from simulations.packages.exchange import exchange
from simulations.packages.greedy import fill, fill_by_blocks
from simulations.packages.objective import Effect, Ints, Objective
from simulations.packages.programme import Programme, programme_of
from simulations.packages.reach import matched
from simulations.packages.seating import Seating

Progress = Callable[[str, int, int], None]
"""Called with a step (greedy, exchange, bound), what is done of it and how much there is."""


@dataclass(frozen=True)
class Bound:
    """What no package within a budget passes.

    Attributes
    ----------
    value
        No package is worth more.
    placed
        No package newly places more; None where the bound is of the value only (own weights, or solved exactly).
    better_off
        No package that newly places at least as many as the one found makes more better off; None as above.
    """

    value: int
    placed: int | None
    better_off: int | None


@dataclass(frozen=True, eq=False)
class Package:
    """A package of extra seats.

    Attributes
    ----------
    seats
        int64[m]: extra seats at each route; where routes share a pool, at its cheapest permitted route.
    cost
        By the prices; 0 without prices.
    effect
        What it does, exactly: equal to a full match with these seats.
    greedy
        What the greedy package did.
    bound
        What no package within the budget passes.
    settled
        Whether the exchange search came to its end (no exchange of one seat helps) rather than to its time limit.
    choice
        int64[n]: the market row each applicant would hold, -1 for none.
    """

    seats: Ints
    cost: int
    effect: Effect
    greedy: Effect
    bound: Bound
    settled: bool
    choice: Ints

    @property
    def gap(self) -> int:
        """How much better another package could still be, at most; 0: this one is proved best."""
        return self.bound.value - self.effect.value

    @property
    def proved_best(self) -> bool:
        """Whether no package within the budget is worth more."""
        return self.gap == 0


def best_package(
    market: Market,
    *,
    seats_budget: int | None = None,
    money_budget: int | None = None,
    prices: Sequence[int] | npt.NDArray[np.int64] | None = None,
    routes: Collection[int] | None = None,
    objective: Objective | None = None,
    matching: Matching | None = None,
    seconds: float = 45.0,
    bound_steps: int = 3000,
    progress: Progress | None = None,
) -> Package:
    """Find a package of extra seats, and how far from the best it can be at most.

    Parameters
    ----------
    market
        The market the seats are added to; lists are held fixed.
    seats_budget, money_budget, prices, routes
        See :func:`simulations.packages.budget.budget_for`.
    objective
        Newly placed first, then better-off, unless other weights are given.
    matching
        What :func:`~admissions.matching.match` gave for the market, if at hand.
    seconds
        Time for the exchange search, and the same for an exact solution where the region is small enough for one.
    bound_steps
        Steps spent on the bound; 0 leaves it at what the budget alone says.
    progress
        Told how far the work has come.

    Raises
    ------
    AdmissionsError
        Naming everything that is wrong with the budget, prices and routes.

    Notes
    -----
    Never worse than greedy. The same result every time, unless the exchange search runs out of time (``settled``).

    Examples
    --------
    >>> market = Market([0, 1, 2, 3], [0, 0, 1], [0, 1, 0], [1, 0])
    >>> package = best_package(market, seats_budget=1)
    >>> package.seats.tolist(), package.effect.placed, package.proved_best
    ([1, 0], 1, True)
    """
    tell = progress or (lambda _step, _done, _of: None)
    budget = budget_for(market, seats_budget=seats_budget, money_budget=money_budget, prices=prices, routes=routes)
    goal = objective or Objective()
    base = Seating(market, match(market) if matching is None else matching, goal)
    seating, extra = _greedy(base, budget, tell)
    greedy = seating.effect()
    starts = [(seating, extra), _by_blocks(base, budget)]
    settled = True
    for number, start in enumerate(starts):
        tell("exchange", number, len(starts))
        found = exchange(
            *start[:1], budget, start[1], enough=UNLIMITED, seconds=seconds / len(starts),
            told=lambda _made, at=number: tell("exchange", at, len(starts)),  # type: ignore[misc]  # bound at once
        )  # fmt: skip
        settled &= found[2]
        if found[0].effect().value > seating.effect().value:
            seating, extra = found[:2]
    tell("exchange", len(starts), len(starts))
    programme = programme_of(base, budget)
    small = 0 < len(programme.gain) <= MOST_COLUMNS
    solved = solve(programme, seconds=seconds) if small else None
    if solved is not None:
        seating, extra = _better(base, budget, seating, extra, solved[0])
        bound = Bound(solved[1], None, None)
    elif base.weights[0] > base.weights[1] * market.n_applicants:
        bound = _bound_in_parts(base, programme, seating.effect(), _most_placed(base, budget), bound_steps, tell)
    else:
        best = seating.effect().value
        most = upper_bound(programme, programme.gain, steps=bound_steps, enough=best, told=partial(tell, "bound"))
        bound = Bound(max(most, best), None, None)
    seats = np.zeros(market.n_routes, np.int64)
    seats[budget.route] = extra
    return Package(seats, int(extra @ budget.price), seating.effect(), greedy, bound, settled, seating.rows())


def _greedy(base: Seating, budget: Budget, tell: Progress) -> tuple[Seating, Ints]:
    """Fill the budget by value, and by value for money where money is short; the better of the two."""
    best: tuple[Seating, Ints] | None = None
    of = budget.seats if budget.seats < UNLIMITED else 0
    for by_money in (False, True) if budget.money < UNLIMITED else (False,):
        seating, extra = base.copy(), np.zeros(len(budget.pool), np.int64)
        fill(seating, budget, extra, by_money=by_money, told=lambda done: tell("greedy", done, max(of, done)))
        if best is None or seating.effect().value > best[0].effect().value:
            best = seating, extra
    assert best is not None
    return best


def _by_blocks(base: Seating, budget: Budget) -> tuple[Seating, Ints]:
    """Fill the budget block by block: a second start for the exchange search."""
    seating, extra = base.copy(), np.zeros(len(budget.pool), np.int64)
    fill_by_blocks(seating, budget, extra)
    return seating, extra


def _better(base: Seating, budget: Budget, seating: Seating, extra: Ints, other: Ints) -> tuple[Seating, Ints]:
    """Return the package, or another one's seats if they do more."""
    twin = base.copy()
    for offer in np.flatnonzero(other).tolist():
        twin.add(int(twin.entry[budget.pool[offer]]), int(other[offer]))
    if twin.effect().value > seating.effect().value:
        return twin, other
    return seating, extra


def _most_placed(base: Seating, budget: Budget) -> int:
    """Bound the newly placed: one a seat at most, and only who would be placed if every offer were bought out."""
    most = np.minimum(budget.most(), base.market.n_applicants)
    if not len(most):
        return 0
    capacity = base.capacity.copy()
    np.add.at(capacity, base.entry[budget.pool], most)
    ends = base.book.indptr[1:]
    reachable = int(((matched(base.market, capacity) < ends) & (base.base == ends)).sum())
    return min(reachable, int(most.max()))


def _bound_in_parts(
    base: Seating, programme: Programme, found: Effect, placed: int, steps: int, tell: Progress
) -> Bound:
    """Bound the newly placed, and then the better-off of packages that newly place no fewer than the one found."""
    if found.placed < placed:
        by_prices = upper_bound(programme, programme.placed, steps=steps, enough=found.placed)
        placed = max(min(placed, by_prices), found.placed)
    better = upper_bound(
        programme,
        programme.better,
        at_least=(programme.placed, found.placed),
        steps=steps,
        enough=found.better_off,
        told=partial(tell, "bound"),
    )
    better = max(better, found.better_off)
    return Bound(base.weights[0] * placed + base.weights[1] * better, placed, better)
