"""What may be bought: at most so many seats, at most so much money, and only at some routes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError
from admissions.matching import Market
from simulations.packages.objective import Ints

UNLIMITED = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, eq=False)
class Budget:
    """A budget over the seat pools that may get seats: the *offers*, one a pool.

    Attributes
    ----------
    seats, money
        Most seats and most money (in the unit of the prices, such as öre); `UNLIMITED` for no limit.
    route
        int64[offers]: the cheapest permitted route of the pool, which names the offer; the lowest number among equals.
    pool
        int64[offers]: its pool; ascending.
    price
        int64[offers]: price of one seat; 0 without prices.
    """

    seats: int
    money: int
    route: Ints
    pool: Ints
    price: Ints

    def affordable(self, seats: int, money: int) -> npt.NDArray[np.bool_]:
        """Return which offers fit in after so many seats and so much money are spent, bool[offers]."""
        if seats >= self.seats:
            return np.zeros(len(self.price), np.bool_)
        return np.asarray(self.price <= self.money - money)

    def most(self) -> Ints:
        """Return the most seats of each offer the budget could buy on its own, int64[offers]."""
        by_money = np.full(len(self.price), UNLIMITED, np.int64)
        costs = self.price > 0
        by_money[costs] = self.money // self.price[costs]
        return np.minimum(by_money, self.seats)


def budget_for(
    market: Market,
    *,
    seats_budget: int | None = None,
    money_budget: int | None = None,
    prices: Sequence[int] | npt.NDArray[np.int64] | None = None,
    routes: Collection[int] | None = None,
) -> Budget:
    """Check a budget and lay it over the market's pools.

    Parameters
    ----------
    market
        The market.
    seats_budget, money_budget
        Most seats and most money; at least one of the two.
    prices
        One whole number a route (öre), at least 0; needed for a money budget, at least 1 where it is the only limit.
    routes
        Routes that may get seats; all of them if absent.

    Raises
    ------
    AdmissionsError
        Naming everything that is wrong.
    """
    problems = []
    if seats_budget is None and money_budget is None:
        problems.append("give a budget of seats, of money, or both")
    if seats_budget is not None and seats_budget < 0:
        problems.append(f"the budget is {seats_budget} seats: it is 0 or more")
    if money_budget is not None and money_budget < 0:
        problems.append(f"the budget is {money_budget}: it is 0 or more")
    if money_budget is not None and prices is None:
        problems.append("a money budget needs a price for each route")
    cost: Ints = np.zeros(market.n_routes, np.int64)
    if prices is not None and len(prices) != market.n_routes:
        problems.append(f"there are {len(prices)} prices for {market.n_routes} routes")
    elif prices is not None:
        given = np.asarray(prices)
        if given.dtype.kind not in "iu":
            problems.append("prices are whole numbers, such as öre")
        else:
            cost = given.astype(np.int64)
    chosen = np.arange(market.n_routes) if routes is None else np.array(sorted(set(routes)), np.int64)
    outside = chosen[(chosen < 0) | (chosen >= market.n_routes)]
    problems += [f"route {one} does not exist; routes are 0..{market.n_routes - 1}" for one in outside.tolist()]
    chosen = np.setdiff1d(chosen, outside)
    least = 1 if money_budget is not None and seats_budget is None else 0
    if prices is not None:
        cheap = chosen[cost[chosen] < least]
        problems += [
            f"route {one} has price {cost[one]}: prices are {least} or more"
            + (" where money is the only limit" if least else "")
            for one in cheap.tolist()
        ]
    if problems:
        raise AdmissionsError("; ".join(problems))
    order = chosen[np.lexsort((chosen, cost[chosen], market.pool[chosen]))]
    pool, first = np.unique(market.pool[order], return_index=True)
    route = order[first].astype(np.int64)
    return Budget(
        UNLIMITED if seats_budget is None else seats_budget,
        UNLIMITED if money_budget is None else money_budget,
        route,
        pool.astype(np.int64),
        cost[route],
    )
