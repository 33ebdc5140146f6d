"""What a scenario is laid over: an intake with its rules and behaviours, and the intake people's lists react to.

With lists held fixed, people and schools react to the baseline's preliminary result: the scenario's seats, closures,
municipalities and rules then change who is admitted, not what anybody lists. People and routes the scenario adds are in
both intakes.
"""

from __future__ import annotations

from dataclasses import dataclass

from admissions.intake import Intake
from admissions.rules import Rulebook
from simulations.behaviour.parameters import Behaviour
from simulations.sweeps.draws import Seeds
from simulations.sweeps.year import YearModel


@dataclass(frozen=True, eq=False)
class World:
    """An intake, its rules and behaviours.

    Attributes
    ----------
    intake, rulebook, behaviour
        What the rounds are run on.
    lists, lists_rulebook
        What people's lists react to while they are held fixed: the baseline, with the scenario's people and routes.
    """

    intake: Intake
    rulebook: Rulebook
    behaviour: Behaviour
    lists: Intake
    lists_rulebook: Rulebook

    @classmethod
    def of(cls, intake: Intake, rulebook: Rulebook, behaviour: Behaviour) -> World:
        """Return the baseline's world."""
        rules = rulebook.for_year(intake.year)
        return cls(intake, rules, behaviour, intake, rules)

    def model(self, seeds: Seeds, *, react: bool) -> YearModel:
        """Compile the world; with `react`, lists react to the scenario's own preliminary result."""
        same = self.lists is self.intake and self.lists_rulebook is self.rulebook
        fixed = None if react or same else (self.lists, self.lists_rulebook)
        return YearModel.of(self.intake, self.rulebook, self.behaviour, seeds, lists_of=fixed)
