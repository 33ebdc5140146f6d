from __future__ import annotations

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from admissions.matching import Market, match
from simulations.packages import Unseatable, common_ceiling
from tests.admissions.matching.random_markets import random_case
from tests.simulations.packages.small import refilled


@pytest.mark.parametrize("seed", range(150))
def test_the_ceiling_works_and_one_less_does_not(seed):
    rng = np.random.default_rng(seed)
    case = random_case(rng, applicants=30)
    market = case.market()
    routes = None if seed % 2 else np.flatnonzero(rng.random(market.n_routes) < 0.6).tolist()
    found = common_ceiling(market, routes)
    pools = np.unique(market.pool if routes is None else market.pool[routes])

    def seated(k: int) -> np.ndarray:
        change = np.zeros(market.n_pools, np.int64)
        change[pools] = k
        return match(refilled(case, change)).choice >= 0

    lost = np.zeros(case.n, np.bool_)
    lost[found.unseatable] = True
    assert (seated(found.k) == ~lost).all()
    assert (seated(case.n + 5) == ~lost).all()
    if found.k > 0:
        assert not seated(found.k - 1)[~lost].all()
    assert (found.used[np.setdiff1d(np.arange(market.n_pools), pools)] == 0).all()
    assert (found.used <= found.k).all()
    assert found.newly_placed == (seated(found.k) & (match(market).choice < 0)).sum()
    if market.groups is None:
        assert (match(refilled(case, found.used)).choice == found.row).all()


def test_the_others_are_listed_with_their_reason():
    market = Market([0, 1, 2, 2, 3], [0, 0, 1], [0, 1, 0], [1, 0])
    found = common_ceiling(market, [0])
    assert found.k == 1
    assert dict(zip(found.unseatable.tolist(), found.why.tolist(), strict=True)) == {
        2: Unseatable.NOTHING_TRIED,
        3: Unseatable.NO_CHOSEN_ROUTE,
    }


def test_unknown_routes_are_refused():
    with pytest.raises(AdmissionsError, match="route 7 does not exist"):
        common_ceiling(Market([0, 1], [0], [0], [1]), [7])
