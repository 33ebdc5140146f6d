"""Reserve queues: in which order reserves are called for the next seat of a pool.

The open queue of a pool is ordered as its open seats are; each named seat group (free quota, seats by test) has a queue
of its own, in which those stand who have a claim to it; it counts everybody who comes before them there, also without
a claim. A position counts persons, not rows: somebody who is reserve on two routes of one pool is called once. The
position is the calling order for the next seat that opens, nothing more: later answers, grades and late rows move it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.results.claims import claims

if TYPE_CHECKING:
    from admissions.rules.compiled import CompiledRound


@dataclass(frozen=True, eq=False)
class Queues:
    """The reserve queues of a round.

    Parameters
    ----------
    position
        Position of each compiled row in the open queue of its pool, int32[E], from 1; 0 where it stands in none.
    group
        Seat group (index into the round's groups) of each entry of a named group's queue, int32[K].
    row
        Compiled row of each such entry, int64[K].
    group_position
        Its position in that queue, from 1, int32[K].
    """

    position: npt.NDArray[np.int32]
    group: npt.NDArray[np.int32]
    row: npt.NDArray[np.int64]
    group_position: npt.NDArray[np.int32]


def pool_of_route(compiled: CompiledRound) -> npt.NDArray[np.int32]:
    """Return the pool each route draws on, int32[m]."""
    pool = compiled.market.pool
    return np.arange(len(compiled.routes), dtype=np.int32) if pool is None else np.asarray(pool)


def reserve_queues(compiled: CompiledRound, reserve: npt.NDArray[np.bool_]) -> Queues:
    """Queue the reserve rows of a round.

    Parameters
    ----------
    compiled
        The round.
    reserve
        Which of its rows stand in reserve, bool[E].
    """
    market_row = np.asarray(compiled.market_row)
    owner = np.repeat(np.arange(len(compiled.indptr) - 1, dtype=np.int64), np.diff(compiled.indptr))
    pool = pool_of_route(compiled)[compiled.route[market_row]]
    waiting = reserve[market_row]
    position = np.zeros(compiled.route.shape, dtype=np.int32)
    groups = compiled.market.groups
    grouped = np.zeros(len(compiled.pools), dtype=np.bool_)
    if groups is not None:
        grouped[groups.pool] = True

    plain = np.flatnonzero(waiting & ~grouped[pool])
    rows = market_row[plain]
    position[rows] = _positions(pool[plain], compiled.market.priority[plain], owner[rows])

    none = np.empty(0, dtype=np.int64)
    if groups is None:
        return Queues(position, none.astype(np.int32), none, none.astype(np.int32))
    named = np.array([name != "" for name in compiled.group_names], dtype=np.bool_)
    member = np.flatnonzero(waiting[groups.row])
    rows = market_row[groups.row[member]]
    places = _positions(groups.group[member], groups.priority[member], owner[rows])
    is_named = named[groups.group[member]]
    claimed = claims(compiled)[member]
    # several open groups in one pool (seats that revert and seats that do not): the best place counts
    best = np.full(position.shape, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(best, rows[~is_named], places[~is_named])
    found = best < np.iinfo(np.int32).max
    position[found] = best[found]
    return Queues(position, groups.group[member][claimed], rows[claimed], places[claimed])


def _positions(
    queue: npt.NDArray[np.int32], priority: npt.NDArray[np.int64], person: npt.NDArray[np.int64]
) -> npt.NDArray[np.int32]:
    """Return the place of each entry in its queue, counting persons: own earlier entries do not push one back."""
    if not len(queue):
        return np.empty(0, dtype=np.int32)
    order = np.lexsort((priority, queue))
    queue, person = queue[order], person[order]
    # the first entry of each person in each queue counts; lexsort is stable, so the first is the best placed one
    by_person = np.lexsort((person, queue))
    q, p = queue[by_person], person[by_person]
    first = np.zeros(len(order), dtype=np.int32)
    first[by_person] = np.concatenate(([True], (q[1:] != q[:-1]) | (p[1:] != p[:-1])))
    persons = np.cumsum(first)
    begins = np.flatnonzero(np.concatenate(([True], queue[1:] != queue[:-1])))
    before = np.concatenate(([0], persons))[begins]
    lengths = np.diff(np.concatenate((begins, [len(order)])))
    result = np.empty(len(order), dtype=np.int32)
    result[order] = persons - np.repeat(before, lengths)
    return result
