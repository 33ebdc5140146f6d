"""Every published year is calibrated and can be generated."""

import pytest

from admissions.intake import read_intake, write_intake
from sample_data.catalogue import YEARS, catalogue
from simulations.population import generate_intake
from simulations.population.generate import load_demand
from simulations.population.published import load_published


@pytest.mark.parametrize("year", YEARS)
def test_every_year_generates_a_sound_intake_on_its_own_catalogue(year, tmp_path):
    made = generate_intake(year, 300, seed=1)
    write_intake(made, tmp_path / "in", "parquet")
    again = read_intake(tmp_path / "in")
    assert again.digest() == made.digest()
    assert again.year == year
    assert set(again.routes["route_id"]) == set(catalogue(year)["route_id"])
    assert {day.year for day in again.choices["registered_at"].unique()} == {year}


def test_the_demand_of_each_year_is_its_own():
    tables = {year: load_demand(load_published(year)) for year in YEARS}
    sizes = {year: len(table.popularity) for year, table in tables.items()}
    assert sizes == {year: len(catalogue(year)) for year in YEARS}
