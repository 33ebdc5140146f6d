"""Risks corrected by what an earlier year brought: the same order of persons, shares that came true.

A simulation that lets too few pupils mend their grades says "80 %" where 60 % end without a seat. The correction is the
rising step curve closest to the outcomes (isotonic regression, pool adjacent violators), learnt on another year.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from admissions.errors import AdmissionsError

Floats = npt.NDArray[np.float64]
FEWEST = 100


@dataclass(frozen=True, eq=False)
class Correction:
    """What simulated risks have meant: float64, both rising; between them in a straight line.

    Attributes
    ----------
    foreseen, observed
        Risk as simulated, and the share who then ended without a seat.
    """

    foreseen: Floats
    observed: Floats

    def of(self, risk: Floats) -> Floats:
        """Return the corrected risks."""
        return np.asarray(np.interp(risk, self.foreseen, self.observed))


def learn(
    applicants: Sequence[str], foreseen: Floats, seated: Collection[str], among: Collection[str] | None = None
) -> Correction:
    """Learn a correction from a year that is over.

    Parameters
    ----------
    applicants, foreseen
        Ids and their risks with the list as it was, uncorrected.
    seated
        Ids of everybody who got a seat.
    among
        Ids to learn from, such as those who kept their list; everybody if absent.

    Raises
    ------
    AdmissionsError
        If there are too few to learn from.
    """
    chosen = None if among is None else set(among)
    place = np.array([k for k, one in enumerate(applicants) if chosen is None or one in chosen], np.int64)
    if len(place) < FEWEST:
        raise AdmissionsError(f"{len(place)} persons are too few to learn a correction from: {FEWEST} are needed")
    has = set(seated)
    outcome = np.array([applicants[k] not in has for k in place.tolist()], np.float64)
    levels, where, persons = np.unique(foreseen[place], return_inverse=True, return_counts=True)
    mean = np.bincount(where, weights=outcome) / persons
    return Correction(levels, np.asarray(isotonic_regression(mean, weights=persons.astype(np.float64)).x))
