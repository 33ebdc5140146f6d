"""The market: who lists what, in which order each pool takes them, how many seats; flat arrays, checked when built.

Many-to-one markets with strict priorities after Gale and Shapley 1962; priority belongs to the row (a choice), never to
the applicant, so one applicant may list several routes of one pool with different priorities.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from admissions.errors import MarketError
from admissions.matching.arrays import exact, frozen
from admissions.matching.book import Book, Ints
from admissions.matching.groups import (
    Classes,
    SeatGroups,
    arrange,
    checked_groups,
    expand,
    plain_classes,
    strict_members,
)
from admissions.matching.order_books import build, build_drawn, check_rows, count_classes, empty_book

MOST_ROWS = 2**31 - 2


class Market:
    """A checked market with strict priorities.

    Parameters
    ----------
    indptr
        int64[n+1]: the rows (choices) of applicant i are ``indptr[i]:indptr[i+1]``, best first.
    route
        int32[E]: the route of each row; distinct within an applicant.
    priority
        int64[E]: smaller first, strict within a pool; any integers. Ranks 0, 1, ... within a pool are quickest.
    seats
        int64, one a pool, at least 0.
    pool
        int32[m]: the seat pool (platspott) of each route; each route its own if absent.
    groups
        Ordered seat groups of some pools.

    Attributes
    ----------
    book, classes
        Working arrays of the kernels; no part of the public surface.

    Raises
    ------
    MarketError
        Naming the first offending applicant and route.

    Examples
    --------
    >>> market = Market([0, 2, 3], [0, 1, 0], [1, 0, 0], [1, 1])
    >>> market.n_applicants, market.n_routes, market.n_choices
    (2, 2, 3)
    """

    _indptr: npt.NDArray[np.int64]
    _route: npt.NDArray[np.int32]
    _priority: npt.NDArray[np.int64]
    _seats: npt.NDArray[np.int64]
    _pool: npt.NDArray[np.int32]
    _points: npt.NDArray[np.int64] | None = None
    _lottery: npt.NDArray[np.uint64] | None = None
    _groups: SeatGroups | None = None
    book: Book
    classes: Classes

    def __init__(
        self, indptr: Any, route: Any, priority: Any, seats: Any, *, pool: Any = None, groups: SeatGroups | None = None
    ) -> None:
        start = self._take_rows(indptr, route, seats, pool)
        self._priority = exact("priority", priority, np.int64, len(self._route))
        row_pool = self._row_pool()
        book = empty_book(self._indptr, row_pool, start, capacity=self._seats, route=self._route)
        e, f = build(book, self._priority)
        if e >= 0:
            self._refuse_tie(e, f, f"priority {self._priority[e]}")
        self._finish(book, row_pool, groups)

    @classmethod
    def from_points(
        cls,
        indptr: Any,
        route: Any,
        points: Any,
        lottery: Any,
        seats: Any,
        *,
        pool: Any = None,
        groups: SeatGroups | None = None,
    ) -> Self:
        """Build the market of merit points and lottery numbers.

        Parameters
        ----------
        indptr, route, seats, pool, groups
            As for :class:`Market`; equal priorities within a group are a tie block here.
        points
            int64[E]: larger first; rows of a pool with equal points are one tie block.
        lottery
            uint64[E]: smaller first inside a tie block. One number an applicant is the same number on each row; an
            applicant's own rows that still tie in a pool follow the list.

        Raises
        ------
        MarketError
            Also if two applicants have equal points and equal lottery numbers in a pool.

        Examples
        --------
        >>> market = Market.from_points([0, 1, 2], [0, 0], [300, 300], [7, 3], [1])
        >>> market.priority.tolist()
        [1, 0]
        """
        market = cls.__new__(cls)
        market._fill_from_points(indptr, route, points, lottery, seats, pool, groups)  # noqa: SLF001 - its own class
        return market

    def _fill_from_points(
        self, indptr: Any, route: Any, points: Any, lottery: Any, seats: Any, pool: Any, groups: SeatGroups | None
    ) -> None:
        start = self._take_rows(indptr, route, seats, pool)
        rows = len(self._route)
        self._points = exact("points", points, np.int64, rows)
        self._lottery = exact("lottery", lottery, np.uint64, rows)
        self._priority = np.empty(rows, np.int64)
        row_pool = self._row_pool()
        key = ~self._points  # larger points first, without overflow
        book = empty_book(self._indptr, row_pool, start, capacity=self._seats, route=self._route, tie=key)
        e, f = build_drawn(book, key, self._lottery, self._priority)
        if e >= 0:
            self._refuse_tie(e, f, f"{self._points[e]} points and lottery number {self._lottery[e]}")
        self._finish(book, row_pool, groups)

    def _take_rows(self, indptr: Any, route: Any, seats: Any, pool: Any) -> Ints:
        """Copy and check everything but the order; counts of rows a pool, shifted by one."""
        self._indptr = exact("indptr", indptr, np.int64)
        self._route = exact("route", route, np.int32)
        self._seats = exact("seats", seats, np.int64)
        rows = len(self._route)
        if rows > MOST_ROWS:
            raise MarketError(f"{rows} choices: a market holds at most {MOST_ROWS}")
        if not len(self._indptr) or self._indptr[0] != 0 or self._indptr[-1] != rows:
            raise MarketError(f"indptr must begin with 0 and end with the number of choices ({rows})")
        if len(self._seats) and int(self._seats.min()) < 0:
            p = int(np.argmax(self._seats < 0))
            raise MarketError(f"pool {p} has {self._seats[p]} seats: seats are 0 or more")
        n_pools = len(self._seats)
        self._pool = np.arange(n_pools, dtype=np.int32) if pool is None else exact("pool", pool, np.int32)
        self.own_pools = pool is None
        if not self.own_pools and len(self._pool):
            outside = (self._pool < 0) | (self._pool >= n_pools)
            if outside.any():
                r = int(np.argmax(outside))
                raise MarketError(f"route {r} draws on pool {self._pool[r]}: pools are 0..{n_pools - 1}")
        count: npt.NDArray[np.int32] = np.zeros(len(self._pool) + 1, np.int32)
        stamp = np.empty(len(self._pool), np.int32)
        code, i, e = check_rows(self._indptr, self._route, len(self._pool), count, stamp)
        if code:
            self._refuse(code, i, e)
        if self.own_pools:
            return count
        start = np.zeros(n_pools + 1, np.int32)
        np.add.at(start, self._pool + 1, count[1:])
        return start

    def _refuse(self, code: int, i: int, e: int) -> None:
        if code == 1:
            raise MarketError(
                f"applicant {i}: indptr goes from {self._indptr[i]} to {self._indptr[i + 1]}; "
                "it must never fall nor pass the number of choices"
            )
        choice = f"applicant {i}, choice {e - self._indptr[i] + 1} (row {e})"
        if code == 2:
            raise MarketError(f"{choice}: route {self._route[e]} does not exist; routes are 0..{self.n_routes - 1}")
        raise MarketError(f"{choice}: route {self._route[e]} is listed a second time")

    def _row_pool(self) -> npt.NDArray[np.int32]:
        return self._route if self.own_pools else self._pool[self._route]

    def _refuse_tie(self, e: int, f: int, what: str) -> None:
        e, f = min(e, f), max(e, f)
        i, j = (int(np.searchsorted(self._indptr, row, side="right")) - 1 for row in (e, f))
        raise MarketError(
            f"applicant {i} at route {self._route[e]} (row {e}) and applicant {j} at route {self._route[f]} (row {f}) "
            f"tie in pool {self._pool[self._route[e]]} with {what}: the order must be strict"
        )

    def _finish(self, book: Book, row_pool: Ints, groups: SeatGroups | None) -> None:
        if groups is None:
            self.book, self.classes = book, plain_classes(self._seats)
            return
        groups = checked_groups(groups, self._seats, row_pool)
        self._groups = strict_members(groups, self._lottery, self._indptr)
        self.classes = arrange(groups, self._seats, row_pool)
        copies = expand(self._indptr, row_pool, self._priority, self._groups, self.classes)
        start = np.zeros(self.classes.size + 1, np.int32)
        count_classes(copies.classes, start)
        tie = np.empty(0, np.int64)
        if self._lottery is not None:  # within a group the priorities as given say who is tied
            tie = expand(self._indptr, row_pool, book.tie, groups, self.classes).key
        self.book = empty_book(
            copies.indptr,
            copies.classes,
            start,
            row=copies.row,
            group=self.classes.group,
            capacity=self.classes.capacity,
            fallback=self.classes.fallback,
            route=self._route,
            tie=tie,
        )
        build(self.book, copies.key)

    @property
    def n_applicants(self) -> int:
        """Number of applicants, those without rows too."""
        return len(self._indptr) - 1

    @property
    def n_routes(self) -> int:
        """Number of routes."""
        return len(self._pool)

    @property
    def n_pools(self) -> int:
        """Number of seat pools."""
        return len(self._seats)

    @property
    def n_choices(self) -> int:
        """Number of rows."""
        return len(self._route)

    @property
    def indptr(self) -> npt.NDArray[np.int64]:
        """int64[n+1], read-only."""
        return frozen(self._indptr)

    @property
    def route(self) -> npt.NDArray[np.int32]:
        """int32[E], read-only."""
        return frozen(self._route)

    @property
    def priority(self) -> npt.NDArray[np.int64]:
        """int64[E], read-only; from points: the place 0, 1, ... in the pool."""
        return frozen(self._priority)

    @property
    def seats(self) -> npt.NDArray[np.int64]:
        """int64, one a pool, read-only."""
        return frozen(self._seats)

    @property
    def pool(self) -> npt.NDArray[np.int32]:
        """int32[m], read-only."""
        return frozen(self._pool)

    @property
    def points(self) -> npt.NDArray[np.int64] | None:
        """int64[E], read-only; None unless built from points."""
        return None if self._points is None else frozen(self._points)

    @property
    def lottery(self) -> npt.NDArray[np.uint64] | None:
        """uint64[E], read-only; None unless built from points."""
        return None if self._lottery is None else frozen(self._lottery)

    @property
    def groups(self) -> SeatGroups | None:
        """The seat groups, their priorities strict (from points: the place 0, 1, ... in the group)."""
        return self._groups
