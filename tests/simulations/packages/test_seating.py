from __future__ import annotations

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from admissions.matching import match
from simulations.packages import Objective
from simulations.packages.seating import Seating
from tests.admissions.matching.random_markets import random_case
from tests.simulations.packages.small import effect_of, refilled


@pytest.mark.parametrize("seed", range(60))
def test_seats_added_and_removed_in_any_order_are_a_full_match(seed):
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    market = case.market()
    seating = Seating(market, match(market), Objective(placed=7, better_off=2))
    change = np.zeros(market.n_pools, np.int64)
    for _ in range(8):
        pool = int(rng.integers(market.n_pools))
        entry = int(seating.entry[pool])
        if rng.random() < 0.6 or seating.capacity[entry] == 0:
            seating.add(entry)
            change[pool] += 1
        else:
            seating.remove(entry)
            change[pool] -= 1
        assert seating.effect() == effect_of(case, change, Objective(placed=7, better_off=2))
        assert (seating.rows() == match(refilled(case, change)).choice).all()
        gains = seating.gains(seating.entry)
        one = np.eye(market.n_pools, dtype=np.int64)[pool]
        assert gains[pool] == effect_of(case, change + one, Objective(placed=7, better_off=2)).value - (
            seating.effect().value
        )


@pytest.mark.parametrize("seed", range(40))
def test_blocks_of_seats_are_worth_what_full_matches_say(seed):
    case = random_case(np.random.default_rng([seed, 5]))
    market = case.market()
    seating = Seating(market, match(market), Objective())
    before = seating.rows()
    blocks = seating.block_gains(seating.entry, 4)
    assert (seating.rows() == before).all()
    for pool in range(market.n_pools):
        for seats in range(1, 5):
            assert (
                blocks[pool, seats - 1] == effect_of(case, seats * np.eye(market.n_pools, dtype=np.int64)[pool]).value
            )
    assert (seating.block_gains(seating.entry, 4) == blocks).all()


def test_a_copy_is_changed_alone():
    case = random_case(np.random.default_rng(4))
    market = case.market()
    seating = Seating(market, match(market), Objective())
    twin = seating.copy()
    twin.add(int(twin.entry[0]), 3)
    assert seating.effect().value == 0
    assert (seating.rows() == match(market).choice).all()
    assert (seating.capacity == market.classes.capacity).all()


@pytest.mark.parametrize(("placed", "better"), [(-1, 1), (0, 0), (10**7, 1), (None, 10**7)])
def test_weights_out_of_range_are_refused(placed, better):
    with pytest.raises(AdmissionsError, match="weight"):
        Objective(placed=placed, better_off=better)
