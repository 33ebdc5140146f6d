"""Compile everything once: ``python -m simulations.warm``, called by ``make install``.

The matching kernels are called on a tiny market, the others by replaying a small generated intake, so that the first
command of a newcomer does not spend half a minute compiling.
"""

from __future__ import annotations

import time

from admissions.matching.warm import warm
from admissions.rules import Lottery, load_rulebook
from simulations.behaviour.parameters import load_behaviour
from simulations.population import generate_intake
from simulations.replay import replay
from simulations.sweeps.draws import Seeds
from simulations.sweeps.year import YearModel

if __name__ == "__main__":
    begin = time.perf_counter()
    warm()
    intake, rules = generate_intake(2023, 300, 1), load_rulebook("storsthlm")
    replay(intake, rules, Lottery("warm", "up"))
    YearModel.of(intake, rules, load_behaviour(), Seeds()).simulate(0, seat_values=True, reserve=True)
    print(f"kernels compiled and cached in {time.perf_counter() - begin:.1f} s")
