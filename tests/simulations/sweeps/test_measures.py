"""The measure of a sweep at full size; long, so `make test-full` only."""

import time

import pytest

from admissions.rules import load_rulebook
from simulations.behaviour.parameters import load_behaviour
from simulations.population import generate_intake
from simulations.sweeps.draws import Seeds
from simulations.sweeps.year import YearModel

YEARS = 20


@pytest.mark.full
def test_a_thousand_years_with_seat_values_take_under_three_minutes_on_two_cores():
    model = YearModel.of(generate_intake(2023, seed=1), load_rulebook("storsthlm"), load_behaviour(), Seeds())
    model.simulate(0, seat_values=True, reserve=True)  # compiled kernels
    begin = time.process_time()
    for number in range(1, YEARS + 1):
        model.simulate(number, seat_values=True, reserve=True)
    a_year = (time.process_time() - begin) / YEARS
    assert len(model.static.applicants) > 28_000
    assert a_year * 1000 / 2 < 180
