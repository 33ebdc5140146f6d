"""Where a calibration starts, and the slopes of merit it fits to published medians, group by group.

The inversion itself is `simulations.population.inversion`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from simulations.population.demand import SPREAD, Demand, Persons
from simulations.population.lists import Lists, Pressure
from simulations.population.published import Published

Floats = npt.NDArray[np.float64]


def first_guess(published: Published) -> Demand:
    """Return the parameters an inversion starts from; those of the skill tests stay as they are here.

    A test's mean and spread follow from the published median and cut-off: what they exceed a usual certificate by.
    """
    cut, median, tested = published.cut, published.median, published.tested
    highest = published.test_highest
    science = published.level == 3
    level = np.where(median > 0, median, cut) - np.where(science, 29_500, 24_500)
    mean = np.where(tested, np.clip(level, 2_000, np.maximum(highest - 500, 0)), 0).astype(float)
    width = np.where(cut > 0, np.maximum(median - cut, 2_500), 9_000) / 1.2
    spread = np.where(tested, np.minimum(np.sqrt(np.maximum(3_000.0**2, width**2 - 4_000.0**2)), 8_000), 0.0)
    far = (cut > 0) & (cut < median - 12_000)  # the last admitted had no result: tried without test points
    zeros = np.zeros(len(cut))
    admitted = np.maximum(published.admitted, 0.3)
    return Demand(
        popularity=np.log(admitted) - 3.0 + np.where(cut > 0, (cut / 100 - 200) * 0.003, 0.0),
        ambition=zeros.copy(),
        slope=first_slopes(published),
        test_mean=mean,
        test_spread=spread,
        test_absent=np.where(tested, np.where(far, 0.12, 0.01), 0.0),
        drift=zeros.copy(),
        reserve_drift=zeros.copy(),
    )


def slope_groups(published: Published) -> npt.NDArray[np.int64]:
    """Return int64[m]: programme and whether there was competition: the groups whose mean median is fitted."""
    return published.programme * 2 + (published.cut > 0)


def wanted_medians(published: Published) -> Floats:
    """Return per group the mean of the published medians over admitted, points; nan where all have tests or none."""
    groups = slope_groups(published)
    use = (published.median > 0) & ~published.tested & published.ordinary
    weight = np.where(use, published.admitted, 0).astype(float)
    total = np.bincount(groups, weight, minlength=2 * len(published.programmes))
    value = np.bincount(groups, weight * published.median / 100, minlength=len(total))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(value / total)


def first_slopes(published: Published, selective: float = 0.7) -> Floats:
    """Return slopes: the level of the group, and within a programme steeper where the cut-off is higher."""
    wanted = wanted_medians(published)[slope_groups(published)]
    base = np.where(np.isnan(wanted), -0.3, (wanted - 255.0) / (SPREAD / 100) * 0.9)
    slope = base.copy()
    plain = (published.cut > 0) & ~published.tested
    for programme in range(len(published.programmes)):
        here = plain & (published.programme == programme)
        if here.any():
            slope[here] += selective * (published.cut[here] - published.cut[here].mean()) / SPREAD
    return slope


def corrected_slopes(persons: Persons, published: Published, demand: Demand, lists: Lists, result: Pressure) -> Demand:
    """Move the slope of each group towards the one that gives its mean of published medians."""
    got = result.rank >= 0
    route = lists.route[np.flatnonzero(got), result.rank[got]]
    plain = ~published.tested[route]
    route, merit = route[plain], persons.merit[got][plain] / 100
    groups = slope_groups(published)
    wanted = wanted_medians(published)
    count = np.bincount(groups[route], minlength=len(wanted))
    mean = np.bincount(groups[route], merit, minlength=len(wanted)) / np.maximum(count, 1)
    move = np.where((count >= 10) & ~np.isnan(wanted), 0.5 * (wanted - mean) / (SPREAD / 100), 0.0)
    return replace(demand, slope=demand.slope + np.clip(move, -0.5, 0.5)[groups])
