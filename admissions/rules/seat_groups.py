"""Seats of a round, pool by pool, and the groups that go before the open seats: free quota, test.

Source: GyF 7:3 (a limited number of seats shall be set aside), SkolL 16:47 (second hand only gets what all of first
hand leaves), Malmö (up to a third of the seats by test).

How the order of the law becomes ordered seat groups. All of first hand goes first, inside it the free quota; then all
of second hand, inside it the free quota again, on what first hand leaves of the quota:

1. *Quota group*: every row may take its seats, in the order first hand with an approved quota, other first hand, second
   hand with an approved quota, other second hand. Rows with an approved quota ask for its seats before the open ones,
   the others only after them: a quota seat such a row gets had *reverted*.
2. *Group by test*: the first-hand rows with a test result, by the test. Its empty seats revert to the best remaining
   rows in the pool's own order.
3. *Open group*: every row, in the order of selection.

So seats the quota of first hand leaves go to the rest of first hand, and what is left then to the quota of second hand
before the rest of it; nobody of second hand sits anywhere while a row of first hand that wants the seat does not (but
for late ones, where the switch ``order.late_first_hand`` puts them behind). Where the rulebook lets the quota's unused
seats stay empty, only first-hand rows with an approved quota are in its group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.matching import SeatGroups
from admissions.rules.calendar import round_number
from admissions.rules.rows import TIERS, Tier, tier_order
from admissions.rules.rulebook import Rulebook
from admissions.rules.static import SeatRows, Static

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
OPEN = ""
_PLACES = 3
"""Places of each tier in the order of a quota group: two for rows the quota lifts before it, and its own, the last."""
QUOTA = {
    "free_quota": ("special_circumstances", "foreign_grades"),
    "free_quota_special": ("special_circumstances",),
    "free_quota_foreign": ("foreign_grades",),
}


@dataclass(frozen=True, eq=False)
class RoundSeats:
    """Seats of a round: ``total`` int64[pools]; ``pool``, ``name``, ``seats``: the groups other than plain open pools.

    A pool either has no group at all or at least one beside its open group (name ``""``); groups stand in the order in
    which they are filled.
    """

    total: Ints
    pool: tuple[int, ...]
    name: tuple[str, ...]
    seats: tuple[int, ...]


def round_seats(rows: SeatRows, static: Static, round_name: str, day: int) -> RoundSeats:
    """Return the seats of a round; a pool without rows for it has those of its latest earlier round, else none.

    A pool whose every route is closed on `day` has none.
    """
    pools = len(static.pools)
    routes = static.route_table
    still_open = np.zeros(pools, np.bool_)
    still_open[routes.pool[routes.closed_day > day]] = True
    number = round_number(round_name)
    past = rows.round <= number
    latest = np.full(pools, -1, np.int64)
    np.maximum.at(latest, rows.pool[past], rows.round[past])
    now = np.flatnonzero(past & (rows.round == latest[rows.pool]) & still_open[rows.pool])
    total = np.bincount(rows.pool[now], rows.seats[now], pools).astype(np.int64)
    by_pool: dict[int, dict[str, int]] = {}
    for row in now[rows.group[now] != OPEN].tolist():
        groups = by_pool.setdefault(int(rows.pool[row]), {})
        groups[rows.group[row]] = groups.get(rows.group[row], 0) + int(rows.seats[row])
    _split_by_test(by_pool, total, static)
    ordered = [
        (pool, name, seats)
        for pool, groups in sorted(by_pool.items())
        for name, seats in [
            *sorted(groups.items(), key=lambda item: _filled(item[0], static.rulebook)),
            (OPEN, int(total[pool]) - sum(groups.values())),
        ]
    ]
    columns = list(zip(*ordered, strict=True)) if ordered else [(), (), ()]
    return RoundSeats(total, *columns)


def _split_by_test(by_pool: dict[int, dict[str, int]], total: Ints, static: Static) -> None:
    """Give pools whose test rule splits the seats a group by test where the seats table has none."""
    tests = list(static.rulebook.sections.tests.values())
    for route in np.flatnonzero(static.route_table.test >= 0).tolist():
        rule = tests[static.route_table.test[route]]
        pool = int(static.route_table.pool[route])
        if rule.rule == "split" and rule.group not in by_pool.get(pool, {}):
            groups = by_pool.setdefault(pool, {})
            open_seats = int(total[pool]) - sum(groups.values())
            groups[rule.group] = open_seats * rule.share[0] // rule.share[1]


def _filled(name: str, rulebook: Rulebook) -> tuple[int, str]:
    """Return where a group stands in the order of filling: the quota in the order of its streams, then tests."""
    streams = list(rulebook.sections.free_quota.streams)
    if name in QUOTA:
        return (min((streams.index(s) for s in QUOTA[name] if s in streams), default=len(streams)), name)
    return (10, name)


def build_groups(
    seats: RoundSeats,
    static: Static,
    pool: Ints,
    first: Bools,
    streams: dict[str, Bools],
    by_test: Bools,
    tier: Ints,
    late: Bools,
    order: Ints,
    test_order: Ints,
) -> SeatGroups | None:
    """Return the seat groups over the market's rows, or None where no pool has any.

    Parameters
    ----------
    pool
        int64[T]: pool of each tried row.
    first
        bool[T]: first hand.
    streams
        bool[T] for each stream of the free quota: the row is approved in it.
    by_test
        bool[T]: the row has a result in a test that splits the seats.
    tier, late
        int64[T], bool[T]: where the row stands in the order of selection, and whether it was made late.
    order, test_order
        int64[T]: places in the order of selection and in the order by test, smaller first; who shares a place is tied,
        and the lottery decides.
    """
    if not seats.pool:
        return None
    quota = static.rulebook.sections.free_quota
    shared = quota.unused == "reverts"
    wanted = np.zeros(len(seats.total), np.bool_)
    wanted[list(seats.pool)] = True
    near = np.flatnonzero(wanted[pool])
    near = near[np.argsort(pool[near], kind="stable")]
    bounds = np.searchsorted(pool[near], np.arange(len(seats.total) + 1))
    last = int(order.max(initial=0)) + 1
    position = _positions(seats.pool)
    behind = len(seats.pool)
    group: list[Ints] = []
    row: list[Ints] = []
    priority: list[Ints] = []
    ask: list[Ints] = []
    for number, (of_pool, name) in enumerate(zip(seats.pool, seats.name, strict=True)):
        rows = near[bounds[of_pool] : bounds[of_pool + 1]]
        key, asked = order[rows], np.full(len(rows), position[number], np.int64)
        if name in QUOTA:
            approved = np.zeros(len(rows), np.bool_)
            for stream in QUOTA[name]:
                if stream in quota.streams:
                    approved |= streams[stream][rows]
            claim = approved & first[rows]
            switch = static.rulebook.sections.order.late_first_hand
            key = quota_places(approved, first[rows], tier[rows], late[rows], switch) * last + key
            asked += np.where(approved, 0, behind)  # the others ask for the open seats first
            if not shared:
                rows, key, asked = rows[claim], key[claim], asked[claim]
        elif name != OPEN:
            rows = rows[by_test[rows] & first[rows]]
            key, asked = test_order[rows], np.full(len(rows), position[number], np.int64)
        group.append(np.full(len(rows), number, np.int64))
        row.append(rows)
        priority.append(key)
        ask.append(asked)
    return SeatGroups(
        pool=np.array(seats.pool, np.int32),
        seats=np.array(seats.seats, np.int64),
        order=position,
        reverts=np.array([name != OPEN and name not in QUOTA for name in seats.name], np.bool_),
        group=np.concatenate(group).astype(np.int32),
        row=np.concatenate(row).astype(np.int64),
        priority=np.concatenate(priority).astype(np.int64),
        ask=np.concatenate(ask).astype(np.int32),
    )


def quota_places(approved: Bools, first: Bools, tier: Ints, late: Bools, late_first_hand: str) -> Ints:
    """Return the places of rows in a group of the free quota, smaller first; inside a place the order of selection.

    0: first hand with an approved quota. Then tier by tier; second hand with an approved quota before the rest of
    second hand, on time before late. Where a tier of first hand stands between the two (by the switch
    ``order.late_first_hand``), late ones stay behind it.
    """
    order = tier_order(late_first_hand)
    on_time, second_late = order.index(Tier.SECOND_ON_TIME), order.index(Tier.SECOND_LATE)
    together = second_late == on_time + 1
    of_late = _PLACES * on_time + 1 if together else _PLACES * second_late
    lifted = _PLACES * TIERS * (tier // TIERS) + np.where(late, of_late, _PLACES * on_time)
    others = np.where(approved, lifted, _PLACES * tier + _PLACES - 1)
    return np.asarray(np.where(approved & first, 0, 1 + others))


def _positions(pools: Sequence[int]) -> npt.NDArray[np.int32]:
    """Return 0, 1, ... for the groups of each pool in the order given."""
    seen: dict[int, int] = {}
    positions = []
    for pool in pools:
        positions.append(seen.get(pool, 0))
        seen[pool] = positions[-1] + 1
    return np.array(positions, np.int32)
