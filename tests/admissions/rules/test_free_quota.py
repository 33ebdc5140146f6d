"""The free quota in both hands, held against its literal statement (`quota_rule`) pool by pool and market by market."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.matching import Market, extra_seat_values, match, verify
from admissions.matching.mechanisms.programme_proposing import programme_proposing
from admissions.matching.seat_values import change_seats
from admissions.matching.thresholds import thresholds
from admissions.rules.seat_groups import QUOTA
from tests.admissions.rules.quota_rule import Candidate, Seats, World, choose, random_world

NOBODY = 10**6


def granted(world: World, market: Market) -> dict[int, Candidate]:
    rows = world.rows
    return {rows[choice].applicant: rows[choice] for choice in match(market).choice.tolist() if choice >= 0}


@pytest.mark.parametrize("start", range(0, 2400, 400))
def test_a_pool_is_filled_in_the_order_of_the_law(start):
    """Who gets a seat, and which kind: a claim to the quota or a test, an open seat, or one that had reverted."""
    for seed in range(start, start + 400):
        rng = np.random.default_rng(seed)
        world = random_world(rng, applicants=int(rng.integers(1, 14)), pools=1, programmes=1 + seed % 2)
        market, names = world.market()
        result = match(market)
        verify(market, result)
        said = choose(world.rows, world.seats[0], world.switch)
        rows = world.rows
        assert {rows[one] for one in result.choice.tolist() if one >= 0} == set(said), seed
        for choice, group in zip(result.choice.tolist(), result.group.tolist(), strict=True):
            if choice >= 0 and names:
                name = names[group] if group >= 0 else "given back"
                meant = said[rows[choice]]
                assert name == meant or (meant, name) == ("open", "") or meant == "reverted", seed
                assert meant != "reverted" or name in {*QUOTA, "given back"}, seed


def stable(world: World, held: dict[int, Candidate | None]) -> bool:
    """Each pool would choose exactly those it has out of them and all who would rather be there."""
    for pool, seats in enumerate(world.seats):
        has = {row for row in held.values() if row is not None and row.pool == pool}
        wanting = {
            row
            for wanted in world.lists
            for row in itertools.takewhile(lambda one: one != held[one.applicant], wanted)
            if row.pool == pool
        }
        if set(choose(list(has | wanting), seats, world.switch)) != has:
            return False
    return True


def test_a_market_has_the_stable_matching_best_for_every_applicant():
    several = 0
    for seed in range(240):
        rng = np.random.default_rng(seed)
        world = random_world(rng, applicants=5, pools=int(rng.integers(2, 4)))
        market, _ = world.market()
        got = granted(world, market)
        found = [
            dict(enumerate(held))
            for held in itertools.product(*[(*wanted, None) for wanted in world.lists])
            if stable(world, dict(enumerate(held)))
        ]
        assert {i: got.get(i) for i in range(5)} in found, seed
        for other in found:
            for i, wanted in enumerate(world.lists):
                assert place(wanted, got.get(i)) <= place(wanted, other[i]), seed
        several += len(found) > 1
        worst = programme_proposing(market)
        verify(market, worst, optimal=False)
    assert several


def place(wanted: tuple[Candidate, ...], row: Candidate | None) -> int:
    return NOBODY if row is None else wanted.index(row)


worlds = st.integers(0, 2**32 - 1).map(
    lambda seed: random_world(np.random.default_rng(seed), applicants=12, pools=4, programmes=2)
)


@given(worlds, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_applicants_is_of_no_consequence(world, random):
    people = list(range(len(world.lists)))
    random.shuffle(people)
    turned = replace(world, lists=tuple(world.lists[i] for i in people))
    assert granted(turned, turned.market()[0]) == granted(world, world.market()[0])


@given(worlds, st.integers(0, 3), st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_one_more_seat_harms_nobody(world, pool, kind):
    """Open, of the quota or by test; the exact what-if gives the same as a match of the changed market."""
    seats = world.seats[pool]
    if kind == 1 and seats.quotas:
        (name, count), *rest = seats.quotas
        more = replace(seats, quotas=((name, count + 1), *rest))
    elif kind == 2 and seats.by_test:
        more = replace(seats, by_test=seats.by_test + 1)
    else:
        more = replace(seats, open=seats.open + 1)
    wider = replace(world, seats=(*world.seats[:pool], more, *world.seats[pool + 1 :]))
    market, names = world.market()
    before, after = granted(world, market), granted(wider, wider.market()[0])
    assert len(before) <= len(after) <= len(before) + 1
    for i, wanted in enumerate(world.lists):
        assert place(wanted, after.get(i)) <= place(wanted, before.get(i))
    mine = [g for g, name in enumerate(names) if market.groups is not None and market.groups.pool[g] == pool]
    wanted_name = {0: ""}.get(kind, "") if more.open != seats.open else names[mine[0]] if kind == 1 else "test"
    group = next((g for g in mine if names[g] == wanted_name), None)
    result = match(market)
    change = (
        change_seats(market, result, groups={group: 1})
        if group is not None
        else change_seats(market, result, {pool: 1})
    )
    again = match(wider.market()[0])
    assert change.matching.choice.tolist() == again.choice.tolist()
    assert change.matching.group.tolist() == again.group.tolist()
    if more.open != seats.open:
        assert extra_seat_values(market, result).better_off[pool] == change.better_off


@given(worlds)
@settings(max_examples=60, deadline=None)
def test_the_bars_say_who_gets_what(world):
    """The granted row is the first with an entry that is enough; an applicant's own key moves no bar."""
    market, _ = world.market()
    needed, result = thresholds(market), match(market)
    for i in range(market.n_applicants):
        menu = needed.menu(i)
        assert (menu[0] if menu else -1) == result.choice[i]


def test_second_hand_with_a_quota_takes_what_first_hand_leaves_of_it():
    """Issue: two seats, one of the quota; first hand wants one, so the quota seat is the second hand's with a quota."""

    def row(applicant: int, tier: int, key: int, stream: str = "") -> tuple[Candidate, ...]:
        return (Candidate(applicant, 0, tier, key, stream, 0, tier < 2, late=False),)

    quota = Seats((("free_quota", 1),), 0, 1)
    best, second, third = row(0, 2, 0, "special_circumstances"), row(1, 2, 1), row(2, 2, 9, "special_circumstances")
    world = World((best, second, third), (quota,), "before_second_hand")
    assert set(granted(world, world.market()[0])) == {0, 1}, "the quota seat to the best of the quota, then by merit"
    first = replace(world, lists=(*world.lists, row(3, 0, 8)))
    assert set(granted(first, first.market()[0])) == {0, 3}, (
        "first hand takes the open seat, its quota leaves the other"
    )
    both = replace(first, lists=(*first.lists, row(4, 1, 7)))
    assert set(granted(both, both.market()[0])) == {3, 4}, "unused quota seats go to first hand before second hand"
