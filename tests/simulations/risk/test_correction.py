from __future__ import annotations

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from simulations.risk import calibrate, learn


def year(seed: int, count: int = 4000):
    """Draw risks that are one and a half times too high."""
    rng = np.random.default_rng(seed)
    names = [f"A{k:04}" for k in range(count)]
    foreseen = np.round(rng.beta(0.3, 1.0, count), 2)
    without = rng.random(count) < foreseen / 1.5
    return names, foreseen, [name for name, gone in zip(names, without.tolist(), strict=True) if not gone]


def test_what_one_year_taught_makes_the_next_one_come_true():
    names, foreseen, seated = year(1)
    correction = learn(names, foreseen, seated)
    assert (np.diff(correction.observed) >= 0).all()
    names, foreseen, seated = year(2)
    plain, corrected = calibrate(names, foreseen, seated), calibrate(names, correction.of(foreseen), seated)
    assert corrected.brier < plain.brier
    assert correction.of(np.array([0.6]))[0] == pytest.approx(0.4, abs=0.06)
    assert (np.diff(correction.of(np.linspace(0, 1, 50))) >= 0).all()


def test_too_few_teach_nothing():
    names, foreseen, seated = year(1)
    with pytest.raises(AdmissionsError, match="2 persons are too few"):
        learn(names, foreseen, seated, among=names[:2])
