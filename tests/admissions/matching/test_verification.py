"""The checker against enumeration, and against damage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from admissions.errors import VerificationError
from admissions.matching import Certificate, Market, Matching, SeatGroups, match, verify
from tests.admissions.matching.small_worlds import World, random_world


def accepted(market: Market, matching: Matching) -> bool:
    try:
        verify(market, matching)
    except VerificationError:
        return False
    return True


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_accepts_exactly_the_applicant_optimal_stable_matching(seed: int, groups: bool) -> None:
    rng = np.random.default_rng([seed, groups])
    world = random_world(rng, groups=groups, applicants=4 if groups else 5, asking=seed % 2 == 1)
    market = world.market()
    every = list(world.all_matchings())
    stable = [held for held in every if world.stable(held)]
    best = world.best(stable)
    others = [every[k] for k in rng.choice(len(every), min(len(every), 60), replace=False)]
    for held in stable + others:
        assert accepted(market, world.matching(held)) == (held == best), (world, held, best)
    with_claim_dropped = [verify(market, world.matching(held), optimal=False) for held in stable]
    assert all(one.properties["P8"] == "not claimed" for one in with_claim_dropped)


@pytest.mark.full
@pytest.mark.parametrize("groups", [False, True])
def test_accepts_exactly_the_applicant_optimal_one_on_a_thousand_markets(groups: bool) -> None:
    for seed in range(1000, 1500):
        test_accepts_exactly_the_applicant_optimal_stable_matching(seed, groups)


@pytest.mark.parametrize("seed", range(40))
def test_the_checkers_stability_is_that_of_a_pool_choosing_group_by_group(seed: int) -> None:
    rng = np.random.default_rng([seed, 7])
    world = random_world(rng, groups=True, shared=False, applicants=4, routes=3)
    for held in world.all_matchings():
        assert world.stable(held) == world.stable_by_choice(held), (world, held)


@pytest.mark.parametrize("groups", [False, True])
def test_the_matcher_passes_on_larger_markets(groups: bool) -> None:
    for seed in range(60):
        rng = np.random.default_rng([seed, 3, groups])
        world = random_world(rng, applicants=30, routes=12, groups=groups, asking=seed % 2 == 1)
        market = world.market()
        verify(market, match(market))


def test_points_and_lottery_are_read_rather_than_the_kernels_order() -> None:
    # equal points: the smaller lottery number is first, and larger points come before any lottery number
    market = Market.from_points([0, 1, 2, 3], [0, 0, 0], [300, 300, 310], np.array([5, 4, 9], np.uint64), [2])
    verify(market, match(market))
    swapped = Matching(np.array([0, -1, 0], np.int32), np.array([0, -1, 2]), np.full(3, -1, np.int32))
    with pytest.raises(VerificationError, match=r"P6 .*applicant 1, route 0: comes before applicant 0"):
        verify(market, swapped)


def test_an_improving_cycle_is_named() -> None:
    """Gale and Shapley 1962, example 1: each man best liked by somebody else; the women's matching is stable too."""
    market = Market([0, 2, 4], [0, 1, 1, 0], [1, 0, 1, 0], [1, 1])
    assert match(market).route.tolist() == [0, 1]
    worse = Matching(np.array([1, 0], np.int32), np.array([1, 3]), np.full(2, -1, np.int32))
    with pytest.raises(VerificationError, match=r"P8 .*applicant 0 to route 0; applicant 1 to route 1"):
        verify(market, worse)
    assert verify(market, worse, optimal=False).properties["P8"] == "not claimed"


# -- damage --------------------------------------------------------------------------------------------------------


def big_market(seed: int) -> World:
    return random_world(np.random.default_rng(seed), applicants=60, routes=8, groups=True)


def changed(matching: Matching, who: int, route: int, choice: int, group: int) -> Matching:
    arrays = [matching.route.copy(), matching.choice.copy(), matching.group.copy()]
    for array, value in zip(arrays, (route, choice, group), strict=True):
        array[who] = value
    return Matching(*arrays)


def somebody(rng: np.random.Generator, flags: np.ndarray) -> int:
    found = np.flatnonzero(flags)
    if not len(found):
        pytest.skip("nobody of that kind in this market")
    return int(rng.choice(found))


def damage(  # noqa: PLR0911 - one return a kind
    kind: str, rng: np.random.Generator, market: Market, matching: Matching
) -> tuple[Market, Matching]:
    """One kind of damage at a random place."""
    n = len(matching.route)
    placed = matching.choice >= 0
    first, end = market.indptr[:-1], market.indptr[1:]
    if kind == "seat of nobody's row":
        i = somebody(rng, placed)
        return market, changed(matching, i, matching.route[i], (matching.choice[i] + 20) % len(market.route), -1)
    if kind == "route does not agree":
        i = somebody(rng, placed)
        return market, changed(
            matching, i, (matching.route[i] + 1) % len(market.pool), matching.choice[i], matching.group[i]
        )
    if kind == "row out of range":
        return market, changed(matching, somebody(rng, placed), 0, len(market.route) + 5, -1)
    if kind == "seat taken away":
        return market, changed(matching, somebody(rng, placed), -1, -1, -1)
    if kind == "lower choice":
        i = somebody(rng, placed & (matching.choice + 1 < end))
        row = matching.choice[i] + 1
        return market, changed(matching, i, market.route[row], row, -1)
    if kind == "higher choice":
        i = somebody(rng, placed & (matching.choice > first))
        row = matching.choice[i] - 1
        return market, changed(matching, i, market.route[row], row, -1)
    if kind == "seat given away":
        i = somebody(rng, ~placed & (end > first))
        return market, changed(matching, i, market.route[first[i]], first[i], -1)
    if kind == "another seat group":
        grouped = np.isin(market.pool[matching.route], market.groups.pool) & placed
        i = somebody(rng, grouped)
        return market, changed(matching, i, matching.route[i], matching.choice[i], (matching.group[i] + 1) % 3)
    if kind == "two swapped":
        i, j = somebody(rng, placed), somebody(rng, placed)
        if matching.route[i] == matching.route[j]:
            pytest.skip("drew two of one route")
        arrays = [a.copy() for a in (matching.route, matching.choice, matching.group)]
        for array in arrays:
            array[[i, j]] = array[[j, i]]
        return market, Matching(*arrays)
    if kind == "one applicant less":
        return market, Matching(matching.route[:-1], matching.choice[:-1], matching.group[:-1])
    if kind == "floating numbers":
        return market, Matching(matching.route.astype(float), matching.choice, matching.group)
    assert n
    groups = market.groups
    seats, priority = market.seats.copy(), market.priority.copy()
    if kind == "seat fewer":
        full = np.bincount(market.pool[matching.route[placed]], minlength=len(seats)) == seats
        full[groups.pool] = False
        seats[somebody(rng, full & (seats > 0))] -= 1
    elif kind == "seat more":
        # a seat more where somebody is refused
        wanted = np.zeros(len(seats), bool)
        for i in range(n):
            stop = matching.choice[i] if placed[i] else end[i]
            wanted[market.pool[market.route[first[i] : stop]]] = True
        wanted[groups.pool] = False
        seats[somebody(rng, wanted)] += 1
    elif kind == "priority changed":
        # the last in a pool where somebody is refused comes first: whoever was refused is envied
        refused = np.zeros(len(priority), bool)
        for i in range(n):
            refused[first[i] : matching.choice[i] if placed[i] else end[i]] = True
        pools = market.pool[market.route]
        refused &= ~np.isin(pools, groups.pool) & (seats[pools] > 0)
        priority[somebody(rng, refused)] = -1000
    elif kind == "group membership":
        holder = somebody(rng, matching.group >= 0)
        out = (groups.row == matching.choice[holder]) & (groups.group == matching.group[holder])
        groups = SeatGroups(
            groups.pool, groups.seats, groups.order, groups.reverts,
            groups.group[~out], groups.row[~out], groups.priority[~out],
        )  # fmt: skip
    elif kind == "group seats moved":
        big = somebody(rng, np.bincount(matching.group[matching.group >= 0], minlength=len(groups.seats)) > 0)
        same = np.flatnonzero((groups.pool == groups.pool[big]) & (np.arange(len(groups.seats)) != big))
        if not len(same):
            pytest.skip("the only group of its pool")
        moved = groups.seats.copy()
        moved[same[0]] += moved[big]
        moved[big] = 0
        groups = SeatGroups(
            groups.pool, moved, groups.order, groups.reverts, groups.group, groups.row, groups.priority
        )  # fmt: skip
    return Market(market.indptr, market.route, priority, seats, pool=market.pool, groups=groups), matching


KINDS = {
    "seat of nobody's row": "P1",
    "route does not agree": "P1",
    "row out of range": "P1",
    "one applicant less": "P1",
    "floating numbers": "P1",
    "seat taken away": "P5 P6",
    "lower choice": "P1 P3 P4 P5 P6",
    "higher choice": "P3 P4 P6 P5",
    "seat given away": "P3 P4 P6 P5",
    "another seat group": "P1 P3 P4 P5 P6 P7",
    "two swapped": "P1",
    "seat fewer": "P4",
    "seat more": "P5",
    "priority changed": "P6",
    "group membership": "P3",
    "group seats moved": "P3 P4",
}


@pytest.mark.parametrize("seed", range(20))
def test_another_order_of_asking_is_another_input(seed: int) -> None:
    """What one row asks first changes the hash of the groups; a seat group asked out of turn breaks P7."""
    rng = np.random.default_rng([seed, 5])
    world = random_world(rng, applicants=60, routes=8, groups=True, asking=True)
    market = world.market()
    groups = market.groups
    several = np.bincount(groups.row, minlength=market.n_choices) > 1 if groups is not None else np.zeros(1, bool)
    if groups is None or groups.ask is None or not several.any():
        pytest.skip("nobody asks out of turn")
    certificate = verify(market, match(market))
    assert certificate.properties["P7"] == "holds"
    mine = np.flatnonzero(groups.row == rng.choice(np.flatnonzero(several)))[:2]
    ask = groups.ask.copy()
    ask[mine] = ask[mine[::-1]]
    turned = Market(
        market.indptr, market.route, market.priority, market.seats, pool=market.pool, groups=replace(groups, ask=ask)
    )
    hashes = verify(turned, match(turned)).sha256
    assert hashes["groups"] != certificate.sha256["groups"]
    assert {name for name, value in hashes.items() if certificate.sha256[name] != value} <= {"groups", "result"}
    sits = np.flatnonzero(np.isin(match(market).choice, groups.row[mine]))
    if len(sits) and match(turned).group[sits[0]] != match(market).group[sits[0]]:
        with pytest.raises(VerificationError, match=r"P[3-8]"):
            verify(turned, match(market))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_refused_with_property_and_place(kind: str, seed: int) -> None:
    market = big_market(seed).market()
    if market.groups is None:
        pytest.skip("a market without groups")
    matching = match(market)
    certificate = verify(market, matching)
    rng = np.random.default_rng([seed, len(kind)])
    market, matching = damage(kind, rng, market, matching)
    with pytest.raises(VerificationError) as refusal:
        verify(market, matching)
    assert refusal.value.property_name[:2] in KINDS[kind].split(), str(refusal.value)
    assert any(word in refusal.value.place for word in ("applicant", "route", "pool", "matching.")), refusal.value.place
    if kind not in {"one applicant less", "floating numbers", "row out of range", "route does not agree"}:
        with pytest.raises(VerificationError, match="certificate"):
            certificate.check(market, matching)


def test_names_are_used_where_given() -> None:
    market = Market([0, 1, 2], [0, 0], [0, 1], [1])
    wrong = Matching(np.array([-1, 0], np.int32), np.array([-1, 1]), np.full(2, -1, np.int32))
    with pytest.raises(VerificationError, match=r"applicant ann, route north: comes before applicant bo"):
        verify(market, wrong, applicants=["ann", "bo"], routes=["north"])


def test_several_violations_name_the_first_in_order() -> None:
    market = Market([0, 1, 2, 3], [0, 0, 1], [0, 1, 0], [1, 1])
    over = Matching(np.array([0, 0, -1], np.int32), np.array([0, 1, -1]), np.full(3, -1, np.int32))  # P4, and P5
    with pytest.raises(VerificationError, match="P4"):
        verify(market, over)
    envy = Matching(np.array([-1, 0, -1], np.int32), np.array([-1, 1, -1]), np.full(3, -1, np.int32))  # P5, and P6
    with pytest.raises(VerificationError, match="P5"):
        verify(market, envy)


# -- holders -------------------------------------------------------------------------------------------------------


def test_holders_keep_their_seat_or_rise() -> None:
    # applicant 1 holds route 1 and wants route 0; applicant 0 holds nothing and wants both
    market = Market([0, 2, 4], [0, 1, 0, 1], [0, 1, 1, 0], [1, 1])
    holders = np.array([-1, 3])
    certificate = verify(market, match(market), holders=holders)
    assert certificate.properties["P9"] == "holds"
    assert certificate.counts["holders"] == 1
    assert certificate.sha256["holders"] != verify(market, match(market)).sha256["holders"]


@pytest.mark.parametrize(
    ("market", "holders", "message"),
    [
        (([0, 1, 2], [0, 0], [0, 1], [1]), [-1, 1], "ends below it"),
        (([0, 1, 2], [0, 0], [0, 1], [2]), [-1, 1], "stands before this holder"),
        (([0, 2], [0, 1], [0, 0], [1, 1]), [0], "below the held one"),
        (([0, 1, 2], [0, 0], [0, 1], [2]), [1, -1], "not this applicant's"),
    ],
)
def test_what_breaks_the_holders_right_is_refused(
    market: tuple[list[int], list[int], list[int], list[int]], holders: list[int], message: str
) -> None:
    built = Market(*market)
    with pytest.raises(VerificationError, match=f"P9 .*{message}"):
        verify(built, match(built), holders=np.array(holders))


# -- the certificate -----------------------------------------------------------------------------------------------


def test_the_certificate_survives_json_and_counts() -> None:
    market = big_market(2).market()
    matching = match(market)
    certificate = verify(market, matching)
    assert Certificate.from_json(certificate.to_json()) == certificate
    assert certificate.counts["placed"] == int((matching.choice >= 0).sum())
    certificate.check(market, matching)
    with pytest.raises(VerificationError, match="not a certificate"):
        Certificate.from_json("{}")


def test_applicants_without_choices_leave_no_trace() -> None:
    with_idle = Market([0, 0, 1, 1, 2], [0, 0], [1, 0], [1])
    without = Market([0, 1, 2], [0, 0], [1, 0], [1])
    assert verify(with_idle, match(with_idle)) == verify(without, match(without))


def test_an_empty_market_is_certified() -> None:
    for market in (Market([0], [], [], []), Market([0, 0], [], [], [0, 2])):
        assert verify(market, match(market)).counts["placed"] == 0
