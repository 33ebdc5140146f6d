"""A small intake on the real catalogue, shared by the tests of sweeps and scenarios."""

from dataclasses import replace
from functools import cache

import polars as pl

from admissions.intake import Intake
from admissions.rules import Lottery, Rulebook, load_rulebook
from simulations.behaviour.parameters import Behaviour, load_behaviour
from simulations.population import generate_intake
from simulations.sweeps.draws import Seeds
from simulations.sweeps.year import YearModel

LOTTERY = Lottery("snow", "12 7 33")


@cache
def intake() -> Intake:
    """Return 900 applicants who compete: the catalogue's seats are cut down to a cohort of this size."""
    given = generate_intake(2023, 900, seed=1)
    return replace(given, seats=given.seats.with_columns(seats=(pl.col("seats") + 10) // 25, held_outside=pl.lit(0)))


@cache
def rules() -> Rulebook:
    return load_rulebook("storsthlm", 2023)


@cache
def behaviour() -> Behaviour:
    return load_behaviour()


@cache
def model() -> YearModel:
    return YearModel.of(intake(), rules(), behaviour(), Seeds(3, 4))
