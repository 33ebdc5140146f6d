from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from admissions.matching import extra_seat_values, verify
from admissions.rules import compile_static
from simulations.replay import replay
from simulations.streams import person_keys
from simulations.sweeps.draws import Seeds, YearDraws
from simulations.sweeps.tally import HOME_MEASURES, ROUTE_MEASURES
from simulations.sweeps.year import YearModel
from tests.simulations.sweeps.worlds import LOTTERY, behaviour, intake, model, rules

pytestmark = pytest.mark.filterwarnings("ignore")


def _without_the_future(given):
    """Return an intake as it is in April: no final grades, no final seats."""
    return replace(
        given,
        grades=given.grades.filter(pl.col("term") == "autumn"),
        seats=given.seats.filter(pl.col("round") == "preliminary"),
    )


def _draws_of_replay(given, seed):
    static = compile_static(given, rules())
    ids = static.applicants.series.to_list()
    return YearDraws(
        person_keys(ids, seed, "window"),
        person_keys(ids, seed, "growth"),
        static.draw(LOTTERY, "preliminary"),
        static.draw(LOTTERY, "final"),
        person_keys(ids, seed, "answers final"),
        person_keys(static.routes.series.to_list(), seed, "closures"),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_a_simulated_year_is_a_replay_with_the_same_draws(seed):
    given = _without_the_future(intake())
    small = replace(behaviour().seats, smallest=1, open_pressure=1.0, close_fill=0.9, close_share=0.6)
    models = replace(behaviour(), seats=small)  # seats move in a small world too
    played = replay(given, rules(), LOTTERY, seed, behaviour=models)
    assert set(played.simulated) == {"rechoice", "newcomers", "growth", "seats"}
    change = played.final.compiled.seats - played.preliminary.compiled.seats
    assert (change > 0).any()
    assert (change < 0).any()
    year = YearModel.of(given, rules(), models, Seeds()).simulate_with(_draws_of_replay(given, seed))
    assert (year.matching.route == played.final.matching.route).all()
    assert (year.compiled.route == played.final.compiled.route).all()
    assert (year.compiled.merit == played.final.compiled.merit).all()
    assert (year.compiled.late == played.final.compiled.late).all()
    assert (year.compiled.seats == played.final.compiled.seats).all()
    for at, one in enumerate(played.rounds):
        for measure, name in enumerate(ROUTE_MEASURES[:-1]):
            assert year.by_route[at, measure].tolist() == one.demand[name].to_list(), name
        short = one.shortfalls.levels["route"]["without_seat"].to_list()
        assert year.by_route[at, ROUTE_MEASURES.index("without_seat")].tolist() == short
        nobody = dict(
            one.shortfalls.without_seat.group_by("home_municipality").agg(pl.col("persons").sum()).iter_rows()
        )
        counted = year.by_home[at, HOME_MEASURES.index("without_seat")]
        homes = YearModel.of(given, rules(), behaviour(), Seeds()).homes
        assert {home: n for home, n in zip(homes, counted.tolist(), strict=True) if n} == nobody


def test_late_windows_too_are_those_of_a_replay():
    """With the deadline before the window, its choices are late; the history must then know what was moved."""
    given = _without_the_future(intake())
    early = replace(rules(), calendar=replace(rules().calendar, late_cutoff=rules().calendar.application_closes))
    played = replay(given, early, LOTTERY, 1)
    assert played.final.compiled.late.any()
    year = YearModel.of(given, early, behaviour(), Seeds()).simulate_with(_draws_of_replay(given, 1))
    assert (year.compiled.late == played.final.compiled.late).all()
    assert (year.matching.route == played.final.matching.route).all()


def test_each_round_of_a_year_passes_the_independent_verifier_and_seat_values_are_exact():
    year = model().simulate(0, seat_values=True)
    verify(year.compiled.market, year.matching)
    gains = extra_seat_values(year.compiled.market, year.matching)
    assert year.seat_values[0].tolist() == gains.better_off.tolist()
    assert year.seat_values[1].tolist() == gains.newly_placed.tolist()


def test_years_differ_and_a_year_repeats():
    one, other, again = model().simulate(0), model().simulate(1), model().simulate(0)
    assert (one.route == again.route).all()
    assert (one.route != other.route).any()


def test_everything_switched_off_only_the_lottery_varies():
    still = behaviour().without("growth", "rechoice", "newcomers", "seats")
    quiet = YearModel.of(intake(), rules(), still, Seeds())
    one, other = quiet.simulate(0), quiet.simulate(1)
    assert (one.compiled.route == other.compiled.route).all()
    assert (one.compiled.merit == other.compiled.merit).all()


def test_counts_of_a_year_fit_together():
    year = model().simulate(2)
    at = ROUTE_MEASURES.index
    for routes, homes in zip(year.by_route, year.by_home, strict=True):
        placed = homes[HOME_MEASURES.index("placed")].sum()
        assert routes[at("admitted")].sum() == placed
        assert routes[at("without_seat")].sum() == homes[HOME_MEASURES.index("without_seat")].sum()
        assert homes[0].sum() == placed + routes[at("without_seat")].sum()
    assert (year.route >= 0).sum() == year.by_home[1, 1].sum()
    assert ((year.rank >= 0) == (year.route >= 0)).all()
    assert np.count_nonzero(year.rank == 0) == year.by_home[1, 2].sum()


@pytest.mark.parametrize("silence", ["accept_and_reserve", "forfeit"])
def test_the_reserve_round_is_that_of_a_replay(silence):
    given = _without_the_future(intake())
    answers = replace(rules().sections.answers, silence=silence)
    office = replace(rules(), sections=replace(rules().sections, answers=answers))
    models = behaviour().without("late", "summer_school")
    models = replace(
        models,
        closures=replace(models.closures, share=0.3),
        answers=replace(models.answers, declines=0.1, declines_lower=0.1),
    )
    played = replay(given, office, LOTTERY, 1, behaviour=models, reserve_rounds=1)
    year = YearModel.of(given, office, models, Seeds()).simulate_with(_draws_of_replay(given, 1), reserve=True)
    assert year.by_route.shape[0] == 3
    last = played.reserve[0]
    for measure, name in enumerate(ROUTE_MEASURES[:-1]):
        assert year.by_route[2, measure].tolist() == last.demand[name].to_list(), name
    assert (year.by_route[2] != year.by_route[1]).any()


def test_a_reserve_round_changes_nothing_before_it():
    one, other = model().simulate(1, reserve=True), model().simulate(1)
    assert (one.by_route[:2] == other.by_route).all()
