from __future__ import annotations

import numpy as np
import pytest

from admissions.matching import match
from simulations.risk.thresholds import thresholds_of
from tests.admissions.matching.random_markets import random_case


@pytest.mark.parametrize("seed", range(60))
def test_held_against_its_own_cut_offs_everybody_gets_the_seat_they_have(seed):
    """In a stable matching an applicant holds the first row that passes (Azevedo and Leshno 2016)."""
    rng = np.random.default_rng(seed)
    case = random_case(rng, groups=False)
    points = rng.integers(0, 4, len(case.route))
    market = case.drawn(points, rng.permutation(max(case.n, 1))[case.owner] if case.n else np.zeros(0, np.int64))
    found = match(market)
    passed = thresholds_of(market, found).passed(market)
    first = np.full(case.n, -1)
    for row in np.flatnonzero(passed)[::-1].tolist():
        first[case.owner[row]] = row
    if len(set(zip(case.owner.tolist(), case.pool[case.route].tolist(), strict=True))) == len(case.route):
        assert (first == found.choice).all()  # rows of one person in one pool may share points and lottery
    else:
        assert ((first >= 0) >= (found.choice >= 0)).all()


def test_seats_of_a_named_group_say_nothing_of_the_open_ones():
    rng = np.random.default_rng(3)
    for _ in range(200):
        case = random_case(rng)
        if case.groups is None or case.n == 0:
            continue
        market = case.drawn(rng.integers(0, 4, len(case.route)), rng.permutation(case.n)[case.owner])
        found = match(market)
        none, every = thresholds_of(market, found, found.group >= 0), thresholds_of(market, found)
        assert (none.points >= every.points).all()
