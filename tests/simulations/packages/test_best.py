from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.errors import AdmissionsError
from admissions.matching import Market, extra_seat_values, match
from simulations.packages import Objective, best_package
from simulations.packages import best as front
from simulations.packages.bound import proved, upper_bound
from simulations.packages.budget import budget_for
from simulations.packages.programme import programme_of
from simulations.packages.seating import Seating
from tests.admissions.matching.random_markets import random_case
from tests.simulations.packages.small import effect_of, packages


def greedy_trap() -> Market:
    """Build a market whose best single seat (at route 3) makes 2 better off, while two at route 1 make 4."""
    return Market([0, 2, 3, 4, 6], [1, 3, 1, 0, 3, 0], [3, 2, 1, 4, 5, 0], [1, 0, 0, 1])


@pytest.mark.parametrize("exactly", [False, True])
def test_exchange_and_the_exact_solver_leave_the_trap_greedy_falls_into(exactly, monkeypatch):
    if not exactly:
        monkeypatch.setattr(front, "MOST_COLUMNS", -1)
    market, goal = greedy_trap(), Objective(placed=0)
    assert extra_seat_values(market, match(market)).better_off.tolist() == [1, 1, 0, 2]
    found = best_package(market, seats_budget=2, objective=goal)
    assert (found.greedy.value, found.effect.value, found.seats.tolist()) == (3, 4, [0, 2, 0, 0])
    assert found.proved_best or not exactly


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("groups", [False, True])
def test_the_package_is_the_best_of_all(seed, groups):
    rng = np.random.default_rng(seed)
    case = random_case(rng, applicants=14, routes=5, groups=groups)
    market = case.market()
    goal = [None, Objective(placed=3), Objective(placed=0)][seed % 3]
    found = best_package(market, seats_budget=3, objective=goal)
    every = [effect_of(case, change, goal) for change in packages(market.n_pools, 3)]
    best = max(one.value for one in every)
    assert found.effect.value <= best <= found.bound.value
    if not groups:
        assert found.proved_best
        assert found.effect.value == best
    per_pool = np.bincount(market.pool, weights=found.seats, minlength=market.n_pools).astype(np.int64)
    assert found.effect == effect_of(case, per_pool, goal)
    assert found.effect.value >= found.greedy.value
    assert found.seats.sum() <= 3


@pytest.mark.parametrize("seed", range(30))
def test_without_the_exact_solver_the_bound_still_holds(seed, monkeypatch):
    monkeypatch.setattr(front, "MOST_COLUMNS", -1)
    rng = np.random.default_rng(seed)
    case = random_case(rng, applicants=14, routes=5)
    market = case.market()
    goal = [None, Objective(placed=2)][seed % 2]
    found = best_package(market, seats_budget=3, objective=goal, bound_steps=400)
    every = [effect_of(case, change, goal) for change in packages(market.n_pools, 3)]
    best = max(one.value for one in every)
    assert found.greedy.value <= found.effect.value <= best <= found.bound.value
    if found.bound.placed is not None:
        assert found.bound.placed >= max(one.placed for one in every)
        same = [one.better_off for one in every if one.placed >= found.effect.placed]
        assert found.bound.better_off >= max(same)


@given(st.integers(0, 10**6), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_any_prices_prove_a_bound(seed, seats):
    rng = np.random.default_rng(seed)
    case = random_case(rng, applicants=10, routes=4)
    market = case.market()
    base = Seating(market, match(market), Objective(placed=2))
    programme = programme_of(base, budget_for(market, seats_budget=seats))
    prices = rng.exponential(1.0, len(programme.limit)) * rng.integers(0, 3, len(programme.limit))
    best = max(effect_of(case, change, Objective(placed=2)).value for change in packages(market.n_pools, seats))
    assert proved(programme, programme.gain, programme.matrix, programme.limit, prices) >= best
    assert upper_bound(programme, programme.gain, steps=50) >= best


@pytest.mark.parametrize("seed", range(25))
def test_money_is_kept_to_and_spent_best(seed):
    rng = np.random.default_rng(seed)
    case = random_case(rng, applicants=12, routes=4, groups=False)
    market = case.market()
    prices = rng.integers(1, 5, market.n_routes)
    found = best_package(market, money_budget=6, prices=prices)
    cheapest = np.array([prices[market.pool == p].min() for p in range(market.n_pools)])
    best = max(effect_of(case, change).value for change in packages(market.n_pools, 6) if int(change @ cheapest) <= 6)
    assert found.cost == int(found.seats @ prices) <= 6
    assert found.effect.value == best == found.bound.value


def test_money_may_be_spent_to_the_last_ore(monkeypatch):
    monkeypatch.setattr(front, "MOST_COLUMNS", -1)
    market = Market([0, 1, 2], [0, 0], [0, 1], [0])
    assert best_package(market, money_budget=10, prices=[5]).seats.tolist() == [2]
    assert best_package(market, money_budget=9, prices=[5]).seats.tolist() == [1]


def test_only_named_routes_get_seats():
    market = greedy_trap()
    found = best_package(market, seats_budget=4, routes=[1, 2])
    assert set(np.flatnonzero(found.seats)) <= {1, 2}


def test_everything_wrong_is_said_at_once():
    with pytest.raises(AdmissionsError) as refusal:
        best_package(greedy_trap(), seats_budget=-1, money_budget=-2, prices=[1, 2], routes=[9])
    for words in ("-1 seats", "-2", "2 prices for 4 routes", "route 9"):
        assert words in str(refusal.value)
    with pytest.raises(AdmissionsError, match="budget"):
        best_package(greedy_trap())
    with pytest.raises(AdmissionsError, match="price 0"):
        best_package(greedy_trap(), money_budget=5, prices=[0] * 4)


def test_a_queue_that_begins_with_people_who_only_move_up_is_bought_as_a_block(monkeypatch):
    """Two move up at route 0 before two without a seat are reached; at route 2 each seat makes one better off."""
    monkeypatch.setattr(front, "MOST_COLUMNS", -1)
    lists = [[0, 1], [0, 1], [0], [0], [2, 3], [2, 3], [2, 3], [2, 3]]
    route = np.concatenate(lists)
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in lists])])
    market = Market(indptr, route, np.arange(len(route)), [0, 2, 0, 4])
    assert extra_seat_values(market, match(market)).newly_placed.tolist() == [0] * 4
    found = best_package(market, seats_budget=4)
    assert found.seats.tolist() == [4, 0, 0, 0]
    assert found.effect.placed == 2


def test_nothing_to_buy_and_nothing_to_gain():
    assert best_package(greedy_trap(), seats_budget=0).proved_best
    full = Market([0, 1], [0], [0], [1])
    found = best_package(full, seats_budget=3)
    assert found.seats.sum() == 0
    assert found.proved_best
