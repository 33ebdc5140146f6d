"""What is believed before any year-to-year change has been seen: used when the history is too short to learn from.

A history of one year shows no change from one year to the next. Then, and for kinds of routes with too few examples,
these round numbers stand in. They were read off the changes 2021 to 2022 and 2022 to 2023 of the published routes of
Storsthlm, so that only the backtest 2020 to 2021 judges them; a longer history never uses them for the common case.
"""

from __future__ import annotations

import numpy as np

from simulations.forecast.regression import Linear, Spread

# The upper half of a standardised error: its quantiles from 52.5 % to 97.5 % in steps of 5 %.
_UPPER = np.array([0.09, 0.28, 0.48, 0.68, 0.9, 1.15, 1.45, 1.85, 2.4, 3.4])


def linear(names: tuple[str, ...], intercept: float, slopes: dict[str, float]) -> Linear:
    """Return a predictor over the columns ``names``; columns without a slope count nothing."""
    unknown = sorted(slopes.keys() - set(names))
    if unknown:
        raise KeyError(unknown)
    return Linear(intercept, np.array([slopes.get(name, 0.0) for name in names], dtype=np.float64))


def spread(centre: Linear, log_width: Linear) -> Spread:
    """Return a predictive distribution with the prior shape."""
    return Spread(centre, log_width, np.concatenate([-_UPPER[::-1], _UPPER]))


def competition(names: tuple[str, ...]) -> Linear:
    """Return the prior log-odds of competition."""
    slopes = {
        "own": 0.3,
        "reserves": 1.3,
        "filling": 0.9,
        "programme": 1.4,
        "school": 1.7,
        "new": 1.4,
        "new_programme": 1.2,
        "new_school": 1.8,
        "school_filling": 0.4,
        "programme_filling": 1.0,
        "tiny": 0.7,
    }
    return linear(names, -2.2, slopes)


def cutoff(names: tuple[str, ...], width_names: tuple[str, ...]) -> Spread:
    """Return the prior change of a cut-off, in points."""
    slopes = {
        "gap": 0.7,
        "seat_shift": 0.3,
        "reserves_a_seat": 3.0,
        "below_level_if_small": 0.5,
        "median_above_level": -0.2,
        "school_pressure": 5.0,
        "small": 20.0,
    }
    width = linear(width_names, 3.7, {"reserves_a_seat": -0.5, "log_seats": -0.25})
    return spread(linear(names, -23.0, slopes), width)


def first_cutoff(names: tuple[str, ...], width_names: tuple[str, ...]) -> Spread:
    """Return the prior cut-off of a route without one last year, as points above its first guess."""
    centre = linear(names, -20.0, {"median_above_level": -0.3, "filling": 7.0, "small": 35.0})
    return spread(centre, linear(width_names, 3.7, {"log_seats": -0.15, "introduction": 0.3}))


def test_cutoff(names: tuple[str, ...], width_names: tuple[str, ...]) -> Spread:
    """Return the prior change of a cut-off with test points."""
    width = linear(width_names, 3.1, {"small": 1.2, "unknown": 1.0})
    return spread(linear(names, 0.0, {}), width)


def reserves(names: tuple[str, ...], width_names: tuple[str, ...]) -> Spread:
    """Return the prior change of the square root of the reserves."""
    centre = linear(names, 0.3, {"below_level": 0.4, "new": -0.2})
    return spread(centre, linear(width_names, -0.2, {"log_seats": 0.15, "new": 0.2}))


def filling(names: tuple[str, ...], width_names: tuple[str, ...]) -> Spread:
    """Return the prior change of the share of seats filled where there is no competition."""
    centre = linear(names, 0.0, {"base": -0.25, "school": 0.35, "full": -0.1, "new": -0.1})
    return spread(centre, linear(width_names, -1.3, {"log_seats": -0.2, "new": 0.2}))
