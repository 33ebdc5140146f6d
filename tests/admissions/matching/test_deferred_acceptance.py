from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from admissions.matching import Market, SeatGroups, match, verify
from tests.admissions.matching.random_markets import random_case, same, standing
from tests.admissions.matching.small_worlds import random_world


def two_sided(lists: list[list[int]], orders: list[list[int]], seats: list[int] | None = None) -> Market:
    """Applicants' lists of routes and routes' orders of applicants, both best first."""
    place = {(r, i): k for r, order in enumerate(orders) for k, i in enumerate(order)}
    rows = [(i, r) for i, wanted in enumerate(lists) for r in wanted]
    indptr = np.cumsum([0] + [len(wanted) for wanted in lists])
    return Market(indptr, [r for _, r in rows], [place[r, i] for i, r in rows], seats or [1] * len(orders))


@pytest.mark.parametrize("seed", range(120))
@pytest.mark.parametrize("groups", [False, True])
def test_the_result_is_the_best_of_all_stable_matchings_enumerated(seed: int, groups: bool):
    world = random_world(np.random.default_rng(seed), groups=groups, asking=seed % 2 == 1)
    stable = world.stable_matchings()
    best = world.best(stable)
    found = match(world.market())
    assert found.choice.tolist() == [-1 if h is None else h[0] for h in best]
    assert found.group.tolist() == [-1 if h is None else h[1] for h in best]


@pytest.mark.parametrize("seed", range(60))
def test_the_same_people_are_placed_and_the_same_seats_filled_in_every_stable_matching(seed: int):
    """Rural hospital theorem: McVitie and Wilson 1970; Roth 1986 (unfilled programmes keep the same set)."""
    world = random_world(np.random.default_rng(1000 + seed), shared=False)
    many = world.stable_matchings()
    placed = [{i for i, h in enumerate(held) if h is not None} for held in many]
    assert all(p == placed[0] for p in placed)
    by_route = [sorted((world.owner_route(h[0])[1], i) for i, h in enumerate(held) if h is not None) for held in many]
    for r, seats in enumerate(world.seats):
        sets = [[i for q, i in pairs if q == r] for pairs in by_route]
        assert all(len(s) == len(sets[0]) for s in sets)
        if len(sets[0]) < seats:
            assert all(s == sets[0] for s in sets)


@pytest.mark.parametrize("seed", range(150))
def test_the_order_of_applicants_routes_and_entries_plays_no_part(seed: int):
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    found = match(case.market())
    people = rng.permutation(case.n)
    counts = np.diff(case.indptr)[people]
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    old_row = np.concatenate([*(np.arange(case.indptr[i], case.indptr[i + 1]) for i in people), np.empty(0, np.int64)])
    old_row = old_row.astype(np.int64)
    new_row = np.empty(len(old_row), np.int64)
    new_row[old_row] = np.arange(len(old_row))
    name = rng.permutation(len(case.pool))
    pool = np.empty_like(case.pool)
    pool[name] = case.pool
    groups = case.groups
    if groups is not None:
        line = rng.permutation(len(groups.row))
        groups = replace(
            groups,
            group=groups.group[line],
            row=new_row[groups.row[line]],
            priority=groups.priority[line] * 3 - 50,
            ask=None if groups.ask is None else groups.ask[line] * 2 - 7,
        )
    moved = Market(
        indptr, name[case.route[old_row]], case.priority[old_row] * 5 + 2, case.seats, pool=pool, groups=groups
    )
    again = match(moved)
    assert [-1 if e < 0 else old_row[e] for e in again.choice] == found.choice[people].tolist()
    assert again.group.tolist() == found.group[people].tolist()


@pytest.mark.parametrize("seed", range(100))
def test_removing_an_applicant_harms_nobody(seed: int):
    rng = np.random.default_rng(seed)
    case = random_case(rng, groups=False)
    if not case.n:
        return
    i = int(rng.integers(case.n))
    before, after = match(case.market()), match(case.without(i).market())
    row = np.flatnonzero(case.owner != i)
    others = np.arange(case.n) != i
    now = np.where(after.choice < 0, 10**9, row[after.choice] if len(row) else 10**9)
    assert (now <= standing(before))[others].all()


@pytest.mark.parametrize("seed", range(150))
def test_the_independent_checker_certifies_random_markets(seed: int):
    market = random_case(np.random.default_rng(5000 + seed), applicants=60, routes=12).market()
    verify(market, match(market))


@pytest.mark.parametrize("seed", range(60))
def test_points_give_what_the_strict_order_they_imply_gives(seed: int):
    rng = np.random.default_rng(seed)
    case = random_case(rng, groups=False)
    rows = len(case.route)
    made = case.drawn(rng.integers(0, 4, rows), rng.permutation(rows))
    assert same(match(made), match(replace(case, priority=made.priority).market()))


def test_one_strict_merit_order_is_serial_dictatorship():
    rng = np.random.default_rng(4)
    case = random_case(rng, applicants=200, routes=12, groups=False, shared_merit=1)
    left = case.seats.copy()
    want = np.full(case.n, -1)
    merit = np.array(
        [case.priority[case.indptr[i]] if case.indptr[i] < case.indptr[i + 1] else 0 for i in range(case.n)]
    )
    for i in np.argsort(merit):
        for e in range(case.indptr[i], case.indptr[i + 1]):
            if left[case.pool[case.route[e]]] > 0:
                left[case.pool[case.route[e]]] -= 1
                want[i] = e
                break
    assert match(case.market()).choice.tolist() == want.tolist()


def test_gale_and_shapley_1962_example_1():
    """Three and three, each proposer's favourite different: everybody gets it."""
    market = two_sided([[0, 1, 2], [1, 2, 0], [2, 0, 1]], [[1, 2, 0], [2, 0, 1], [0, 1, 2]])
    assert match(market).route.tolist() == [0, 1, 2]


def test_gale_and_shapley_1962_example_2():
    """The four and four whose only stable matching gives alpha C, beta D, gamma A, delta B."""
    lists = [[0, 1, 2, 3], [0, 3, 2, 1], [1, 0, 2, 3], [3, 1, 2, 0]]
    orders = [[3, 2, 0, 1], [1, 3, 0, 2], [3, 0, 1, 2], [2, 1, 0, 3]]
    assert match(two_sided(lists, orders)).route.tolist() == [2, 3, 0, 1]


def test_roth_1982_stability_costs_two_applicants_their_swap():
    """The three schools of Abdulkadiroglu and Sonmez 2003, after Roth 1982: i1 and i2 would swap s1 and s2."""
    market = two_sided([[1, 0, 2], [0, 1, 2], [0, 1, 2]], [[0, 2, 1], [1, 0, 2], [1, 0, 2]])
    assert match(market).route.tolist() == [0, 1, 2]


@pytest.mark.parametrize(("lottery", "want"), [([1, 2, 3], [0, 1, 2]), ([2, 3, 1], [0, 2, 1])])
def test_erdil_and_ergin_2008_the_lottery_alone_can_cost_two_applicants_their_better_school(
    lottery: list[int], want: list[int]
):
    """Their example: tied priorities; the order 1, 2, 3 makes 2 and 3 worse off and nobody better off."""
    points = {(0, 0): 1, (1, 1): 1, (2, 2): 1}
    lists = [[1, 0, 2], [2, 1, 0], [1, 2, 0]]
    rows = [(i, r) for i, wanted in enumerate(lists) for r in wanted]
    market = Market.from_points(
        [0, 3, 6, 9],
        [r for _, r in rows],
        [points.get(row, 0) for row in rows],
        [lottery[i] for i, _ in rows],
        [1, 1, 1],
    )
    assert match(market).route.tolist() == want


@pytest.mark.parametrize(("reserve_first", "want"), [(True, [0, 0, -1]), (False, [0, -1, 0])])
def test_dur_kominers_pathak_sonmez_2018_the_order_of_filling_decides_what_a_reserve_is_worth(
    reserve_first: bool, want: list[int]
):
    """One reserved and one open seat; first in line is a member: filled last, the reserve helps a second member."""
    groups = SeatGroups(
        pool=np.array([0, 0]),
        seats=np.array([1, 1]),
        order=np.array([0, 1] if reserve_first else [1, 0]),
        reverts=np.array([False, False]),
        group=np.array([0, 0, 1, 1, 1]),
        row=np.array([0, 2, 0, 1, 2]),
        priority=np.array([0, 2, 0, 1, 2]),
    )
    assert match(Market([0, 1, 2, 3], [0, 0, 0], [0, 1, 2], [2], groups=groups)).route.tolist() == want


@pytest.mark.parametrize(("reverts", "want"), [(True, [0, 0]), (False, [0, -1])])
def test_empty_group_seats_revert_only_if_told_to(reverts: bool, want: list[int]):
    groups = SeatGroups(*(np.array(a) for a in ([0, 0], [1, 1], [0, 1], [reverts, False], [1, 1], [0, 1], [0, 1])))
    found = match(Market([0, 1, 2], [0, 0], [0, 1], [2], groups=groups))
    assert found.route.tolist() == want
    assert found.group.tolist() == [1, -1]
