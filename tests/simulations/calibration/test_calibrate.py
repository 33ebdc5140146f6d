from dataclasses import replace

import numpy as np
import pytest

from simulations.calibration.calibrate import calibrate, write_demand
from simulations.calibration.fit import first_guess, slope_groups, wanted_medians
from simulations.population.demand import Demand, consider, draw_persons, travel_cost
from simulations.population.generate import load_demand, load_settings, populate
from simulations.population.inversion import invert
from simulations.population.published import load_published


def test_the_inversion_meets_its_targets_on_a_smaller_cohort():
    found = populate(2023, 6000, 1)
    part = 6000 / 31_692
    none = np.zeros(len(found.published.cut))
    start = load_demand(found.published)
    target = replace(
        start,
        drift=found.published.admitted * (1 - part),
        reserve_drift=found.published.column("reserves") * (1 - part),
    )
    settings = load_settings()
    from sample_data.catalogue import municipalities

    travel = travel_cost(municipalities(), found.published.municipalities, settings["taste"]["per_kilometre"])
    considered = consider(found.persons, found.published, start, settings, travel)
    _, _, first = invert(found.persons, considered, found.published, target, settings, passes=0, first_step=0.5)
    _, _, last = invert(
        found.persons, considered, found.published, target, settings, passes=30, first_step=0.5, margin=0.0
    )
    wanted = np.maximum(found.published.admitted * part, 0.2)
    ordinary = found.published.ordinary
    assert none.sum() == 0
    assert (
        np.abs(last.admitted - wanted)[ordinary].mean() < 0.5 * np.abs(first.admitted - wanted)[ordinary].mean() + 0.6
    )
    assert np.abs(last.admitted - wanted)[ordinary].mean() < 1.0


def test_a_first_guess_says_nothing_about_what_is_not_there():
    published = load_published(2023)
    guess = first_guess(published)
    assert (guess.test_mean[~published.tested] == 0).all()
    assert (guess.test_mean <= published.test_highest).all()
    assert np.isfinite(guess.slope).all()
    assert len(wanted_medians(published)) > slope_groups(published).max()


def test_demand_tables_survive_writing(tmp_path):
    published = load_published(2023)
    demand = load_demand(published)
    import polars as pl

    again = Demand.from_table(pl.read_csv(write_demand(published, demand, tmp_path)), published)
    assert np.allclose(again.popularity, demand.popularity)
    with pytest.raises(ValueError, match="does not cover"):
        Demand.from_table(demand.table(published)[1:], published)


def test_persons_are_equal_for_equal_seeds():
    found = populate(2023, 500, 1)
    again = draw_persons(found.cohort, found.published, load_settings(), 1)
    assert (again.taste == found.persons.taste).all()


@pytest.mark.full
def test_a_whole_calibration_meets_the_measures_without_a_window():
    said: list[str] = []
    calibrate(2023, said.append)
    values = {line.split(":")[0].strip(): float(line.split(":")[1]) for line in said if line.startswith("  ")}
    assert values["mean difference of these in points"] <= 5
    assert values["admitted per route, mean difference"] <= 1
    assert values["of these with one in the match"] >= 0.97 * values["published cut-offs"]
