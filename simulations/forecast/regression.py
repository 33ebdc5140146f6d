"""Small robust regressions in plain NumPy: least absolute deviations, ridge, logistic, location-scale.

All are penalised on standardised columns, solve a fixed number of Newton or majorise-minimise steps and use no random
numbers: equal input gives equal output.
Source: Hunter and Lange 2000 (majorise-minimise for quantile regression); Romano, Patterson and Candes 2019 and
Lei et al. 2018 (split-conformal intervals with a width that varies by row).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_FOLDS = 5
_STEPS = 60


@dataclass(frozen=True)
class Linear:
    """A linear predictor: ``intercept + x @ slopes``, in the units of its columns."""

    intercept: float
    slopes: Floats

    def __call__(self, columns: Floats) -> Floats:
        """Return one prediction a row of ``columns`` (float64[n, k])."""
        return np.asarray(self.intercept + columns @ self.slopes, dtype=np.float64)


def _standardised(columns: Floats) -> tuple[Floats, Floats, Floats]:
    mean = columns.mean(axis=0)
    spread = columns.std(axis=0)
    # A column without variation carries nothing: it must not explode when it varies later on.
    flat = spread < 1e-9
    spread = np.where(flat, 1.0, spread)
    standard = np.where(flat, 0.0, (columns - mean) / spread)
    return np.column_stack([np.ones(len(columns)), standard]), mean, np.where(flat, np.inf, spread)


def _restored(solution: Floats, mean: Floats, spread: Floats) -> Linear:
    slopes = solution[1:] / spread
    return Linear(float(solution[0] - mean @ slopes), slopes)


def _penalty(width: int, strength: float) -> Floats:
    penalty = np.eye(width) * strength
    penalty[0, 0] = 0.0
    return penalty


def least_absolute(columns: Floats, target: Floats, *, penalty: float = 0.3, softness: float = 1.0) -> Linear:
    """Fit the conditional median.

    Parameters
    ----------
    columns, target
        float64[n, k] and float64[n].
    penalty
        Ridge penalty on the standardised slopes.
    softness
        Residuals far below this count quadratically; in the units of the target.

    Examples
    --------
    >>> x = np.arange(50.0)[:, None]
    >>> y = 3 + 2 * x[:, 0]
    >>> y[7] = 10_000.0
    >>> model = least_absolute(x, y, penalty=0.0, softness=1e-3)
    >>> round(model.intercept, 2), round(float(model.slopes[0]), 2)
    (3.0, 2.0)
    """
    standard, mean, spread = _standardised(columns)
    ridge = _penalty(standard.shape[1], penalty)
    solution = np.zeros(standard.shape[1])
    solution[0] = np.median(target)
    for _ in range(_STEPS):
        weight = 0.5 / (np.abs(target - standard @ solution) + softness)
        curve = standard.T @ (standard * weight[:, None]) + ridge
        solution = np.asarray(np.linalg.solve(curve, standard.T @ (weight * target)), dtype=np.float64)
    return _restored(solution, mean, spread)


def ridge_mean(columns: Floats, target: Floats, *, penalty: float = 5.0) -> Linear:
    """Fit the conditional mean by penalised least squares."""
    standard, mean, spread = _standardised(columns)
    ridge = _penalty(standard.shape[1], penalty)
    solution = np.asarray(np.linalg.solve(standard.T @ standard + ridge, standard.T @ target), dtype=np.float64)
    return _restored(solution, mean, spread)


def logistic(columns: Floats, happened: Floats, *, penalty: float = 10.0) -> Linear:
    """Fit the log-odds of an event (``happened`` 0.0 or 1.0) by penalised maximum likelihood."""
    standard, mean, spread = _standardised(columns)
    ridge = _penalty(standard.shape[1], penalty)
    solution = np.zeros(standard.shape[1])
    share = np.clip(happened.mean(), 0.01, 0.99)
    solution[0] = np.log(share / (1 - share))
    for _ in range(_STEPS):
        chance = probability(standard @ solution)
        slope = standard.T @ (happened - chance) - ridge @ solution
        curve = standard.T @ (standard * (chance * (1 - chance))[:, None]) + ridge
        # One tiny addition keeps the intercept's curvature above zero when everything or nothing happened.
        solution += np.linalg.solve(curve + 1e-6 * np.eye(len(solution)), slope)
    return _restored(solution, mean, spread)


def probability(log_odds: Floats) -> Floats:
    """Return the probability of log-odds, clipped to stay inside (0, 1)."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -30.0, 30.0))), dtype=np.float64)


@dataclass(frozen=True)
class Spread:
    """A predictive distribution per row: ``centre + exp(log_width) * shape``.

    Parameters
    ----------
    centre
        Predicts the median from the location columns.
    log_width
        Predicts the logarithm of the residual's size from the width columns.
    shape
        Sorted standardised residuals of rows that the centre was not fitted on.
    """

    centre: Linear
    log_width: Linear
    shape: Floats

    def quantile(self, columns: Floats, width_columns: Floats, share: Floats | float) -> Floats:
        """Return the quantile ``share`` (a number, or one a row) of each row's distribution; 0.5 is the centre."""
        share = np.broadcast_to(np.asarray(share, dtype=np.float64), (len(columns),))
        ticks = (np.arange(len(self.shape)) + 0.5) / len(self.shape)
        # The centre is the median by construction; the residuals tell the shape around it.
        steps = np.interp(share, ticks, self.shape) - np.interp(0.5, ticks, self.shape)
        return np.asarray(self.centre(columns) + np.exp(self.log_width(width_columns)) * steps, dtype=np.float64)


def fit_spread(
    columns: Floats,
    width_columns: Floats,
    target: Floats,
    fit_centre: Callable[[Floats, Floats], Linear],
    floor: float,
) -> Spread:
    """Fit centre, width and shape; the residuals come from folds the centre has not seen.

    Parameters
    ----------
    columns, width_columns
        float64[n, k] and float64[n, w]: what the centre and what the width depend on.
    target
        float64[n].
    fit_centre
        Fits the centre, e.g. `least_absolute`.
    floor
        Added to each residual's size before its logarithm is taken, in the units of the target.
    """
    centre = fit_centre(columns, target)
    residual = np.empty(len(target))
    fold = np.arange(len(target)) % _FOLDS
    for number in range(_FOLDS):
        seen = fold != number
        residual[~seen] = target[~seen] - fit_centre(columns[seen], target[seen])(columns[~seen])
    log_width = ridge_mean(width_columns, np.log(np.abs(residual) + floor))
    return Spread(centre, log_width, np.sort(residual / np.exp(log_width(width_columns))))
