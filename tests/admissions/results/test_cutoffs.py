from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.matching import match
from admissions.results.cutoffs import cutoffs, medians, published_limits
from admissions.results.decisions import decide
from admissions.results.queues import pool_of_route
from admissions.results.statuses import Status
from tests.admissions.results.town import compiled, town


def plain_cutoff(result, pool):
    """Follow the definition, word by word, for a pool without groups: (tier, row of the last admitted)."""
    one = result.compiled
    of_pool = pool_of_route(one)[one.route] == pool
    refused = np.flatnonzero(of_pool & (result.status == Status.RESERVE))
    if not len(refused):
        return None
    tier = min(one.tier[refused])
    place = dict(zip(one.market_row.tolist(), one.market.priority.tolist(), strict=True))
    inside = [row for row in np.flatnonzero(of_pool & (result.status == Status.ADMITTED)) if one.tier[row] == tier]
    return int(tier), max(inside, key=place.__getitem__, default=None)


@given(st.integers(1, 90), st.integers(0, 10_000), st.integers(0, 8), st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_cutoff_is_the_last_admitted_of_the_best_tier_with_a_refusal(applicants, seed, seats, pooled):
    one = compiled(town(applicants, seed=seed, seats=seats, quota=0, pooled=pooled))
    result = decide(one, match(one.market))
    found = {row["pool"]: row for row in cutoffs(result).iter_rows(named=True)}
    for number, pool in enumerate(one.pools):
        expected = plain_cutoff(result, number)
        assert (pool in found) == (expected is not None)
        if expected is None:
            continue
        tier, last = expected
        row = found[pool]
        assert row["tier"] == tier
        if last is None:
            assert row["points"] is row["merit"] is row["tied_admitted"] is None
            assert row["admitted_in_tier"] == 0
            continue
        assert (row["points"], row["merit"], row["lottery"]) == (one.points[last], one.merit[last], one.lottery[last])
        refused = (pool_of_route(one)[one.route] == number) & (result.status == Status.RESERVE)
        assert row["refused_in_tier"] == np.sum(refused & (one.tier == tier))
        assert row["tied_refused"] == np.sum(refused & (one.points == one.points[last]))


@given(st.integers(1, 90), st.integers(0, 10_000), st.integers(1, 8))
@settings(max_examples=20, deadline=None)
def test_nobody_refused_beats_the_cutoff_of_a_class_of_seats(applicants, seed, seats):
    one = compiled(town(applicants, seed=seed, seats=seats))
    result = decide(one, match(one.market))
    limits = cutoffs(result)
    assert limits.select("pool", "group").is_unique().all()
    for row in limits.filter(limits["group"] == "").iter_rows(named=True):
        pool = one.pools.tolist().index(row["pool"])
        refused = (pool_of_route(one)[one.route] == pool) & (result.status == Status.RESERVE)
        assert not (refused & (one.tier < row["tier"])).any()
        if row["points"] is not None and not (one.free_quota & ~one.first_hand).any():
            assert (one.points[refused & (one.tier == row["tier"])] <= row["points"]).all()


@given(st.integers(1, 90), st.integers(0, 10_000), st.integers(0, 12))
@settings(max_examples=20, deadline=None)
def test_the_published_limit_is_zero_exactly_where_a_seat_is_vacant(applicants, seed, seats):
    one = compiled(town(applicants, seed=seed, seats=seats, quota=0, pooled=False))
    result = decide(one, match(one.market))
    limits = published_limits(result, np.zeros(len(one.routes), bool))
    for route in range(len(one.routes)):
        taken = np.flatnonzero((one.route == route) & (result.status == Status.ADMITTED))
        if len(taken) < one.seats[route] or not len(taken):
            assert limits[route] == 0
        else:
            expected = plain_cutoff(result, route)
            worst = expected[0] if expected else max(one.tier)
            place = dict(zip(one.market_row.tolist(), one.market.priority.tolist(), strict=True))
            kept = [row for row in taken if one.tier[row] <= worst]
            last = max(kept, key=place.__getitem__, default=None)
            assert limits[route] == (0 if last is None else one.merit[last])
    assert not published_limits(result, np.ones(len(one.routes), bool)).any()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 34_000)), max_size=40))
def test_medians_are_those_of_numpy(pairs):
    route = np.array([pair[0] for pair in pairs], dtype=np.int32)
    value = np.array([pair[1] for pair in pairs], dtype=np.int32)
    found = medians(route, value, 4)
    for number in range(4):
        own = value[route == number]
        assert found[number] == (np.floor(np.median(own)) if len(own) else -1)
