from dataclasses import replace

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from simulations.behaviour.newcomers import join
from simulations.behaviour.parameters import load_behaviour
from simulations.behaviour.rechoice import changed, rechoose
from simulations.behaviour.seats import SeatChanges, seat_changes
from simulations.behaviour.situation import NO_SEAT, NOT_ELIGIBLE, SAFE_SEAT, Situation

MODELS = load_behaviour()


def situation(count=400, routes=30, width=8, seed=1):
    rng = np.random.default_rng(seed)
    route = np.full((count, width), -1, dtype=np.int32)
    sizes = rng.integers(0, 5, count)
    for person, size in enumerate(sizes):
        route[person, :size] = rng.choice(routes, size, replace=False)
    rank = np.where(sizes > 0, rng.integers(-1, 5, count), -1)
    return Situation(
        keys=rng.integers(0, 2**63, count, dtype=np.uint64),
        route=route,
        test=np.where(route >= 0, (route.astype(np.int64) % 3) * 1600, 0),
        tried=route >= 0,
        rank=np.minimum(rank, sizes - 1),
        merit=rng.integers(40, 137, count) * 250,
        home=rng.integers(0, 5, count),
        needed=np.where(rng.random(routes) < 0.6, rng.integers(60, 130, routes) * 250, 0),
        programme=np.arange(routes) % 6,
        school=np.arange(routes) // 6,
        introduction=np.zeros(routes, dtype=bool),
    )


def test_lists_after_the_window_are_lists():
    before = situation()
    after = rechoose(before, MODELS.rechoice)
    for row, tests in zip(after.route, after.test, strict=True):
        listed = row[row >= 0]
        assert len(set(listed)) == len(listed), "no route twice"
        assert (row[len(listed) :] == -1).all(), "no gap"
        assert (tests[len(listed) :] == 0).all()
    # a result belongs to its route here, so it must have moved along with it
    assert (after.test == np.where(after.route >= 0, (after.route.astype(np.int64) % 3) * 1600, 0)).all()
    assert 0.1 < changed(before.route, after.route).mean() < 0.6


def test_switched_off_nobody_changes_and_nobody_joins():
    before = situation()
    same = rechoose(before, replace(MODELS.rechoice, on=False))
    assert (same.route == before.route).all()
    joined = join(before, same, replace(MODELS.newcomers, on=False))
    assert (joined.route == before.route).all()


def test_newcomers_join_with_the_list_of_somebody_else():
    before = situation()
    after = join(before, rechoose(before, replace(MODELS.rechoice, on=False)), MODELS.newcomers)
    new = ~before.applied & (after.route[:, 0] >= 0)
    assert new.sum() > 0.5 * (~before.applied).sum()
    known = {tuple(row) for row in before.route[before.applied]}
    assert all(tuple(row) in known for row in after.route[new])
    assert (after.route[before.applied] == before.route[before.applied]).all()


def test_a_cost_of_switching_keeps_first_choices():
    before = situation()
    free = rechoose(before, replace(MODELS.rechoice, switching_cost=0.0))
    dear = rechoose(before, replace(MODELS.rechoice, switching_cost=8.0))
    had = before.applied
    assert (dear.route[had, 0] == before.route[had, 0]).mean() > (free.route[had, 0] == before.route[had, 0]).mean()


def test_those_without_a_seat_look_again_more_often():
    before = situation(count=4000)
    after = changed(before.route, rechoose(before, MODELS.rechoice).route)
    standing = before.standing(MODELS.rechoice.narrow)
    had = before.applied
    assert after[had & (standing == NO_SEAT)].mean() > after[had & (standing == SAFE_SEAT)].mean()
    assert not (standing[had] == NOT_ELIGIBLE).any()


def test_keys_alone_decide():
    before = situation()
    assert (rechoose(before, MODELS.rechoice).route == rechoose(before, MODELS.rechoice).route).all()
    other = replace(before, keys=before.keys + np.uint64(1))
    assert (rechoose(before, MODELS.rechoice).route != rechoose(other, MODELS.rechoice).route).any()


def test_sought_after_routes_open_and_weak_ones_close():
    model = SeatChanges(open_pressure=1.0, open_share=0.1, close_fill=0.5, close_share=0.5, smallest=10)
    seats, admitted, reserves = np.array([30, 30, 30, 5]), np.array([30, 30, 4, 5]), np.array([60, 10, 0, 99])
    assert seat_changes(seats, admitted, reserves, model).tolist() == [3, 0, -15, 0]
    assert not seat_changes(seats, admitted, reserves, replace(model, on=False)).any()


def test_a_behaviour_file_is_refused_with_everything_that_is_wrong(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text("[rechoise]\non = true\n[growth]\nrises = 'much'\nfals = 1\n[seats]\non = 1\n", encoding="utf-8")
    with pytest.raises(AdmissionsError) as refusal:
        load_behaviour(file)
    for piece in ("rechoise", "fals", "much", "seats.on"):
        assert piece in str(refusal.value)


def test_a_behaviour_file_changes_only_what_it_names(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text("[newcomers]\napply = 0.5\n", encoding="utf-8")
    own = load_behaviour(file)
    assert own.newcomers.apply == 0.5
    assert own.rechoice == MODELS.rechoice
    assert not MODELS.without("rechoice", "seats").seats.on
