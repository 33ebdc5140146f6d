from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from admissions.errors import AdmissionsError
from admissions.intake import check_intake, write_intake
from simulations.population import generate_intake
from simulations.population.cohort import ELIGIBLE, HOPEFUL
from simulations.population.generate import load_demand, populate, tried_rows
from simulations.population.published import levels_passed, load_published, merit, rules

PEOPLE = 1000


@pytest.fixture(scope="module")
def intake():
    return generate_intake(2023, PEOPLE, seed=1)


def test_equal_arguments_give_an_equal_intake(intake):
    assert generate_intake(2023, PEOPLE, seed=1).digest() == intake.digest()
    assert generate_intake(2023, PEOPLE, seed=2).digest() != intake.digest()


def test_the_intake_passes_the_check_of_its_own_files(intake, tmp_path):
    write_intake(intake, tmp_path / "in")
    assert check_intake(tmp_path / "in") == []


def test_ids_are_opaque_and_drawn_anew_for_each_seed(intake):
    ids = set(intake.applicants["applicant"])
    assert len(ids) == PEOPLE
    assert all(len(name) == 10 and name[0].isalpha() for name in ids)
    assert not ids & set(generate_intake(2023, PEOPLE, seed=2).applicants["applicant"])


def test_choices_are_february_lists_on_the_catalogue(intake):
    choices = intake.choices
    assert choices["withdrawn_at"].null_count() == len(choices)
    assert set(choices["route_id"]) <= set(intake.routes["route_id"])
    assert choices["registered_at"].max() <= rules(2023).calendar.application_closes
    ranks = choices.group_by("applicant").agg(pl.col("rank").sort(), pl.col("route_id").n_unique().alias("routes"))
    assert all(row == list(range(1, len(row) + 1)) for row in ranks["rank"].to_list())
    assert (ranks["routes"] == ranks["rank"].list.len()).all()
    assert 0.03 < 1 - choices["applicant"].n_unique() / PEOPLE < 0.07, "some have not applied yet"


def test_seats_are_the_published_ones_with_the_unexplained_held_outside(intake):
    known = load_published(2023)
    final = intake.seats.filter(pl.col("round") == "final").sort("route_or_pool")
    assert (final["seats"].to_numpy() == known.column("seats")).all()
    assert (final["held_outside"].to_numpy() == known.held).all()
    assert set(final.filter(pl.col("held_outside") > 0)["reason"]) == {"unknown"}


def test_groups_are_what_they_are_called():
    found = populate(2023, PEOPLE, 3)
    cohort = found.cohort
    able = levels_passed(cohort.final, rules(2023))[:, 0]
    assert able[cohort.group == ELIGIBLE].all()
    assert not able[cohort.group == HOPEFUL].any()
    share = (cohort.group == HOPEFUL).mean()
    assert abs(share - 0.075) < 0.006
    tried = tried_rows(found, found.lists)
    assert not tried[cohort.group == HOPEFUL].any()
    assert tried[cohort.group == ELIGIBLE].any(axis=1).mean() > 0.98


def test_merit_is_the_sixteen_subjects_and_the_language():
    steps = np.full((2, 17), 5, dtype=np.int8)
    assert merit(steps, np.array([True, False])).tolist() == [34_000, 32_000]


def test_final_grades_have_grown_from_the_autumn():
    cohort = populate(2023, PEOPLE, 3).cohort
    growth = (cohort.merit - merit(cohort.autumn, cohort.language)).mean() / 100
    assert 5 < growth < 16


def test_everybody_whose_municipality_offers_nothing_is_first_hand(intake):
    away = intake.applicants.filter(pl.col("home_municipality") == "Gnesta")["applicant"]
    first = intake.decisions.filter(pl.col("kind") == "hand")["applicant"]
    assert set(away) == set(first)


def test_the_stored_demand_covers_the_catalogue_and_a_year_without_is_refused():
    demand = load_demand(load_published(2023))
    assert np.isfinite(demand.popularity).all()
    with pytest.raises(AdmissionsError, match="Calibrate"):
        load_demand(replace(load_published(2023), year=2019))
    with pytest.raises(AdmissionsError, match="no published results of 2019"):
        generate_intake(2019, PEOPLE)
    with pytest.raises(AdmissionsError, match="at least 100"):
        generate_intake(2023, 5)
