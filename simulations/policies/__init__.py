"""Policies compared on the same simulated events: reserve rounds, and over-intake."""

from simulations.policies.bench import Stage, policy_bench, summary
from simulations.policies.over_intake import OverIntake, over_intake_levels, plan_over_intake
from simulations.policies.refilling import Policy

__all__ = ["OverIntake", "Policy", "Stage", "over_intake_levels", "plan_over_intake", "policy_bench", "summary"]
