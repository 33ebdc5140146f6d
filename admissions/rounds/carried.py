"""What earlier rounds leave to a reserve round, looked up by id: people and routes may have come in between.

Somebody who applies late for the first time, or a route opened for vacant seats, is in the tables of the reserve round
but not in those of the round before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.results.decisions import row_owners
from admissions.rounds.decided import Standing

if TYPE_CHECKING:
    from admissions.rounds.decided import DecidedRound
    from admissions.rules import CompiledRound

NO_STATUS = 255
"""Stands where a row was not among those of the round before."""


@dataclass(frozen=True, eq=False)
class Carried:
    """The round before, in the numbers of the reserve round with n applicants and E rows.

    Parameters
    ----------
    standing
        What everybody is left with; newcomers hold nothing and are tried on every row.
    person
        int64[n]: position of the applicant in the round before.
    status, reason
        uint8[E]: what was decided of the row in the round before, `NO_STATUS` where it was not there.
    covered
        bool[E]: registered before the applicant's last word; later rows are a new application.
    """

    standing: Standing
    person: npt.NDArray[np.int64]
    status: npt.NDArray[np.uint8]
    reason: npt.NDArray[np.uint8]
    covered: npt.NDArray[np.bool_]


def carry(base: CompiledRound, previous: DecidedRound, standing: Standing) -> Carried:
    """Look up what the round before left to everybody and every row of a reserve round.

    Parameters
    ----------
    base
        The reserve round as the rules compile it.
    previous
        The round before; it knows everybody of `base`, see `DecidedRound.with_people`.
    standing
        What its applicants are left with, in its order.
    """
    person = _places(previous.applicants, base.applicants)
    route = np.append(_places(base.routes, previous.routes), -1)  # the last place stands for no route
    aligned = Standing(
        held=route[standing.held[person]].astype(np.int32),
        reserve=standing.reserve[person],
        lost=route[standing.lost[person]].astype(np.int32),
        status=standing.status[person],
        reason=standing.reason[person],
        since=standing.since[person],
    )
    owner = row_owners(base.indptr)
    width = len(base.routes) + 1
    new_people = np.append(_places(base.applicants, previous.applicants), -1)
    old_key = new_people[previous.owner] * width + route[previous.route]
    old_key[(new_people[previous.owner] < 0) | (route[previous.route] < 0)] = -1
    order = np.argsort(old_key, kind="stable")
    key = owner * width + base.route
    status = np.full(len(owner), NO_STATUS, dtype=np.uint8)
    reason = np.full(len(owner), NO_STATUS, dtype=np.uint8)
    if len(old_key):
        at = order[np.minimum(np.searchsorted(old_key[order], key), len(old_key) - 1)]
        there = old_key[at] == key
        status[there], reason[there] = previous.status[at[there]], previous.reason[at[there]]
    history = base.static.history
    covered = history.registered[history.active(base.day)] <= aligned.since[owner]
    return Carried(aligned, person, status, reason, covered)


def _places(names: npt.NDArray[np.object_], wanted: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Return the position of each wanted name among the names, -1 where it is missing."""
    at = {str(name): number for number, name in enumerate(names)}
    return np.array([at.get(str(name), -1) for name in wanted], dtype=np.int64)
