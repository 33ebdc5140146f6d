"""Generate an intake from a calibrated year: the front door of the population.

The stored parameters carry the demand; a short inversion fits popularity to the drawn cohort, so that chance in who was
drawn does not blur the published result. Whoever asks for another number of applicants gets the parameters as they are.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError
from admissions.intake import Intake
from sample_data.catalogue import YEARS, municipalities
from simulations.behaviour.parameters import Behaviour, load_behaviour
from simulations.behaviour.seats import seat_changes
from simulations.population.anchors import anchor
from simulations.population.assemble import assemble
from simulations.population.cohort import Cohort, default_size, draw_cohort, scaled
from simulations.population.demand import Demand, Persons, consider, draw_persons, travel_cost
from simulations.population.inversion import invert
from simulations.population.lists import Lists, tried, write_lists
from simulations.population.other_lists import add_other_lists
from simulations.population.published import Published, load_published, year9

_PASSES = 30
_FIRST_STEP = 0.4


@cache
def load_settings() -> dict[str, Any]:
    """Return the settings of the generated population (``settings.toml``)."""
    return tomllib.loads((files("simulations.population") / "settings.toml").read_text(encoding="utf-8"))


def load_demand(published: Published) -> Demand:
    """Return the stored parameters of a year.

    Raises
    ------
    AdmissionsError
        If the year is not calibrated.
    """
    file = files("sample_data") / "tables" / f"demand_{published.year}.csv"
    if not file.is_file():
        raise AdmissionsError(
            f"There is no demand table of {published.year}. "
            f"Calibrate it: python -m simulations.calibration --year {published.year}."
        )
    return Demand.from_table(pl.read_csv(file.read_bytes(), infer_schema_length=None), published)


@dataclass(frozen=True, eq=False)
class Population:
    """A generated cohort with its lists, as arrays: what calibration and assembly work on."""

    published: Published
    cohort: Cohort
    persons: Persons
    demand: Demand
    lists: Lists
    preliminary_seats: npt.NDArray[np.int64]


def preliminary_seats(published: Published, behaviour: Behaviour) -> npt.NDArray[np.int64]:
    """Return the seats of the preliminary run from which schools came to the published ones."""
    change = seat_changes(published.capacity, published.admitted, published.column("reserves"), behaviour.seats)
    return np.asarray(np.maximum(published.capacity - change, 0))


def populate(year: int, applicants: int | None, seed: int, demand: Demand | None = None) -> Population:
    """Draw a cohort and its February lists.

    Parameters
    ----------
    demand
        Parameters to use instead of the stored ones, as they are.
    """
    settings, behaviour = load_settings(), load_behaviour()
    published = load_published(year)
    parameters = load_demand(published) if demand is None else demand
    sizes = default_size(published, settings)
    wanted = scaled(sizes, applicants)
    cohort = draw_cohort(published, year9(published), wanted, settings, behaviour.growth, seed)
    persons = draw_persons(cohort, published, settings, seed)
    travel = travel_cost(municipalities(), published.municipalities, settings["taste"]["per_kilometre"])
    considered = consider(persons, published, parameters, settings, travel)
    if wanted == sizes and demand is None:
        parameters, lists, result = invert(
            persons, considered, published, parameters, settings, passes=_PASSES, first_step=_FIRST_STEP
        )
        cohort, lists = anchor(cohort, published, lists, result)
        persons = replace(persons, merit=cohort.merit)
    else:
        lists = write_lists(persons, considered, published, parameters, settings)
    lists = add_other_lists(cohort, published, travel, lists, seed)
    return Population(published, cohort, persons, parameters, lists, preliminary_seats(published, behaviour))


def generate_intake(year: int, applicants: int | None = None, seed: int = 1) -> Intake:
    """Return a generated intake on the real catalogue of a year, as it stood when the application closed.

    Parameters
    ----------
    year
        A calibrated year of the sample data.
    applicants
        How many; as many as the published totals need if absent.
    seed
        Of the generation only; behaviour and lottery have their own.

    Returns
    -------
    Intake
        Opaque random ids; autumn and final grades by subject; February's lists; seats of the preliminary and the final
        round (the published ones, with seats held outside the run, reason unknown). Equal arguments, equal intake.

    Raises
    ------
    AdmissionsError
        If nothing is published of the year, it is not calibrated, or there are fewer than 100 applicants.
    """
    if year not in YEARS:
        known = ", ".join(str(one) for one in YEARS)
        raise AdmissionsError(f"There are no published results of {year} to generate from; there are those of {known}.")
    if applicants is not None and applicants < 100:
        raise AdmissionsError(f"A generated intake needs at least 100 applicants, not {applicants}.")
    found = populate(year, applicants, seed)
    return assemble(found.published, found.cohort, found.lists, found.preliminary_seats, seed)


def tried_rows(found: Population, lists: Lists) -> npt.NDArray[np.bool_]:
    """Return which rows of lists are eligible on final grades."""
    return tried(lists, found.persons.eligible, found.published.level)
