"""A compiled round: what the rules say of every choice row, and the market of those that are tried.

The definitions of the columns are the rulebook's; sources stand with the rules that fill them (`compile`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.matching import Market, SeatGroups
from admissions.rules.reception import Hand
from admissions.rules.static import Static

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CompiledRound:
    """The compiled rows of a round, by applicant (sorted ids) and rank, and their market.

    Attributes
    ----------
    round, day
        Name of the round and the last day whose choices it sees.
    applicants, routes, pools
        Sorted ids as arrays of objects; rows refer to them by position.
    indptr
        int64[n+1]: rows ``indptr[i]:indptr[i+1]`` belong to applicant ``i``.
    route, rank
        int32[E]: route of the row, and its place in the list as registered.
    status, reason
        uint8[E]: `RowStatus` and `RowReason`.
    missing, missing_others
        int64[E] and int8[E]: missing subjects as a mask and the number of further passes; see `missing_subjects`.
    tier
        int32[E], smaller first; `admissions.rules.rows.tier_text` has the words. Set for rows not tried too.
    merit, grade_sum
        int32[E], hundredths: with and without test points.
    grade_count
        int32[E]: number of grades, as the rulebook counts them.
    test_points
        int32[E], hundredths: what tests or weighted subjects add.
    test_order
        int64[E], hundredths, larger first: result of a test that splits the seats; -1 for none.
    late, free_quota
        bool[E].
    reception
        uint8[E], `admissions.rules.reception.Hand`: first or second hand and why.
    points
        int64[E], larger first: tier, merit and chain packed (`packing`).
    lottery
        uint64[E], smaller first.
    market, market_row
        The market of the tried rows, and the compiled row of each of its choices (int64[T]).
    seats
        int64[pools].
    groups, group_names
        The seat groups, None where there are none, and their names.
    """

    round: str
    day: date
    applicants: npt.NDArray[Any]
    routes: npt.NDArray[Any]
    pools: npt.NDArray[Any]
    indptr: Ints
    route: npt.NDArray[np.int32]
    rank: npt.NDArray[np.int32]
    status: npt.NDArray[np.uint8]
    reason: npt.NDArray[np.uint8]
    missing: Ints
    missing_others: npt.NDArray[np.int8]
    tier: npt.NDArray[np.int32]
    merit: npt.NDArray[np.int32]
    grade_sum: npt.NDArray[np.int32]
    grade_count: npt.NDArray[np.int32]
    test_points: npt.NDArray[np.int32]
    test_order: Ints
    late: Bools
    reception: npt.NDArray[np.uint8]
    free_quota: Bools
    points: Ints
    lottery: npt.NDArray[np.uint64]
    market: Market
    market_row: Ints
    seats: Ints
    groups: SeatGroups | None
    group_names: tuple[str, ...]
    static: Static = field(repr=False)

    @property
    def first_hand(self) -> Bools:
        """bool[E]: first hand."""
        return np.asarray(self.reception != Hand.SECOND)

    @property
    def hand(self) -> npt.NDArray[np.uint8]:
        """uint8[E]: 1 for first hand, 2 for second hand."""
        return np.where(self.first_hand, np.uint8(1), np.uint8(2))

    @property
    def applicant(self) -> Ints:
        """int64[E]: position of each row's applicant in `applicants`."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    @property
    def pool(self) -> npt.NDArray[np.int32]:
        """int32[routes]: the pool each route draws on, as a position in `pools`."""
        return self.static.route_table.pool

    def missing_subjects(self, row: int) -> tuple[str, ...]:
        """Return exactly what is missing on a row: subjects, then ``+n`` for n passes in any further subjects."""
        return self.static.demands.listed(int(self.missing[row]), int(self.missing_others[row]))
