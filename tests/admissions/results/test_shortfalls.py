from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.matching import Market, match
from admissions.results.changes import MOVES, changes, compared
from admissions.results.clearing import clearing_numbers
from admissions.results.decisions import decide
from admissions.results.demand import demand
from admissions.results.levels import LEVELS
from admissions.results.queues import pool_of_route
from admissions.results.rollups import rollups
from admissions.results.shortfalls import count_sets, shortfalls
from admissions.results.statuses import Status
from tests.admissions.results.town import compiled, town


def measured(intake, round_name="final"):
    one = compiled(intake, round_name)
    result = decide(one, match(one.market))
    routes = demand(result, intake)
    return result, routes, shortfalls(result, intake, routes)


def cleared(one, pools):
    """Solve the clearing number by its definition: a new market with room for everybody in the set."""
    seats = one.market.seats.copy()
    seats[pools] = one.market.n_applicants
    bigger = Market(one.market.indptr, one.market.route, one.market.priority, seats, pool=one.market.pool)
    routes = match(bigger).route
    taken = np.bincount(pool_of_route(one)[routes[routes >= 0]], minlength=len(seats))
    return int(np.maximum(taken - one.market.seats, 0)[pools].sum())


@given(st.integers(1, 80), st.integers(0, 10_000), st.integers(0, 6), st.data())
@settings(max_examples=25, deadline=None)
def test_clearing_numbers_are_those_of_a_match_with_room_for_all(applicants, seed, seats, data):
    one = compiled(town(applicants, seed=seed, seats=seats, quota=0))
    pools = len(one.pools)
    sets = [np.array([pool]) for pool in range(pools)] + [np.arange(pools)]
    some = data.draw(st.sets(st.integers(0, pools - 1), min_size=1))
    sets.append(np.array(sorted(some)))
    result = decide(one, match(one.market))
    wanted = np.zeros(pools, bool)
    wanted[pool_of_route(one)[one.route[result.status == Status.RESERVE]]] = True
    told = []
    found = clearing_numbers(one, sets, wanted, progress=told.append)
    assert found.tolist() == [cleared(one, chosen) for chosen in sets]
    assert sum(told) == len({chosen.tobytes() for chosen in sets})


def test_clearing_numbers_count_open_seats_of_a_pool_with_groups():
    one = compiled(town(150, seed=3, seats=3))
    assert one.market.groups is not None
    pool = one.pools.tolist().index("NA-So")
    found = clearing_numbers(one, [np.array([pool])], np.ones(len(one.pools), bool))[0]
    # with room for everybody, everybody whose first tried choice it is sits there: the quota's seats are full or revert
    first = one.market.route[one.market.indptr[:-1][np.diff(one.market.indptr) > 0]]
    assert found >= np.sum(pool_of_route(one)[first] == pool) - one.seats[pool] > 0


@given(st.integers(1, 80), st.integers(0, 10_000), st.integers(0, 9), st.booleans())
@settings(max_examples=20, deadline=None)
def test_five_senses_by_their_definitions(applicants, seed, seats, pooled):
    intake = town(applicants, seed=seed, seats=seats, quota=0, pooled=pooled)
    result, _routes, short = measured(intake)
    one = result.compiled
    region = short.levels["region"].row(0, named=True)
    tried = np.diff(one.market.indptr) > 0
    assert region["without_seat"] == region["residents_without_seat"] == np.sum(tried & (result.granted < 0))
    assert short.without_seat["persons"].sum() == region["without_seat"]
    assert region["reserves"] == np.sum(result.status == Status.RESERVE)
    assert region["reserve_persons"] == len(set(result.owner[result.status == Status.RESERVE]))
    assert region["seats"] == one.seats.sum()
    assert region["vacancies"] == one.seats.sum() - np.sum(result.granted >= 0)
    assert region["clearing_number"] == cleared(one, np.arange(len(one.pools)))
    firsts = [one.indptr[i] for i in range(len(one.applicants)) if one.indptr[i] < one.indptr[i + 1]]
    gap = np.zeros(len(one.pools), int)
    for row in firsts:
        gap[pool_of_route(one)[one.route[row]]] += one.status[row] == 0
    gap -= one.seats
    assert region["first_choice_shortage"] == gap[gap > 0].sum()
    assert region["first_choice_surplus"] == -gap[gap < 0].sum()
    assert region["first_choices"] + region["first_not_eligible"] + region["first_not_tried"] == len(firsts)


@given(st.integers(1, 80), st.integers(0, 10_000), st.integers(0, 9))
@settings(max_examples=15, deadline=None)
def test_roll_ups_add_up_where_they_should_and_only_there(applicants, seed, seats):
    intake = town(applicants, seed=seed, seats=seats, quota=0, pooled=False)
    _result, _routes, short = measured(intake)
    region = short.levels["region"].row(0, named=True)
    additive = ("seats", "first_choices", "all_choices", "admitted", "admitted_first", "reserves", "without_seat")
    additive += ("first_choice_shortage", "first_choice_surplus", "vacancies", "first_not_eligible", "first_not_tried")
    for name, table in short.levels.items():
        for column in additive:
            assert table[column].sum() == region[column], (name, column)
        assert table["reserve_persons"].sum() >= region["reserve_persons"]
        assert table["reserve_persons"].max() <= region["reserve_persons"]
    assert short.levels["municipality"]["residents_without_seat"].sum() == region["residents_without_seat"]


def test_clearing_numbers_of_parts_do_not_add_up():
    short = measured(town(200, seed=1, seats=5, quota=0))[2]
    parts, whole = short.levels["route"]["clearing_number"].sum(), short.levels["region"]["clearing_number"][0]
    assert parts != whole


def test_a_shared_pool_counts_once_in_each_sum():
    intake = town(90, seed=2, seats=5)
    result, routes, short = measured(intake)
    shared = routes.filter(pl.col("pool") == "EK-shared")
    assert len(shared) == 2
    assert shared["seats"].n_unique() == 1
    assert short.levels["region"]["seats"][0] == result.compiled.seats.sum() < routes["seats"].sum()


def test_every_set_is_counted_for_the_progress_bar():
    one = compiled(town(60, seed=2))
    result = decide(one, match(one.market))
    intake = town(60, seed=2)
    routes = demand(result, intake)
    told = []
    shortfalls(result, intake, routes, progress=told.append)
    assert sum(told) == count_sets(result, routes)


@given(st.integers(1, 80), st.integers(0, 10_000), st.integers(0, 9))
@settings(max_examples=15, deadline=None)
def test_changes_count_every_person_once(applicants, seed, seats):
    intake = town(applicants, seed=seed, seats=seats)
    before, routes_before, _ = measured(intake, "preliminary")
    after, routes_after, _ = measured(intake, "final")
    change = changes(compared(before, routes_before), compared(after, routes_after))
    assert change.applicants["move"].to_list() == list(MOVES)
    some = (np.diff(before.compiled.indptr) > 0) | (np.diff(after.compiled.indptr) > 0)
    assert change.applicants["persons"].sum() == some.sum()
    moved = dict(change.applicants.iter_rows())
    same = (before.granted_route >= 0) & (before.granted_route == after.granted_route)
    assert moved["same_route"] == same.sum()
    for name, table in change.levels.items():
        balance = table["arrived"] - table["departed"]
        assert (balance == table["admitted_after"] - table["admitted_before"]).all(), name
        assert (table["seats_after"] - table["seats_before"] == table["seats_added"] - table["seats_closed"]).all()
    region = change.levels["region"].row(0, named=True)
    assert region["seats_before"] == before.compiled.seats.sum()
    assert region["seats_after"] == after.compiled.seats.sum()


def test_roll_ups_keep_the_order_of_the_shortfalls_and_take_medians_of_persons():
    intake = town(120, seed=5)
    result, routes, short = measured(intake)
    rolled = rollups(result, routes)
    for name, columns in LEVELS.items():
        keys = list(columns) or ["region"]
        assert rolled[name].select(keys).equals(short.levels[name].select(keys))
    one = result.compiled
    merits = one.merit[result.status == Status.ADMITTED]
    assert rolled["region"]["median"][0] == int(np.floor(np.median(merits)))
