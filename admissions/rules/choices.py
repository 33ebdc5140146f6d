"""The choices (val) with their history: which are active on a day, and which are late.

Source of lateness: Sjuhärad (sent omval: a choice added after the window, or moved above others, is late; one that was
pushed down or that rises only because a choice above it was withdrawn stays on time), Kalmar (every choice whose place
changes is late), Fyrbodal (added choices). Late is decided choice by choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import InputError
from admissions.rules.coding import Names

Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
NEVER = np.iinfo(np.int32).max
_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Return the day as a number: days since 1970-01-01."""
    return (day - _EPOCH).days


@dataclass(frozen=True, eq=False)
class ChoiceHistory:
    """Every row ever registered, ordered by applicant, rank and day of registration.

    ``applicant``, ``route``, ``rank``, ``registered``, ``withdrawn``: int32 each; days are numbers since 1970-01-01,
    `NEVER` for rows not withdrawn. A row moved in the list is an old row withdrawn and a new one registered.
    """

    applicant: Int32s
    route: Int32s
    rank: Int32s
    registered: Int32s
    withdrawn: Int32s
    n_routes: int

    @classmethod
    def of(cls, frame: pl.DataFrame, applicants: Names, routes: Names) -> ChoiceHistory:
        """Read a choices table (applicant, route_id, rank, registered_at, withdrawn_at).

        Raises
        ------
        InputError
            Naming unknown applicants and routes.
        """
        applicant, route = applicants.codes(frame["applicant"]), routes.codes(frame["route_id"])
        rank = frame["rank"].cast(pl.Int32).to_numpy()
        registered = frame["registered_at"].to_physical().cast(pl.Int32).to_numpy()
        withdrawn = frame["withdrawn_at"].to_physical().cast(pl.Int32).fill_null(NEVER).to_numpy()
        order = np.lexsort((registered, rank, applicant))
        return cls(
            applicant[order], route[order], rank[order], registered[order], withdrawn[order], n_routes=len(routes)
        )

    def active(self, day: date) -> Ints:
        """Return the rows that are active at the end of a day, by applicant and rank.

        Raises
        ------
        InputError
            If an applicant has two active rows of one rank or one route.
        """
        number = day_number(day)
        rows = np.flatnonzero((self.registered <= number) & (self.withdrawn > number))
        applicant, rank = self.applicant[rows], self.rank[rows]
        double = (applicant[1:] == applicant[:-1]) & (rank[1:] == rank[:-1])
        if double.any():
            who = np.unique(applicant[1:][double])
            raise InputError([f"applicant number {i} has two active choices of one rank on {day}" for i in who[:50]])
        return rows

    @cached_property
    def _key(self) -> Ints:
        return self.applicant.astype(np.int64) * self.n_routes + self.route

    @cached_property
    def _by_key(self) -> Ints:
        return np.lexsort((self.registered, self._key))

    def late(self, rows: Ints, day: date, cutoff: date, counts: str) -> Bools:
        """Tell which of the rows active on `day` are late.

        Parameters
        ----------
        rows
            The rows `active` returned for `day`.
        cutoff
            Last day on which a choice is in time.
        counts
            ``new``: added after the cut-off; ``new_or_raised``: also placed above a choice it stood below;
            ``new_or_moved``: also every choice whose rank is another. A row withdrawn and added again on a later day
            is new.
        """
        last, limit = day_number(day), day_number(cutoff)
        changed = (self.registered > limit) | (self.withdrawn <= last) & (self.withdrawn > limit)
        if last <= limit or not changed.any():
            return np.zeros(len(rows), np.bool_)
        touched = np.zeros(int(self.applicant.max()) + 1, np.bool_)
        touched[self.applicant[changed & (self.registered <= last)]] = True
        late = np.zeros(len(rows), np.bool_)
        near = np.flatnonzero(touched[self.applicant[rows]])
        late[near] = self._late(rows[near], limit, counts)
        return late

    def _late(self, rows: Ints, limit: int, counts: str) -> Bools:
        before = self._row_before(rows, limit)
        new = before < 0
        if counts == "new":
            return new
        old_rank = np.where(new, NEVER, self.rank[np.maximum(before, 0)]).astype(np.int64)
        if counts == "new_or_moved":
            return np.asarray(new | (old_rank != self.rank[rows]))
        return np.asarray(new | (old_rank > _smallest_after(self.applicant[rows], old_rank)))

    def _row_before(self, rows: Ints, limit: int) -> Ints:
        """Return the row of the same applicant and route that was active at the cut-off and never left, or -1."""
        order = self._by_key
        key, registered, withdrawn = self._key[order], self.registered[order], self.withdrawn[order]
        position = np.empty(len(order), np.int64)
        position[order] = np.arange(len(order))
        gap = np.zeros(len(order), np.int64)
        gap[1:] = (key[1:] == key[:-1]) & (registered[1:] > withdrawn[:-1]) & (registered[1:] > limit)
        gaps = np.cumsum(gap)
        held = np.flatnonzero((registered <= limit) & (withdrawn > limit))
        if not len(held):
            return np.full(len(rows), -1, np.int64)
        found = np.minimum(np.searchsorted(key[held], self._key[rows]), len(held) - 1)
        at = held[found]
        now = position[rows]
        same = (key[at] == self._key[rows]) & (gaps[now] == gaps[at])
        return np.where(same, order[at], -1)


def _smallest_after(applicant: Int32s, old_rank: Ints) -> Ints:
    """Return for each row the smallest old rank of the same applicant's rows further down the list."""
    if not len(applicant):
        return old_rank
    # Read backwards, every applicant's block is lifted below the one before, so that one running minimum serves all.
    block = applicant.astype(np.int64) << 33
    running = np.minimum.accumulate((old_rank + block)[::-1])[::-1]
    after = np.full_like(running, NEVER)
    after[:-1] = running[1:] - block[:-1]  # past the end of a list this is a later block: larger than any rank
    return after
