from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from admissions.errors import MarketError
from admissions.matching import Market, SeatGroups, match
from admissions.matching.score_limits import GRANTED, LOTTERY, NOT_GRANTED, score_limits
from tests.admissions.matching.random_markets import NOBODY, random_case, standing


@pytest.mark.parametrize("seed", range(150))
def test_every_lottery_of_small_markets_lies_between_the_limits(seed: int):
    """All orders of the applicants, with groups that revert or not and that have tied orders of their own."""
    rng = np.random.default_rng(seed)
    case = random_case(rng, applicants=5, routes=4)
    rows = len(case.route)
    points = rng.integers(0, 2, rows)
    if case.groups is not None:
        case = replace(case, groups=replace(case.groups, priority=rng.integers(0, 2, len(case.groups.row))))
    limits = score_limits(case.drawn(points, np.arange(rows)))
    best, worst = (np.where(x < 0, NOBODY, x) for x in (limits.best, limits.worst))
    for order in itertools.permutations(range(case.n)):
        granted = match(case.drawn(points, np.array(order, np.int64)[case.owner]))
        got = standing(granted)
        assert (best <= got).all()
        assert (got <= worst).all()
        label = limits.label[granted.choice[granted.choice >= 0]]
        assert (label != NOT_GRANTED).all()
        assert limits.label[limits.label == GRANTED].sum() == (label == GRANTED).sum()


def test_without_ties_everything_is_certain():
    rng = np.random.default_rng(1)
    case = random_case(rng, applicants=50)
    rows = len(case.route)
    groups = case.groups
    market = replace(case, groups=groups).drawn(rng.permutation(rows), np.zeros(rows, np.int64))
    limits = score_limits(market)
    assert limits.certain.all()
    assert (limits.best == match(market).choice).all()


def test_a_seat_left_empty_by_refusing_a_tied_group_never_reverts():
    """One reserved seat, two tied members: some lottery fills it, so the outsider is certain of nothing."""
    groups = SeatGroups(
        np.array([0]),
        np.array([1]),
        np.array([0]),
        np.array([True]),
        np.array([0, 0]),
        np.array([0, 1]),
        np.array([5, 5]),
    )
    market = Market.from_points([0, 1, 2, 3], [0, 0, 0], [1, 1, 9], [1, 2, 3], [1], groups=groups)
    limits = score_limits(market)
    assert limits.best.tolist() == [0, 1, -1]
    assert limits.worst.tolist() == [-1, -1, -1]
    assert limits.label.tolist() == [LOTTERY, LOTTERY, NOT_GRANTED]


def test_hungary_and_turkey_margin():
    """Biro and Kiselgof 2015: two seats, one clear and two tied: refused whole or admitted whole."""
    limits = score_limits(Market.from_points([0, 1, 2, 3], [0, 0, 0], [9, 5, 5], [1, 2, 3], [2]))
    assert limits.label.tolist() == [GRANTED, LOTTERY, LOTTERY]
    with pytest.raises(MarketError, match="from points"):
        score_limits(Market([0, 1], [0], [0], [1]))


def test_a_seat_is_asked_for_once_however_many_are_refused_it():
    """A tied pair refused the seat makes way for a better member; the other group's empty seat still reverts."""
    groups = SeatGroups(
        np.array([0, 0]),
        np.array([1, 1]),
        np.array([0, 1]),
        np.array([True, True]),
        np.array([0, 0, 0]),
        np.array([0, 1, 2]),
        np.array([5, 5, 1]),
    )
    market = Market.from_points([0, 1, 2, 3, 4], [0, 0, 0, 0], [1, 1, 1, 9], [1, 2, 3, 4], [2], groups=groups)
    assert score_limits(market).label.tolist() == [NOT_GRANTED, NOT_GRANTED, GRANTED, GRANTED]
