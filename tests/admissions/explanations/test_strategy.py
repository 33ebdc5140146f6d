from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import numpy as np
import polars as pl
import pytest

from admissions.explanations.facts import facts_of
from admissions.explanations.strategy import RULES, _above_granted, _first_rank, audit, within_reach
from admissions.matching import match
from admissions.rules import compile_round, load_rulebook
from tests.admissions.explanations.worlds import known, own_orders, place, ran, world
from tests.admissions.rules.small import YEAR, grades, make


def by_rule(facts) -> dict:
    found = {one.rule: one for one in audit(facts)}
    assert tuple(found) == RULES
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_exposed_where_only_the_lottery_breaks_ties(seed: int):
    found = by_rule(known("storsthlm", seed))
    assert [one.exposed for one in found.values()] == [0, 0, 0, 0]
    assert not found["choice_rank"].in_force
    assert found["choice_rank"].example is None


def _reports(compiled, number: int):
    """Every order of an applicant's own list, as choices."""
    history = compiled.static.history
    mine = np.flatnonzero((history.applicant == number) & (history.withdrawn > 10**6))
    for order in permutations(range(1, len(mine) + 1)):
        rank = history.rank.copy()
        rank[mine] = order
        by_list = np.lexsort((history.registered, rank, history.applicant))
        columns = {name: getattr(history, name)[by_list] for name in ("applicant", "route", "registered", "withdrawn")}
        yield replace(history, rank=rank[by_list], **columns)


@pytest.mark.parametrize(
    ("rules", "made"),
    [
        ("storsthlm", world(60, seed=4, seats=2)),
        ("halland", world(60, seed=4, seats=2)),
        *[("halland", own_orders(seed)) for seed in range(4)],
    ],
    ids=["storsthlm", "halland", *(f"own orders {seed}" for seed in range(4))],
)
def test_exposed_are_exactly_those_some_other_order_would_have_helped(rules: str, made):
    facts = facts_of(ran(made, rules))
    compiled = facts.compiled
    ranks = np.zeros(len(compiled.applicants), np.uint64)
    ranks[compiled.applicant] = compiled.lottery
    length = np.diff(compiled.indptr)
    people = np.flatnonzero((length > 1) & (length < 5))[:16]
    helped = set()
    for number in people.tolist():
        routes = compiled.route[compiled.indptr[number] : compiled.indptr[number + 1]].tolist()
        honest = place(facts.matching, compiled, number)
        for history in _reports(compiled, number):
            again = compile_round(compiled.static, "final", lottery=ranks, choices=history)
            got = int(match(again.market).route[number])
            if got >= 0 and routes.index(got) < honest:
                helped.add(number)
                break
    assert (rules == "halland") or not helped
    reach: set[int] = set()
    if "choice_rank" in facts.chain:
        above = _above_granted(facts, compiled) & facts.tried & np.isin(compiled.applicant, people)
        rows = within_reach(facts, compiled, np.flatnonzero(above), _first_rank(facts.chain))
        reach = set(compiled.applicant[rows].tolist())
    assert reach == helped


def test_a_tie_broken_by_choice_rank_is_found_with_an_example():
    """Z wants r1 more than r0, misses r1, and loses r0 to a tied applicant who put it first."""
    intake = make(
        routes=({}, {}),
        applicants={"a": {}, "b": {"grades": grades("A")}, "z": {}},
        choices=[("a", "r0", 1), ("b", "r1", 1), ("z", "r1", 1), ("z", "r0", 2)],
        seats=[("r0", "", 1), ("r1", "", 1)],
    )
    for rules, exposed in (("halland", {0, 1}), ("storsthlm", {0})):
        found = by_rule(facts_of(ran(intake, rules)))["choice_rank"]
        assert found.exposed in exposed
        if found.exposed:
            assert found.example.instead == 2
            assert found.example.granted is None
            assert found.example.listed == ("r1", "r0")
    assert by_rule(facts_of(ran(intake, "halland")))["choice_rank"].concerned == 1


def test_late_groups_and_separate_runs_count_whom_they_cost_a_seat():
    late = date(YEAR, 6, 30)
    intake = make(
        applicants={"a": {"grades": grades("C")}, "z": {"grades": grades("A")}},
        choices=[("a", "r0", 1), ("z", "r0", 1, late)],
        seats=[("r0", "", 1)],
    )
    found = by_rule(facts_of(ran(intake, "storsthlm")))
    assert (found["late_groups"].exposed, found["late_groups"].example.merit) == (1, 32000)
    later = [name for name in ("kalmarsund", "fyrbodal") if load_rulebook(name, YEAR).late.from_round != "final"]
    assert later
    found = by_rule(facts_of(ran(intake, later[0])))
    assert found["separate_runs"].in_force
    assert found["separate_runs"].concerned == 1


def test_no_example_carries_an_id():
    facts = known("halland")
    for one in audit(facts):
        if one.example:
            assert not set(facts.applicants) & set(one.example.listed)
            assert "applicant" not in vars(one.example)


def test_the_frame_of_the_tests_is_not_empty():
    assert known("halland").rows.filter(pl.col("status") == "reserve").height > 0
