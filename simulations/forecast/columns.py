"""The columns each model reads, made from the signals: every missing past is a zero beside a column that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from simulations.forecast.features import Signals
from simulations.forecast.levels import MERIT_SCALE
from simulations.forecast.regression import Floats

USUAL_GAP = 30.0  # how far the median usually lies above the cut-off, in points
TEST_LEVEL = 480.0  # a cut-off with test points where no route of the history shows one


@dataclass(frozen=True)
class Columns:
    """Named columns of equal length: ``names`` and float64[n, len(names)]."""

    names: tuple[str, ...]
    values: Floats


def _columns(named: Mapping[str, Floats]) -> Columns:
    return Columns(tuple(named), np.column_stack([np.nan_to_num(column) for column in named.values()]))


def _seats(signals: Signals) -> Floats:
    return np.maximum(signals.seats, 1.0)


def _gap(signals: Signals) -> Floats:
    """Return how far the median of those admitted lies above the cut-off: a long tail below promises a rise.

    A median with test points beside a cut-off without says nothing of the kind.
    """
    comparable = (signals.median > MERIT_SCALE) == (signals.cutoff > MERIT_SCALE)
    return np.where(comparable, np.nan_to_num(np.clip(signals.median - signals.cutoff, 0.0, 120.0)), 0.0)


def _median_above_level(signals: Signals) -> Floats:
    return np.where(signals.median <= MERIT_SCALE, np.nan_to_num(signals.median - signals.level_median), 0.0)


def _reserves_a_seat(signals: Signals) -> Floats:
    return np.nan_to_num(np.log1p(signals.reserves / _seats(signals)))


def cutoff_columns(signals: Signals) -> Columns:
    """Describe the change from a route's own earlier cut-off."""
    gap = _gap(signals)
    # Last year's admitted around the cut-off, as points per seat: fewer seats cut deeper into the same queue.
    density = np.maximum(signals.last_admitted, 2.0) / 2.0 / np.maximum(gap, 4.0)
    seat_shift = np.clip((signals.last_admitted - signals.seats) / density, -25.0, 40.0)
    small = 1.0 / np.sqrt(signals.seats + 1.0)
    below_level = signals.level_cutoff - signals.cutoff
    return _columns(
        {
            "gap": gap,
            "seat_shift": seat_shift,
            "reserves_a_seat": _reserves_a_seat(signals),
            "below_level": below_level,
            "below_level_if_small": below_level * small,
            "median_above_level": _median_above_level(signals),
            "own_growth": signals.own_growth,
            "local_growth": signals.local_growth,
            "school_pressure": np.log1p(signals.school_pressure),
            "local_pressure": np.log1p(signals.local_pressure),
            "small": small,
            "introduction": signals.introduction,
        }
    )


def cutoff_width_columns(signals: Signals) -> Columns:
    """Describe how uncertain a cut-off is."""
    return _columns(
        {
            "log_gap": np.log(_gap(signals) + 5.0),
            "reserves_a_seat": _reserves_a_seat(signals),
            "log_seats": np.log1p(signals.seats),
        }
    )


def first_cutoff_level(signals: Signals) -> Floats:
    """Return a first guess for a route without a cut-off last year: its median less the usual gap, else its level."""
    own = np.where(np.isfinite(signals.median), signals.median - USUAL_GAP, signals.level_cutoff)
    return np.clip(own, 0.0, MERIT_SCALE)


def first_cutoff_columns(signals: Signals) -> Columns:
    """Describe the cut-off of a route that had none last year."""
    start = first_cutoff_level(signals)
    return _columns(
        {
            "earlier_cutoff": np.where(np.isfinite(signals.cutoff), signals.cutoff - start, 0.0),
            "below_level": signals.level_cutoff - start,
            "median_above_level": _median_above_level(signals),
            "unknown": (~np.isfinite(signals.median)).astype(np.float64),
            "filling": np.clip(signals.admitted / _seats(signals), 0.0, 1.5),
            "small": 1.0 / np.sqrt(signals.seats + 1.0),
            "vocational": signals.vocational,
            "introduction": signals.introduction,
        }
    )


def first_cutoff_width_columns(signals: Signals) -> Columns:
    """Describe how uncertain a first cut-off is."""
    return _columns(
        {
            "unknown": (~np.isfinite(signals.median)).astype(np.float64),
            "log_seats": np.log1p(signals.seats),
            "introduction": signals.introduction,
        }
    )


def test_cutoff_level(signals: Signals) -> Floats:
    """Return where a cut-off with test points starts: the route's own, else its school's and programme's, else any."""
    own = np.where(signals.cutoff > MERIT_SCALE, signals.cutoff, signals.level_test)
    known = own[np.isfinite(own)]
    return np.where(np.isfinite(own), own, np.median(known) if len(known) else TEST_LEVEL)


def test_cutoff_columns(signals: Signals) -> Columns:
    """Describe the change of a cut-off that includes points of an aptitude test (färdighetsprov)."""
    return _columns(
        {
            "gap": _gap(signals),
            "small": 1.0 / np.sqrt(signals.seats + 1.0),
            "unknown": (~(signals.cutoff > MERIT_SCALE)).astype(np.float64),
        }
    )


def competition_columns(signals: Signals) -> Columns:
    """Describe whether there will be more eligible applicants than seats."""
    seats = _seats(signals)
    new = (~np.isfinite(signals.competition)).astype(np.float64)
    return _columns(
        {
            "new": new,
            "own": np.where(new > 0, 0.0, signals.competition - 0.5),
            "reserves": np.log1p(4.0 * signals.reserves / seats),
            "filling": np.clip(signals.admitted / seats, 0.0, 1.5),
            "programme": signals.programme_competition - 0.5,
            "school": signals.school_competition,
            "new_programme": new * (signals.programme_competition - 0.5),
            "new_school": new * signals.school_competition,
            "log_seats": np.log1p(signals.seats),
            "school_filling": signals.school_filling,
            "programme_filling": signals.programme_filling,
            "introduction": signals.introduction,
            "tiny": (signals.seats <= 3).astype(np.float64),
            "apprentice": signals.apprentice,
        }
    )


def reserve_base(signals: Signals) -> Floats:
    """Return the square root of the reserves a route starts from: its own level, else that of school and programme."""
    own = np.sqrt(np.maximum(np.nan_to_num(signals.reserves), 0.0))
    return np.where(np.isfinite(signals.reserves), own, np.sqrt(np.maximum(signals.level_reserves, 0.0)))


def reserve_columns(signals: Signals) -> Columns:
    """Describe the change of the square root of the reserves.

    The pull towards the level of school and programme fades with the cube of the own level's noise: fitted on routes
    with one earlier year it would be too strong for routes with three.
    """
    known = np.isfinite(signals.reserves)
    distance = np.where(known, np.sqrt(np.maximum(signals.level_reserves, 0.0)) - reserve_base(signals), 0.0)
    return _columns(
        {"below_level": distance * signals.reserve_noise**3, "new": (~known).astype(np.float64)},
    )


def reserve_width_columns(signals: Signals) -> Columns:
    """Describe how uncertain the reserves are."""
    return _columns(
        {
            "level": np.log1p(reserve_base(signals)),
            "log_seats": np.log1p(signals.seats),
            "new": (~np.isfinite(signals.reserves)).astype(np.float64),
        }
    )


def filling_base(signals: Signals) -> Floats:
    """Return the share of the seats that is filled without competition, to start from."""
    own = np.clip(signals.admitted / _seats(signals), 0.0, 1.0)
    level = np.clip(signals.school_filling, 0.0, 1.0)
    return np.where(np.isfinite(signals.admitted), np.nan_to_num(own), level)


def filling_columns(signals: Signals) -> Columns:
    """Describe the change of the share of seats filled on routes without competition."""
    known = np.isfinite(signals.admitted)
    base = filling_base(signals)
    return _columns(
        {
            "base": base,
            "last": np.where(known, np.clip(signals.last_admitted / _seats(signals), 0.0, 1.0) - base, 0.0),
            "full": (base >= 1.0).astype(np.float64),
            "new": (~known).astype(np.float64),
            "school": np.clip(signals.school_filling, 0.0, 1.2) - base,
            "programme": signals.programme_competition,
            "introduction": signals.introduction,
            "log_seats": np.log1p(signals.seats),
        }
    )


def filling_width_columns(signals: Signals) -> Columns:
    """Describe how uncertain that share is."""
    base = filling_base(signals)
    return _columns(
        {
            "log_seats": np.log1p(signals.seats),
            "room": np.abs(base - 0.5),
            "new": (~np.isfinite(signals.admitted)).astype(np.float64),
        }
    )


def names_of(builder: Callable[[Signals], Columns]) -> tuple[str, ...]:
    """Return the names of the columns that a builder makes, without any route to describe."""
    nothing: Any = np.empty(0)
    return builder(Signals(**{field.name: nothing for field in fields(Signals)})).names
