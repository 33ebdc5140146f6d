"""What a change of seats is worth: newly placed applicants first, then better-off ones, in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError


@dataclass(frozen=True)
class Objective:
    """Weights of the two effects of seats, whole numbers.

    Attributes
    ----------
    placed
        For each applicant who gets a seat and had none (and against it for each who loses the only one). None: more
        than everything else together, so that no number of better places outweighs one person without a seat.
    better_off
        For each applicant with a better choice than before, the newly placed among them (and against it for each with a
        worse one). At least 1: then nothing is gained exactly where nobody moves.

    Raises
    ------
    AdmissionsError
        If a weight is out of range.

    Examples
    --------
    >>> Objective().weights(4)
    (5, 1)
    """

    placed: int | None = None
    better_off: int = 1

    def __post_init__(self) -> None:
        problems = []
        if self.placed is not None and not 0 <= self.placed <= 10**6:
            problems.append(f"the weight of a newly placed applicant is {self.placed}; it is 0 to 1,000,000")
        if not 1 <= self.better_off <= 10**6:
            problems.append(f"the weight of a better-off applicant is {self.better_off}; it is 1 to 1,000,000")
        if problems:
            raise AdmissionsError("; ".join(problems))

    def weights(self, applicants: int) -> tuple[int, int]:
        """Return the weights of a newly placed and of a better-off applicant in a market of so many applicants."""
        return (self.better_off * applicants + 1 if self.placed is None else self.placed), self.better_off


@dataclass(frozen=True)
class Effect:
    """What a change of seats does, against the base.

    Attributes
    ----------
    value
        By the objective.
    placed
        Applicants newly placed, less those newly without a seat.
    better_off
        Applicants with a better choice, less those with a worse one; a newly placed applicant counts here too.
    """

    value: int
    placed: int
    better_off: int


Ints = npt.NDArray[np.int64]
