from __future__ import annotations

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from simulations.risk import calibrate


def test_a_perfect_forecast_and_the_mean():
    names = [f"A{k}" for k in range(10)]
    outcome = np.array([1.0] * 4 + [0.0] * 6)
    found = calibrate(names, outcome, names[4:])
    assert (found.persons, found.brier) == (10, 0.0)
    assert found.brier_of_mean == pytest.approx(0.24)
    assert found.curve["from"].to_list() == [0.0, 0.99]
    assert found.curve["persons"].to_list() == [6, 4]
    assert found.curve["observed"].to_list() == [0.0, None]  # four persons: nothing is said of them


def test_only_those_asked_for_are_judged():
    found = calibrate(["a", "b"], np.array([0.5, 0.1]), ["a"], among=["a"])
    assert (found.persons, found.brier) == (1, 0.25)
    with pytest.raises(AdmissionsError, match="nobody"):
        calibrate(["a"], np.array([0.5]), [], among=[])
