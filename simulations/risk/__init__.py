"""The risk of ending without a seat, for counselling in the re-choice window; off unless it is switched on."""

from simulations.risk.aggregates import by_group
from simulations.risk.calibration import Calibration, calibrate
from simulations.risk.correction import Correction, learn
from simulations.risk.estimate import Risk, RiskSettings, non_placement_risk

__all__ = ["Calibration", "Correction", "Risk", "RiskSettings", "by_group", "calibrate", "learn", "non_placement_risk"]
