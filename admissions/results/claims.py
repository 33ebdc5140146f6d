"""Claims to seats of named groups: who has a seat of a group in their own right, and who because it had reverted.

A row with a claim (an approved free quota, a test result) asks for the group's seats before the open ones. A row that
asks for them only afterwards takes what those with a claim leave: such a seat had reverted and counts as an open one in
reasons, cut-offs and queues. Source: GyF 7:3, and SkolL 16:47 for the order of first and second hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from admissions.matching import Matching
    from admissions.rules.compiled import CompiledRound

Bools = npt.NDArray[np.bool_]


def claims(compiled: CompiledRound) -> Bools:
    """Return which members of the market's seat groups have a claim to a named group, bool[K]."""
    groups = compiled.market.groups
    if groups is None:
        return np.empty(0, dtype=np.bool_)
    named = np.array([name != "" for name in compiled.group_names], dtype=np.bool_)[groups.group]
    if groups.ask is None:
        return named
    opened = np.full(compiled.market.n_choices, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(opened, groups.row[~named], groups.ask[~named])
    return np.asarray(named & (groups.ask < opened[groups.row]))


def claimed_seats(compiled: CompiledRound, matching: Matching) -> Bools:
    """Return who sits on a seat of a named group by a claim, bool[n]; a seat that had reverted is an open one."""
    groups = compiled.market.groups
    claimed = np.zeros(len(matching.group), dtype=np.bool_)
    if groups is None:
        return claimed
    held = np.full(compiled.market.n_choices, -1, dtype=np.int64)
    placed = matching.choice >= 0
    held[matching.choice[placed]] = matching.group[placed]
    own = groups.row[claims(compiled) & (held[groups.row] == groups.group)]
    claimed[np.searchsorted(compiled.market.indptr, own, side="right") - 1] = True
    return claimed
