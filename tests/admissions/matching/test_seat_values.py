from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from admissions.errors import MarketError
from admissions.matching import Market, Matching, extra_seat_values, match
from admissions.matching.seat_values import change_seats, seat_curve
from tests.admissions.matching.random_markets import Case, random_case, same, standing


def entry(market: Market, route: int, seats: int = 1) -> tuple[dict[int, int], dict[int, int]]:
    """Where an extra seat of a route goes, as changes of pools and groups: its pool's last open group."""
    p, groups = int(market.pool[route]), market.groups
    mine = [] if groups is None else sorted(np.flatnonzero(groups.pool == p).tolist(), key=lambda g: groups.order[g])
    if groups is None or not mine:
        return {p: seats}, {}
    rows = set(np.flatnonzero(market.pool[market.route] == p).tolist())
    is_open = [g for g in mine if set(groups.row[groups.group == g].tolist()) == rows]
    return {}, {(is_open or mine)[-1]: seats}


def check_every_route(case: Case) -> int:
    """Compare values and changes with full new matches; the number of people better off altogether."""
    market = case.market()
    base = match(market)
    values = extra_seat_values(market, base)
    for r in range(market.n_routes):
        again = match(case.with_seats(*entry(market, r)).market())
        assert (standing(again) <= standing(base)).all(), "one more seat harms nobody"
        assert values.better_off[r] == (standing(again) < standing(base)).sum()
        assert values.newly_placed[r] == ((base.choice < 0) & (again.choice >= 0)).sum()
        change = change_seats(market, base, {r: 1})
        assert same(change.matching, again)
        assert (change.better_off, change.worse_off) == (values.better_off[r], 0)
        assert change.newly_placed == values.newly_placed[r]
    return int(values.better_off.sum())


@pytest.mark.parametrize("groups", [False, True])
def test_an_extra_seat_is_worth_what_a_new_match_says(groups: bool):
    for seed in range(600):
        check_every_route(random_case(np.random.default_rng([seed, groups]), groups=groups))


def test_an_extra_seat_is_worth_what_a_new_match_says_with_independent_priorities():
    """Where swaps open that no vacancy touches."""
    total = 0
    for seed in range(150):
        rng = np.random.default_rng([seed, 7])
        total += check_every_route(random_case(rng, applicants=40, groups=seed % 2 == 0, shared_merit=0))
    assert total > 500


def test_a_freed_competitor_can_open_a_swap_that_no_vacancy_touches():
    """After Blum, Roth and Rothblum 1997: the chain moves one applicant, the new match three."""
    # applicant 2 holds route 2 and wants 0 most; 0 and 1 hold each other's favourite because of 2's claim on route 0
    market = Market([0, 2, 4, 7], [0, 1, 1, 0, 3, 0, 2], [2, 0, 1, 0, 0, 1, 0], [1, 1, 1, 0])
    base = match(market)
    assert base.route.tolist() == [1, 0, 2]
    change = change_seats(market, base, {3: 1})
    assert change.matching.route.tolist() == [0, 1, 3]
    assert extra_seat_values(market, base).better_off[3] == 3


@pytest.mark.parametrize("seed", range(300))
def test_any_change_of_seats_equals_a_new_match(seed: int):
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    market = case.market()
    base = match(market)
    grouped = set() if case.groups is None else set(case.groups.pool.tolist())
    pools = {
        p: int(rng.integers(-min(3, case.seats[p]), 4))
        for p in range(len(case.seats))
        if p not in grouped and rng.random() < 0.5
    }
    groups = {}
    if case.groups is not None:
        groups = {g: int(rng.integers(-s, 4)) for g, s in enumerate(case.groups.seats.tolist()) if rng.random() < 0.5}
    again = match(case.with_seats(pools, groups).market())
    routes = {int(np.flatnonzero(case.pool == p)[0]): k for p, k in pools.items()}
    change = change_seats(market, base, routes, groups=groups)
    assert same(change.matching, again)
    moved = np.flatnonzero(base.choice != again.choice)
    assert sorted(change.applicant.tolist()) == moved.tolist()
    assert (change.before == base.choice[change.applicant]).all()
    assert (change.after == again.choice[change.applicant]).all()
    assert change.worse_off == (standing(again) > standing(base)).sum()
    assert change.newly_unplaced == ((base.choice >= 0) & (again.choice < 0)).sum()


@pytest.mark.parametrize("seed", range(80))
def test_a_curve_equals_new_matches(seed: int):
    rng = np.random.default_rng(seed)
    case = random_case(rng, applicants=40)
    market = case.market()
    base = match(market)
    r = int(rng.integers(market.n_routes))
    curve = seat_curve(market, base, r, up_to=8)
    for k in range(1, 9):
        again = match(case.with_seats(*entry(market, r, k)).market())
        assert curve.better_off[k - 1] == (standing(again) < standing(base)).sum()
        assert curve.newly_placed[k - 1] == ((base.choice < 0) & (again.choice >= 0)).sum()


def test_one_seat_added_moves_people_along_a_chain():
    market = Market([0, 1, 3, 5], [0, 0, 1, 1, 2], [0, 1, 0, 1, 0], [1, 1, 1])
    change = change_seats(market, match(market), {0: 1})
    assert change.applicant.tolist() == [1, 2]
    assert market.route[change.before].tolist() == [1, 2]
    assert market.route[change.after].tolist() == [0, 1]


def test_a_what_if_never_disturbs_the_base_and_asks_for_no_particular_object():
    rng = np.random.default_rng(3)
    case = random_case(rng, applicants=60)
    market = case.market()
    base = match(market)
    held = base.choice.copy()
    first = extra_seat_values(market, base)
    change_seats(market, base, {0: 5})
    seat_curve(market, base, 0)
    assert (base.choice == held).all()
    bare = Matching(base.route.copy(), base.choice.copy(), base.group.copy())
    for m, b in ((market, base), (case.market(), base), (case.market(), bare), (market, bare)):
        again = extra_seat_values(m, b)
        assert (again.better_off == first.better_off).all()
        assert (again.newly_placed == first.newly_placed).all()


def test_a_matching_of_another_market_is_refused():
    market = Market([0, 1, 2], [0, 0], [0, 1], [1])
    other = match(Market([0, 1, 2], [0, 0], [1, 0], [1]))
    with pytest.raises(MarketError, match="pool 0: the matching is not a stable matching"):
        extra_seat_values(market, other)
    with pytest.raises(MarketError, match=r"matching\.choice has 0 entries where 2 belong"):
        extra_seat_values(market, match(Market([0], [], [], [1])))
    with pytest.raises(MarketError, match="applicant 0: the matching grants row 1"):
        extra_seat_values(market, Matching(np.array([0, -1]), np.array([1, -1]), np.array([-1, -1])))
    swap = Market([0, 2, 4], [0, 1, 1, 0], [1, 0, 1, 0], [1, 1])
    with pytest.raises(MarketError, match="could still swap"):
        extra_seat_values(swap, Matching(np.array([1, 0]), np.array([1, 3]), np.array([-1, -1])))


@pytest.mark.parametrize(
    ("routes", "groups", "said"),
    [
        ({5: 1}, {}, "route 5 does not exist"),
        ({-1: 1}, {}, "route -1 does not exist"),
        ({0: -2}, {}, "pool 0 has 1 seats: 2 cannot be removed"),
        ({}, {0: 1}, "seat group 0 does not exist"),
    ],
)
def test_impossible_changes_are_refused(routes: dict[int, int], groups: dict[int, int], said: str):
    market = Market([0, 1], [0], [0], [1])
    with pytest.raises(MarketError, match=said):
        change_seats(market, match(market), routes, groups=groups)


@pytest.mark.full
@pytest.mark.parametrize("shared_merit", [0, 1])
def test_thousands_of_markets(shared_merit: int):
    for seed in range(6000):
        check_every_route(random_case(np.random.default_rng([seed, 99]), applicants=30, shared_merit=shared_merit))


@pytest.mark.full
def test_every_route_of_a_market_of_city_size():
    rng = np.random.default_rng(8)
    n, m = 12_000, 400
    route = rng.permuted(np.tile(np.arange(m), (n, 1)), axis=1)[:, :5].ravel().astype(np.int32)
    case = Case(
        np.arange(n + 1) * 5,
        route,
        rng.permutation(n * 5),
        rng.integers(10, 45, m),
        np.arange(m, dtype=np.int32),
        None,
    )
    assert check_every_route(replace(case)) > m
