"""Worked examples, each with its citation; the stated sets of stable matchings are counted again by enumeration."""

from __future__ import annotations

import numpy as np

from admissions.matching import match, verify
from admissions.matching.market_file import read_market
from admissions.matching.mechanisms import eada, immediate_acceptance, programme_proposing, top_trading_cycles
from tests.admissions.matching.mechanisms.literature import named, pairs, printed
from tests.admissions.matching.small_worlds import World


def stable_sets(preferences: dict[str, str], priorities: dict[str, str]) -> list[dict[str, str]]:
    people, places = sorted(preferences), sorted(priorities)
    world = World(
        [[places.index(s) for s in preferences[i].split()] for i in people],
        {
            (i, s): priorities[places[s]].split().index(people[i])
            for i in range(len(people))
            for s in range(len(places))
        },
        list(range(len(places))),
        [1] * len(places),
    )
    found = []
    for held in world.stable_matchings():
        routes = world.matching(held).route.tolist()
        found.append({i: places[r] for i, r in zip(people, routes, strict=True)})
    return found


def test_gale_and_shapley_1962_example_1() -> None:
    """Three stable marriages; the men's best is the women's worst."""
    men = {"alpha": "A B C", "beta": "B C A", "gamma": "C A B"}
    women = {"A": "beta gamma alpha", "B": "gamma alpha beta", "C": "alpha beta gamma"}
    market, people, places = printed(men, women)
    assert named(match(market), people, places) == pairs("alpha A, beta B, gamma C")
    assert named(programme_proposing(market), people, places) == pairs("alpha C, beta A, gamma B")
    every = stable_sets(men, women)
    assert len(every) == 3
    assert pairs("alpha B, beta C, gamma A") in every


def test_gale_and_shapley_1962_example_2() -> None:
    """One stable marriage only, in which nobody has their first choice on both sides."""
    men = {"alpha": "A B C D", "beta": "A D C B", "gamma": "B A C D", "delta": "D B C A"}
    women = {
        "A": "delta gamma alpha beta", "B": "beta delta alpha gamma",
        "C": "delta alpha beta gamma", "D": "gamma beta alpha delta",
    }  # fmt: skip
    market, people, places = printed(men, women)
    assert stable_sets(men, women) == [pairs("alpha C, beta D, delta B, gamma A")]
    assert named(match(market), people, places) == named(programme_proposing(market), people, places)


ROTH = {"i1": "s2 s1 s3", "i2": "s1 s2 s3", "i3": "s1 s2 s3"}
ROTH_PRIORITIES = {"s1": "i1 i3 i2", "s2": "i2 i1 i3", "s3": "i2 i1 i3"}


def test_abdulkadiroglu_and_sonmez_2003_example_1() -> None:
    """After Roth 1982: the only stable matching is worse for everybody concerned than a swap."""
    market, people, places = printed(ROTH, ROTH_PRIORITIES)
    assert stable_sets(ROTH, ROTH_PRIORITIES) == [pairs("i1 s1, i2 s2, i3 s3")]
    assert named(match(market), people, places) == pairs("i1 s1, i2 s2, i3 s3")
    assert named(top_trading_cycles(market), people, places) == pairs("i1 s2, i2 s1, i3 s3")


def test_kesten_2010_consent_of_the_interrupter() -> None:
    """Student i3 interrupts s1 without gain; with i3's consent i1 and i2 swap, without it nothing changes."""
    market, people, places = printed(ROTH, ROTH_PRIORITIES)
    assert named(eada(market), people, places) == pairs("i1 s2, i2 s1, i3 s3")
    assert named(eada(market, np.array([False, False, True])), people, places) == pairs("i1 s2, i2 s1, i3 s3")
    assert named(eada(market, np.array([True, True, False])), people, places) == pairs("i1 s1, i2 s2, i3 s3")


def test_abdulkadiroglu_and_sonmez_2003_example_of_top_trading_cycles() -> None:
    """Eight students, four schools; the four rounds of cycles can be followed by hand."""
    students = {
        "i1": "s2 s1 s3 s4", "i2": "s1 s2 s3 s4", "i3": "s3 s2 s1 s4", "i4": "s3 s4 s1 s2",
        "i5": "s1 s3 s4 s2", "i6": "s4 s1 s2 s3", "i7": "s1 s2 s3 s4", "i8": "s1 s2 s4 s3",
    }  # fmt: skip
    schools = {
        "s1": "i1 i2 i3 i4 i5 i6 i7 i8", "s2": "i3 i5 i4 i8 i7 i2 i1 i6",
        "s3": "i5 i3 i1 i7 i2 i8 i6 i4", "s4": "i6 i8 i7 i4 i2 i3 i5 i1",
    }  # fmt: skip
    market, people, places = printed(students, schools, {"s1": 2, "s2": 2, "s3": 3, "s4": 3})
    expected = pairs("i1 s2, i2 s1, i3 s3, i4 s3, i5 s1, i6 s4, i7 s2, i8 s4")
    assert named(top_trading_cycles(market), people, places) == expected


def test_many_to_one_lattice_ends_differ() -> None:
    """Opposed interests in college admissions (Roth and Sotomayor 1990, chapter 5): each side has its own best."""
    students = {"a": "x y", "b": "y x", "c": "x y", "d": "y x"}
    colleges = {"x": "b d a c", "y": "a c b d"}
    market, people, places = printed(students, colleges, {"x": 2, "y": 2})
    assert named(match(market), people, places) == pairs("a x, b y, c x, d y")
    assert named(programme_proposing(market), people, places) == pairs("a y, b x, c y, d x")


def test_immediate_acceptance_punishes_the_honest() -> None:
    """Abdulkadiroğlu and Sönmez 2003, section I.A: to miss the first choice costs the second too."""
    students = {"i1": "s1 s2 s3", "i2": "s1 s2 s3", "i3": "s2 s1 s3"}
    schools = {"s1": "i1 i2 i3", "s2": "i2 i1 i3", "s3": "i1 i2 i3"}
    market, people, places = printed(students, schools)
    assert named(immediate_acceptance(market), people, places) == pairs("i1 s1, i2 s3, i3 s2")
    assert named(match(market), people, places) == pairs("i1 s1, i2 s2, i3 s3")
    safe, people, places = printed({**students, "i2": "s2 s1 s3"}, schools)
    assert named(immediate_acceptance(safe), people, places)["i2"] == "s2"


WALK = {
    "applicants": {"walk1": ["s"], "open1": ["s"], "walk2": ["s"]},
    "programmes": {"s": {"priority": ["walk1", "open1", "walk2"]}},
    "groups": {"walk1": ["walk"], "walk2": ["walk"]},
}


def test_dur_kominers_pathak_and_sonmez_2018_order_of_filling() -> None:
    """Boston's walk zone: filled before the open seats the reserve helps nobody, filled after them it does."""
    import json

    first = {"s": [{"n": 1, "for": "walk"}, {"n": 1}]}
    last = {"s": [{"n": 1}, {"n": 1, "for": "walk"}]}
    for slots, placed in ((first, {"walk1", "open1"}), (last, {"walk1", "walk2"})):
        file = read_market(json.dumps({**WALK, "slots": slots}))
        result = file.solve()
        verify(file.market, result)
        assert {who for who, where in file.assignment(result).items() if where} == placed


def test_kominers_and_sonmez_2016_slots_with_priorities_of_their_own() -> None:
    """A branch with two slots of different priorities: who takes which slot depends on the order, not on luck."""
    import json

    market = {
        "applicants": {"i": ["b"], "j": ["b"], "k": ["b"]},
        "programmes": {"b": {"priority": ["i", "j", "k"]}},
    }
    by_k_first = {"b": [{"n": 1, "priority": ["k", "i", "j"]}, {"n": 1}]}
    by_i_first = {"b": [{"n": 1}, {"n": 1, "priority": ["i", "j", "k"]}]}
    for slots, refused in ((by_k_first, "j"), (by_i_first, "k")):
        file = read_market(json.dumps({**market, "slots": slots}))
        result = file.solve()
        verify(file.market, result)
        assert [who for who, where in file.assignment(result).items() if where is None] == [refused]
