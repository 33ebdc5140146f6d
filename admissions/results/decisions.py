"""What became of every choice row: status, reason and reserve position.

One applicant holds one seat at most: the granted row is *admitted*, tried rows below it are *struck* (struken), tried
rows above it stand in *reserve*; rows that the rules kept out of the round carry the reason the rules gave. Source: the
offices' own description of the selection, see the project's domain notes 0 (points 1 and 2) and 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.results.claims import claimed_seats
from admissions.results.queues import Queues, reserve_queues
from admissions.results.statuses import KEPT_OUT, Reason, Status
from admissions.rules.rows import RowStatus

if TYPE_CHECKING:
    from admissions.matching import Matching
    from admissions.rules.compiled import CompiledRound

_KEPT_OUT: dict[RowStatus, Status] = {
    RowStatus.NOT_ELIGIBLE: Status.NOT_ELIGIBLE,
    RowStatus.NOT_RECEIVED: Status.NOT_RECEIVED,
    RowStatus.NOT_TRIED: Status.NOT_TRIED,
    RowStatus.DECISION_PENDING: Status.DECISION_PENDING,
    RowStatus.ROUTE_CLOSED: Status.ROUTE_CLOSED,
}


@dataclass(frozen=True, eq=False)
class Decisions:
    """One decision per choice row, in the order of the compiled rows (applicant, then rank).

    Parameters
    ----------
    compiled
        The round the decisions are about.
    matching
        The result they follow from.
    status
        `Status` of each row, uint8[E].
    reason
        Reason of each row, uint8[E]: `Reason`, or from `KEPT_OUT` on the rules' own.
    granted
        Row granted to each applicant, int64[n]; -1 where none was.
    queues
        The reserve queues.
    """

    compiled: CompiledRound
    matching: Matching
    status: npt.NDArray[np.uint8]
    reason: npt.NDArray[np.uint8]
    granted: npt.NDArray[np.int64]
    queues: Queues = field(repr=False)

    @cached_property
    def owner(self) -> npt.NDArray[np.int64]:
        """Index of the applicant of each row, int64[E]."""
        return row_owners(self.compiled.indptr)

    @property
    def position(self) -> npt.NDArray[np.int32]:
        """Calling order for the next open seat of the row's pool, from 1; 0 where the row stands in no open queue."""
        return self.queues.position

    @cached_property
    def granted_route(self) -> npt.NDArray[np.int32]:
        """Index of the route granted to each applicant, int32[n]; -1 where none was."""
        routes = np.full(self.granted.shape, -1, dtype=np.int32)
        placed = self.granted >= 0
        routes[placed] = self.compiled.route[self.granted[placed]]
        return routes


def row_owners(indptr: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the index of the applicant of each row of a compressed list, int64[E].

    Examples
    --------
    >>> row_owners(np.array([0, 2, 2, 3])).tolist()
    [0, 0, 2]
    """
    return np.repeat(np.arange(len(indptr) - 1, dtype=np.int64), np.diff(indptr))


UNSETTLED = 255
"""Stands where a row was not decided before the round."""


def decide(
    compiled: CompiledRound,
    matching: Matching,
    *,
    settled: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None = None,
) -> Decisions:
    """Decide every row of a round from its matching.

    Guaranteed: every row has exactly one status; exactly the granted rows are admitted; a tried row is reserve above
    the granted one and struck below it; rows that were not tried keep the reason the rules gave.

    Parameters
    ----------
    compiled
        The compiled round; its market is the one that was matched.
    matching
        A matching of that market.
    settled
        Status and reason, uint8[E] each, of rows that were decided before the round and take no part in it (declined,
        withdrawn, ended ...); `UNSETTLED` elsewhere.
    """
    status = np.zeros(compiled.status.shape, dtype=np.uint8)
    for kept_out, its_status in _KEPT_OUT.items():
        status[compiled.status == kept_out] = its_status
    reason = (compiled.reason + KEPT_OUT).astype(np.uint8)
    if settled is not None:
        status = np.where(settled[0] == UNSETTLED, status, settled[0])
        reason = np.where(settled[0] == UNSETTLED, reason, settled[1])

    granted = np.full(len(compiled.indptr) - 1, -1, dtype=np.int64)
    placed = matching.choice >= 0
    granted[placed] = compiled.market_row[matching.choice[placed]]

    tried = np.asarray(compiled.market_row)
    own_grant = granted[row_owners(compiled.indptr)[tried]]
    higher = (own_grant < 0) | (tried < own_grant)
    status[tried] = np.where(higher, np.uint8(Status.RESERVE), np.uint8(Status.STRUCK))
    reason[tried] = np.where(higher, np.uint8(Reason.QUEUE), np.uint8(Reason.HIGHER_CHOICE))
    status[granted[placed]] = Status.ADMITTED
    in_group = claimed_seats(compiled, matching)[placed]
    reason[granted[placed]] = np.where(in_group, np.uint8(Reason.GROUP_SEAT), np.uint8(Reason.OPEN_SEAT))

    queues = reserve_queues(compiled, status == Status.RESERVE)
    reason[(status == Status.RESERVE) & (queues.position == 0)] = Reason.NO_OPEN_GROUP
    return Decisions(compiled, matching, status, reason, granted, queues)
