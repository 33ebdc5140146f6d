"""The fitted models of a forecast: chance of competition, cut-off, reserves and the filling of open seats.

Each is learnt from every year-to-year change the history holds, pooled; kinds of routes with too few examples keep the
documented prior. The design follows the two-part structure of the published tables: 0 means no competition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from simulations.forecast import columns as made
from simulations.forecast import priors
from simulations.forecast.features import Signals, YearTable, describe
from simulations.forecast.levels import MERIT_SCALE
from simulations.forecast.regression import Floats, Linear, Spread, fit_spread, least_absolute, logistic

# Fewer examples than this leave a model on its prior.
ENOUGH = 60

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Models:
    """Everything fitted, and the changes it was learnt from (pairs of years, empty: priors only)."""

    learnt_from: tuple[tuple[int, int], ...]
    competition: Linear
    cutoff: Spread
    first_cutoff: Spread
    test_cutoff: Spread
    reserves: Spread
    filling: Spread


def merit_rows(signals: Signals) -> Mask:
    """Tell which routes had a cut-off on the merit scale last year."""
    return np.isfinite(signals.last_cutoff) & (signals.cutoff <= MERIT_SCALE)


def test_rows(signals: Signals) -> Mask:
    """Tell which routes are judged with test points: by their cut-offs, else by median, name or the school's rest."""
    by_sign = (signals.median > MERIT_SCALE) | (signals.test > 0) | np.isfinite(signals.level_test)
    return np.where(np.isfinite(signals.cutoff), signals.cutoff > MERIT_SCALE, by_sign)


def fit_models(history: Sequence[YearTable]) -> Models:
    """Fit every model on the changes within ``history`` (consecutive years, oldest first, at least one)."""
    changes = [(describe(history[at], history[:at]), history[at]) for at in range(1, len(history))]
    return Models(
        learnt_from=tuple((history[at - 1].year, history[at].year) for at in range(1, len(history))),
        competition=_competition(changes),
        cutoff=_cutoff(changes),
        first_cutoff=_first_cutoff(changes),
        test_cutoff=_test_cutoff(changes),
        reserves=_reserves(changes),
        filling=_filling(changes),
    )


Changes = Sequence[tuple[Signals, YearTable]]


@dataclass(frozen=True)
class _Examples:
    """The rows of every change that one model learns from, stacked; and the names of its columns."""

    names: tuple[str, ...]
    width_names: tuple[str, ...]
    columns: Floats
    width: Floats
    target: Floats

    @property
    def enough(self) -> bool:
        return len(self.target) >= ENOUGH


def _examples(
    changes: Changes,
    columns: Callable[[Signals], made.Columns],
    width: Callable[[Signals], made.Columns],
    target: Callable[[Signals, YearTable], tuple[Floats, Mask]],
) -> _Examples:
    parts = []
    names: tuple[str, ...] = made.names_of(columns)
    width_names: tuple[str, ...] = made.names_of(width)
    for signals, table in changes:
        values, rows = target(signals, table)
        parts.append((columns(signals).values[rows], width(signals).values[rows], values[rows]))
    return _Examples(
        names,
        width_names,
        np.vstack([np.empty((0, len(names))), *(part[0] for part in parts)]),
        np.vstack([np.empty((0, len(width_names))), *(part[1] for part in parts)]),
        np.concatenate([np.empty(0), *(part[2] for part in parts)]),
    )


def _fit(
    examples: _Examples,
    prior: Callable[[tuple[str, ...], tuple[str, ...]], Spread],
    centre: Callable[[Floats, Floats], Linear],
    floor: float,
) -> Spread:
    if not examples.enough:
        return prior(examples.names, examples.width_names)
    return fit_spread(examples.columns, examples.width, examples.target, centre, floor)


def _competition(changes: Changes) -> Linear:
    def happened(_: Signals, table: YearTable) -> tuple[Floats, Mask]:
        return table.competition, np.isfinite(table.competition)

    examples = _examples(changes, made.competition_columns, made.competition_columns, happened)
    if not examples.enough:
        return priors.competition(examples.names)
    return logistic(examples.columns, examples.target)


def _cutoff(changes: Changes) -> Spread:
    def change(signals: Signals, table: YearTable) -> tuple[Floats, Mask]:
        rows = merit_rows(signals) & (table.lowest_merit > 0) & (table.lowest_merit <= MERIT_SCALE)
        return table.lowest_merit - signals.cutoff, rows

    examples = _examples(changes, made.cutoff_columns, made.cutoff_width_columns, change)
    return _fit(examples, priors.cutoff, least_absolute, 3.0)


def _first_cutoff(changes: Changes) -> Spread:
    def above_guess(signals: Signals, table: YearTable) -> tuple[Floats, Mask]:
        rows = ~merit_rows(signals) & ~test_rows(signals) & (table.lowest_merit > 0)
        rows &= table.lowest_merit <= MERIT_SCALE
        return table.lowest_merit - made.first_cutoff_level(signals), rows

    examples = _examples(changes, made.first_cutoff_columns, made.first_cutoff_width_columns, above_guess)
    return _fit(examples, priors.first_cutoff, partial(least_absolute, penalty=3.0), 3.0)


def _test_cutoff(changes: Changes) -> Spread:
    def change(signals: Signals, table: YearTable) -> tuple[Floats, Mask]:
        rows = test_rows(signals) & (table.lowest_merit > MERIT_SCALE)
        return table.lowest_merit - made.test_cutoff_level(signals), rows

    examples = _examples(changes, made.test_cutoff_columns, made.test_cutoff_columns, change)
    return _fit(examples, priors.test_cutoff, partial(least_absolute, penalty=3.0), 5.0)


def _reserves(changes: Changes) -> Spread:
    def change(signals: Signals, table: YearTable) -> tuple[Floats, Mask]:
        rows = (table.lowest_merit > 0) & np.isfinite(table.reserves)
        # What moved for all routes alike says nothing of the next year: it is taken out before learning.
        at_last_level = np.nan_to_num(table.reserves) * signals.last_pressure / table.pressure
        return np.sqrt(at_last_level) - made.reserve_base(signals), rows

    examples = _examples(changes, made.reserve_columns, made.reserve_width_columns, change)
    return _fit(examples, priors.reserves, partial(least_absolute, penalty=3.0, softness=0.2), 0.3)


def _filling(changes: Changes) -> Spread:
    def change(signals: Signals, table: YearTable) -> tuple[Floats, Mask]:
        rows = (table.lowest_merit == 0) & (table.seats > 0) & np.isfinite(table.admitted)
        share = np.clip(np.nan_to_num(table.admitted) / np.maximum(table.seats, 1.0), 0.0, 1.0)
        return share - made.filling_base(signals), rows

    examples = _examples(changes, made.filling_columns, made.filling_width_columns, change)
    return _fit(examples, priors.filling, partial(least_absolute, penalty=3.0, softness=0.02), 0.02)
