from __future__ import annotations

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from admissions.matching import Market, match
from simulations.policies import over_intake_levels, plan_over_intake
from tests.admissions.matching.random_markets import random_case


def crowded(people: int = 60, seats: tuple[int, ...] = (20, 10)) -> tuple[Market, list[str]]:
    rng = np.random.default_rng(2)
    lists = [rng.permutation(len(seats)) for _ in range(people)]
    route = np.concatenate(lists)
    indptr = np.arange(people + 1) * len(seats)
    return Market(indptr, route, rng.permutation(len(route)), seats), [f"A{i}" for i in range(people)]


def test_where_everybody_comes_nothing_is_taken_in_beyond_the_seats():
    market, ids = crowded()
    found = plan_over_intake(market, ids, 0.0, at_most=0.4, runs=20)
    assert found.extra.tolist() == [0, 0]
    assert found.too_full.tolist() == found.empty.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("at_most", [0.0, 0.05, 0.3])
def test_no_pool_is_too_full_more_often_than_wished_and_none_could_take_one_more(at_most):
    market, ids = crowded()
    found = plan_over_intake(market, ids, 0.15, at_most=at_most, runs=400)
    assert (found.too_full <= at_most).all()
    assert (found.too_full_if_one_more > at_most).all()
    none = over_intake_levels(market, ids, 0.15, [0], runs=400)[0]
    assert (found.empty <= none.empty).all()
    another_seed = over_intake_levels(market, ids, 0.15, [0, 1], runs=400, seed=9)
    assert another_seed[0].empty == pytest.approx([3.0, 1.5], abs=0.4)  # 15 % of 20 and of 10
    assert (another_seed[1].too_full >= another_seed[0].too_full).all()


def test_pools_that_others_made_too_full_give_back():
    """Whose offers go elsewhere are replaced by other people, who may all come: with few simulated days it shows."""
    for seed in range(40):
        market, ids = crowded(80, (6, 5, 4, 3, 3, 2))
        found = plan_over_intake(market, ids, 0.3, at_most=0.2, runs=10, seed=seed)
        assert (found.too_full <= 0.2).all()


def test_levels_are_full_matches():
    case = random_case(np.random.default_rng(5), applicants=80)
    market = case.market()
    ids = [str(i) for i in range(case.n)]
    base = over_intake_levels(market, ids, 0.1, [0], runs=3)[0]
    placed = match(market).route
    counts = np.bincount(market.pool[placed[placed >= 0]], minlength=market.n_pools)
    assert base.admitted.tolist() == counts.tolist()


def test_refusals():
    market, ids = crowded()
    with pytest.raises(AdmissionsError, match=r"pool 1: a no-show rate of 1\.0"):
        plan_over_intake(market, ids, np.array([0.1, 1.0]))
    with pytest.raises(AdmissionsError, match="0 or more"):
        over_intake_levels(market, ids, 0.1, [-1])
    with pytest.raises(AdmissionsError, match="probability"):
        plan_over_intake(market, ids, 0.1, at_most=1.0)
