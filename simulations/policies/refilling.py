"""Ways to give out seats that were given up: re-run the match, call down the lists, call only the seatless.

*Re-run* is the stable matching best for every applicant, among those who remain. *Calling down* offers each empty seat
to the first in line who would rather have it, and the seat they leave to the next; it ends stable too, but misses swaps
that no empty seat touches (Blum, Roth and Rothblum 1997). A person moves in it only if they move in every stable
outcome, so *fewest moves* (Gajulapalli, Liu, Mai and Vazirani 2020) gives the same matching and is not listed apart.
*Seatless only* offers empty seats to applicants without a seat alone: fewest changes, but who waits for a better seat
is passed over by people behind them. *Reversed lottery* is a re-run in which everybody keeps at least the seat they
hold and ties are broken the other way round, which needs the fewest moves of all lotteries in large markets
(Feigenbaum, Kanoria, Lo and Sethuraman 2020); who drew well in the final round draws badly now.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError
from admissions.matching import Market, Matching, match
from admissions.matching.book import State, Work, room
from admissions.matching.kernels import kernel
from admissions.matching.seat_values import taken_up
from admissions.matching.solved_state import add_seat, rotate

Ints = npt.NDArray[np.int64]


class Policy(StrEnum):
    """What an office does with seats given up."""

    RERUN = "rerun"
    CALL_DOWN = "call_down"
    SEATLESS_ONLY = "seatless_only"
    REVERSED_LOTTERY = "reversed_lottery"

    def playable(self, market: Market) -> bool:
        """Whether a market has what the policy needs: reversing needs a lottery, and no seat groups."""
        return self is not Policy.REVERSED_LOTTERY or (market.lottery is not None and market.groups is None)


@dataclass(frozen=True)
class Refill:
    """What one reserve round did.

    Attributes
    ----------
    given_up
        Seats freed by those who left.
    calls
        Offers made one after the other; in a re-run, notices sent: one to each person whose seat is new.
    moved, newly_placed
        Persons who changed from a seat to another, and who got a seat and had none.
    """

    given_up: int
    calls: int
    moved: int
    newly_placed: int


class Refilling:
    """A matching from which people leave, its seats given out again by one policy.

    Parameters
    ----------
    market, matching
        The market and what :func:`~admissions.matching.match` gave for it. Never disturbed.
    policy
        The policy.

    Raises
    ------
    AdmissionsError
        If the policy cannot be played in this market.
    """

    def __init__(self, market: Market, matching: Matching, policy: Policy) -> None:
        if not policy.playable(market):
            raise AdmissionsError("a lottery can be reversed in a market from points without seat groups only")
        self.market, self.policy = market, policy
        self.book = market.book
        self.state: State = taken_up(market, matching)
        self.gone = np.zeros(market.n_applicants, np.bool_)
        self._work: Work = room(market.book)

    def leave(self, people: Ints) -> Refill:
        """Let people leave, with or without a seat, and give out what they held; who has left is left aside."""
        people = people[~self.gone[people]].astype(np.int64)
        before, seated = self.state.cur.copy(), self.seated()
        given_up = int(seated[people].sum())
        self.gone[people] = True
        if self.policy is Policy.SEATLESS_ONLY:
            calls = call_seatless(people, self.gone, self.book, self.state)
        elif self.policy is Policy.REVERSED_LOTTERY:
            calls = 0
            self._match_reversed()
        else:
            self._work.stamp[:] = 0
            calls = refill(people, self.book, self.state, self._work, self.policy is Policy.RERUN)
        changed = self._rows(before) != self._rows(self.state.cur)
        changed &= ~self.gone
        moved, placed = int((changed & seated).sum()), int((changed & ~seated).sum())
        notices = self.policy in (Policy.RERUN, Policy.REVERSED_LOTTERY)
        return Refill(given_up, moved + placed if notices else calls, moved, placed)

    def _match_reversed(self) -> None:
        """Match who remains anew: the held row first of all in its pool, none below it, ties the other way round."""
        market, ends = self.market, self.book.indptr[1:]
        assert market.points is not None
        assert market.lottery is not None
        number = np.arange(market.n_choices)
        owner = np.repeat(np.arange(market.n_applicants), np.diff(market.indptr))
        held = self.state.cur.astype(np.int64)
        keep = np.flatnonzero(~self.gone[owner] & (number <= held[owner]))
        points = market.points.copy()
        holders = np.flatnonzero((held < ends) & ~self.gone)
        points[held[holders]] = np.iinfo(np.int64).max
        lottery = market.lottery.max(initial=0) - market.lottery
        counts = np.bincount(owner[keep], minlength=market.n_applicants)
        again = Market.from_points(
            np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))),
            market.route[keep],
            points[keep],
            lottery[keep],
            market.seats,
            pool=market.pool,
        )
        choice = match(again).choice
        rows = keep[np.maximum(choice, 0)] if len(keep) else choice
        remain = np.where(choice >= 0, rows, ends)
        self.state.cur[:] = np.where(self.gone, self.book.indptr[:-1], remain)

    def seated(self) -> npt.NDArray[np.bool_]:
        """bool[n]: who has a seat; nobody who left."""
        return np.asarray((self.state.cur < self.book.indptr[1:]) & ~self.gone)

    def rows(self) -> Ints:
        """int64[n]: the market row each applicant holds, -1 for none and for who left."""
        return np.where(self.seated(), self._rows(self.state.cur), -1)

    def envious(self) -> npt.NDArray[np.bool_]:
        """bool[n]: who would rather have a seat that is empty, or held by somebody behind them."""
        found = np.zeros(self.market.n_applicants, np.bool_)
        mark_envious(self.book, self.state.cur, self.gone, found)
        return found

    def _rows(self, cur: npt.NDArray[np.int32]) -> Ints:
        ends = self.book.indptr[1:]
        rows = np.full(len(cur), -1, np.int64)
        placed = cur < ends
        rows[placed] = self.book.row[cur[placed]] if len(self.book.row) else cur[placed]
        return rows


@kernel
def refill(people: Any, book: Any, state: Any, work: Any, settle: bool) -> int:
    """Let people leave one by one and follow the chain from each seat, ``settle``: then all rotations; the calls."""
    indptr, record, cur, moves = book.indptr, book.record, state.cur, work.moves
    moved = 0
    calls = 0
    for k in range(people.size):
        i = people[k]
        old = cur[i]
        moves[moved, 0] = i
        moves[moved, 1] = old
        moved += 1
        cur[i] = indptr[i]  # as if content with the first row: no longer envious anywhere
        if old < indptr[i + 1]:
            before = moved
            moved, _, _ = add_seat(int((record[old] >> 32) & 0x7FFFFFFF), book, state, work, moved)
            calls += moved - before
    if settle:
        moved, _, _ = rotate(book, state, work, 0, 0, moved, 0)
    return calls


@kernel
def call_seatless(people: Any, gone: Any, book: Any, state: Any) -> int:
    """Let people leave and offer each seat to the first in line without one; count of calls."""
    indptr, record, start, at, owner = book.indptr, book.record, book.start, book.at, book.owner
    fallback, cur = book.fallback, state.cur
    calls = 0
    for k in range(people.size):
        i = people[k]
        old = cur[i]
        cur[i] = indptr[i]
        if old == indptr[i + 1]:
            continue
        c = int((record[old] >> 32) & 0x7FFFFFFF)
        while c >= 0:
            taken = False
            for g in range(start[c], start[c + 1]):
                j = owner[at[g]]
                if not gone[j] and cur[j] == indptr[j + 1]:
                    cur[j] = at[g]
                    calls += 1
                    taken = True
                    break
            if taken or fallback.size == 0:
                break
            c = int(fallback[c])
    return calls


@kernel
def mark_envious(book: Any, cur: Any, gone: Any, found: Any) -> None:
    """Mark who would rather have a seat that is empty or held by somebody behind them, class by class."""
    indptr, record, start, at, owner = book.indptr, book.record, book.start, book.at, book.owner
    capacity, fallback = book.capacity, book.fallback
    left = capacity.copy()
    for c in range(fallback.size):
        if fallback[c] >= 0:
            left[fallback[c]] += capacity[c]
    for i in range(cur.size):
        if not gone[i] and cur[i] < indptr[i + 1]:
            c = (record[cur[i]] >> 32) & 0x7FFFFFFF
            left[c] -= 1
            if fallback.size > 0 and fallback[c] >= 0:
                left[fallback[c]] -= 1
    for c in range(capacity.size):
        last = start[c + 1] if left[c] > 0 else -1
        g = start[c + 1] - 1
        while last < 0 and g >= start[c]:
            i = owner[at[g]]
            if not gone[i] and cur[i] == at[g]:
                last = g
            g -= 1
        for g in range(start[c], last):
            i = owner[at[g]]
            if not gone[i] and at[g] < cur[i]:
                found[i] = True
