from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from simulations.forecast import Score, backtest, by_year, forecast_table, judge, score_table
from simulations.forecast.backtest import winkler
from tests.simulations.forecast.histories import RESULTS, catalogue, invented, of, shipped


@cache
def scores() -> dict[int, Score]:
    return {score.year: score for score in backtest(shipped())}


def test_every_year_but_the_first_is_judged_on_all_its_routes():
    assert {year: (score.years_before, score.routes) for year, score in scores().items()} == {
        2021: (1, 1419),
        2022: (2, 1477),
        2023: (3, 1466),
    }
    assert score_table(list(scores().values()))["year"].to_list() == [2021, 2022, 2023]


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_cut_offs_and_reserves_are_nearer_than_last_year_and_the_mean(year: int):
    score = scores()[year]
    assert score.cutoff_error < 0.95 * min(score.cutoff_error_last, score.cutoff_error_mean)
    assert score.reserve_error < min(score.reserve_error_last, score.reserve_error_mean)


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_intervals_are_a_tenth_better_than_the_best_constant_width_and_keep_their_promise(year: int):
    score = scores()[year]
    assert score.interval_score < 0.9 * score.interval_score_constant
    assert 0.74 <= score.cutoff_coverage <= 0.86
    assert score.reserve_coverage >= 0.74
    assert score.admitted_coverage >= 0.8
    assert score.vacant_coverage >= 0.8


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_the_chance_of_no_competition_says_more_than_last_year(year: int):
    assert scores()[year].brier < 0.75 * scores()[year].brier_last


def test_read_backwards_in_time_the_cut_offs_still_win():
    """Nothing was chosen on this order of the years: a check against choices that fit the forward order only."""
    backwards = shipped().with_columns(year=4043 - pl.col("year"))
    for score in backtest(backwards):
        assert score.cutoff_error < min(score.cutoff_error_last, score.cutoff_error_mean)
        assert score.interval_score < 0.9 * score.interval_score_constant
        assert 0.74 <= score.cutoff_coverage <= 0.86


@pytest.mark.parametrize("drift", [-10.0, 0.0, 10.0])
def test_a_steady_drift_is_learnt(drift: float):
    history = invented(range(2020, 2024), drift, noise=1.0)
    score = judge(of(history, 2020, 2021, 2022), of(history, 2023))
    assert score.scored == 90
    assert score.cutoff_error < 3.0
    if drift:
        assert score.cutoff_error_last > 8.0


def test_a_year_that_repeats_the_last_one_is_foreseen_nearly_exactly():
    one = invented(range(2020, 2021), 0.0)
    same = pl.concat([one.with_columns(year=pl.lit(year, dtype=pl.Int64)) for year in range(2020, 2024)])
    out = forecast_table(by_year(of(same, 2020, 2021, 2022)), catalogue(same, 2023))
    truth = of(same, 2023)
    competing = truth["lowest_merit"] > 0
    assert ((out["lowest_merit"] - truth["lowest_merit"]).abs().filter(competing) <= 2.5).all()
    assert (out["admitted"] - truth["admitted"]).abs().max() <= 1  # type: ignore[operator]
    assert (out["no_competition_probability"].filter(competing) < 0.3).all()
    assert (out["no_competition_probability"].filter(~competing) > 0.7).all()


def test_the_error_of_last_year_is_what_a_hand_calculation_gives():
    history = invented(range(2020, 2022), 0.0, routes=12)
    both = of(history, 2020).join(of(history, 2021), on=["school", "route_code"], suffix="_then")
    both = both.filter((pl.col("lowest_merit") > 0) & (pl.col("lowest_merit_then") > 0))
    expected = (both["lowest_merit"] - both["lowest_merit_then"]).abs().mean()
    score = judge(of(history, 2020), of(history, 2021))
    assert score.scored == len(both)
    assert score.cutoff_error_last == pytest.approx(expected)


def test_the_interval_score_by_hand():
    low, high = np.array([10.0, 10.0, 10.0]), np.array([20.0, 20.0, 20.0])
    # width 10, and ten times the distance by which 4 and 23 are missed
    assert winkler(low, high, np.array([15.0, 4.0, 23.0])) == pytest.approx((10 + 70 + 40) / 3)


def test_judged_results_do_not_reach_the_forecast():
    frame = shipped()
    year = of(frame, 2022)
    spoilt = year.with_columns((pl.col(name) * 0).cast(year.schema[name]).alias(name) for name in RESULTS)
    assert judge(of(frame, 2020, 2021), spoilt).scored == 0
