"""The market file: what it means, and that everything wrong in it is refused with its place."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest

from admissions.errors import InputError
from admissions.matching import verify
from admissions.matching.market_file import MECHANISMS, WITH_SLOTS, read_market

PLAIN: dict[str, Any] = {
    "applicants": {"a1": ["p", "q"], "a2": ["p", "q"], "a3": ["q", "p"]},
    "programmes": {
        "p": {"capacity": 1, "priority": ["a3", ["a1", "a2"]]},
        "q": {"capacity": 1, "priority": ["a1", "a2"]},
    },
}
ORDER = {"tie_break": {"type": "stb", "order": ["a2", "a1", "a3"]}}


def solved(market: dict[str, Any], mechanism: str = MECHANISMS[0]) -> dict[str, str | None]:
    file = read_market(json.dumps(market))
    result = file.solve(mechanism)
    if mechanism == MECHANISMS[0]:
        verify(file.market, result)
    return file.assignment(result)


def refused(market: Any) -> tuple[str, ...]:
    with pytest.raises(InputError) as refusal:
        read_market(market if isinstance(market, str) else json.dumps(market))
    return refusal.value.problems


# -- meaning -------------------------------------------------------------------------------------------------------


def test_the_tie_goes_to_the_first_in_the_order_and_the_unranked_is_not_acceptable() -> None:
    assert solved(PLAIN | ORDER) == {"a1": "q", "a2": None, "a3": "p"}  # q does not rank a3
    assert list(solved(PLAIN | ORDER)) == ["a1", "a2", "a3"]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_mechanism_answers_for_every_applicant(mechanism: str) -> None:
    assert set(solved(PLAIN | ORDER, mechanism)) == {"a1", "a2", "a3"}


def test_who_did_not_list_the_programme_is_ignored_also_in_ties_and_unknown_people() -> None:
    market = {
        "applicants": {"a": ["p"], "b": []},
        "programmes": {
            "p": {"capacity": 1, "priority": [["b", "a", "nobody"]]},
            "empty": {"capacity": 0, "priority": []},
        },
    }
    assert solved(market) == {"a": "p", "b": None}


def test_multiple_tie_breaking_has_an_order_for_each_programme() -> None:
    market = {
        "applicants": {"a": ["p", "q"], "b": ["p", "q"]},
        "programmes": {name: {"capacity": 1, "priority": [["a", "b"]]} for name in "pq"},
        "tie_break": {"type": "mtb", "orders": {"p": ["b", "a"], "q": ["a", "b"]}},
    }
    assert solved(market) == {"a": "q", "b": "p"}


def test_list_position_comes_before_the_order() -> None:
    market = {
        "applicants": {"a": ["q", "p"], "b": ["p", "q"], "c": ["q", "p"]},
        "programmes": {
            "p": {"capacity": 1, "priority": [["a", "b", "c"]]},
            "q": {"capacity": 1, "priority": [["a", "c"]]},
        },
        "tie_break": {"type": "list_position_then_stb", "order": ["c", "a"]},
    }
    assert solved(market) == {"a": None, "b": "p", "c": "q"}


def test_slots_are_filled_in_their_order_and_revert_unless_told_not_to() -> None:
    market = {
        "applicants": {name: ["p"] for name in "abc"},
        "programmes": {"p": {"priority": ["a", "b", "c"]}},
        "groups": {"c": ["T"]},
    }
    assert solved(market | {"slots": {"p": [{"n": 1, "for": "T"}, {"n": 1}]}}) == {"a": "p", "b": None, "c": "p"}
    assert solved(market | {"slots": {"p": [{"n": 2, "for": "T"}, {"n": 1, "for": None}]}})["b"] == "p"  # one reverts
    never = {"p": [{"n": 2, "for": "T", "reverts": False}, {"n": 1}]}
    assert solved(market | {"slots": never}) == {"a": "p", "b": None, "c": "p"}
    nobodys = {"p": [{"n": 2, "for": "U"}, {"n": 0}]}
    assert solved(market | {"slots": nobodys}) == {"a": "p", "b": "p", "c": None}


def test_a_slots_own_priority_orders_those_it_ranks_among_the_acceptable() -> None:
    market = {
        "applicants": {name: ["p"] for name in "abcd"},
        "programmes": {"p": {"capacity": 2, "priority": ["a", "b", "c"]}},
        "slots": {"p": [{"n": 1, "priority": ["d", ["c", "b"]]}, {"n": 1}]},
        "tie_break": {"type": "stb", "order": ["c", "b"]},
    }
    assert solved(market) == {"a": "p", "b": None, "c": "p", "d": None}


def test_without_consent_the_efficient_mechanism_is_deferred_acceptance() -> None:
    roth = {
        "applicants": {"i1": ["s2", "s1", "s3"], "i2": ["s1", "s2", "s3"], "i3": ["s1", "s2", "s3"]},
        "programmes": {
            "s1": {"capacity": 1, "priority": ["i1", "i3", "i2"]},
            "s2": {"capacity": 1, "priority": ["i2", "i1", "i3"]},
            "s3": {"capacity": 1, "priority": ["i2", "i1", "i3"]},
        },
    }
    assert solved(roth, "eada") == {"i1": "s2", "i2": "s1", "i3": "s3"}
    assert solved(roth | {"consent": ["i3"]}, "eada")["i1"] == "s2"
    assert solved(roth | {"consent": ["i1", "i2"]}, "eada") == solved(roth)


def test_a_capacity_beyond_any_array_is_fine() -> None:
    market = {"applicants": {"a": ["p"]}, "programmes": {"p": {"capacity": 10**30, "priority": ["a"]}}}
    assert solved(market) == {"a": "p"}
    slots = {"p": [{"n": 10**30, "for": "T"}, {"n": 3}]}
    assert solved({"applicants": {"a": ["p"]}, "programmes": {"p": {"priority": ["a"]}}, "slots": slots}) == {"a": "p"}


def test_slots_with_one_open_slot_are_plain_seats() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        names = [f"a{k}" for k in range(8)]
        lists = {a: rng.permutation(["p", "q", "r"])[: rng.integers(0, 4)].tolist() for a in names}
        programmes = {
            p: {"capacity": int(rng.integers(0, 4)), "priority": rng.permutation(names).tolist()} for p in "pqr"
        }
        plain = {"applicants": lists, "programmes": programmes}
        slots = {p: [{"n": stated["capacity"]}] for p, stated in programmes.items()}
        for mechanism in WITH_SLOTS:
            assert solved(plain, mechanism) == solved(plain | {"slots": slots}, mechanism)


def test_the_order_of_keys_in_the_file_changes_nothing() -> None:
    turned = {
        "programmes": dict(reversed(PLAIN["programmes"].items())),
        "applicants": dict(reversed(PLAIN["applicants"].items())),
    }
    for mechanism in MECHANISMS:
        assert solved(PLAIN | ORDER, mechanism) == solved(turned | ORDER, mechanism)


# -- refusals ------------------------------------------------------------------------------------------------------


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the plain market with one place changed, e.g. ``programmes.p.capacity``."""
    market = json.loads(json.dumps(PLAIN | ORDER))
    at = market
    *parents, last = path.split(".")
    for key in parents:
        at = at.setdefault(key, {})
    at[last] = value
    return market


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("applicants.a1", ["p", "x"], "applicants.a1[1]: unknown programme 'x'"),
        ("applicants.a1", ["p", "q", "p"], "applicants.a1[2]: 'p' stands here a second time"),
        ("applicants.a1", "p", "applicants.a1: must be a list"),
        ("applicants.a1", ["p", 7], "applicants.a1[1]: must be a name in quotes"),
        ("applicants.a1", None, "applicants.a1: must be a list"),
        ("applicants", [], "applicants: must be an object"),
        ("programmes.p.capacity", -1, "programmes.p.capacity: -1 seats"),
        ("programmes.p.capacity", 1.5, "programmes.p.capacity: must be a whole number of seats, not 1.5"),
        ("programmes.p.capacity", True, "programmes.p.capacity: must be a whole number of seats, not true"),
        ("programmes.p.capacity", "2", "programmes.p.capacity: must be a whole number"),
        ("programmes.p.capacity", float("nan"), "programmes.p.capacity: must be a whole number of seats, not NaN"),
        ("programmes.p.capacity", None, "programmes.p.capacity: must be a whole number"),
        ("programmes.p.priority", ["a1", ["a2", "a1"]], "programmes.p.priority[1][1]: 'a1' stands in this priority"),
        ("programmes.p.priority", ["a1", "a1"], "programmes.p.priority[1]: 'a1' stands in this priority a second time"),
        ("programmes.p.priority", ["a1", ["a2", ["a3"]]], "programmes.p.priority[1][1]: must be an applicant's name"),
        ("programmes.p.priority", {}, "programmes.p.priority: must be a list"),
        ("programmes.p.seats", 3, "programmes.p: unknown key 'seats'; known are capacity, priority"),
        ("programmes.p", {"priority": []}, "programmes.p: the key 'capacity' is missing"),
        ("programmes.p", {"capacity": 1}, "programmes.p: the key 'priority' is missing"),
        ("programmes.p", 3, "programmes.p: must be an object"),
        ("tie_break", {"type": "coin"}, 'tie_break.type: unknown kind "coin"; known are stb, mtb'),
        ("tie_break", {"order": ["a1"]}, "tie_break: the key 'type' is missing"),
        ("tie_break", {"type": "stb"}, "tie_break: the key 'order' is missing"),
        ("tie_break", {"type": "mtb", "order": []}, "tie_break: unknown key 'order'"),
        ("tie_break", {"type": "stb", "order": ["a2", "a2"]}, "tie_break.order[1]: 'a2' stands here a second time"),
        ("tie_break", {"type": "mtb", "orders": {"x": []}}, "tie_break.orders.x: unknown programme 'x'"),
        ("tie_break", {"type": "stb", "order": ["a1"]}, "programmes.p.priority[1]: the tie between 'a1' and 'a2'"),
        ("tie_break", {"type": "mtb", "orders": {"q": []}}, "tie_break.orders.p lacks"),
        ("tie_break", {"type": "list_position_then_stb", "order": []}, "tie_break.order lacks"),
        ("tie_break", None, "tie_break: must be an object"),
        ("groups", {"zz": ["T"]}, "groups.zz: unknown applicant 'zz'"),
        ("groups", {"a1": "T"}, "groups.a1: must be a list"),
        ("groups", {"a1": ["T", "T"]}, "groups.a1[1]: 'T' stands here a second time"),
        ("slots", {"x": []}, "slots.x: unknown programme 'x'"),
        ("slots", {"p": {}}, "slots.p: must be a list"),
        ("slots", {"p": [{"for": "T"}]}, "slots.p[0]: the key 'n' is missing"),
        ("slots", {"p": [{"n": 2}]}, "slots.p: the slots have 2 seats, programmes.p.capacity says 1"),
        ("slots", {"p": [{"n": -1}, {"n": 2}]}, "slots.p[0].n: -1 seats"),
        ("slots", {"p": [{"n": 1, "for": 3}]}, "slots.p[0].for: must be the name of a group"),
        ("slots", {"p": [{"n": 1, "reverts": 1}]}, "slots.p[0].reverts: must be true or false"),
        ("slots", {"p": [{"n": 1, "seats": 1}]}, "slots.p[0]: unknown key 'seats'"),
        ("slots", {"p": [{"n": 1, "priority": ["a1", "a1"]}]}, "slots.p[0].priority[1]: 'a1' stands in this priority"),
        ("consent", ["zz"], "consent[0]: unknown applicant 'zz'"),
        ("consent", ["a1", "a1"], "consent[1]: 'a1' stands here a second time"),
        ("consent", True, "consent: must be a list"),
        ("programs", {}, "the file: unknown key 'programs'"),
    ],
)
def test_a_wrong_place_is_named(path: str, value: Any, problem: str) -> None:
    assert any(problem in str(one) for one in refused(changed(path, value))), refused(changed(path, value))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "line 1, column 2: not JSON"),
        ("", "not JSON"),
        ("[]", "the file: must be an object"),
        ("{}", "the file: the key 'applicants' is missing"),
        ('{"applicants": {}, "programmes": {}, "applicants": {}}', "applicants: the key is given twice"),
        ('{"applicants": {"a": [], "a": []}, "programmes": {}}', "applicants.a: the key is given twice"),
        (
            '{"applicants": {}, "programmes": {"p": {"capacity": 1, "capacity": 2, "priority": []}}}',
            "programmes.p.capacity",
        ),
        ('{"applicants": {}, "programmes": {"p": {"capacity": Infinity, "priority": []}}}', "programmes.p.capacity"),
        ("[" * 100_000, "not a market file"),
        (
            '{"applicants": {}, "programmes": {"p": {"capacity": ' + "1" * 5000 + ', "priority": []}}}',
            "not a market file",
        ),
    ],
)
def test_broken_json_is_refused_without_a_crash(text: str, problem: str) -> None:
    assert any(problem in str(one) for one in refused(text))


def test_all_problems_come_at_once() -> None:
    market = changed("programmes.p.capacity", -1) | {"consent": ["zz"], "extra": 1}
    market["applicants"]["a1"] = ["x"]
    assert len(refused(market)) == 4


def test_a_tie_in_a_slots_own_priority_is_named() -> None:
    market = changed("slots", {"p": [{"n": 1, "priority": [["a1", "a3"]]}]}) | {
        "tie_break": {"type": "stb", "order": ["a2", "a1"]}
    }
    assert any("slots.p[0].priority[0]: the tie between" in str(one) for one in refused(market))


def test_a_tie_that_nobody_feels_needs_no_breaking() -> None:
    market = changed("programmes.q.priority", ["a1", ["zz", "a2"]]) | {
        "tie_break": {"type": "stb", "order": ["a2", "a1"]}
    }
    read_market(json.dumps(market))


def test_slots_go_with_the_two_deferred_acceptance_mechanisms_only() -> None:
    file = read_market(json.dumps(changed("slots", {"p": [{"n": 1, "for": "T"}]})))
    for mechanism in MECHANISMS:
        if mechanism in WITH_SLOTS:
            file.solve(mechanism)
        else:
            with pytest.raises(InputError, match=f"{mechanism} does not know slots"):
                file.solve(mechanism)
    with pytest.raises(InputError, match="unknown; known are deferred-acceptance"):
        file.solve("serial-dictatorship")


def test_any_order_of_tied_people_in_the_file_gives_the_same() -> None:
    results = set()
    for tie in itertools.permutations(["a1", "a2", "a3"]):
        market = changed("programmes.p.priority", [list(tie)])
        results.add(tuple(solved(market).items()))
    assert len(results) == 1
