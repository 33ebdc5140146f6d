"""Lists of those outside the demand model: applicants to introduction programmes and to the fourth technical year.

Their routes are drawn in proportion to the published admitted, near home first. Nothing about them is fitted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulations.population.cohort import FOURTH_YEAR, INTRODUCTION, Cohort
from simulations.population.lists import Lists
from simulations.population.published import Published, passes_rules, rules
from simulations.streams import generator

_MOST = 3


def add_other_lists(cohort: Cohort, published: Published, travel: Any, lists: Lists, seed: int) -> Lists:
    """Return the lists with those of introduction and fourth-year applicants written in."""
    rng = generator(seed, "other lists")
    route = lists.route.copy()
    kind = rules(published.year).eligibility.kinds["introduction_choice"]
    oriented = passes_rules(cohort.final, kind.any_of)
    weight = np.maximum(published.admitted, 0.2)
    programme = published.table["programme"].to_numpy()
    for person in np.flatnonzero(cohort.group == INTRODUCTION):
        able = published.introduction if oriented[person] else published.introduction & (programme == "IMY")
        route[person] = _drawn(rng, weight * able * np.exp(-travel[cohort.home[person]][published.municipality]), route)
    fourth = np.flatnonzero(published.fourth_year)
    takers = np.flatnonzero(cohort.group == FOURTH_YEAR)
    places = np.repeat(fourth, published.admitted[fourth])
    if len(places):
        route[takers] = -1
        route[takers, 0] = places[np.arange(len(takers)) % len(places)]
    return Lists(route, lists.test)


def _drawn(rng: np.random.Generator, weight: npt.NDArray[np.float64], route: Any) -> npt.NDArray[np.int32]:
    row = np.full(route.shape[1], -1, dtype=np.int32)
    count = min(1 + int(rng.integers(0, _MOST)), int((weight > 0).sum()))
    row[:count] = rng.choice(len(weight), count, replace=False, p=weight / weight.sum())
    return row
