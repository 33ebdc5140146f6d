"""Compile everything once: ``python -m simulations.warm``, called by ``make install``.

The matching kernels are called on a tiny market, the others by replaying a small generated intake, so that the first
command of a newcomer does not spend half a minute compiling.
"""

from __future__ import annotations

import time

from admissions.matching.warm import warm
from admissions.rules import Lottery, load_rulebook
from simulations.population import generate_intake
from simulations.replay import replay

if __name__ == "__main__":
    begin = time.perf_counter()
    warm()
    replay(generate_intake(2023, 300, 1), load_rulebook("storsthlm"), Lottery("warm", "up"))
    print(f"kernels compiled and cached in {time.perf_counter() - begin:.1f} s")
