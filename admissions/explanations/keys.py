"""A row's key taken apart again, and the step at which it fell behind a cut-off.

The packing is `admissions.rules.packing`; the steps are those of the rulebook's chain, the lottery last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from admissions.rules.packing import CHAIN_BITS, MERIT_BITS, SMALLER_FIRST, TIER_BITS

_USED = 63
FIRST_PLACE = (1 << MERIT_BITS) - 1
"""A rank set by a school or an organiser stands in the field of the merit as this number less the rank."""


class Key(NamedTuple):
    """The fields of a packed key: ``tier`` as packed, ``merit`` (hundredths) or a rank in its place, ``chain`` values.

    Ranks in the chain are as the applicant gave them; grade sums are hundredths.
    """

    tier: int
    merit: int
    chain: tuple[int, ...]


def unpack(points: int, chain: Sequence[str]) -> Key:
    """Take a packed key apart.

    Parameters
    ----------
    points
        A key made by `admissions.rules.packing.pack`.
    chain
        The rulebook's chain it was packed with.

    Examples
    --------
    >>> import numpy as np
    >>> from admissions.rules.packing import pack
    >>> steps = {"choice_rank": np.array([2])}
    >>> unpack(int(pack(np.array([5]), np.array([24000]), ("choice_rank", "lottery"), steps)[0]), ("choice_rank",))
    Key(tier=5, merit=24000, chain=(2,))
    """
    shift = _USED
    values = []
    fields = [("tier", TIER_BITS), ("merit", MERIT_BITS), *((s, CHAIN_BITS[s]) for s in chain if s != "lottery")]
    for name, bits in fields:
        shift -= bits
        value = (points >> shift) & ((1 << bits) - 1)
        values.append((1 << bits) - 1 - value if name in SMALLER_FIRST else value)
    return Key(values[0], values[1], tuple(values[2:]))


def lost_at(own: int, limit: int, chain: Sequence[str], *, by_rank: bool) -> str:
    """Return the first step at which a key stands behind another, ``lottery`` if none before it tells them apart.

    Parameters
    ----------
    own, limit
        Packed keys; `own` is not the larger.
    by_rank
        Whether the field of the merit holds a rank set by the school.

    Examples
    --------
    >>> lost_at(0, 1 << 37, ("lottery",), by_rank=False)
    'merit'
    """
    mine, theirs = unpack(own, chain), unpack(limit, chain)
    if mine.tier != theirs.tier:
        return "tier"
    if mine.merit != theirs.merit:
        return "school_rank" if by_rank else "merit"
    for step, a, b in zip(chain, mine.chain, theirs.chain, strict=False):
        if a != b:
            return step
    return "lottery"
