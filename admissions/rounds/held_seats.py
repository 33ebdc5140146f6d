"""The seat groups of a reserve round: who holds a seat of a group keeps it there.

Source: GyF 7:3 (a limited number of seats is set aside); nobody loses a held seat but for a higher one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.matching import SeatGroups
from admissions.results.queues import pool_of_route

if TYPE_CHECKING:
    from admissions.rounds.decided import DecidedRound
    from admissions.rules import CompiledRound


def held_groups(
    base: CompiledRound,
    previous: DecidedRound,
    person: npt.NDArray[np.int64],
    held_row: npt.NDArray[np.int64],
) -> npt.NDArray[np.int32]:
    """Return the seat group each holder's seat belongs to now; a seat that had reverted is an open one."""
    held = np.full(len(held_row), -1, dtype=np.int32)
    if base.groups is None:
        return held
    of_pool = {
        (int(pool), name): number
        for number, (pool, name) in enumerate(zip(base.groups.pool, base.group_names, strict=True))
    }
    old_names = previous.group_names
    pool = pool_of_route(base)
    for who in np.flatnonzero(held_row >= 0).tolist():
        its_pool = int(pool[base.route[held_row[who]]])
        if (its_pool, "") in of_pool:
            old = int(previous.group[person[who]])
            name = old_names[old] if old >= 0 else ""
            held[who] = of_pool.get((its_pool, name), of_pool[its_pool, ""])
    return held


def reserve_groups(
    base: CompiledRound,
    market_of: npt.NDArray[np.int64],
    held_group: npt.NDArray[np.int32],
    held_row: npt.NDArray[np.int64],
    pool_seats: npt.NDArray[np.int64],
) -> SeatGroups:
    """Return the seat groups of the reserve market: who holds a seat of a group comes first in it."""
    groups = base.groups
    assert groups is not None
    row = market_of[np.asarray(base.market_row)[groups.row]]
    still = row >= 0
    group, row, priority = groups.group[still], row[still], groups.priority[still]
    held = np.flatnonzero(held_group >= 0)
    # (group, row) as one number: holders replace their own entry or get one
    width = len(market_of) + 1
    mine = held_group[held].astype(np.int64) * width + market_of[held_row[held]]
    others = ~np.isin(group.astype(np.int64) * width + row, mine)
    best = int(priority.min(initial=0)) - 1
    seats = _group_seats(base, held_group, pool_seats)
    ask = None
    if groups.ask is not None:  # what is held is asked for in the order of filling, as what there is a claim to
        ask = np.concatenate((groups.order[held_group[held]], groups.ask[still][others])).astype(np.int32)
    return SeatGroups(
        pool=groups.pool,
        seats=seats,
        order=groups.order,
        reverts=groups.reverts,
        group=np.concatenate((held_group[held], group[others])).astype(np.int32),
        row=np.concatenate((market_of[held_row[held]], row[others])),
        priority=np.concatenate((np.full(len(held), best, dtype=np.int64), priority[others])),
        ask=ask,
    )


def _group_seats(
    base: CompiledRound, held_group: npt.NDArray[np.int32], pool_seats: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the seats of each group: never fewer than are held in it, together those of the pool where that suffices.

    Seats of named groups that are held as open ones, because they had reverted, are open from now on.
    """
    groups = base.groups
    assert groups is not None
    held = np.bincount(held_group[held_group >= 0], minlength=len(groups.pool)).astype(np.int64)
    seats = np.maximum(groups.seats.astype(np.int64), held)
    for number in [number for number, name in enumerate(base.group_names) if name == ""]:
        its_pool = groups.pool[number]
        named = [other for other in np.flatnonzero(groups.pool == its_pool).tolist() if other != number]
        missing = int(held[number] + seats[named].sum() - pool_seats[its_pool])
        for other in named:
            given = max(min(missing, int(seats[other] - held[other])), 0)
            seats[other] -= given
            missing -= given
        seats[number] = max(int(pool_seats[its_pool] - seats[named].sum()), int(held[number]))
    return seats
