"""A region at its real size: a package of 100 seats with its gap in under two minutes."""

from __future__ import annotations

import time

import numpy as np
import pytest

from admissions.matching import Market, match
from simulations.packages import best_package, common_ceiling


def region(applicants: int = 28_000, routes: int = 1_187, seed: int = 1) -> Market:
    """Build a market in which popular routes are short of seats and others have some left; merit decides, roughly."""
    rng = np.random.default_rng(seed)
    appeal = rng.exponential(1.0, routes)
    sizes = rng.integers(1, 8, applicants)
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    chances = appeal / appeal.sum()
    lists = [rng.choice(routes, size, replace=False, p=chances) for size in sizes.tolist()]
    owner = np.repeat(np.arange(applicants), sizes)
    merit = rng.normal(230, 50, applicants)[owner] + rng.normal(0, 12, len(owner))
    return Market(indptr, np.concatenate(lists), np.argsort(np.argsort(-merit)), np.full(routes, 26))


@pytest.mark.full
def test_a_hundred_seats_over_a_whole_region_with_the_gap_in_under_two_minutes():
    market = region()
    begin = time.perf_counter()
    found = best_package(market, seats_budget=100)
    assert time.perf_counter() - begin < 120
    assert found.settled
    assert found.effect.value >= found.greedy.value
    assert found.bound.placed == found.effect.placed
    assert found.effect.better_off <= found.bound.better_off <= 5 * found.effect.better_off
    again = Market(market.indptr, market.route, market.priority, market.seats + found.seats)
    assert (match(again).choice == found.choice).all()


@pytest.mark.full
def test_the_ceiling_of_a_whole_region():
    market = region()
    found = common_ceiling(market)
    for extra, everybody in ((found.k, True), (found.k - 1, False)):
        more = Market(market.indptr, market.route, market.priority, market.seats + extra)
        assert (match(more).choice >= 0).all() == everybody
