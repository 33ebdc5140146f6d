"""One forecast row for every route of a catalogue, with 80 % intervals.

The published tables have two parts: a cut-off of 0 means that nobody eligible was turned down. So every quantity is a
mixture of the two cases, weighed by the chance of no competition, except that a route which had competition last year
is forecast as if it has it again (cut-off and reserves): the question its applicants ask. The chance stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulations.forecast import columns as made
from simulations.forecast.features import Signals, YearTable, describe
from simulations.forecast.levels import MERIT_SCALE
from simulations.forecast.models import Models, fit_models, merit_rows, test_rows
from simulations.forecast.regression import Floats, probability

LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
GRID = 2.5
HIGHEST = 1020.0  # no published merit with test points has come near three times 340


@dataclass(frozen=True)
class Band:
    """A forecast with its 80 % interval: ``low <= point <= high`` in every row."""

    point: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Forecast:
    """The forecast of a catalogue, in its row order.

    Parameters
    ----------
    no_competition
        Probability that nobody eligible is turned down (published as a cut-off of 0).
    lowest_merit
        Cut-off in points, multiples of 2.5; 0 where no competition is the likelier and there was none last year.
    admitted, reserves, vacant_seats
        Whole persons and seats; admitted and vacant seats never exceed the seats together.
    """

    no_competition: Floats
    lowest_merit: Band
    admitted: Band
    reserves: Band
    vacant_seats: Band


def forecast(history: Sequence[YearTable], catalogue: YearTable) -> Forecast:
    """Forecast every route of ``catalogue`` from the years before it.

    Parameters
    ----------
    history
        Consecutive years, oldest first; the last is the year before the catalogue's.
    catalogue
        Names and seats of the year to forecast; its results, if any, are not read.
    """
    return predict(fit_models(history), describe(catalogue, history))


def predict(models: Models, signals: Signals) -> Forecast:
    """Apply fitted models to described routes."""
    none = 1.0 - probability(models.competition(made.competition_columns(signals).values))
    competed = signals.competed_last
    likely = competed | (none <= MIDDLE)
    cutoffs = [
        np.where(
            likely,
            _cutoff(models, signals, np.full(len(none), share)),
            np.where(share > none, _cutoff(models, signals, _given_competition(share, none)), 0.0),
        )
        for share in (MIDDLE, LOW, HIGH)
    ]
    reserves = [
        np.where(
            competed,
            _reserves(models, signals, np.full(len(none), share)),
            np.where(share > none, _reserves(models, signals, _given_competition(share, none)), 0.0),
        )
        for share in (MIDDLE, LOW, HIGH)
    ]
    admitted, vacant = _seats_taken(models, signals, none)
    return Forecast(none, _on_grid(*cutoffs), admitted, _band(*reserves), vacant)


def _given_competition(share: float, none: Floats) -> Floats:
    """Return which quantile of the competing case is the quantile ``share`` of both cases together."""
    return np.clip((share - none) / np.maximum(1.0 - none, 1e-9), 0.0, 1.0)


def _on_grid(point: Floats, low: Floats, high: Floats) -> Band:
    """Round to possible merit values; the bounds go inwards, which keeps exactly the values between them."""
    return _band(GRID * np.rint(point / GRID), GRID * np.ceil(low / GRID), GRID * np.floor(high / GRID))


def _band(point: Floats, low: Floats, high: Floats) -> Band:
    return Band(point, np.minimum(low, point), np.maximum(high, point))


def _cutoff(models: Models, signals: Signals, share: Floats) -> Floats:
    merit, test = merit_rows(signals), test_rows(signals)
    width = made.cutoff_width_columns(signals).values
    change = models.cutoff.quantile(made.cutoff_columns(signals).values, width, share)
    columns = made.first_cutoff_columns(signals)
    first = made.first_cutoff_level(signals) + models.first_cutoff.quantile(
        columns.values, made.first_cutoff_width_columns(signals).values, share
    )
    columns = made.test_cutoff_columns(signals)
    tested = made.test_cutoff_level(signals) + models.test_cutoff.quantile(columns.values, columns.values, share)
    on_scale = np.clip(np.where(merit, np.nan_to_num(signals.cutoff) + change, first), GRID, MERIT_SCALE)
    return np.asarray(np.where(test, np.clip(tested, GRID, HIGHEST), on_scale), dtype=np.float64)


def _reserves(models: Models, signals: Signals, share: Floats) -> Floats:
    columns, width = made.reserve_columns(signals), made.reserve_width_columns(signals)
    root = made.reserve_base(signals) + models.reserves.quantile(columns.values, width.values, share)
    return np.asarray(np.rint(np.maximum(root, 0.0) ** 2), dtype=np.float64)


def _seats_taken(models: Models, signals: Signals, none: Floats) -> tuple[Band, Band]:
    """Return admitted and vacant seats: full under competition, else the share that is usually filled."""
    seats = np.maximum(signals.seats, 0.0)
    # Seats outside the merit order (fri kvot, sport, incoming pupils) show as neither admitted nor vacant; about
    # half of them come back the next year.
    held = np.where(signals.competed_last, np.minimum(np.ceil(signals.last_held / 2.0), seats), 0.0)
    held_high = np.minimum(2.0 * held, seats)
    columns, width = made.filling_columns(signals).values, made.filling_width_columns(signals).values

    def filled(share: Floats) -> Floats:
        part = made.filling_base(signals) + models.filling.quantile(columns, width, np.clip(share, 0.0, 1.0))
        return np.clip(np.rint(part * seats), 0.0, seats - held)

    def admitted(share: float, held_then: Floats) -> Floats:
        return np.where(share < none, filled(share / none), seats - held_then)

    def vacant(share: float) -> Floats:
        return np.where(share >= 1.0 - none, seats - filled((1.0 - share) / none), 0.0)

    return (
        _band(admitted(MIDDLE, held), admitted(LOW, held_high), admitted(HIGH, np.zeros(len(seats)))),
        _band(np.where(none > MIDDLE, vacant(MIDDLE), 0.0), vacant(LOW), vacant(HIGH)),
    )
