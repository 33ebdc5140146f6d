from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from simulations.forecast.regression import fit_spread, least_absolute, logistic, probability, ridge_mean


def test_the_median_fit_agrees_with_the_linear_programme_that_defines_it():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 2))
    y = 5 + x @ [2.0, -1.0] + rng.standard_t(2, 80)
    design = np.column_stack([np.ones(80), x])
    # minimise the sum of |y - design b|: Koenker and Bassett 1978
    cost = np.r_[np.zeros(3), np.ones(160)]
    exact = linprog(
        cost, A_eq=np.hstack([design, np.eye(80), -np.eye(80)]), b_eq=y, bounds=[(None, None)] * 3 + [(0, None)] * 160
    )
    model = least_absolute(x, y, penalty=0.0, softness=1e-4)
    assert np.abs(y - model(x)).sum() == pytest.approx(exact.fun, rel=1e-3)


def test_one_wild_row_moves_the_mean_but_not_the_median():
    x = np.arange(40.0)[:, None]
    y = 2.0 * x[:, 0]
    y[39] += 10_000.0
    assert least_absolute(x, y, penalty=0.0, softness=0.01)(x[:5]) == pytest.approx(y[:5], abs=0.2)
    assert np.abs(ridge_mean(x, y, penalty=0.0)(x[:5]) - y[:5]).max() > 50


def test_the_logistic_fit_finds_the_chances_it_was_made_from():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(20_000, 1))
    happened = (rng.random(20_000) < probability(-0.5 + 1.5 * x[:, 0])).astype(float)
    model = logistic(x, happened, penalty=0.0)
    assert model.intercept == pytest.approx(-0.5, abs=0.1)
    assert model.slopes[0] == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_an_event_that_always_or_never_happened_gives_a_finite_chance(share: float):
    x = np.random.default_rng(3).normal(size=(50, 3))
    chance = probability(logistic(x, np.full(50, share))(x))
    assert np.isfinite(chance).all()
    assert np.abs(chance - share).max() < 0.05


def test_intervals_cover_what_they_promise_where_the_noise_differs_by_row():
    rng = np.random.default_rng(4)
    x = rng.uniform(0, 3, size=(4000, 1))
    y = 10 * x[:, 0] + np.exp(x[:, 0]) * rng.normal(size=4000)
    fitted = fit_spread(x[:2000], x[:2000], y[:2000], least_absolute, 0.1)
    low, high = (fitted.quantile(x[2000:], x[2000:], share) for share in (0.1, 0.9))
    inside = (low <= y[2000:]) & (y[2000:] <= high)
    quiet = x[2000:, 0] < 1
    for rows in (quiet, ~quiet, np.ones(2000, dtype=bool)):
        assert 0.74 < inside[rows].mean() < 0.86


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_quantiles_never_cross(seed: int, one: float, other: float):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 2))
    fitted = fit_spread(x, x[:, :1], rng.normal(size=60), least_absolute, 0.1)
    low, high = sorted((one, other))
    assert (fitted.quantile(x, x[:, :1], low) <= fitted.quantile(x, x[:, :1], high) + 1e-9).all()
    assert fitted.quantile(x, x[:, :1], 0.5) == pytest.approx(fitted.centre(x))
