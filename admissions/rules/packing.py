"""One row's key as one integer: tier, merit and the tie-break chain in the bits of an int64, larger first.

From the highest bit: the sign (always 0), 6 bits tier (63 - tier), 20 bits merit (hundredths), then one field for each
step of the chain before the lottery, in the chain's order, and zeros. Fields: choice rank 10 bits (1023 - rank), grade
sum 17 bits (hundredths), number of grades 6 bits: at most 59 bits in all. The lottery is a number of its own.
A value that does not fit is refused, never cut: 10,485.75 points of merit, 1,310.71 of grade sum, 63 grades, rank 1023.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError

TIER_BITS = 6
MERIT_BITS = 20
CHAIN_BITS: Mapping[str, int] = {"choice_rank": 10, "grade_sum": 17, "grade_count": 6}
SMALLER_FIRST = frozenset({"tier", "choice_rank"})
_USED = 63

Ints = npt.NDArray[Any]


def pack(tier: Ints, merit: Ints, chain: Sequence[str], steps: Mapping[str, Ints]) -> npt.NDArray[np.int64]:
    """Return int64 keys, larger first, in the order (tier, merit, steps of the chain).

    Parameters
    ----------
    tier
        Smaller first, 0 to 63.
    merit
        Hundredths, larger first.
    chain
        Steps of the rulebook's chain; ``lottery`` ends it and takes no bits.
    steps
        The value of each step: ``choice_rank`` smaller first, ``grade_sum`` and ``grade_count`` larger first.

    Raises
    ------
    AdmissionsError
        If a value does not fit its field.

    Examples
    --------
    >>> one, two = pack(np.array([0, 1]), np.array([20000, 34000]), ("lottery",), {})
    >>> bool(one > two)
    True
    """
    fields = [("tier", tier, TIER_BITS), ("merit", merit, MERIT_BITS)]
    fields += [(step, steps[step], CHAIN_BITS[step]) for step in chain if step != "lottery"]
    key = np.zeros(len(tier), np.int64)
    shift = _USED
    for name, values, bits in fields:
        shift -= bits
        _refuse_overflow(name, values, bits)
        part = values.astype(np.int64)
        if name in SMALLER_FIRST:
            part = (1 << bits) - 1 - part
        key |= part << np.int64(shift)
    return key


def _refuse_overflow(name: str, values: Ints, bits: int) -> None:
    if not len(values):
        return
    low, high = int(values.min()), int(values.max())
    if low < 0 or high >= 1 << bits:
        wrong = low if low < 0 else high
        raise AdmissionsError(
            f"{name} {wrong} does not fit the key of a row (0 to {(1 << bits) - 1}): correct the value; "
            "the engine refuses to cut it, since that would change who goes first."
        )
