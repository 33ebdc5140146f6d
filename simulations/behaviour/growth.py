"""Grades grow from the autumn term to the final certificate.

Each subject keeps its grade, rises a step or, rarely, falls one; an F becomes an E with a chance of its own. Growth
never leaves the scale, and a passed subject stays passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.matching.kernels import kernel
from simulations.streams import Keys, uniform

HIGHEST = 5


@dataclass(frozen=True)
class Growth:
    """Chances per subject.

    Attributes
    ----------
    rises, falls
        Of a passed grade by one step.
    passes
        Of an F to become an E.
    """

    rises: float
    falls: float
    passes: float
    on: bool = True


def grow(autumn: npt.NDArray[np.int8], keys: Keys, growth: Growth) -> npt.NDArray[np.int8]:
    """Return the final grade steps of the autumn's, int8[n, subjects] from 0 (F) to 5 (A); -1, no grade, stays.

    Examples
    --------
    >>> grow(np.array([[0, 3, 5]], np.int8), np.array([7], np.uint64), Growth(1.0, 0.0, 1.0)).tolist()
    [[1, 4, 5]]
    """
    final = np.array(autumn, dtype=np.int8)
    if growth.on:
        _grow(final, keys, growth.rises, growth.falls, growth.passes)
    return final


@kernel
def _grow(steps: Any, keys: Any, rises: float, falls: float, passes: float) -> None:
    for person in range(steps.shape[0]):
        for subject in range(steps.shape[1]):
            step = steps[person, subject]
            if step < 0:
                continue
            chance = uniform(keys[person], np.uint64(subject))
            if step == 0:
                if chance < passes:
                    steps[person, subject] = 1
            elif chance < rises:
                if step < HIGHEST:
                    steps[person, subject] = step + 1
            elif chance > 1.0 - falls and step > 1:
                steps[person, subject] = step - 1
