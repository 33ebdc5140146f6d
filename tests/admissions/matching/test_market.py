from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from admissions.errors import AdmissionsError, MarketError
from admissions.matching import Market, SeatGroups, match, verify

INDPTR, ROUTE, PRIORITY, SEATS = [0, 2, 4, 5], [0, 1, 1, 0, 1], [1, 0, 1, 0, 2], [1, 2]


def groups(**changes: Any) -> SeatGroups:
    base = SeatGroups(
        pool=np.array([1, 1], np.int32),
        seats=np.array([1, 1], np.int64),
        order=np.array([1, 0], np.int32),
        reverts=np.array([True, False]),
        group=np.array([0, 1, 1], np.int32),
        row=np.array([1, 2, 4], np.int64),
        priority=np.array([5, 9, 3], np.int64),
    )
    return replace(base, **{name: np.asarray(value) for name, value in changes.items()})


def market(**changes: Any) -> Market:
    given = {"indptr": INDPTR, "route": ROUTE, "priority": PRIORITY, "seats": SEATS} | changes
    return Market(**given)


def test_a_sound_market_says_its_size_and_gives_back_what_it_was_given():
    made = market(pool=[0, 1])
    assert (made.n_applicants, made.n_routes, made.n_pools, made.n_choices) == (3, 2, 2, 5)
    assert made.indptr.tolist() == INDPTR
    assert made.priority.tolist() == PRIORITY
    assert made.points is None
    assert [a.dtype for a in (made.indptr, made.route, made.priority, made.seats, made.pool)] == [
        np.int64,
        np.int32,
        np.int64,
        np.int64,
        np.int32,
    ]


def test_asking_in_the_order_of_filling_is_the_same_as_saying_nothing():
    """Byte for byte: the market keeps no order of asking, and the certificate speaks of the same inputs."""
    given = groups(group=[0, 1, 1], row=[2, 2, 4], priority=[5, 1, 3])
    plain, asked = (
        market(pool=[0, 1], groups=one) for one in (given, replace(given, ask=np.array([9, 2, 4], np.int32)))
    )
    assert asked.groups.ask is None
    assert verify(plain, match(plain)) == verify(asked, match(asked))
    turned = market(pool=[0, 1], groups=replace(given, ask=np.array([2, 9, 4], np.int32)))
    assert turned.groups.ask.tolist() == [0, 1, 0]
    assert match(plain).group.tolist() != match(turned).group.tolist()
    assert verify(turned, match(turned)).sha256["groups"] != verify(plain, match(plain)).sha256["groups"]


def test_the_market_is_a_copy_and_cannot_be_written_to():
    seats = np.array(SEATS)
    made = market(seats=seats)
    seats[0] = 99
    assert made.seats.tolist() == SEATS
    with pytest.raises(ValueError, match="read-only"):
        made.priority[0] = 7


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"route": [0, 1, 1, 2, 1]}, r"applicant 1, choice 2 \(row 3\): route 2 does not exist"),
        ({"route": [0, -1, 1, 0, 1]}, r"applicant 0, choice 2 \(row 1\): route -1"),
        ({"route": [0, 0, 1, 0, 1]}, r"applicant 0, choice 2 \(row 1\): route 0 is listed a second time"),
        ({"priority": [1, 0, 1, 1, 2]}, r"applicant 0 at route 0 \(row 0\) and applicant 1 at route 0 \(row 3\) tie"),
        ({"priority": [10, 0, 7, 0, 7]}, r"applicant 1 at route 1 \(row 2\) and applicant 2 .* tie in pool 1"),
        ({"seats": [1, -2]}, "pool 1 has -2 seats"),
        ({"seats": [1.0, 2.0]}, "seats must hold int64, not float64"),
        ({"seats": [True, False]}, "seats must hold int64, not bool"),
        ({"seats": [1, 2, float("nan")]}, "seats must hold int64"),
        ({"seats": [1, 2**63]}, "cannot hold"),
        ({"seats": [1, 2**70]}, r"seats\[1\] is 1180591620717411303424"),
        ({"seats": np.array([1, 2**63], np.uint64)}, r"seats\[1\] is 9223372036854775808"),
        ({"seats": np.array([1, 2], object)}, "not object"),
        ({"seats": [[1, 2]]}, "vector"),
        ({"seats": ["1", "2"]}, "not <U1"),
        ({"priority": PRIORITY[:4]}, "priority has 4 entries where 5 belong"),
        ({"priority": np.array(PRIORITY, float)}, "priority must hold int64, not float64"),
        ({"priority": [1, 0, np.nan, 0, 2]}, "priority must hold int64"),
        ({"route": [0, 1, 1, 0, 2**40]}, r"route\[4\] is 1099511627776"),
        ({"indptr": [0, 2, 1, 5]}, "applicant 1: indptr goes from 2 to 1"),
        ({"indptr": [0, 9, 4, 5]}, "applicant 0: indptr goes from 0 to 9"),
        ({"indptr": [1, 2, 4, 5]}, "begin with 0"),
        ({"indptr": [0, 2, 4, 4]}, r"number of choices \(5\)"),
        ({"indptr": []}, "begin with 0"),
        ({"pool": [0, 2]}, "route 1 draws on pool 2"),
        ({"pool": [0, -1]}, "route 1 draws on pool -1"),
        ({"groups": groups(pool=[1, 2])}, r"groups.pool\[1\] is 2"),
        ({"groups": groups(seats=[1, 2])}, "pool 1 has 2 seats but its groups have 3"),
        ({"groups": groups(seats=[3, -1])}, r"groups.seats\[1\] is -1"),
        ({"groups": groups(order=[0, 0])}, "groups 0 and 1 of pool 1 both have order 0"),
        ({"groups": groups(reverts=[1, 0])}, "groups.reverts must be booleans"),
        ({"groups": groups(reverts=[True])}, "one entry a group"),
        ({"groups": groups(group=[0, 1, 2])}, r"groups.group\[2\] is 2"),
        ({"groups": groups(row=[1, 2, 5])}, r"groups.row\[2\] is 5"),
        ({"groups": groups(row=[0, 2, 4])}, "row 0 belongs to pool 0, but group 0 is a part of pool 1"),
        ({"groups": groups(row=[1, 2, 2])}, "row 2 is listed twice in group 1"),
        ({"groups": groups(ask=[0, 1])}, "groups.ask has 2 entries where 3 belong"),
        ({"groups": groups(row=[1, 1, 4], ask=[7, 7, 0])}, "row 1 asks groups 0 and 1 both as number 7"),
        (
            {"groups": groups(priority=[5, 3, 3])},
            r"applicant 1 \(row 2\) and applicant 2 \(row 4\) tie in seat group 1",
        ),
        ({"groups": groups(priority=[5.0, 3, 3])}, "groups.priority must hold int64"),
    ],
)
def test_bad_input_is_refused_and_named(changes: dict[str, Any], said: str):
    with pytest.raises(MarketError, match=said):
        market(**changes)
    assert issubclass(MarketError, AdmissionsError)


def test_the_first_offender_is_named_among_several():
    with pytest.raises(MarketError, match="applicant 1, choice 1"):
        Market([0, 1, 2, 3], [0, 5, 7], [0, 1, 2], [1])


@pytest.mark.parametrize(
    ("indptr", "route", "priority", "seats"),
    [([0], [], [], []), ([0, 0, 0], [], [], [3]), ([0, 0], [], [], []), ([0], [], [], [1, 0])],
)
def test_nothing_at_all_is_a_market(indptr: list[int], route: list[int], priority: list[int], seats: list[int]):
    made = Market(indptr, route, priority, seats)
    assert match(made).route.tolist() == [-1] * (len(indptr) - 1)
    assert match(Market.from_points(indptr, route, priority, priority, seats)).choice.tolist() == [-1] * (
        len(indptr) - 1
    )


def test_any_strict_integers_and_any_width_of_them_order_alike():
    rng = np.random.default_rng(1)
    rank = rng.permutation(400)
    wide = np.sort(rng.integers(-(2**62), 2**62, 400))
    indptr, route = np.arange(401), np.zeros(400, np.int64)
    want = match(Market(indptr, route, rank, [37])).route
    for keys in (wide, wide // 2**40 * 7 + np.arange(400), np.array([-(2**63), *range(398), 2**63 - 1])):
        assert (match(Market(indptr, route, keys[rank], [37])).route == want).all()
    assert (
        match(Market(indptr.astype(np.int16), route.astype(np.uint8), rank.astype(np.uint16), [37])).route == want
    ).all()


def test_points_and_lottery_order_as_a_lexicographic_sort_does():
    rng = np.random.default_rng(2)
    n, m = 300, 3
    indptr, route = np.arange(n + 1) * m, np.tile(np.arange(m), n)
    for spread in (1, 3, 2**60):
        points = rng.integers(-spread, spread + 1, n * m)
        lottery = rng.integers(0, 2**63, n * m).astype(np.uint64) * np.uint64(2)
        made = Market.from_points(indptr, route, points, lottery, [9] * m)
        for r in range(m):
            order = sorted(range(r, n * m, m), key=lambda e: (-int(points[e]), int(lottery[e])))
            assert made.priority[order].tolist() == list(range(n))


def test_one_number_an_applicant_lets_the_own_list_break_ties_in_a_shared_pool():
    made = Market.from_points([0, 2, 4], [1, 0, 0, 1], [5, 5, 5, 5], [9, 9, 2, 2], [2], pool=[0, 0])
    assert made.priority.tolist() == [2, 3, 0, 1]
    with pytest.raises(
        MarketError, match=r"applicant 0 .* applicant 1 .* tie in pool 0 with 5 points and lottery number 2"
    ):
        Market.from_points([0, 1, 2], [0, 1], [5, 5], [2, 2], [2], pool=[0, 0])


def test_in_a_market_from_points_the_lottery_breaks_ties_in_a_group():
    made = Market.from_points(INDPTR, ROUTE, [1] * 5, [8, 8, 3, 3, 1], SEATS, groups=groups(priority=[0, 4, 4]))
    assert made.groups is not None
    assert made.groups.priority.tolist() == [0, 1, 0]


def test_a_market_travels_between_processes():
    made = market(groups=groups())
    again = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own bytes
    assert match(again).choice.tolist() == match(made).choice.tolist()
