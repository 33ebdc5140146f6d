"""What one seat more or less does, exactly: the values of extra seats and the full change of any seat what-if.

Every answer equals a full new match of the changed market (see :mod:`admissions.matching.solved_state` for why). More
seats never make any applicant worse off, fewer never better (Crawford 1991).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.errors import MarketError
from admissions.matching.arrays import exact, frozen
from admissions.matching.book import Ints, State, room
from admissions.matching.deferred_acceptance import Matching
from admissions.matching.extra_seats import add_seats, extra_seat_everywhere
from admissions.matching.market import Market
from admissions.matching.solved_state import held_copies, remove_seat, swap_cycle, take_up


@dataclass(frozen=True, eq=False)
class SeatValues:
    """What one more seat at each route would do; int64, one a route.

    ``better_off``: applicants whose granted row improves; ``newly_placed``: applicants placed who had no seat (0 or 1).
    """

    better_off: npt.NDArray[np.int64]
    newly_placed: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SeatCurve:
    """What 1, 2, ... more seats at one route would do, each against the base; int64, entry k is for k + 1 seats."""

    route: int
    better_off: npt.NDArray[np.int64]
    newly_placed: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SeatChange:
    """What a change of seats does to everybody.

    ``applicant``, ``before``, ``after`` (int64, one entry a person whose row changes; rows, -1 for no seat) are in the
    order of the chain: with one seat added, the first person takes it and each next one a seat an earlier one left.
    ``matching`` is the whole result.
    """

    applicant: npt.NDArray[np.int64]
    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    matching: Matching

    @property
    def better_off(self) -> int:
        """Applicants with a better row than before."""
        return int(((self.after >= 0) & ((self.before < 0) | (self.after < self.before))).sum())

    @property
    def worse_off(self) -> int:
        """Applicants with a worse row than before, or none."""
        return len(self.applicant) - self.better_off

    @property
    def newly_placed(self) -> int:
        """Applicants with a seat who had none."""
        return int((self.before < 0).sum())

    @property
    def newly_unplaced(self) -> int:
        """Applicants without a seat who had one."""
        return int((self.after < 0).sum())


def extra_seat_values(market: Market, matching: Matching) -> SeatValues:
    """Exact value of one more seat at every route, each on its own.

    Parameters
    ----------
    market, matching
        A market and what :func:`~admissions.matching.match` gave for it.

    Returns
    -------
    SeatValues
        A route's extra seat is one of its pool's: in the pool's last open group, or its last group if none is open.

    Raises
    ------
    MarketError
        If the matching is not the applicant-optimal stable matching of this market.

    Examples
    --------
    >>> from admissions.matching import match
    >>> market = Market([0, 2, 3], [0, 1, 0], [1, 0, 0], [1, 1])
    >>> extra_seat_values(market, match(market)).better_off.tolist()
    [1, 0]
    """
    state = taken_up(market, matching)
    better, placed = np.empty(market.n_pools, np.int64), np.empty(market.n_pools, np.int64)
    extra_seat_everywhere(market.classes.entry, market.book, state, room(market.book), better, placed)
    if not market.own_pools:
        better, placed = better[market.pool], placed[market.pool]
    return SeatValues(frozen(better), frozen(placed))


def seat_curve(
    market: Market, matching: Matching, route: int, *, up_to: int = 30, group: int | None = None
) -> SeatCurve:
    """Exact value of 1, 2, ..., ``up_to`` more seats at a route.

    Parameters
    ----------
    market, matching
        A market and what :func:`~admissions.matching.match` gave for it.
    route
        The route; its pool gets the seats.
    up_to
        Most seats to add, at least 1.
    group
        The seat group that gets them; the pool's last open group unless named.
    """
    if up_to < 1:
        raise MarketError(f"up_to is {up_to}: a curve begins with 1 more seat")
    state, work = taken_up(market, matching), room(market.book)
    before = state.cur.copy()
    chosen = np.full(up_to, _class_of(market, route, group), np.int32)
    after = np.empty(up_to, np.int64)
    total = add_seats(chosen, market.book, state, work, settle_each=True, after=after)
    better, placed = np.zeros(up_to, np.int64), np.zeros(up_to, np.int64)
    # each move leaves a copy; what a person holds after a step is what the person's next move leaves
    moves = work.moves[:total].tolist()
    copies = market.book.row
    for i in {person for person, _ in moves}:
        steps = [(int(np.searchsorted(after, k, side="right")), old) for k, (j, old) in enumerate(moves) if j == i]
        was_placed = before[i] < market.book.indptr[i + 1]
        if not was_placed:
            placed[steps[0][0] :] += 1
            better[steps[0][0] :] += 1
            continue
        held = [old for _, old in steps[1:]] + [int(state.cur[i])]
        improved = [
            k for (k, _), copy in zip(steps, held, strict=True) if not copies.size or copies[copy] != copies[before[i]]
        ]
        if improved:
            better[improved[0] :] += 1
    return SeatCurve(route, frozen(better), frozen(placed))


def change_seats(
    market: Market,
    matching: Matching,
    routes: Mapping[int, int] | None = None,
    *,
    groups: Mapping[int, int] | None = None,
) -> SeatChange:
    """Exact result of any change of seats: who moves from where to where.

    Parameters
    ----------
    market, matching
        A market and what :func:`~admissions.matching.match` gave for it; neither is disturbed.
    routes
        Seats more (or fewer, negative) for each route named; they are its pool's seats, in the pool's last open group.
    groups
        Seats more or fewer for seat groups named by index.

    Raises
    ------
    MarketError
        If a route or group does not exist, or would have fewer than 0 seats.
    """
    classes = market.classes
    delta = np.zeros(classes.size, np.int64)
    for route, seats in (routes or {}).items():
        delta[_class_of(market, route, None)] += seats
    for group, seats in (groups or {}).items():
        delta[_class_of(market, None, group)] += seats
    capacity = classes.capacity + delta
    if (capacity < 0).any():
        c = int(np.argmax(capacity < 0))
        raise MarketError(f"{_class_name(market, c)} has {classes.capacity[c]} seats: {-delta[c]} cannot be removed")
    state = taken_up(market, matching)
    before = state.cur.copy()
    order = _remove(market, state, delta)
    added = np.repeat(np.arange(classes.size, dtype=np.int32), np.maximum(delta, 0))
    if added.size:
        if order.size:
            state = _take_up(market, state.cur, capacity - np.maximum(delta, 0))
        work = room(market.book)
        moved = add_seats(added, market.book, state, work, settle_each=False, after=np.empty(added.size, np.int64))
        order = np.concatenate([order, work.moves[:moved, 0]])
    people, first = np.unique(order, return_index=True)
    people = people[np.argsort(first, kind="stable")].astype(np.int64)
    old, new = (_rows_held(market, people, held[people]) for held in (before, state.cur))
    changed = old != new
    return SeatChange(
        frozen(people[changed]), frozen(old[changed]), frozen(new[changed]), _matching_of(market, state.cur)
    )


def taken_up(market: Market, matching: Matching) -> State:
    """Return a private copy of a matching's state, refused if it is not the market's applicant-optimal stable one.

    Raises
    ------
    MarketError
        Saying what is wrong with the matching, and where.
    """
    n, book = market.n_applicants, market.book
    if matching.solved is not None and matching.solved.book is book:
        return matching.solved.state.copy()
    choice = exact("matching.choice", matching.choice, np.int64, n)
    group = exact("matching.group", matching.group, np.int32, n)
    cur = np.empty(n, np.int32)
    bad = held_copies(book, choice, group, cur)
    if bad >= 0:
        raise MarketError(f"applicant {bad}: the matching grants row {choice[bad]}, which is none of theirs")
    state = _take_up(market, cur, book.capacity)
    c = swap_cycle(book, state, np.zeros(len(book.capacity), np.int64))
    if c >= 0:
        raise MarketError(
            f"{_class_name(market, c)}: applicants could still swap to their gain, so match() did not give this"
        )
    return state


def _take_up(market: Market, cur: Ints, capacity: Ints) -> State:
    size = len(capacity)
    state = State(cur, np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int64))
    bad = take_up(market.book, capacity, state)
    if bad >= 0:
        raise MarketError(f"{_class_name(market, bad)}: the matching is not a stable matching of this market")
    return state


def _remove(market: Market, state: State, delta: Ints) -> Ints:
    """Take seats away one by one; the applicants displaced, in order."""
    moves = np.empty((len(market.book.at) + 1, 2), np.int32)
    displaced = [np.empty(0, np.int32)]
    for c in np.repeat(np.arange(len(delta)), np.maximum(-delta, 0)).tolist():
        moved = remove_seat(c, market.book, state, moves)
        displaced.append(moves[:moved, 0].copy())
    return np.concatenate(displaced)


def _class_of(market: Market, route: int | None, group: int | None) -> int:
    classes, groups = market.classes, market.groups
    if group is not None:
        if groups is None or not 0 <= group < groups.n_groups:
            raise MarketError(f"seat group {group} does not exist in this market")
        if route is not None and 0 <= route < market.n_routes and groups.pool[group] != market.pool[route]:
            raise MarketError(f"seat group {group} is not a part of route {route}'s pool")
        return int(np.flatnonzero(classes.group == group)[0])
    if route is None or not 0 <= route < market.n_routes:
        raise MarketError(f"route {route} does not exist; routes are 0..{market.n_routes - 1}")
    return int(classes.entry[market.pool[route]])


def _class_name(market: Market, c: int) -> str:
    classes = market.classes
    if not classes.group.size:
        return f"pool {c}"
    if classes.group[c] >= 0:
        return f"seat group {classes.group[c]} of pool {classes.pool[c]}"
    return f"pool {classes.pool[c]}"


def _rows_held(market: Market, people: Ints, held: Ints) -> npt.NDArray[np.int64]:
    book = market.book
    rows = np.full(len(people), -1, np.int64)
    placed = held < book.indptr[people + 1]
    copies = held[placed]
    rows[placed] = book.row[copies] if book.row.size else copies
    return rows


def _matching_of(market: Market, cur: Ints) -> Matching:
    book, n = market.book, market.n_applicants
    choice = _rows_held(market, np.arange(n), cur)
    placed = choice >= 0
    route, group = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    route[placed] = book.route[choice[placed]]
    if book.group.size:
        group[placed] = book.group[book.classes[cur[placed]]]
    return Matching(frozen(route), frozen(choice), frozen(group))
