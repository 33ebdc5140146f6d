"""A decided round as the next one sees it: who was granted what, and what was decided of every row.

This is all a reserve round asks of the round before it, so it may come from memory (`decided`) or from the files of a
finished run (`admissions.rounds.resumed`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from admissions.results.claims import claimed_seats
from admissions.results.decisions import row_owners
from admissions.results.statuses import Reason, Status
from admissions.rules.choices import day_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from admissions.results.decisions import Decisions


@dataclass(frozen=True, eq=False)
class Standing:
    """What each applicant of a decided round is left with; n applicants in the round's order.

    Parameters
    ----------
    held
        int32[n]: route still held, -1 for none.
    reserve
        bool[n]: wants to be tried on higher choices (or on all, without a seat).
    lost
        int32[n]: route given up or ended since, -1 for none.
    status, reason
        uint8[n]: what became of the row of `lost`, or why nothing is wanted any more; of no meaning for those who
        lost nothing and stay reserve.
    since
        int64[n]: day (number since 1970-01-01) of the last word; rows registered later are a new application, to which
        a no does not apply.
    """

    held: npt.NDArray[np.int32]
    reserve: npt.NDArray[np.bool_]
    lost: npt.NDArray[np.int32]
    status: npt.NDArray[np.uint8]
    reason: npt.NDArray[np.uint8]
    since: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DecidedRound:
    """A round that was run, with n applicants, m routes and E choice rows by applicant and rank.

    Parameters
    ----------
    round, day
        Its name, and the last day whose choices it saw.
    applicants, routes
        Ids; rows refer to them by position.
    closed
        bool[m]: routes closed by that day.
    indptr
        int64[n+1]: rows ``indptr[i]:indptr[i+1]`` belong to applicant ``i``.
    route, status, reason
        int32[E], uint8[E], uint8[E]: route of each row and what was decided of it.
    granted_route
        int32[n]: route granted, -1 for none.
    group, group_names
        int32[n]: seat group of that seat as a position in the names, -1 for an open or reverted seat, or none.
    standing
        What everybody was left with before the round; None but in reserve rounds.
    """

    round: str
    day: date
    applicants: npt.NDArray[Any]
    routes: npt.NDArray[Any]
    closed: npt.NDArray[np.bool_]
    indptr: npt.NDArray[np.int64]
    route: npt.NDArray[np.int32]
    status: npt.NDArray[np.uint8]
    reason: npt.NDArray[np.uint8]
    granted_route: npt.NDArray[np.int32]
    group: npt.NDArray[np.int32]
    group_names: tuple[str, ...]
    standing: Standing | None = None

    @cached_property
    def owner(self) -> npt.NDArray[np.int64]:
        """Position of the applicant of each row, int64[E]."""
        return row_owners(self.indptr)

    def with_people(self, names: Iterable[str]) -> DecidedRound:
        """Return the round with people it did not know added: without rows, without a seat, and nothing said."""
        known = {str(one) for one in self.applicants}
        fresh = [name for name in names if name not in known]
        if not fresh:
            return self
        count = len(fresh)
        standing = self.standing
        if standing is not None:
            none, code = np.full(count, -1, np.int32), np.uint8
            standing = Standing(
                held=np.concatenate((standing.held, none)),
                reserve=np.concatenate((standing.reserve, np.ones(count, np.bool_))),
                lost=np.concatenate((standing.lost, none)),
                status=np.concatenate((standing.status, np.full(count, Status.DECLINED, code))),
                reason=np.concatenate((standing.reason, np.full(count, Reason.ANSWERED_NO, code))),
                since=np.concatenate((standing.since, np.full(count, day_number(self.day), np.int64))),
            )
        return replace(
            self,
            applicants=np.concatenate((self.applicants, np.array(fresh, dtype=object))),
            indptr=np.concatenate((self.indptr, np.full(count, self.indptr[-1]))),
            granted_route=np.concatenate((self.granted_route, np.full(count, -1, np.int32))),
            group=np.concatenate((self.group, np.full(count, -1, np.int32))),
            standing=standing,
        )


def decided(decisions: Decisions, standing: Standing | None = None) -> DecidedRound:
    """Return a round in memory as the next one sees it.

    Parameters
    ----------
    decisions
        The round's decisions.
    standing
        What everybody was left with before it, where it was a reserve round.
    """
    compiled = decisions.compiled
    return DecidedRound(
        round=compiled.round,
        day=compiled.day,
        applicants=compiled.applicants,
        routes=compiled.routes,
        closed=compiled.static.route_table.closed_day <= day_number(compiled.day),
        indptr=compiled.indptr,
        route=compiled.route,
        status=decisions.status,
        reason=decisions.reason,
        granted_route=decisions.granted_route,
        group=np.where(claimed_seats(compiled, decisions.matching), decisions.matching.group, -1).astype(np.int32),
        group_names=compiled.group_names,
        standing=standing,
    )
