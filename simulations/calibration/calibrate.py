"""Calibrate a year: from its published results to the demand table the generator reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sample_data.catalogue import municipalities
from simulations.behaviour.parameters import load_behaviour
from simulations.calibration.drift import measured_drift
from simulations.calibration.fit import corrected_slopes, first_guess
from simulations.population.anchors import anchor
from simulations.population.cohort import Cohort, default_size, draw_cohort
from simulations.population.demand import Considered, Demand, Persons, consider, draw_persons, travel_cost
from simulations.population.generate import Population, load_settings, preliminary_seats
from simulations.population.inversion import invert
from simulations.population.lists import settle, tried
from simulations.population.other_lists import add_other_lists
from simulations.population.published import Published, load_published, year9
from simulations.streams import generator

SEED = 90_000
"""Of the cohort the calibration works on: no cohort anybody generates by chance."""

_ROUNDS = 8
_DRIFT_FROM = 3


def calibrate(year: int, tell: Callable[[str], None] = print) -> tuple[Published, Demand]:
    """Return the published routes of a year and the parameters recovered from them.

    Popularity and ambition are inverted at the published cut-offs; the slopes of each programme, apart for routes with
    and without competition, move until the means of the medians agree; the drift of the window is measured last.
    """
    settings, behaviour = load_settings(), load_behaviour()
    published = load_published(year)
    cohort = draw_cohort(
        published, year9(published), default_size(published, settings), settings, behaviour.growth, SEED
    )
    persons = draw_persons(cohort, published, settings, SEED)
    travel = travel_cost(municipalities(), published.municipalities, settings["taste"]["per_kilometre"])
    seats = preliminary_seats(published, behaviour)
    demand = first_guess(published)
    for turn in range(_ROUNDS):
        considered = consider(persons, published, demand, settings, travel)
        demand, lists, result = invert(persons, considered, published, demand, settings, passes=30, first_step=0.7)
        off = abs(result.admitted - published.admitted + demand.drift)[published.ordinary].mean()
        tell(f"round {turn + 1} of {_ROUNDS}: demand at the published cut-offs off by {off:.2f} persons a route")
        if turn >= _DRIFT_FROM:
            full = add_other_lists(cohort, published, travel, lists, SEED)
            drift, reserve_drift = measured_drift(
                Population(published, cohort, persons, demand, full, seats), behaviour
            )
            share = 1.0 if turn == _DRIFT_FROM else 0.5  # the mean of the rounds: chance in one of them counts for less
            demand = replace(
                demand,
                drift=demand.drift + share * (drift - demand.drift),
                reserve_drift=demand.reserve_drift + share * (reserve_drift - demand.reserve_drift),
            )
        if turn < _ROUNDS - 1:
            demand = corrected_slopes(persons, published, demand, lists, result)
    tell("without the window, matched by the engine:")
    for name, value in static_fit(cohort, persons, considered, published, demand, settings).items():
        tell(f"  {name}: {value:.3g}")
    return published, demand


def static_fit(
    cohort: Cohort, persons: Persons, considered: Considered, published: Published, demand: Demand, settings: Any
) -> dict[str, float]:
    """Return how near the market without a window comes: lists fitted to the published final round, then matched.

    Fewer applicants take part than in a generated year: without a window nobody loses a seat to chance in it.
    """
    none = np.zeros(len(published.cut))
    stays = generator(SEED, "window loss").random(len(cohort.ids)) >= settings["cohort"]["window_loss"]
    persons = replace(persons, eligible=persons.eligible & stays[:, None])
    still = replace(demand, drift=none, reserve_drift=none)
    _, lists, result = invert(persons, considered, published, still, settings, passes=60, first_step=0.5, margin=0.0)
    rows = tried(lists, persons.eligible, published.level)
    plain = settle(lists, rows, cohort.merit, persons.lottery, published.capacity)
    fixed, lists = anchor(cohort, published, lists, result)
    settled = settle(lists, rows, fixed.merit, persons.lottery, published.capacity)
    use = published.ordinary
    cut, limit = published.cut[use] / 100, settled.lowest[use] / 100
    both = (cut > 0) & (limit > 0)
    error = np.abs(limit - cut)
    before = plain.lowest[use] / 100
    reserves = published.column("reserves")[use]
    return {
        "mean difference in points before anyone is put at a cut-off": float(
            np.abs(before - cut)[(cut > 0) & (before > 0)].mean()
        ),
        "published cut-offs": float((cut > 0).sum()),
        "of these with one in the match": float(both.sum()),
        "mean difference of these in points": float(error[both].mean()),
        "median difference of these in points": float(np.median(error[both])),
        "correlation of these": float(np.corrcoef(limit[both], cut[both])[0, 1]),
        "admitted per route, mean difference": float(np.abs(settled.admitted - published.admitted)[use].mean()),
        "correlation of reserves": float(np.corrcoef(settled.reserves[use], reserves)[0, 1]),
    }


def write_demand(published: Published, demand: Demand, folder: Path) -> Path:
    """Write the parameters as ``demand_YEAR.csv`` and return the file."""
    file = folder / f"demand_{published.year}.csv"
    table: pl.DataFrame = demand.table(published)
    table.write_csv(file, float_precision=3)
    return file
