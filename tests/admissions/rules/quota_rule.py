"""The rule of the free quota stated literally, stage by stage, and small random pools and markets it is held against.

Nothing here knows of seat classes, copies or orders of asking. A pool's rows are seated in the order of the law: first
hand (its quota, the open seats, what its quota leaves), then second hand in the same inner order on what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

import numpy as np

from admissions.matching import Market
from admissions.rules import load_rulebook
from admissions.rules.rows import TIERS, Tier, tier_order
from admissions.rules.seat_groups import QUOTA, RoundSeats, build_groups

QUOTAS = [(), ("free_quota",), ("free_quota_special", "free_quota_foreign"), ("free_quota_special",)]


@dataclass(frozen=True)
class Candidate:
    """One row of a list: ``tier`` of the order, ``key`` inside it (smaller first), ``stream`` of an approved quota."""

    applicant: int
    pool: int
    tier: int
    key: int
    stream: str
    result: int  # of a test, larger first; 0 for none
    first: bool
    late: bool

    @property
    def place(self) -> tuple[int, int]:
        return self.tier, self.key


@dataclass(frozen=True)
class Seats:
    """Seats of a pool: ``quotas`` and ``by_test`` in their order, as (name, seats), and the open ones."""

    quotas: tuple[tuple[str, int], ...]
    by_test: int
    open: int


def choose(rows: list[Candidate], seats: Seats, switch: str) -> dict[Candidate, str]:
    """Seat a pool: row -> name of the group it has a claim to, "open", or "reverted"."""
    seated: dict[Candidate, str] = {}
    left = [count for _, count in seats.quotas]
    test_left, open_left = seats.by_test, seats.open

    def best(among, count, name, order=lambda one: one.place):
        taken = sorted((one for one in among if one not in seated), key=order)[:count]
        seated.update(dict.fromkeys(taken, name))
        return count - len(taken)

    def quota(among):
        for number, (name, _) in enumerate(seats.quotas):
            left[number] = best([one for one in among if one.stream in QUOTA[name]], left[number], name)

    quota([one for one in rows if one.first])
    test_left = best(
        [one for one in rows if one.first and one.result],
        test_left,
        "test",
        lambda one: (one.tier, -one.result, one.key),
    )
    for block in blocks(switch):
        mine = [one for one in rows if one.tier in block]
        if not any(one.first for one in mine):
            quota(mine)  # nobody of first hand who came before is left that wants these seats
        open_left = best(mine, open_left, "open")
        for number in range(len(left)):
            left[number] = best(mine, left[number], "reverted")
        test_left = best(mine, test_left, "reverted")
    return seated


def blocks(switch: str) -> list[set[int]]:
    """Return the tiers that are one hand: both hands' two tiers together, where no other tier stands between them."""
    hands = [tier in {Tier.FIRST_ON_TIME, Tier.FIRST_LATE} for tier in tier_order(switch)]
    found: list[set[int]] = []
    for programme in (0, TIERS):
        for k, first in enumerate(hands):
            if k and hands[k - 1] == first:
                found[-1].add(programme + k)
            else:
                found.append({programme + k})
    return found


@cache
def rules_of(switch: str):
    rules = load_rulebook("storsthlm")
    order = SimpleNamespace(late_first_hand=switch)
    sections = SimpleNamespace(free_quota=rules.sections.free_quota, order=order)
    return SimpleNamespace(rulebook=SimpleNamespace(sections=sections))


@dataclass(frozen=True)
class World:
    """A small market: everybody's rows, best first, and the seats of each pool (a route is a pool)."""

    lists: tuple[tuple[Candidate, ...], ...]
    seats: tuple[Seats, ...]
    switch: str

    @property
    def rows(self) -> list[Candidate]:
        return [row for wanted in self.lists for row in wanted]

    def market(self) -> tuple[Market, tuple[str, ...]]:
        """Return the market as the rules make it, and the names of its groups."""
        rows = self.rows
        table = [
            (pool, name, count)
            for pool, one in enumerate(self.seats)
            if one.quotas or one.by_test
            for name, count in [*one.quotas, *([("test", one.by_test)] if one.by_test else []), ("", one.open)]
        ]
        total = np.array([sum(c for _, c in s.quotas) + s.by_test + s.open for s in self.seats], np.int64)
        columns = list(zip(*table, strict=True)) if table else [(), (), ()]
        pool = np.array([row.pool for row in rows], np.int64)
        tier = np.array([row.tier for row in rows], np.int64)
        places = sorted({row.place for row in rows})
        order = np.array([places.index(row.place) for row in rows], np.int64)
        by_test = sorted({(row.tier, -row.result, row.key) for row in rows})
        groups = build_groups(
            RoundSeats(total, *columns),
            rules_of(self.switch),
            pool,
            np.array([row.first for row in rows], bool),
            {
                "special_circumstances": np.array([row.stream == "special_circumstances" for row in rows], bool),
                "foreign_grades": np.array([row.stream == "foreign_grades" for row in rows], bool),
            },
            np.array([row.result > 0 for row in rows], bool),
            tier,
            np.array([row.late for row in rows], bool),
            order,
            np.array([by_test.index((row.tier, -row.result, row.key)) for row in rows], np.int64),
        )
        indptr = np.cumsum([0, *[len(wanted) for wanted in self.lists]])
        return Market(indptr, pool.astype(np.int32), order, total, groups=groups), columns[1]


def random_world(rng: np.random.Generator, *, applicants: int, pools: int, programmes: int = 1) -> World:
    switch = ("before_second_hand", "after_second_hand_on_time")[int(rng.random() < 0.3)]
    number = {tier: place for place, tier in enumerate(tier_order(switch))}
    keys = iter(rng.permutation(applicants * pools).tolist())
    lists = []
    for applicant in range(applicants):
        wanted = []
        for pool in rng.permutation(pools)[: rng.integers(1, pools + 1)].tolist():
            tier = Tier(int(rng.integers(4)))
            stream = ("", "", "special_circumstances", "foreign_grades")[int(rng.integers(4))]
            wanted.append(
                Candidate(
                    applicant,
                    pool,
                    number[tier] + TIERS * int(rng.integers(programmes)),
                    next(keys),
                    stream,
                    int(rng.integers(1, 5)) * int(rng.random() < 0.3),
                    tier in {Tier.FIRST_ON_TIME, Tier.FIRST_LATE},
                    tier in {Tier.FIRST_LATE, Tier.SECOND_LATE},
                )
            )
        lists.append(tuple(wanted))
    seats = []
    for _ in range(pools):
        names = QUOTAS[int(rng.integers(len(QUOTAS)))]
        seats.append(
            Seats(
                tuple((name, int(rng.integers(0, 4))) for name in names),
                int(rng.integers(1, 3)) * int(rng.random() < 0.3),
                int(rng.integers(0, 4)),
            )
        )
    return World(tuple(lists), tuple(seats), switch)
