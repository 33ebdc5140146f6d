from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from simulations.risk import Risk, RiskSettings, calibrate, non_placement_risk
from simulations.sweeps.draws import Seeds
from simulations.sweeps.year import YearModel
from tests.simulations.sweeps.worlds import behaviour, intake, model, rules

ON = RiskSettings(on=True, runs=6)


@cache
def risk() -> Risk:
    return non_placement_risk(model(), ON, threads=2)


def test_off_unless_switched_on():
    with pytest.raises(AdmissionsError, match="switched off"):
        non_placement_risk(model(), RiskSettings(runs=2))


def test_settings_that_would_point_at_persons_are_refused():
    with pytest.raises(AdmissionsError, match=r"0 simulated rounds.*number -1.*5 is the least"):
        RiskSettings(runs=0, first=-1, smallest=4)


def test_risks_are_shares_and_threads_change_nothing():
    found = risk()
    assert ((found.not_eligible >= 0) & (found.not_eligible <= found.without) & (found.without <= found.runs)).all()
    alone = non_placement_risk(model(), ON, threads=1)
    assert (alone.without == found.without).all()
    assert found.table()["risk"].is_between(0, 1).all()
    assert list(found.applicants) == sorted(found.applicants)


def test_where_nobody_changes_anything_both_risks_are_the_simulated_outcome():
    still = behaviour().without("rechoice", "newcomers")
    quiet = YearModel.of(intake(), rules(), still, Seeds(3, 4))
    found = non_placement_risk(quiet, RiskSettings(on=True, runs=4))
    # seats by free quota or test, and rows of one pool, are left out of the cut-offs: hardly anybody
    assert (found.without != found.after_window).mean() < 0.01


def test_the_simulated_years_themselves_are_foreseen_well():
    """A round of another number, judged by the risks: the outcome has to fall where the risk says."""
    outcome = model().simulate(900).matching.choice
    names = model().first.compiled.applicants
    seated = [str(name) for name, choice in zip(names, outcome.tolist(), strict=True) if choice >= 0]
    found = non_placement_risk(model(), RiskSettings(on=True, runs=25))
    judged = calibrate(found.applicants, found.risk_after_window, seated)
    assert judged.brier < 0.7 * judged.brier_of_mean
    mean = found.risk_after_window.mean()
    assert mean == pytest.approx(1 - len(set(seated) & set(found.applicants)) / len(found.applicants), abs=0.04)
    middle = judged.curve.drop_nulls()
    assert np.corrcoef(middle["foreseen"], middle["observed"])[0, 1] > 0.9
