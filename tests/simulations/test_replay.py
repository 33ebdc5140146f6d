from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from admissions.rules import Lottery, load_rulebook
from simulations.behaviour.parameters import load_behaviour
from simulations.diagnostics import compare
from simulations.population import generate_intake
from simulations.replay import replay, window_recorded

RULES = load_rulebook("storsthlm", 2023)
LOTTERY = Lottery("snow", "12 7 33")


@pytest.fixture(scope="module")
def intake():
    return generate_intake(2023, 900, seed=1)


@pytest.fixture(scope="module")
def replayed(intake):
    return replay(intake, RULES, LOTTERY, 1)


def test_a_simulated_window_replays_as_recorded_to_the_identical_result(intake, replayed):
    assert not window_recorded(intake, RULES)
    assert window_recorded(replayed.intake, RULES)
    again = replay(replayed.intake, RULES, LOTTERY, 99)
    assert again.simulated == ()
    assert again.intake.digest() == replayed.intake.digest()
    for one, other in zip(again.rounds, replayed.rounds, strict=True):
        assert (one.matching.choice == other.matching.choice).all()
    assert again.changes.equals(replayed.changes)


def test_behaviour_seeds_and_lotteries_are_apart(intake, replayed):
    other = replay(intake, RULES, LOTTERY, 2)
    assert (other.preliminary.matching.choice == replayed.preliminary.matching.choice).all()
    assert other.intake.digest() != replayed.intake.digest()
    same = replay(intake, RULES, LOTTERY, 1)
    assert same.intake.digest() == replayed.intake.digest()


def test_rows_of_the_intake_in_another_order_change_nothing(intake, replayed):
    shuffled = replace(
        intake,
        choices=intake.choices.sample(fraction=1.0, shuffle=True, seed=1),
        grades=intake.grades.sample(fraction=1.0, shuffle=True, seed=2),
        applicants=intake.applicants.sample(fraction=1.0, shuffle=True, seed=3),
        routes=intake.routes.sample(fraction=1.0, shuffle=True, seed=4),
        decisions=intake.decisions.sample(fraction=1.0, shuffle=True, seed=5),
    )
    other = replay(shuffled, RULES, LOTTERY, 1)
    assert other.intake.digest() == replayed.intake.digest()
    assert (other.final.matching.route == replayed.final.matching.route).all()


def test_switched_off_the_window_leaves_the_choices_alone(intake):
    still = replay(intake, RULES, LOTTERY, 1, behaviour=load_behaviour().without("rechoice", "newcomers"))
    assert still.intake.digest() == intake.digest()
    assert still.simulated == ()


def test_the_window_is_recorded_inside_its_days(replayed):
    calendar = RULES.calendar
    choices = replayed.intake.choices
    later = choices.filter(pl.col("registered_at") > calendar.application_closes)
    assert len(later)
    assert later["registered_at"].is_between(calendar.rechoice_opens, calendar.rechoice_closes).all()
    gone = choices["withdrawn_at"].drop_nulls()
    assert gone.is_between(calendar.rechoice_opens, calendar.rechoice_closes).all()
    assert not replayed.final.compiled.late.any(), "changes in the window are on time"


def test_new_choices_with_a_test_have_a_result_on_the_scale(replayed):
    tests = replayed.intake.decisions.filter(pl.col("kind") == "test_points")
    assert tests.select("applicant", "route_id").is_duplicated().sum() == 0
    assert tests["value"].cast(pl.Float64).is_between(0, 700 / 16).all()


def test_missing_final_grades_and_seats_are_simulated_and_can_be_switched_off(intake):
    bare = replace(
        intake,
        grades=intake.grades.filter(pl.col("term") == "autumn"),
        seats=intake.seats.filter(pl.col("round") == "preliminary"),
    )
    grown = replay(bare, RULES, LOTTERY, 1)
    assert grown.simulated == ("rechoice", "newcomers", "growth", "seats")
    wide = grown.intake.grades.pivot("term", index=["applicant", "subject"], values="grade")
    assert wide.null_count().sum_horizontal().item() == 0
    scale = {"-": 0, "F": 0, "E": 1, "D": 2, "C": 3, "B": 4, "A": 5}
    step = wide.select(pl.col("autumn", "final").replace_strict(scale, return_dtype=pl.Int8))
    assert (step["final"] - step["autumn"]).abs().max() == 1
    assert (wide.filter(pl.col("autumn") == "-")["final"].is_in(["-", "E"])).all()
    off = replay(bare, RULES, LOTTERY, 1, behaviour=load_behaviour().without("growth", "seats"))
    rows = off.intake.grades.pivot("term", index=["applicant", "subject"], values="grade")
    assert (rows["autumn"] == rows["final"]).all()
    assert off.intake.seats.equals(bare.seats)


def test_seats_of_one_route_change_nobody_elses_draws(intake, replayed):
    """Common random numbers: who looks again, and when, is a person's own draw."""
    fewer = replace(
        intake,
        applicants=intake.applicants.sort("applicant").slice(0, len(intake.applicants) - 1),
    )
    last = set(intake.applicants["applicant"]) - set(fewer.applicants["applicant"])
    fewer = replace(
        fewer,
        choices=intake.choices.filter(~pl.col("applicant").is_in(last)),
        grades=intake.grades.filter(~pl.col("applicant").is_in(last)),
        decisions=intake.decisions.filter(~pl.col("applicant").is_in(last)),
    )
    other = replay(fewer, RULES, LOTTERY, 1)
    mine = replayed.intake.choices.filter(~pl.col("applicant").is_in(last)).sort(pl.all())
    theirs = other.intake.choices.sort(pl.all())
    kept = mine.join(theirs, on=mine.columns, how="semi", nulls_equal=True)
    assert len(kept) > 0.98 * len(mine)


def test_the_comparison_has_every_measure_and_reads_as_a_table(replayed):
    found = compare(replayed.final, 2023, replayed.changes)
    assert {"admitted", "vacancies", "first-choice share", "medians, correlation"} <= set(found.measures["measure"])
    assert len(found.routes) == 1187
    assert not found.met, "900 applicants do not fill 2023"
    assert found.text().count("\n|") >= len(found.measures)
    assert np.isfinite(found.measures["generated"].drop_nulls().to_numpy()).all()
