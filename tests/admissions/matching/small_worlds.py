"""Small random markets and everything that can be said of them by enumeration; slow, literal, shared with nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from admissions.matching import Market, Matching, SeatGroups

Held = tuple[int, int] | None  # (row, seat group or -1)


@dataclass
class World:
    """A market in words: rows of each applicant as (route, priority), pools, seats, and groups of a pool."""

    lists: list[list[int]]  # routes, best first
    priority: dict[tuple[int, int], int]  # (applicant, route) -> smaller first, strict in a pool
    pool: list[int]
    seats: list[int]
    groups: list[dict] = field(default_factory=list)  # pool, seats, reverts, members {(applicant, route): priority}
    turn: dict[tuple[int, int], list[int]] = field(default_factory=dict)  # all groups in the order a row asks them

    def market(self) -> Market:
        rows = [(i, r) for i, wanted in enumerate(self.lists) for r in wanted]
        at = {pair: k for k, pair in enumerate(rows)}
        groups = None
        if self.groups:
            order = [sum(h["pool"] == g["pool"] for h in self.groups[:k]) for k, g in enumerate(self.groups)]
            members = [(k, at[pair], p) for k, g in enumerate(self.groups) for pair, p in g["members"].items()]
            groups = SeatGroups(
                np.array([g["pool"] for g in self.groups], np.int32),
                np.array([g["seats"] for g in self.groups], np.int64),
                np.array(order, np.int32),
                np.array([g["reverts"] for g in self.groups], bool),
                np.array([m[0] for m in members], np.int32),
                np.array([m[1] for m in members], np.int64),
                np.array([m[2] for m in members], np.int64),
                np.array([self.turn[rows[m[1]]].index(m[0]) for m in members], np.int32) if self.turn else None,
            )
        return Market(
            np.cumsum([0] + [len(wanted) for wanted in self.lists]),
            np.array([r for _, r in rows], np.int32),
            np.array([self.priority[pair] for pair in rows], np.int64),
            np.array(self.seats, np.int64),
            pool=np.array(self.pool, np.int32),
            groups=groups,
        )

    def matching(self, held: tuple[Held, ...]) -> Matching:
        routes = [r for wanted in self.lists for r in wanted]
        return Matching(
            np.array([-1 if h is None else routes[h[0]] for h in held], np.int32),
            np.array([-1 if h is None else h[0] for h in held], np.int64),
            np.array([-1 if h is None else h[1] for h in held], np.int32),
        )

    # -- the literal definitions -------------------------------------------------------------------------------------

    def options(self, i: int) -> list[tuple[int, int]]:
        """(row, class) in the order of wanting; class g >= 0 is a group, -1 the plain pool or what reverts."""
        first = sum(len(wanted) for wanted in self.lists[:i])
        found = []
        for k, r in enumerate(self.lists[i]):
            mine = [g for g, group in enumerate(self.groups) if group["pool"] == self.pool[r]]
            asked = [g for g in self.turn.get((i, r), mine) if g in mine]
            found += [(first + k, g) for g in asked if (i, r) in self.groups[g]["members"]]
            if not mine or any(self.groups[g]["reverts"] for g in mine):
                found.append((first + k, -1))
        return found

    def all_matchings(self) -> Iterator[tuple[Held, ...]]:
        return itertools.product(*[[None, *self.options(i)] for i in range(len(self.lists))])

    def owner_route(self, row: int) -> tuple[int, int]:
        pairs = [(i, r) for i, wanted in enumerate(self.lists) for r in wanted]
        return pairs[row]

    def classes(self, held: tuple[Held, ...]) -> dict[tuple[int, int], list[tuple[int, int, int]]]:
        """(pool, class) -> (priority, applicant, row) of those who sit there."""
        sit: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        for i, h in enumerate(held):
            if h is not None:
                _, r = self.owner_route(h[0])
                sit.setdefault((self.pool[r], h[1]), []).append((self.place(i, r, h[1]), i, h[0]))
        return sit

    def place(self, i: int, r: int, klass: int) -> int:
        return self.priority[i, r] if klass < 0 else self.groups[klass]["members"][i, r]

    def room(self, pool: int, klass: int, sit: dict) -> int:
        if klass >= 0:
            return self.groups[klass]["seats"]
        mine = [g for g, group in enumerate(self.groups) if group["pool"] == pool]
        if not mine:
            return self.seats[pool]
        return sum(self.groups[g]["seats"] - len(sit.get((pool, g), ())) for g in mine if self.groups[g]["reverts"])

    def stable(self, held: tuple[Held, ...]) -> bool:
        """Nobody has too many, and nobody would rather be, and be rather taken, somewhere else."""
        sit = self.classes(held)
        if any(len(people) > self.room(*where, sit) for where, people in sit.items()):
            return False
        for i, h in enumerate(held):
            for option in self.options(i):
                if option == h:
                    break
                _, r = self.owner_route(option[0])
                where = self.pool[r], option[1]
                people = sit.get(where, [])
                if len(people) < self.room(*where, sit) or any(p > self.place(i, r, option[1]) for p, _, _ in people):
                    return False
        return True

    def chosen(self, pool: int, rows: list[int]) -> set[tuple[int, int]]:
        """Return the choice of a pool with groups among these rows: groups in their order, then what reverts."""
        assert not self.turn, "groups in their order: only where every row asks in that order"
        mine = [g for g, group in enumerate(self.groups) if group["pool"] == pool]
        left, taken = set(rows), set()
        spare = 0 if mine else self.seats[pool]
        for g in mine:
            members = self.groups[g]["members"]
            line = sorted((members[self.owner_route(row)], row) for row in left if self.owner_route(row) in members)
            for _, row in line[: self.groups[g]["seats"]]:
                taken.add((row, g))
                left.discard(row)
            if self.groups[g]["reverts"]:
                spare += max(0, self.groups[g]["seats"] - len(line))
        line = sorted((self.priority[self.owner_route(row)], row) for row in left)
        return taken | {(row, -1) for _, row in line[:spare]}

    def stable_by_choice(self, held: tuple[Held, ...]) -> bool:
        """Every pool, asked to choose among its admitted and all who would rather be there, keeps who it has."""
        for pool in range(len(self.seats)):
            rows = []
            has = set()
            for i, h in enumerate(held):
                for row, _ in self.options(i):
                    if self.pool[self.owner_route(row)[1]] == pool and (h is None or row <= h[0]):
                        rows.append(row)
                if h is not None and self.pool[self.owner_route(h[0])[1]] == pool:
                    has.add(h)
            if self.chosen(pool, sorted(set(rows))) != has:
                return False
        return True

    def rank(self, i: int, h: Held) -> int:
        options = self.options(i)
        return len(options) if h is None else options.index(h)

    def stable_matchings(self) -> list[tuple[Held, ...]]:
        return [held for held in self.all_matchings() if self.stable(held)]

    def best(self, many: list[tuple[Held, ...]]) -> tuple[Held, ...]:
        """Return the one best for everybody; there must be one."""
        ranks = [[self.rank(i, h) for i, h in enumerate(held)] for held in many]
        least = [min(column) for column in zip(*ranks, strict=True)]
        return many[ranks.index(least)]

    def worst(self, many: list[tuple[Held, ...]]) -> tuple[Held, ...]:
        ranks = [[self.rank(i, h) for i, h in enumerate(held)] for held in many]
        most = [max(column) for column in zip(*ranks, strict=True)]
        return many[ranks.index(most)]


def random_world(
    rng: np.random.Generator,
    *,
    applicants: int = 4,
    routes: int = 4,
    shared: bool = True,
    groups: bool = False,
    asking: bool = False,
) -> World:
    """Make a small market with independent priorities; shared pools, seat groups, own orders of asking if wanted."""
    pools = int(rng.integers(1, routes + 1)) if shared else routes
    pool = [*range(pools), *rng.integers(0, pools, routes - pools).tolist()]
    lists = [rng.permutation(routes)[: rng.integers(0, 4)].tolist() for _ in range(applicants)]
    if groups and rng.random() < 0.5:  # one row a pool, so that a pool can be asked to choose
        lists = [[r for k, r in enumerate(w) if pool[r] not in [pool[q] for q in w[:k]]] for w in lists]
    line = rng.permutation(applicants * routes).tolist()
    priority = {(i, r): line[i * routes + r] for i in range(applicants) for r in range(routes)}
    seats = rng.integers(0, 3, pools).tolist()
    made = []
    if groups:
        for p in range(pools):
            count = int(rng.integers(0, 4))
            for _ in range(count):
                rows = [(i, r) for i in range(applicants) for r in lists[i] if pool[r] == p]
                own = rng.random() < 0.5
                member = [pair for pair in rows if rng.random() < 0.6]
                places = dict(zip(member, rng.permutation(len(member)).tolist(), strict=True))
                if not own:
                    places = {pair: priority[pair] for pair in member}
                made.append(
                    {"pool": p, "seats": int(rng.integers(0, 3)), "reverts": rng.random() < 0.6, "members": places}
                )
            if count:
                seats[p] = sum(g["seats"] for g in made if g["pool"] == p)
    asks = asking and made
    turn = {pair: rng.permutation(len(made)).tolist() for pair in priority} if asks else {}
    return World(lists, priority, pool, seats, made, turn)
