"""The best package of all, on small regions: the programme in whole numbers, solved by scipy's MILP (HiGHS)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from simulations.packages.objective import Ints
from simulations.packages.programme import Programme

MOST_COLUMNS = 6000
"""Programmes with more variables are not tried."""


def solve(programme: Programme, *, seconds: float) -> tuple[Ints, int] | None:
    """Solve a programme in whole numbers; (seats of each offer, value), or None if that was not proved in time.

    Parameters
    ----------
    programme
        With its thresholds.
    seconds
        Give up after this time.
    """
    found = milp(
        -programme.gain.astype(np.float64),
        constraints=LinearConstraint(programme.matrix.astype(np.float64), ub=programme.limit.astype(np.float64)),
        bounds=Bounds(0, programme.upper.astype(np.float64)),
        integrality=np.ones(len(programme.gain)),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if found.status != 0 or found.x is None:
        return None
    value = np.rint(found.x).astype(np.int64)
    return value[len(value) - programme.offers :], int(programme.gain @ value)
