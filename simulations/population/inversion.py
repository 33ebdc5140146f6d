"""Fit demand to published results at the published cut-offs.

With the cut-offs given, everybody's feasible routes are known without a matching (Azevedo and Leshno 2016), and the
popularity of each route follows from its admitted by the contraction of Berry, Levinsohn and Pakes 1995. Adjusting
popularity by the cut-offs a matching yields stalls; the matching is kept as the test of the result.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simulations.population.demand import Considered, Demand, Persons
from simulations.population.lists import Lists, Pressure, pressure, tried, write_lists
from simulations.population.published import Published

Floats = npt.NDArray[np.float64]
MOST = 5.0
"""Farthest a popularity moves in one inversion: routes nobody can be brought to stay in bounds."""
MARGIN = 0.32
"""Demand aimed at beyond the seats of a route with competition, in roots of its seats: chance in the window must not
leave a seat vacant too easily."""


def targets(published: Published, demand: Demand) -> tuple[Floats, Floats]:
    """Return the admitted and reserves February's lists should demand so that the final ones meet the published."""
    admitted = np.maximum(published.admitted - demand.drift, 0.2)
    reserves = np.maximum(published.column("reserves") - demand.reserve_drift, 0.0)
    return admitted, reserves


def invert(
    persons: Persons,
    considered: Considered,
    published: Published,
    demand: Demand,
    settings: Any,
    *,
    passes: int,
    first_step: float,
    margin: float = MARGIN,
) -> tuple[Demand, Lists, Pressure]:
    """Raise or lower popularity and ambition until demand at the published cut-offs meets the targets.

    Parameters
    ----------
    passes
        How often; the step shrinks from ``first_step`` to almost nothing, because demand moves by whole persons.
    margin
        See `MARGIN`; 0 for a market without a window to come.
    """
    admitted, reserves = targets(published, demand)
    live = published.ordinary & (published.admitted > 0)
    competed = published.cut > 0
    above = 0.2 + margin * np.sqrt(published.admitted) if margin > 0 else 0.0
    aim = admitted + 0.3 + np.where(competed, above, -0.1 * (margin > 0))
    start = demand.popularity
    lists, result = _demanded(persons, considered, published, demand, settings)
    for turn in range(passes):
        step = first_step * (1 - turn / passes) + 0.03
        change = step * np.clip(np.log(aim / (result.admitted + 0.3)), -1, 1)
        popularity = np.where(live, np.clip(demand.popularity + change, start - MOST, start + MOST), demand.popularity)
        pull = 0.5 * step * np.clip(np.log((reserves + 1.0) / (result.reserves + 1.0)), -1, 1)
        ambition = np.where(competed & live, np.clip(demand.ambition + pull, -4, 4), 0.0)
        demand = replace(demand, popularity=popularity, ambition=ambition)
        lists, result = _demanded(persons, considered, published, demand, settings)
    return demand, lists, result


def _demanded(
    persons: Persons, considered: Considered, published: Published, demand: Demand, settings: Any
) -> tuple[Lists, Pressure]:
    lists = write_lists(persons, considered, published, demand, settings)
    rows = tried(lists, persons.eligible, published.level)
    return lists, pressure(lists, rows, persons.merit, persons.lottery, published.cut)
