"""Order of selection, against the law written out by hand for one pool of seats.

Source: SkolL 16:43-47, GyF 7:2-7:3: first hand (free quota within its seats, on time, late),
then second hand likewise; unused quota seats revert to first hand before second hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.matching import match, verify
from admissions.matching.score_limits import score_limits
from admissions.rules import Rulebook, RulebookError, load_rulebook
from tests.admissions.rules.small import YEAR, compiled, grades, make, rulebook

STEPS = "FEDCBA"


class Person(NamedTuple):
    first: bool
    quota: bool
    late: bool
    merit: int  # one grade's step, 0-5


people = st.lists(
    st.builds(Person, st.booleans(), st.booleans(), st.booleans(), st.integers(0, 5)), min_size=1, max_size=9
)


def admitted(persons: list[Person], open_seats: int, quota_seats: int, rules: Rulebook) -> tuple[set[int], list[int]]:
    """Admit by the engine; return who, and everybody in the order of the lottery."""
    intake = make(
        applicants={
            f"a{i}": {
                "grades": grades("E", SL=STEPS[p.merit]),
                "home": "Botkyrka" if p.first else "Kiruna",
            }
            for i, p in enumerate(persons)
        },
        choices=[(f"a{i}", "r0", 1, date(YEAR, 6, 1) if p.late else date(YEAR, 2, 1)) for i, p in enumerate(persons)],
        decisions=[(f"a{i}", "r0", "free_quota", "approved") for i, p in enumerate(persons) if p.quota],
        seats=[("r0", "", open_seats), ("r0", "free_quota", quota_seats)],
    )
    row = compiled(intake, rules)
    result = match(row.market)
    verify(row.market, result)
    return {i for i in range(len(persons)) if result.route[i] >= 0}, row.lottery.argsort().tolist()


def by_law(
    persons: list[Person], draw: list[int], open_seats: int, quota_seats: int, late_after_second: bool
) -> set[int]:
    """Write the order of the law out as a queue at a counter."""
    place = {i: n for n, i in enumerate(draw)}

    def key(i: int) -> tuple[int, int]:
        return (-persons[i].merit, place[i])

    def ordered(chosen: list[int]) -> list[int]:
        return sorted(chosen, key=lambda i: (persons[i].late, *key(i)))

    everyone = list(range(len(persons)))
    seated = ordered([i for i in everyone if persons[i].first and persons[i].quota])[:quota_seats]
    quota_left, open_left = quota_seats - len(seated), open_seats
    if late_after_second:
        turns = [(True, (False,)), (False, (False,)), (True, (True,)), (False, (True,))]
    else:
        turns = [(True, (False, True)), (False, (False, True))]
    for first, late in turns:
        waiting = ordered([i for i in everyone if persons[i].first is first and persons[i].late in late])
        if not first:  # an approved quota of second hand on what is left of it
            now = [i for i in waiting if persons[i].quota][:quota_left]
            quota_left -= len(now)
            seated += now
        on_open = [i for i in waiting if i not in seated][:open_left]
        reverted = [i for i in waiting if i not in seated and i not in on_open][:quota_left]
        open_left, quota_left = open_left - len(on_open), quota_left - len(reverted)
        seated += on_open + reverted
    return set(seated)


@settings(max_examples=60, deadline=None)
@given(people, st.integers(0, 3), st.integers(0, 3))
def test_one_pool_is_filled_in_the_order_of_the_law(persons, open_seats, quota_seats):
    got, draw = admitted(persons, open_seats, quota_seats, load_rulebook("storsthlm"))
    assert got == by_law(persons, draw, open_seats, quota_seats, late_after_second=False)


AFTER = """
[order]
late_first_hand = "after_second_hand_on_time"
introduction = "own_seats"
source = ["office"]
certainty = "office"
"""


@settings(max_examples=30, deadline=None)
@given(people, st.integers(0, 3), st.integers(0, 3))
def test_the_switch_puts_late_first_hand_after_second_hand_on_time(tmp_path_factory, persons, open_seats, quota_seats):
    rules = rulebook(tmp_path_factory.mktemp("rules"), AFTER)
    got, draw = admitted(persons, open_seats, quota_seats, rules)
    assert got == by_law(persons, draw, open_seats, quota_seats, late_after_second=True)


@pytest.mark.parametrize("late_after_second", [False, True])
def test_in_second_hand_the_quota_keeps_on_time_before_late(tmp_path, late_after_second):
    rules = rulebook(tmp_path, AFTER if late_after_second else "")
    persons = [
        Person(first=False, quota=True, late=True, merit=5),
        Person(first=False, quota=True, late=False, merit=0),
        Person(first=False, quota=False, late=False, merit=5),
    ]
    got, draw = admitted(persons, 0, 1, rules)
    assert got == {1} == by_law(persons, draw, 0, 1, late_after_second)


def test_in_second_hand_too_the_quota_goes_before_the_open_seats():
    persons = [
        Person(first=False, quota=True, late=False, merit=5),
        Person(first=False, quota=False, late=False, merit=4),
        Person(first=False, quota=True, late=False, merit=0),
    ]
    assert admitted(persons, 1, 1, load_rulebook("storsthlm"))[0] == {0, 1}


def test_the_switch_decides_between_late_first_hand_and_second_hand_on_time(tmp_path):
    persons = [
        Person(first=True, quota=False, late=True, merit=0),
        Person(first=False, quota=False, late=False, merit=5),
    ]
    assert admitted(persons, 1, 0, load_rulebook("storsthlm"))[0] == {0}
    assert admitted(persons, 1, 0, rulebook(tmp_path, AFTER))[0] == {1}


@settings(max_examples=60, deadline=None)
@given(people, st.integers(0, 3), st.integers(0, 3))
def test_no_second_hand_is_admitted_while_first_hand_is_refused(persons, open_seats, quota_seats):
    got, _ = admitted(persons, open_seats, quota_seats, load_rulebook("halland"))
    refused_first = [i for i, p in enumerate(persons) if p.first and i not in got]
    assert not refused_first or all(persons[i].first for i in got)


def test_an_approved_quota_goes_ahead_of_higher_merit_within_its_seats_only():
    low = {"grades": grades("D")}
    intake = make(
        applicants={"a": low, "b": low, "c": {"grades": grades("A")}},
        decisions=[("a", None, "free_quota", "approved"), ("b", None, "free_quota", "approved")],
        seats=[("r0", "", 1), ("r0", "free_quota", 1)],
    )
    row = compiled(intake)
    result = match(row.market)
    assert result.route[2] == 0
    assert (result.route[:2] == 0).sum() == 1


SEPARATE = '[free_quota]\nstream_seats = "separate"\n'


def test_the_two_streams_can_have_their_own_seats(tmp_path):
    intake = make(
        applicants={
            "a": {"grades": {}, "flags": "foreign_grades"},
            "b": {"grades": grades("D")},
            "c": {"grades": grades("E")},
            "d": {"grades": grades("A")},
        },
        decisions=[(name, None, "free_quota", "approved") for name in "abc"],
        seats=[("r0", "", 1), ("r0", "free_quota_special", 1), ("r0", "free_quota_foreign", 1)],
    )
    row = compiled(intake, rulebook(tmp_path, SEPARATE))
    result = match(row.market)
    assert result.route.tolist() == [0, 0, -1, 0]
    assert [row.group_names[g] for g in result.group[[0, 1, 3]]] == ["free_quota_foreign", "free_quota_special", ""]


def test_swedes_abroad_are_in_the_stream_of_foreign_grades(tmp_path):
    intake = make(
        applicants={"a": {"flags": "swedish_abroad"}, "b": {}},
        decisions=[("a", None, "free_quota", "approved"), ("b", None, "free_quota", "approved")],
        seats=[("r0", "", 0), ("r0", "free_quota_foreign", 1)],
    )
    assert match(compiled(intake, rulebook(tmp_path, SEPARATE)).market).route.tolist() == [0, -1]


def test_a_stream_the_office_does_not_use_gives_no_quota(tmp_path):
    rules = rulebook(tmp_path, '[free_quota]\nstreams = ["foreign_grades"]\n')
    people = {"a": {}, "b": {"flags": "foreign_grades"}}
    intake = make(applicants=people, decisions=[(name, None, "free_quota", "approved") for name in people])
    assert compiled(intake, rules).free_quota.tolist() == [False, True]


def test_quota_seats_that_do_not_revert_stay_empty(tmp_path):
    rules = rulebook(tmp_path, '[free_quota]\nunused = "stays_empty"\n')
    intake = make(applicants={"a": {}, "b": {}}, seats=[("r0", "", 1), ("r0", "free_quota", 1)])
    assert (match(compiled(intake, rules).market).route >= 0).sum() == 1
    assert (match(compiled(intake).market).route >= 0).sum() == 2


def test_malmo_gives_up_to_a_third_of_the_seats_by_test():
    scores = {"a": ("A", "10"), "b": ("B", None), "c": ("E", "50"), "d": ("D", "20")}
    intake = make(
        [{"test_rule": "malmo_arts"}],
        {name: {"grades": grades(grade)} for name, (grade, _) in scores.items()},
        decisions=[(name, None, "test_points", points) for name, (_, points) in scores.items() if points],
        seats=[("r0", "", 3)],
    )
    row = compiled(intake)
    result = match(row.market)
    assert result.route.tolist() == [0, 0, 0, -1]
    assert row.group_names == ("test", "")
    assert [row.group_names[g] for g in result.group[:3]] == ["", "", "test"]


def test_a_seat_by_test_that_nobody_takes_goes_by_grades():
    intake = make([{"test_rule": "malmo_arts"}], {"a": {}, "b": {}, "c": {}}, seats=[("r0", "", 3)])
    assert (match(compiled(intake).market).route == 0).all()


def test_programme_oriented_choice_from_the_programmes_pool_comes_after_everyone_eligible():
    routes = [{"pool": "p"}, {"programme": "IMV", "route_code": "IMVNA", "pool": "p"}]
    weak = {"grades": grades("A", drop="MA")}
    intake = make(
        routes,
        {"a": weak, "b": {"grades": grades("E"), "home": "Kiruna"}},
        [("a", "r1", 1), ("b", "r0", 1)],
        seats=[("p", "", 1)],
    )
    assert match(compiled(intake, "halland").market).route.tolist() == [-1, 0]
    assert match(compiled(intake, "storsthlm").market).route.tolist() == [1, -1]


NAMED = """
[reception]
second_hand = "named"
source = ["Kristianstad: mottagande"]
certainty = "office"
"""


def test_second_hand_named_by_the_organiser(tmp_path):
    rules = rulebook(tmp_path, NAMED)
    away = {"home": "Kiruna"}
    intake = make(
        applicants={"a": away | {"grades": grades("A")}, "b": away, "c": away, "d": {"grades": grades("E")}},
        decisions=[("b", None, "named", "2"), ("c", None, "named", "1")],
        seats=[("r0", "", 2)],
    )
    row = compiled(intake, rules)
    assert row.reason.tolist()[0] == 11
    assert match(row.market).route.tolist() == [-1, -1, 0, 0]


def test_school_ranks_go_before_merit_and_tiers_before_ranks():
    ranked = {"programme": "IB", "route_code": "IB", "mode": "rank"}
    intake = make(
        [ranked],
        {"a": {"grades": grades("A")}, "b": {"grades": grades("E")}, "c": {"home": "Kiruna"}},
        decisions=[("a", None, "school_rank", "3"), ("b", None, "school_rank", "2"), ("c", None, "school_rank", "1")],
        seats=[("r0", "", 1)],
    )
    assert match(compiled(intake).market).route.tolist() == [-1, 0, -1]


def test_seats_of_the_run_and_rounds():
    intake = make(seats=[("r0", "", 3), ("r0", "", 5, "reserve-1")])
    assert compiled(intake).seats.tolist() == [3]
    assert compiled(intake, round_name="reserve-2").seats.tolist() == [5]


def test_a_closed_route_has_no_seats():
    intake = make([{"closed_at": date(YEAR, 5, 1)}])
    assert compiled(intake).seats.tolist() == [0]
    assert compiled(intake, round_name="preliminary").seats.tolist() == [10]


def test_a_closed_route_with_a_quota_has_no_seats():
    intake = make([{"closed_at": date(YEAR, 5, 1)}], seats=[("r0", "", 3), ("r0", "free_quota", 1)])
    row = compiled(intake)
    assert row.seats.tolist() == [0]
    assert row.groups is None


def test_held_outside_and_over_intake(tmp_path):
    intake = make(seats=[("r0", "", 10)])
    seats = intake.seats.with_columns(held_outside=pl.lit(3), over_intake=pl.lit(1))
    assert compiled(replace(intake, seats=seats)).seats.tolist() == [8]
    with pytest.raises(RulebookError, match="over-intake"):
        compiled(replace(intake, seats=seats), rulebook(tmp_path, "[publication]\nover_intake = false\n"))


def test_ties_inside_the_free_quota_are_left_to_the_lottery():
    """Two of the quota tie for its one seat: no draw is certain, so none may be called certain."""
    intake = make(
        applicants={name: {} for name in ("a", "b", "c")},
        choices=[(name, "r0", 1) for name in ("a", "b", "c")],
        decisions=[(name, "r0", "free_quota", "approved") for name in ("a", "b")],
        seats=[("r0", "", 0), ("r0", "free_quota", 1)],
    )
    limits = score_limits(compiled(intake, load_rulebook("storsthlm")).market)
    assert limits.certain.tolist() == [False, False, True]
