"""Calling reserves by hand after the last machine round: who is next for an empty seat, and what a move frees.

The order is that of the round's reserve queues (`admissions.results.queues`): the open queue of the pool, by position.
Whoever holds a seat is called for higher choices only; nobody is called twice to the same route. A called holder who
accepts leaves a seat behind, which goes to the next in that pool's queue: the chain ends with somebody who had no seat,
or with a seat that nobody waits for. Source: the offices' pages on reserve places called by telephone, in the order of
the list, with a day or so to answer (project's domain notes 4.3).

Queues of named seat groups (free quota) are not called from here: their seats are given in the machine rounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import polars as pl


class Waiting(NamedTuple):
    """Somebody in a pool's open queue: their position, and the choice they wait for."""

    position: int
    rank: int
    applicant: str
    route_id: str


class Held(NamedTuple):
    """A seat somebody holds: on which of their choices."""

    rank: int
    route_id: str


class Move(NamedTuple):
    """One step of a chain: somebody takes a seat and leaves another, or none."""

    applicant: str
    route_id: str
    left: str | None


@dataclass(frozen=True)
class Since:
    """What happened since the round.

    Parameters
    ----------
    given_back
        Who no longer holds the seat the round gave: a no, a departure.
    out
        Who waits for nothing any more.
    accepted
        The seat somebody took when called.
    called
        Who was called to which route, whatever came of it.
    """

    given_back: frozenset[str] = frozenset()
    out: frozenset[str] = frozenset()
    accepted: Mapping[str, Held] = field(default_factory=dict)
    called: frozenset[tuple[str, str]] = frozenset()

    def with_accepted(self, one: Waiting) -> Since:
        """Return what would stand if somebody accepted."""
        taken = {**self.accepted, one.applicant: Held(one.rank, one.route_id)}
        return replace(self, accepted=taken, called=self.called | {(one.applicant, one.route_id)})


class CallingOrder:
    """The queues and seats of a decided round.

    Parameters
    ----------
    decisions
        One row per choice: ``applicant``, ``route_id``, ``rank``, ``status``, ``reserve_position``.
    routes
        ``route_id``, ``pool`` and ``seats``, the seats of the whole pool.
    """

    def __init__(self, decisions: pl.DataFrame, routes: pl.DataFrame) -> None:
        self.pool_of: dict[str, str] = dict(routes.select("route_id", "pool").iter_rows())
        self.seats: dict[str, int] = dict(routes.unique("pool").select("pool", "seats").iter_rows())
        self._decisions = decisions
        self._queues: dict[str, tuple[Waiting, ...]] = {}

    @cached_property
    def _reserves(self) -> pl.DataFrame:
        waiting = self._decisions.filter(
            (pl.col("status") == "reserve") & pl.col("reserve_position").cast(pl.Int64, strict=False).is_not_null()
        )
        pools = pl.DataFrame(
            {"route_id": list(self.pool_of), "pool": list(self.pool_of.values())},
            schema={"route_id": pl.String, "pool": pl.String},
        )
        rows = waiting.select(
            pl.col("reserve_position").cast(pl.Int64), pl.col("rank").cast(pl.Int64), "applicant", "route_id"
        )
        return rows.join(pools, on="route_id").sort("pool", "reserve_position", "rank", "applicant")

    @cached_property
    def given(self) -> dict[str, Held]:
        """The seats the round gave."""
        rows = self._decisions.filter(pl.col("status") == "admitted").select("applicant", "rank", "route_id")
        return {applicant: Held(rank, route) for applicant, rank, route in rows.iter_rows()}

    def queue(self, pool: str) -> tuple[Waiting, ...]:
        """Return a pool's open queue in calling order."""
        if pool not in self._queues:
            rows = self._reserves.filter(pl.col("pool") == pool).drop("pool")
            self._queues[pool] = tuple(Waiting(*row) for row in rows.iter_rows())
        return self._queues[pool]

    @cached_property
    def waited_for(self) -> frozenset[str]:
        """Pools that somebody waits for."""
        return frozenset(self._reserves["pool"].unique().to_list())

    def held(self, since: Since, applicant: str) -> Held | None:
        """Return the seat somebody holds now."""
        if applicant in since.accepted:
            return since.accepted[applicant]
        return None if applicant in since.given_back else self.given.get(applicant)

    def taken(self, since: Since) -> Counter[str]:
        """Count the seats in use of each pool."""
        now = {**self.given, **since.accepted}
        return Counter(
            self.pool_of[seat.route_id]
            for who, seat in now.items()
            if who in since.accepted or who not in since.given_back
        )

    def free(self, since: Since) -> dict[str, int]:
        """Return the empty seats of each pool; a pool with more people than seats has none."""
        taken = self.taken(since)
        return {pool: max(seats - taken[pool], 0) for pool, seats in self.seats.items()}

    def may_be_called(self, since: Since, one: Waiting) -> bool:
        """Tell whether somebody in a queue still waits there and was not called to the route before."""
        if one.applicant in since.out or (one.applicant, one.route_id) in since.called:
            return False
        seat = self.held(since, one.applicant)
        return seat is None or one.rank < seat.rank

    def waiting(self, since: Since, pool: str) -> list[Waiting]:
        """Return who can be called to a pool, in order."""
        return [one for one in self.queue(pool) if self.may_be_called(since, one)]

    def next(self, since: Since, pool: str) -> Waiting | None:
        """Return who is called next to a pool."""
        return next((one for one in self.queue(pool) if self.may_be_called(since, one)), None)

    def chain(self, since: Since, first: Waiting) -> list[Move]:
        """Return what follows if somebody accepts, and everybody called after them does: each step frees the next seat.

        Every step gives somebody a higher choice or a first seat, so the chain ends.
        """
        moves: list[Move] = []
        one: Waiting | None = first
        while one is not None:
            seat = self.held(since, one.applicant)
            moves.append(Move(one.applicant, one.route_id, None if seat is None else seat.route_id))
            since = since.with_accepted(one)
            one = None if seat is None else self.next(since, self.pool_of[seat.route_id])
        return moves
