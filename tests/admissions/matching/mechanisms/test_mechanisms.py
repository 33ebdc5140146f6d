"""What each mechanism guarantees, by enumeration on small markets and against second implementations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from admissions.errors import MarketError
from admissions.matching import Market, Matching, match, verify
from admissions.matching.mechanisms import (
    compare,
    eada,
    immediate_acceptance,
    programme_proposing,
    top_trading_cycles,
)
from tests.admissions.matching.small_worlds import World, random_world

SEEDS = range(80)


def ranks(market: Market, matching: Matching) -> list[int]:
    """Place on the own list, 0 best; the length of the list for nothing."""
    size = np.diff(market.indptr)
    return np.where(matching.choice >= 0, matching.choice - market.indptr[:-1], size).tolist()


def feasible_ranks(world: World) -> set[tuple[int, ...]]:
    """Every way to fill seats with acceptable pairs."""
    found = set()
    for ways in itertools.product(*[range(len(wanted) + 1) for wanted in world.lists]):
        used = [0] * len(world.seats)
        for wanted, k in zip(world.lists, ways, strict=True):
            if k < len(wanted):
                used[world.pool[wanted[k]]] += 1
        if all(u <= s for u, s in zip(used, world.seats, strict=True)):
            found.add(ways)
    return found


def dominated(mine: list[int], all_ways: set[tuple[int, ...]]) -> bool:
    return any(tuple(mine) != way and all(w <= m for w, m in zip(way, mine, strict=True)) for way in all_ways)


@pytest.mark.parametrize("seed", SEEDS)
def test_ttc_and_eada_with_full_consent_are_pareto_efficient(seed: int) -> None:
    world = random_world(np.random.default_rng(seed), applicants=5)
    market, ways = world.market(), feasible_ranks(world)
    for mechanism in (top_trading_cycles, eada, immediate_acceptance):
        got = ranks(market, mechanism(market))
        assert tuple(got) in ways, mechanism
        assert not dominated(got, ways), mechanism


@pytest.mark.parametrize("seed", SEEDS)
def test_eada_never_harms_against_deferred_acceptance_and_respects_who_withholds(seed: int) -> None:
    rng = np.random.default_rng([seed, 1])
    market = random_world(rng, applicants=8, routes=5).market()
    base = ranks(market, match(market))
    for share in (0.0, 0.3, 0.7, 1.0):
        consent = rng.random(8) < share
        result = eada(market, consent)
        assert all(a <= b for a, b in zip(ranks(market, result), base, strict=True))
        if share == 0.0:
            assert ranks(market, result) == base
        for i in np.flatnonzero(~consent):
            assert not envies(market, result, int(i)), "whoever withheld consent is left with justified envy"


def envies(market: Market, result: Matching, i: int) -> bool:
    stop = result.choice[i] if result.choice[i] >= 0 else market.indptr[i + 1]
    for row in range(market.indptr[i], stop):
        pool = market.pool[market.route[row]]
        for held in result.choice[result.choice >= 0]:
            if market.pool[market.route[held]] == pool and market.priority[held] > market.priority[row]:
                return True
    return False


@pytest.mark.parametrize("seed", SEEDS)
def test_consenting_never_changes_the_own_seat(seed: int) -> None:
    rng = np.random.default_rng([seed, 2])
    market = random_world(rng, applicants=6, routes=4).market()
    consent = rng.random(6) < 0.5
    for i in range(6):
        other = consent.copy()
        other[i] = ~other[i]
        assert eada(market, consent).route[i] == eada(market, other).route[i]


def kesten(world: World, consent: np.ndarray) -> list[int | None]:
    """Kesten 2010 to the letter: run deferred acceptance in steps, remove the last consenting interrupters, again."""
    lists = [list(wanted) for wanted in world.lists]
    while True:
        held: list[list[int]] = [[] for _ in world.seats]
        at = [0] * len(lists)
        since: dict[tuple[int, int], int] = {}
        rejections: list[tuple[int, int, int]] = []  # step, applicant, route
        asking = list(range(len(lists)))
        step = 0
        while asking:
            step += 1
            touched = set()
            for i in asking:
                if at[i] < len(lists[i]):
                    held[lists[i][at[i]]].append(i)
                    touched.add(lists[i][at[i]])
            asking = []
            for r in touched:
                held[r].sort(key=lambda i, r=r: world.priority[i, r])
                for i in held[r][: world.seats[r]]:
                    since.setdefault((i, r), step)
                for i in held[r][world.seats[r] :]:
                    rejections.append((step, i, r))
                    at[i] += 1
                    asking.append(i)
                held[r] = held[r][: world.seats[r]]
        interrupters = [
            (step, i, r)
            for step, i, r in rejections
            if (i, r) in since and consent[i]
            and any(q == r and j != i and since[i, r] <= t < step for t, j, q in rejections)
        ]  # fmt: skip
        if not interrupters:
            return [lists[i][at[i]] if at[i] < len(lists[i]) else None for i in range(len(lists))]
        last = max(step for step, _, _ in interrupters)
        for step, i, r in interrupters:
            if step == last:
                lists[i].remove(r)


@pytest.mark.parametrize("seed", range(150))
def test_eada_equals_kestens_own_procedure_with_any_consent(seed: int) -> None:
    """Tang and Yu 2014 prove the two equivalent; the second is written here to the letter of the first paper."""
    rng = np.random.default_rng([seed, 3])
    world = random_world(rng, applicants=int(rng.integers(3, 12)), routes=5, shared=False)
    market = world.market()
    for share in (1.0, 0.6, 0.3):
        consent = rng.random(len(world.lists)) < share
        got = [None if r < 0 else r for r in eada(market, consent).route.tolist()]
        assert got == kesten(world, consent)


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_programme_proposing_is_the_stable_matching_worst_for_every_applicant(seed: int, groups: bool) -> None:
    world = random_world(np.random.default_rng([seed, 4]), groups=groups, applicants=4, asking=seed % 2 == 1)
    market = world.market()
    worst = world.matching(world.worst(world.stable_matchings()))
    result = programme_proposing(market)
    for name in ("route", "choice", "group"):
        assert np.array_equal(getattr(result, name), getattr(worst, name)), name


@pytest.mark.parametrize("seed", range(40))
def test_programme_proposing_is_stable_and_fills_the_same_seats(seed: int) -> None:
    market = random_world(np.random.default_rng([seed, 5]), applicants=60, routes=15, groups=seed % 2 == 0).market()
    result, best = programme_proposing(market), match(market)
    verify(market, result, optimal=False)
    assert np.array_equal(result.choice >= 0, best.choice >= 0)


@pytest.mark.parametrize("seed", range(20))
def test_ttc_cannot_be_gained_from_by_reordering_or_shortening(seed: int) -> None:
    rng = np.random.default_rng([seed, 6])
    world = random_world(rng, applicants=5, routes=4, shared=False)
    honest = ranks(world.market(), top_trading_cycles(world.market()))
    for i, wanted in enumerate(world.lists):
        for size in range(len(wanted) + 1):
            for lie in itertools.permutations(wanted, size):
                lists = [list(lie) if j == i else other for j, other in enumerate(world.lists)]
                market = World(lists, world.priority, world.pool, world.seats).market()
                got = top_trading_cycles(market).route[i]
                true_rank = wanted.index(got) if got >= 0 else len(wanted)
                assert true_rank >= honest[i]


def test_a_shared_merit_order_makes_all_but_immediate_acceptance_agree() -> None:
    """With one strict order shared by all programmes the stable matching is unique and equals TTC."""
    for seed in range(20):
        rng = np.random.default_rng([seed, 8])
        world = random_world(rng, applicants=20, routes=6, shared=False)
        merit = rng.permutation(20).tolist()
        world.priority = {(i, r): merit[i] for i in range(20) for r in range(6)}
        market = world.market()
        for mechanism in (programme_proposing, top_trading_cycles, eada):
            assert np.array_equal(mechanism(market).route, match(market).route)


@pytest.mark.parametrize("mechanism", [top_trading_cycles, immediate_acceptance, eada, compare])
def test_mechanisms_without_groups_refuse_them(mechanism: object) -> None:
    world = random_world(np.random.default_rng(3), groups=True)
    while not world.groups:
        world = random_world(np.random.default_rng(5), groups=True)
    with pytest.raises(MarketError, match="seat groups"):
        mechanism(world.market())  # type: ignore[operator]


def test_consent_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(MarketError, match="consent"):
        eada(Market([0, 1], [0], [0], [1]), np.array([True, False]))


def test_empty_markets_pass_through_every_mechanism() -> None:
    for market in (Market([0], [], [], []), Market([0, 0], [], [], [0, 2]), Market([0, 1], [0], [0], [0])):
        for mechanism in (programme_proposing, top_trading_cycles, immediate_acceptance, eada):
            assert (mechanism(market).route == -1).all()
        assert len(compare(market)) == 5
