"""In which order each kind of seats takes the rows of a round, also those that were not tried or had another key.

Open seats go by the packed key alone. In a group of the free quota what a row has a claim to comes first, in a group by
test the result; only then the key. Source: `admissions.rules.seat_groups`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from admissions.explanations.keys import unpack
from admissions.rules.compiled import CompiledRound
from admissions.rules.rows import TIERS, Tier, tier_order
from admissions.rules.seat_groups import OPEN, QUOTA, quota_places


class GroupOrders:
    """The orders of a compiled round's seats; a group is a position in its names, -1 for seats without a group.

    Parameters
    ----------
    compiled
        The round.
    """

    def __init__(self, compiled: CompiledRound) -> None:
        self.compiled = compiled
        rules = compiled.static.rulebook.sections
        self._shared = rules.free_quota.unused == "reverts"
        self._streams = rules.free_quota.streams
        self._switch = rules.order.late_first_hand
        order = tier_order(self._switch)
        self._late = [tier in {Tier.FIRST_LATE, Tier.SECOND_LATE} for tier in order]
        self._place = cache(self._quota_place)

    def _name(self, group: int) -> str:
        return self.compiled.group_names[group] if group >= 0 else OPEN

    def _approved(self, row: int, name: str) -> bool:
        compiled = self.compiled
        applicant = int(np.searchsorted(compiled.indptr, row, side="right")) - 1
        foreign = bool(compiled.static.people.foreign_stream[applicant])
        stream = "foreign_grades" if foreign else "special_circumstances"
        return bool(compiled.free_quota[row]) and stream in QUOTA[name] and stream in self._streams

    def may_take(self, row: int, group: int) -> bool:
        """Tell whether a row belongs to a group, or would if it were tried."""
        compiled, name = self.compiled, self._name(group)
        if name == OPEN or (name in QUOTA and self._shared):
            return True
        if name in QUOTA:
            return bool(compiled.first_hand[row]) and self._approved(row, name)
        return bool(compiled.first_hand[row] and compiled.test_order[row] >= 0)

    def before_merit(self, row: int, group: int, points: int | None = None) -> tuple[int, ...]:
        """Return what a group compares before the merit, smaller first.

        Parameters
        ----------
        row, group
            A compiled row that may take the group's seats.
        points
            Another packed key than the row's own: where that has another tier, the row stands in it.
        """
        packed = unpack(int(self.compiled.points[row]) if points is None else points, ()).tier
        name = self._name(group)
        if name == OPEN or packed == 0:  # whoever holds a seat in a reserve round stands before all
            return (packed,)
        if name in QUOTA:
            approved, first = self._approved(row, name), bool(self.compiled.first_hand[row])
            return (1 + self._place(packed - 1, approved, first), packed)
        return (packed, -int(self.compiled.test_order[row]))

    def key(self, row: int, group: int, points: int | None = None) -> tuple[int, ...]:
        """Return the row's place in a group as something to compare, smaller first; equal keys are tied."""
        points = int(self.compiled.points[row]) if points is None else points
        return (*self.before_merit(row, group, points), -points)

    def _quota_place(self, tier: int, approved: bool, first: bool) -> int:
        one = (np.array([approved]), np.array([first]), np.array([tier]), np.array([self._late[tier % TIERS]]))
        return int(quota_places(*one, self._switch)[0])
