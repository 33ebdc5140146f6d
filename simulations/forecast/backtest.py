"""How the forecast would have done: every year of a history forecast from the years before it, and scored.

Cut-offs and reserves are scored on the routes that carry the same full name in both years, with a cut-off of at most
340 points in both; the chance of no competition is scored apart, over every route. The rivals are last year's value,
the mean of the earlier years, and the constant-width interval around last year's value that turns out best when the
judged year is already known.
Source: Winkler 1972 and Gneiting and Raftery 2007 (interval score); Brier 1950.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from simulations.forecast.levels import MERIT_SCALE
from simulations.forecast.published import KEY, RESULTS, by_year
from simulations.forecast.regression import Floats
from simulations.forecast.writing import forecast_table

_MISS = 0.2  # an 80 % interval misses two times in ten

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Score:
    """How one judged year was forecast.

    Parameters
    ----------
    year, years_before
        The judged year and how many years the forecast saw.
    routes, scored
        Routes of the year, every one forecast, and those with a cut-off on the merit scale in both years.
    cutoff_error, cutoff_error_last, cutoff_error_mean
        Mean absolute error in points of the forecast, of last year's value and of the mean of the earlier years.
    reserve_error, reserve_error_last, reserve_error_mean
        The same for the number of reserves.
    interval_score, interval_score_constant
        Winkler score of the cut-off's 80 % intervals, in points, smaller is better; the constant width is the best one
        in hindsight.
    cutoff_coverage, reserve_coverage
        Share of the scored routes whose value lies in the interval.
    brier, brier_last
        Mean squared error of the chance of no competition, and of saying it will be as last year (unknown: one half).
    admitted_error, vacant_error, admitted_coverage, vacant_coverage
        Over every route of the year.
    """

    year: int
    years_before: int
    routes: int
    scored: int
    cutoff_error: float
    cutoff_error_last: float
    cutoff_error_mean: float
    reserve_error: float
    reserve_error_last: float
    reserve_error_mean: float
    interval_score: float
    interval_score_constant: float
    cutoff_coverage: float
    reserve_coverage: float
    brier: float
    brier_last: float
    admitted_error: float
    vacant_error: float
    admitted_coverage: float
    vacant_coverage: float


def backtest(history: pl.DataFrame) -> list[Score]:
    """Judge every year but the first of a checked history (`read_history`) by the years before it, oldest first."""
    years = sorted(history["year"].unique().to_list())
    return [judge(history.filter(pl.col("year") < year), history.filter(pl.col("year") == year)) for year in years[1:]]


def judge(before: pl.DataFrame, judged: pl.DataFrame) -> Score:
    """Forecast ``judged`` from ``before`` (consecutive years, the last one the year before) and score it."""
    predicted = forecast_table(by_year(before), judged.drop(RESULTS))
    year = int(judged["year"][0])
    earlier = [_same_name(judged, before.filter(pl.col("year") == past)) for past in before["year"].unique().sort()]
    last = earlier[-1]
    cutoff, last_cutoff = _numbers(judged, "lowest_merit"), _numbers(last, "lowest_merit")
    rows = _on_scale(cutoff) & _on_scale(last_cutoff)
    reserves = _numbers(judged, "reserves")
    known = np.isfinite(cutoff)
    without = (cutoff == 0).astype(np.float64)
    as_last = np.where(np.isfinite(last_cutoff), (last_cutoff == 0).astype(np.float64), 0.5)
    mean_cutoff = _mean(
        [np.where(_on_scale(_numbers(one, "lowest_merit")), _numbers(one, "lowest_merit"), np.nan) for one in earlier]
    )
    every = np.ones(len(judged), dtype=np.bool_)
    return Score(
        year=year,
        years_before=len(earlier),
        routes=len(judged),
        scored=int(rows.sum()),
        cutoff_error=_error(_numbers(predicted, "lowest_merit"), cutoff, rows),
        cutoff_error_last=_error(last_cutoff, cutoff, rows),
        cutoff_error_mean=_error(mean_cutoff, cutoff, rows),
        reserve_error=_error(_numbers(predicted, "reserves"), reserves, rows),
        reserve_error_last=_error(_numbers(last, "reserves"), reserves, rows),
        reserve_error_mean=_error(_mean([_numbers(one, "reserves") for one in earlier]), reserves, rows),
        interval_score=_interval_score(predicted, cutoff, rows),
        interval_score_constant=_best_constant(last_cutoff[rows], cutoff[rows]),
        cutoff_coverage=_coverage(predicted, "lowest_merit", cutoff, rows),
        reserve_coverage=_coverage(predicted, "reserves", reserves, rows),
        brier=_brier(_numbers(predicted, "no_competition_probability"), without, known),
        brier_last=_brier(as_last, without, known),
        admitted_error=_error(_numbers(predicted, "admitted"), _numbers(judged, "admitted"), every),
        vacant_error=_error(_numbers(predicted, "vacant_seats"), _numbers(judged, "vacant_seats"), every),
        admitted_coverage=_coverage(predicted, "admitted", _numbers(judged, "admitted"), every),
        vacant_coverage=_coverage(predicted, "vacant_seats", _numbers(judged, "vacant_seats"), every),
    )


def score_table(scores: list[Score]) -> pl.DataFrame:
    """Return the scores as a table, one row a judged year."""
    return pl.DataFrame([vars(score) for score in scores])


def _same_name(judged: pl.DataFrame, past: pl.DataFrame) -> pl.DataFrame:
    """Return the past result of each judged row of the same full name; parallel classes take the first one."""
    first = past.unique(subset=KEY, keep="first", maintain_order=True)
    return judged.select(KEY).join(first, on=KEY, how="left", maintain_order="left")


def _numbers(frame: pl.DataFrame, name: str) -> Floats:
    return frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()


def _on_scale(cutoff: Floats) -> Mask:
    return np.asarray((cutoff > 0) & (cutoff <= MERIT_SCALE), dtype=np.bool_)


def _mean(columns: list[Floats]) -> Floats:
    stacked = np.vstack(columns)
    count = np.isfinite(stacked).sum(axis=0)
    return np.where(count > 0, np.nansum(stacked, axis=0) / np.maximum(count, 1), np.nan)


def _error(guess: Floats, truth: Floats, rows: Mask) -> float:
    # Nothing published is nothing to be wrong about.
    rows = rows & np.isfinite(truth) & np.isfinite(guess)
    return float(np.abs(guess - truth)[rows].mean()) if rows.any() else float("nan")


def _brier(chance: Floats, happened: Floats, rows: Mask) -> float:
    return float(((chance - happened) ** 2)[rows].mean()) if rows.any() else float("nan")


def _coverage(predicted: pl.DataFrame, name: str, truth: Floats, rows: Mask) -> float:
    inside = (_numbers(predicted, f"{name}_low") <= truth) & (truth <= _numbers(predicted, f"{name}_high"))
    return float(inside[rows].mean()) if rows.any() else float("nan")


def _interval_score(predicted: pl.DataFrame, truth: Floats, rows: Mask) -> float:
    low, high = _numbers(predicted, "lowest_merit_low")[rows], _numbers(predicted, "lowest_merit_high")[rows]
    return winkler(low, high, truth[rows])


def winkler(low: Floats, high: Floats, truth: Floats) -> float:
    """Return the mean interval score of 80 % intervals: the width, and ten times the distance of every miss.

    Examples
    --------
    >>> winkler(np.array([200.0, 200.0]), np.array([220.0, 220.0]), np.array([210.0, 221.0]))
    25.0
    """
    if not len(truth):
        return float("nan")
    missed = np.maximum(low - truth, 0.0) + np.maximum(truth - high, 0.0)
    return float((high - low + 2.0 / _MISS * missed).mean())


def _best_constant(last: Floats, truth: Floats) -> float:
    return min(winkler(last - half, last + half, truth) for half in np.arange(0.0, 102.5, 2.5))
