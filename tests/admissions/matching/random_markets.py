"""Random markets with all the matcher knows: shared pools, zero seats, empty lists, groups that revert or not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from admissions.matching import Market, Matching, SeatGroups

NOBODY = 10**9


@dataclass(frozen=True)
class Case:
    """The arguments of a market, so that a test can change one of them."""

    indptr: npt.NDArray[np.int64]
    route: npt.NDArray[np.int32]
    priority: npt.NDArray[np.int64]
    seats: npt.NDArray[np.int64]
    pool: npt.NDArray[np.int32]
    groups: SeatGroups | None

    @property
    def n(self) -> int:
        return len(self.indptr) - 1

    @property
    def owner(self) -> npt.NDArray[np.int64]:
        return np.repeat(np.arange(self.n), np.diff(self.indptr))

    def market(self) -> Market:
        return Market(self.indptr, self.route, self.priority, self.seats, pool=self.pool, groups=self.groups)

    def drawn(self, points: npt.NDArray[np.int64], lottery: npt.NDArray[np.int64]) -> Market:
        return Market.from_points(
            self.indptr,
            self.route,
            points.astype(np.int64),
            lottery.astype(np.uint64),
            self.seats,
            pool=self.pool,
            groups=self.groups,
        )

    def with_seats(self, pools: dict[int, int], groups: dict[int, int]) -> Case:
        """Seats more at plain pools, and at groups."""
        seats = self.seats.copy()
        for p, k in pools.items():
            seats[p] += k
        if self.groups is None:
            return replace(self, seats=seats)
        group_seats = self.groups.seats.copy()
        for g, k in groups.items():
            group_seats[g] += k
            seats[self.groups.pool[g]] += k
        return replace(self, seats=seats, groups=replace(self.groups, seats=group_seats))

    def without(self, i: int) -> Case:
        """Leave out applicant i's rows (only without groups)."""
        assert self.groups is None
        keep = self.owner != i
        counts = np.diff(self.indptr)
        counts[i] = 0
        return replace(
            self,
            indptr=np.concatenate([[0], np.cumsum(counts)]),
            route=self.route[keep],
            priority=self.priority[keep],
        )


def random_case(
    rng: np.random.Generator, *, applicants: int = 25, routes: int = 8, groups: bool = True, shared_merit: float = 0.3
) -> Case:
    n, m = int(rng.integers(0, applicants + 1)), int(rng.integers(1, routes + 1))
    pools = int(rng.integers(1, m + 1))
    pool = rng.permutation(np.concatenate([np.arange(pools), rng.integers(0, pools, m - pools)])).astype(np.int32)
    lists = [rng.permutation(m)[: rng.integers(0, m + 1)] for _ in range(n)]
    indptr = np.concatenate([[0], np.cumsum([len(wanted) for wanted in lists])]).astype(np.int64)
    route = np.concatenate([*lists, np.empty(0, np.int64)]).astype(np.int32)
    rows = len(route)
    priority = rng.permutation(rows).astype(np.int64)
    if rng.random() < shared_merit:
        owner = np.repeat(np.arange(n), np.diff(indptr))
        priority = rng.permutation(n)[owner] * 100 + np.arange(rows) - indptr[owner]
    seats = rng.integers(0, 5, pools).astype(np.int64)
    made = _random_groups(rng, pool[route], priority, seats) if groups and rng.random() < 0.7 else None
    return Case(indptr, route, priority, seats, pool, made)


def _random_groups(
    rng: np.random.Generator,
    row_pool: npt.NDArray[np.int32],
    priority: npt.NDArray[np.int64],
    seats: npt.NDArray[np.int64],
) -> SeatGroups:
    made: list[tuple[int, int, int, bool]] = []
    group: list[int] = []
    row: list[int] = []
    for p in range(len(seats)):
        if rng.random() < 0.4:
            continue
        kinds = int(rng.integers(1, 4))
        for order in rng.permutation(10)[:kinds].tolist():
            made.append((p, int(rng.integers(0, 4)), order, bool(rng.random() < 0.5)))
            members = np.flatnonzero(row_pool == p)
            members = members[rng.random(len(members)) < rng.choice([0.3, 0.7, 1])]
            group += [len(made) - 1] * len(members)
            row += members.tolist()
        seats[p] = sum(g[1] for g in made if g[0] == p)
    shuffled = rng.permutation(len(row))
    rows = np.array(row, np.int64)
    own = rng.permutation(len(row)) if rng.random() < 0.5 else priority[rows]
    ask = rng.permutation(len(row)).astype(np.int32)[shuffled] if rng.random() < 0.5 else None
    return SeatGroups(
        np.array([g[0] for g in made], np.int32),
        np.array([g[1] for g in made], np.int64),
        np.array([g[2] for g in made], np.int32),
        np.array([g[3] for g in made], np.bool_),
        np.array(group, np.int32)[shuffled],
        rows[shuffled],
        np.asarray(own, np.int64)[shuffled],
        ask,
    )


def standing(matching: Matching) -> npt.NDArray[np.int64]:
    """Granted rows as numbers to compare: smaller is better, nobody last."""
    return np.where(matching.choice < 0, NOBODY, matching.choice)


def same(a: Matching, b: Matching) -> bool:
    return bool((a.choice == b.choice).all() and (a.route == b.route).all() and (a.group == b.group).all())
