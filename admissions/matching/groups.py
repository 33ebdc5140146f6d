"""Ordered seat groups: parts of a pool's seats with their own order, and what becomes of those that stay empty.

A pool with groups is a choice by slots (Kominers and Sonmez 2016): groups in their order, each takes its best rows;
the seats a *reverting* group leaves empty are a last class, filled by the pool's own order, whose capacity shrinks as
reverting seats fill (capacity transfers: Westkamp 2013). A row is expanded into one copy for each class it may take,
in processing order; deferred acceptance over the copies is the outcome of cumulative offers. Rows may ask the groups in
an order of their own (``ask``): then which seat a row is given first depends on the row (slot preferences of the row
and priorities of the slot are independent of each other: Kominers and Sonmez 2016, section 2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.errors import MarketError
from admissions.matching.arrays import exact
from admissions.matching.kernels import kernel

Ints = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class SeatGroups:
    """Ordered seat groups (platsgrupper) of some pools, and which rows may take their seats in which order.

    Parameters
    ----------
    pool
        int32[G], the pool of each group.
    seats
        int64[G], at least 0; a pool's groups sum to the pool's seats.
    order
        int32[G], the smaller is filled first inside its pool; distinct inside a pool.
    reverts
        bool[G], whether seats the group leaves empty go to the pool's best remaining rows after all groups.
    group, row, priority
        int32[K], int64[K], int64[K]: the members, sparse. Smaller priority first, strict within a group (in a market
        from points, equal priorities are a tie block that the row's lottery number breaks). A row absent from a group
        cannot take its seats; a group all of the pool's rows belong to is *open*.
    ask
        int32[K]: the order in which a row asks for the seats of its groups, smaller first, distinct within a row; seats
        given back always come last. In the order of filling if absent.
    """

    pool: npt.NDArray[np.int32]
    seats: npt.NDArray[np.int64]
    order: npt.NDArray[np.int32]
    reverts: npt.NDArray[np.bool_]
    group: npt.NDArray[np.int32]
    row: npt.NDArray[np.int64]
    priority: npt.NDArray[np.int64]
    ask: npt.NDArray[np.int32] | None = None

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.pool)


@dataclass(frozen=True, eq=False)
class Classes:
    """What seats are given by: plain pools, groups, and reverted seats; internal numbering, pool by pool.

    ``capacity``: int64 a class (0 for reverted seats: theirs is what the groups leave). ``fallback``: int32, the
    class a seat left empty goes to, or -1; empty if no class has one. ``group``: int32, the seat group or -1;
    ``pool``: int32; ``entry``: int32 a pool, the class an extra seat goes to unless one is named.
    """

    capacity: npt.NDArray[np.int64]
    fallback: npt.NDArray[np.int32]
    group: npt.NDArray[np.int32]
    pool: npt.NDArray[np.int32]
    entry: npt.NDArray[np.int32]

    @property
    def size(self) -> int:
        """Number of classes."""
        return len(self.capacity)


@dataclass(frozen=True, eq=False)
class Copies:
    """The rows expanded into classes: copies of applicant i are ``indptr[i]:indptr[i+1]``, in order of preference."""

    indptr: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int32]
    key: npt.NDArray[np.int64]
    row: npt.NDArray[np.int32]


def plain_classes(seats: npt.NDArray[np.int64]) -> Classes:
    """Classes of a market without groups: the pools themselves."""
    pools = np.arange(len(seats), dtype=np.int32)
    return Classes(seats, np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int32), pools)


def checked_groups(groups: SeatGroups, seats: npt.NDArray[np.int64], row_pool: npt.NDArray[np.int32]) -> SeatGroups:
    """Copy the groups into the declared dtypes and refuse inconsistent ones.

    Raises
    ------
    MarketError
        Naming the first offending group, row or pool.
    """
    pool = exact("groups.pool", groups.pool, np.int32)
    count = len(pool)
    sound = SeatGroups(
        pool=pool,
        seats=exact("groups.seats", groups.seats, np.int64, count),
        order=exact("groups.order", groups.order, np.int32, count),
        reverts=_booleans("groups.reverts", groups.reverts, count),
        group=(group := exact("groups.group", groups.group, np.int32)),
        row=exact("groups.row", groups.row, np.int64, len(group)),
        priority=exact("groups.priority", groups.priority, np.int64, len(group)),
        ask=None if groups.ask is None else exact("groups.ask", groups.ask, np.int32, len(group)),
    )
    _refuse(pool, (pool < 0) | (pool >= len(seats)), "groups.pool", f"pools are 0..{len(seats) - 1}")
    _refuse(sound.seats, sound.seats < 0, "groups.seats", "a group has 0 seats or more")
    _refuse(group, (group < 0) | (group >= count), "groups.group", f"groups are 0..{count - 1}")
    rows = len(row_pool)
    _refuse(sound.row, (sound.row < 0) | (sound.row >= rows), "groups.row", f"rows are 0..{rows - 1}")
    order = np.lexsort((sound.order, pool))
    for g, h in zip(order[:-1].tolist(), order[1:].tolist(), strict=True):
        if pool[g] == pool[h] and sound.order[g] == sound.order[h]:
            raise MarketError(
                f"groups {g} and {h} of pool {pool[g]} both have order {sound.order[g]}: give each its own"
            )
    total = np.zeros(len(seats), object)
    np.add.at(total, pool, sound.seats.astype(object))
    for p in np.unique(pool).tolist():
        if total[p] != seats[p]:
            raise MarketError(f"pool {p} has {seats[p]} seats but its groups have {total[p]}: they must be equal")
    by_row = np.lexsort((group, sound.row))
    again = np.flatnonzero((np.diff(sound.row[by_row]) == 0) & (np.diff(group[by_row]) == 0))
    if again.size:
        k = int(by_row[again[0]])
        raise MarketError(f"row {sound.row[k]} is listed twice in group {group[k]}")
    foreign = np.flatnonzero(row_pool[sound.row] != pool[group])
    if foreign.size:
        k = int(foreign[0])
        raise MarketError(
            f"groups entry {k}: row {sound.row[k]} belongs to pool {row_pool[sound.row[k]]}, "
            f"but group {group[k]} is a part of pool {pool[group[k]]}"
        )
    return _counted(sound)


def _counted(groups: SeatGroups) -> SeatGroups:
    """Return the groups with ``ask`` as 0, 1, ... a row; without it if every row asks in the order of filling."""
    if groups.ask is None:
        return groups
    filling, asking = (np.lexsort((key, groups.row)) for key in (groups.order[groups.group], groups.ask))
    row, ask = groups.row[asking], groups.ask[asking]
    same = np.flatnonzero((np.diff(row) == 0) & (np.diff(ask) == 0))
    if same.size:
        k, j = (int(asking[same[0] + step]) for step in (0, 1))
        raise MarketError(
            f"row {groups.row[k]} asks groups {groups.group[k]} and {groups.group[j]} both as number {groups.ask[k]}: "
            "the order must be strict"
        )
    if np.array_equal(filling, asking):
        return replace(groups, ask=None)
    place = np.empty(len(asking), np.int32)
    place[asking] = np.arange(len(asking)) - np.searchsorted(row, row)
    return replace(groups, ask=place)


def strict_members(
    groups: SeatGroups, lottery: npt.NDArray[np.uint64] | None, indptr: npt.NDArray[np.int64]
) -> SeatGroups:
    """Refuse ties within a group; with lottery numbers, let them break ties and number each group 0, 1, ....

    Raises
    ------
    MarketError
        Naming the group, the rows and the applicants that tie.
    """
    number = np.zeros(len(groups.row), np.uint64) if lottery is None else lottery[groups.row]
    order = np.lexsort((groups.row, number, groups.priority, groups.group))
    owner = np.searchsorted(indptr, groups.row, side="right") - 1
    a, b = order[:-1], order[1:]
    tied = (groups.group[a] == groups.group[b]) & (groups.priority[a] == groups.priority[b]) & (number[a] == number[b])
    if lottery is not None:
        tied &= owner[a] != owner[b]  # one's own rows follow one's list
    if tied.any():
        k = int(np.argmax(tied))
        j, k = int(a[k]), int(b[k])
        raise MarketError(
            f"applicant {owner[j]} (row {groups.row[j]}) and applicant {owner[k]} (row {groups.row[k]}) tie in seat "
            f"group {groups.group[j]} with priority {groups.priority[j]}: the order must be strict"
        )
    if lottery is None:
        return groups
    place = np.empty(len(order), np.int64)
    first = np.searchsorted(groups.group[order], np.arange(groups.n_groups))
    place[order] = np.arange(len(order)) - first[groups.group[order]]
    return replace(groups, priority=place)


def _booleans(name: str, values: Any, size: int) -> npt.NDArray[np.bool_]:
    array = np.asarray(values)
    if array.size and array.dtype.kind != "b":
        raise MarketError(f"{name} must be booleans, not {array.dtype}")
    if array.shape != (size,):
        raise MarketError(f"{name} must have one entry a group ({size}), not shape {array.shape}")
    return np.array(array, np.bool_)


def _refuse(values: Ints, bad: npt.NDArray[np.bool_], name: str, rule: str) -> None:
    if bad.any():
        k = int(np.argmax(bad))
        raise MarketError(f"{name}[{k}] is {values[k]}: {rule}")


def arrange(groups: SeatGroups, seats: npt.NDArray[np.int64], row_pool: npt.NDArray[np.int32]) -> Classes:
    """Give the classes numbers: pool by pool, groups in processing order, then the reverted seats if any."""
    n_pools = len(seats)
    members = np.bincount(groups.group, minlength=groups.n_groups)
    rows = np.bincount(row_pool, minlength=n_pools)
    capacity: list[int] = []
    fallback: list[int] = []
    of_group: list[int] = []
    of_pool: list[int] = []
    entry: list[int] = []
    by_pool: list[list[int]] = [[] for _ in range(n_pools)]
    for g in np.lexsort((groups.order, groups.pool)).tolist():
        by_pool[groups.pool[g]].append(g)
    for p in range(n_pools):
        first = len(capacity)
        if not by_pool[p]:
            capacity.append(int(seats[p]))
            fallback.append(-1)
            of_group.append(-1)
            of_pool.append(p)
            entry.append(first)
            continue
        reverted = first + len(by_pool[p]) if any(groups.reverts[g] for g in by_pool[p]) else -1
        for g in by_pool[p]:
            capacity.append(int(groups.seats[g]))
            fallback.append(reverted if groups.reverts[g] else -1)
            of_group.append(g)
            of_pool.append(p)
        is_open = [k for k, g in enumerate(by_pool[p]) if members[g] == rows[p]]
        entry.append(first + (is_open[-1] if is_open else len(by_pool[p]) - 1))
        if reverted >= 0:
            capacity.append(0)
            fallback.append(-1)
            of_group.append(-1)
            of_pool.append(p)
    return Classes(
        np.array(capacity, np.int64),
        np.array(fallback, np.int32),
        np.array(of_group, np.int32),
        np.array(of_pool, np.int32),
        np.array(entry, np.int32),
    )


def expand(
    indptr: npt.NDArray[np.int64],
    row_pool: npt.NDArray[np.int32],
    row_key: npt.NDArray[np.int64],
    groups: SeatGroups,
    classes: Classes,
) -> Copies:
    """Write one copy of every row for each class it may take, in the order in which it asks for their seats."""
    class_of_group = np.empty(groups.n_groups, np.int32)
    listed = classes.group >= 0
    class_of_group[classes.group[listed]] = np.flatnonzero(listed).astype(np.int32)
    grouped = np.zeros(len(classes.entry), np.bool_)
    grouped[groups.pool] = True
    rest = np.full(len(classes.entry), -1, np.int32)  # the class every row of the pool may take: plain or reverted
    rest[classes.pool[~listed]] = np.flatnonzero(~listed).astype(np.int32)
    member_class = class_of_group[groups.group]
    by_class = np.lexsort((member_class if groups.ask is None else groups.ask, groups.row))
    order = member_class[by_class]
    member_count = np.bincount(groups.row, minlength=len(row_pool))
    copies = member_count + (rest[row_pool] >= 0)
    copy_ptr = np.zeros(len(row_pool) + 1, np.int64)
    np.cumsum(copies, out=copy_ptr[1:])
    total = int(copy_ptr[-1])
    result = Copies(
        copy_ptr[indptr],
        np.empty(total, np.int32),
        np.empty(total, np.int64),
        np.empty(total, np.int32),
    )
    _write_copies(
        copy_ptr, rest[row_pool], row_key, order, groups.priority[by_class], result.classes, result.key, result.row
    )
    return result


@kernel
def _write_copies(
    copy_ptr: Ints, rest: Ints, row_key: Ints, member: Ints, member_key: Ints, classes: Ints, key: Ints, row: Ints
) -> None:
    k = 0
    for e in range(rest.size):
        last = copy_ptr[e + 1]
        for x in range(copy_ptr[e], last):
            row[x] = e
            if x == last - 1 and rest[e] >= 0:
                classes[x] = rest[e]
                key[x] = row_key[e]
            else:
                classes[x] = member[k]
                key[x] = member_key[k]
                k += 1
