from __future__ import annotations

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from admissions.matching import Market
from simulations.packages import Effect, Objective, best_moves
from tests.admissions.matching.random_markets import random_case
from tests.simulations.packages.small import effect_of


@pytest.mark.parametrize("seed", range(60))
def test_every_move_is_the_best_single_one_and_its_value_exact(seed):
    rng = np.random.default_rng(seed)
    case = random_case(rng, applicants=16, routes=6, groups=False)
    market = case.market()
    goal = [None, Objective(placed=2)][seed % 2]
    labels = [["a", "b", None][k] for k in rng.integers(0, 3, market.n_pools)]
    if seed % 3 == 0:
        labels = ["a"] * market.n_pools
    found = best_moves(market, within=labels, at_most=3, objective=goal)
    change = np.zeros(market.n_pools, np.int64)

    def value(giver: int, receiver: int) -> int:
        trial = change.copy()
        trial[giver] -= 1
        trial[receiver] += 1
        return effect_of(case, trial, goal).value

    def possible() -> list[int]:
        seats = market.seats + change
        return [
            value(giver, receiver)
            for giver in range(market.n_pools)
            for receiver in range(market.n_pools)
            if giver != receiver
            and seats[giver] > 0
            and labels[giver] is not None
            and labels[giver] == labels[receiver]
        ]

    now = 0
    for move in found.moves:
        best = max(possible())
        assert labels[move.from_pool] == labels[move.to_pool] is not None
        change[[move.from_pool, move.to_pool]] += (-1, 1)
        assert move.effect == effect_of(case, change, goal)
        assert move.effect.value == best > now
        now = best
    assert (found.change == change).all()
    assert change.sum() == 0
    if found.settled:
        assert max(possible(), default=0) <= now


@pytest.mark.parametrize("seed", range(20))
def test_moves_with_seat_groups_are_exact(seed):
    case = random_case(np.random.default_rng([seed, 3]), applicants=16, routes=6)
    market = case.market()
    found = best_moves(market, at_most=2)
    assert found.effect == effect_of(case, found.change)
    assert found.change.sum() == 0


def test_kept_seats_stay():
    market = Market([0, 1, 2], [0, 1], [0, 0], [0, 1])
    assert best_moves(market, at_most=1).moves == ()  # one seat for another person is no gain
    empty = Market([0, 1], [0], [0], [0, 1])
    assert best_moves(empty).effect == Effect(3, 1, 1)
    assert best_moves(empty, keep=np.array([0, 1])).moves == ()


def test_labels_must_fit():
    with pytest.raises(AdmissionsError, match="1 labels for 2 pools"):
        best_moves(Market([0, 1], [0], [0], [0, 1]), within=["a"])
