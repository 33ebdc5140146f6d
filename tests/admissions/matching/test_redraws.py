from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from admissions.errors import MarketError
from admissions.matching import Market, extra_seat_values, match
from admissions.matching import redraws as module
from admissions.matching.redraws import NO_CUTOFF, redraw
from admissions.matching.score_limits import score_limits
from tests.admissions.matching.random_markets import Case, random_case, standing

Per = Literal["applicant", "row"]


def tied(seed: int) -> tuple[Case, np.ndarray]:
    rng = np.random.default_rng(seed)
    case = random_case(rng, applicants=30)
    if case.groups is not None:
        case = replace(case, groups=replace(case.groups, priority=rng.integers(0, 3, len(case.groups.row))))
    return case, rng.integers(0, 3, len(case.route))


@pytest.mark.parametrize("per", ["applicant", "row"])
@pytest.mark.parametrize("seed", range(40))
def test_a_draw_is_the_match_of_the_market_with_those_numbers(seed: int, per: Per):
    case, points = tied(seed)
    rows = len(case.route)
    market = case.drawn(points, np.arange(rows))
    drawn = redraw(market, 1, seed=seed, per=per, first=5)
    # recover the order of the units the kernel drew, give it out as lottery numbers, and match from scratch
    units = module._tied_units(market, per)
    order = np.empty(len(units.start) - 1, np.int32)
    module._shuffle(order, np.uint64(seed), 5)
    unit_of_copy = market.book.owner
    if per == "row":
        unit_of_copy = market.book.row if len(market.book.row) else np.arange(len(market.book.at))
    number = np.arange(max(case.n, rows))[::-1] + 10**6
    for k, u in enumerate(order.tolist()):
        number[unit_of_copy[units.copy[units.start[u]]]] = k
    again = case.drawn(points, number[case.owner] if per == "applicant" else number[:rows])
    found = match(again)
    assert drawn.granted.nonzero()[0].tolist() == sorted(found.choice[found.choice >= 0].tolist())
    values = extra_seat_values(again, found)
    assert (drawn.better_off[0][market.pool] == values.better_off).all()
    assert (drawn.newly_placed[0][market.pool] == values.newly_placed).all()
    if case.groups is None:
        for p in range(len(case.seats)):
            mine = case.pool[case.route] == p
            held = np.isin(np.arange(rows), found.choice) & mine
            refused = mine & (np.arange(rows) < standing(found)[case.owner])
            want = points[held].min() if refused.any() and held.any() else NO_CUTOFF
            assert drawn.cutoff[0, p] == want


@pytest.mark.parametrize("per", ["applicant", "row"])
@pytest.mark.parametrize("seed", range(10))
def test_threads_and_slices_change_nothing(seed: int, per: Per):
    case, points = tied(seed)
    market = case.drawn(points, np.arange(len(case.route)))
    one = redraw(market, 12, seed=9, per=per, threads=1)
    many = redraw(market, 12, seed=9, per=per, threads=5)
    head, tail = redraw(market, 7, seed=9, per=per), redraw(market, 5, seed=9, per=per, first=7)
    assert (one.granted == many.granted).all()
    assert (one.granted == head.granted + tail.granted).all()
    for name in ("cutoff", "group_cutoff", "better_off", "newly_placed"):
        assert (getattr(one, name) == getattr(many, name)).all()
        assert (getattr(one, name) == np.concatenate([getattr(head, name), getattr(tail, name)])).all()


@pytest.mark.parametrize("per", ["applicant", "row"])
@pytest.mark.parametrize("seed", range(30))
def test_every_redraw_stays_inside_the_score_limits(seed: int, per: Per):
    case, points = tied(seed)
    market = case.drawn(points, np.arange(len(case.route)))
    limits = score_limits(market)
    drawn = redraw(market, 25, seed=seed, per=per, seat_values=False)
    assert (drawn.granted[limits.label == 0] == 0).all()
    assert (drawn.granted[limits.label == 1] == 25).all()


def test_the_draw_is_fair_and_merit_is_never_drawn():
    market = Market.from_points(np.arange(5), [0] * 4, [9, 5, 5, 5], [1, 2, 3, 4], [2])
    drawn = redraw(market, 6000, seed=4)
    assert drawn.granted[0] == 6000
    assert (abs(drawn.probability()[1:] - 1 / 3) < 0.03).all()
    assert (drawn.cutoff == 5).all()


def test_one_number_an_applicant_ties_the_fates_of_their_rows():
    """Two routes with one seat, two applicants on both: with single numbers the winner of one is first at the other."""
    market = Market.from_points([0, 1, 2, 4], [0, 1, 0, 1], [5] * 4, [1, 2, 3, 3], [1, 1])
    single, multiple = (redraw(market, 3000, seed=2, per=per).probability()[2:].sum() for per in ("applicant", "row"))
    assert abs(single - 2 / 3) < 0.03
    assert abs(multiple - 3 / 4) < 0.03


def test_seat_values_come_with_their_spread():
    market = Market.from_points(np.arange(5), [0] * 4, [5] * 4, [1, 2, 3, 4], [2])
    mean, low, high = redraw(market, 50, seed=1).seat_values()
    assert (mean.tolist(), low.tolist(), high.tolist()) == ([1.0], [1], [1])
    with pytest.raises(MarketError, match="seat_values=True"):
        redraw(market, 50, seed=1, seat_values=False).seat_values()


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(MarketError, match="from points"):
        redraw(Market([0, 1], [0], [0], [1]), 1, seed=1)
    market = Market.from_points([0, 1], [0], [0], [0], [1])
    with pytest.raises(MarketError, match="0 draws"):
        redraw(market, 0, seed=1)
    with pytest.raises(MarketError, match="seed -1"):
        redraw(market, 1, seed=-1)
