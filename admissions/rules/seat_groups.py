"""Seats of a round, pool by pool, and the groups that go before the open seats: free quota, test.

Source: GyF 7:3 (a limited number of seats shall be set aside), SkolL 16:47 (second hand only gets what all of first
hand leaves), Malmö (up to a third of the seats by test).

How the order of the law becomes ordered seat groups with reversion:

1. *Quota group*: its members are the **first-hand** rows with an approved free quota. A second-hand row is never a
   member, so it cannot take a quota seat while a first-hand row remains.
2. *Group by test*: the first-hand rows with a test result, by the test.
3. *Open group*: every row, in the order of selection.
4. The seats that groups leave empty *revert* to the best remaining rows in the pool's own order: first hand first;
   of second hand, rows with an approved free quota before the others.

So unused quota seats go to first hand before second hand, and in second hand to the quota before the rest; in second
hand the open seats are filled before what is left of the quota.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.matching import SeatGroups
from admissions.rules.calendar import round_number
from admissions.rules.rulebook import Rulebook
from admissions.rules.static import SeatRows, Static

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
OPEN = ""
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
    order, test_order
        int64[T]: places in the order of selection and in the order by test, smaller first; who shares a place is tied,
        and the lottery decides.
    """
    if not seats.pool:
        return None
    reverts = static.rulebook.sections.free_quota.unused == "reverts"
    wanted = np.zeros(len(seats.total), np.bool_)
    wanted[list(seats.pool)] = True
    near = np.flatnonzero(wanted[pool])
    near = near[np.argsort(pool[near], kind="stable")]
    bounds = np.searchsorted(pool[near], np.arange(len(seats.total) + 1))
    group: list[Ints] = []
    row: list[Ints] = []
    priority: list[Ints] = []
    position = _positions(seats.pool)
    for number, (of_pool, name) in enumerate(zip(seats.pool, seats.name, strict=True)):
        rows = near[bounds[of_pool] : bounds[of_pool + 1]]
        key = order
        if name in QUOTA:
            in_quota = np.zeros(len(rows), np.bool_)
            for stream in QUOTA[name]:
                if stream in static.rulebook.sections.free_quota.streams:
                    in_quota |= streams[stream][rows]
            rows = rows[in_quota & first[rows]]
        elif name != OPEN:
            rows, key = rows[by_test[rows] & first[rows]], test_order
        group.append(np.full(len(rows), number, np.int64))
        row.append(rows)
        priority.append(key[rows])
    return SeatGroups(
        pool=np.array(seats.pool, np.int32),
        seats=np.array(seats.seats, np.int64),
        order=position,
        reverts=np.array([reverts if name in QUOTA else name != OPEN for name in seats.name], np.bool_),
        group=np.concatenate(group).astype(np.int32),
        row=np.concatenate(row).astype(np.int64),
        priority=np.concatenate(priority).astype(np.int64),
    )


def _positions(pools: Sequence[int]) -> npt.NDArray[np.int32]:
    """Return 0, 1, ... for the groups of each pool in the order given."""
    seen: dict[int, int] = {}
    positions = []
    for pool in pools:
        positions.append(seen.get(pool, 0))
        seen[pool] = positions[-1] + 1
    return np.array(positions, np.int32)
