"""The smallest common ceiling: so many extra seats at each chosen route that everybody who can be seated is.

The fewest extra seats in total that seat everybody are hard to find; the smallest k such that k more at every chosen
route do is not, because more seats never unseat anybody: binary search over full matches (Chen and Csáji 2023).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError
from admissions.matching import Market
from simulations.packages.objective import Ints
from simulations.packages.reach import matched


class Unseatable(IntEnum):
    """Why no ceiling gives an applicant a seat."""

    NOTHING_TRIED = 1  # no choice that is eligible, tried, and at a route that starts
    NO_CHOSEN_ROUTE = 2  # such choices, but none at a chosen route, and those are full
    NO_OPEN_SEATS = 3  # a choice at a chosen route, but none that may take the kind of seats added


@dataclass(frozen=True, eq=False)
class Ceiling:
    """The smallest common ceiling.

    Attributes
    ----------
    k
        Extra seats at each chosen pool; with k - 1 somebody would be left without.
    used
        int64[pools]: extra seats really used; with these alone the result is the same.
    row
        int64[n]: the market row each applicant then holds, -1 for none.
    newly_placed
        Applicants placed who had no seat.
    unseatable
        int64, applicants no ceiling can seat, and ``why``: `Unseatable`, uint8.
    """

    k: int
    used: Ints
    row: Ints
    newly_placed: int
    unseatable: Ints
    why: npt.NDArray[np.uint8]


def common_ceiling(market: Market, routes: Collection[int] | None = None) -> Ceiling:
    """Find the smallest common ceiling over the chosen routes.

    Parameters
    ----------
    market
        The market of the rows tried; a route that does not start has none.
    routes
        Routes that get the seats (their pools, once each, as open seats); all if absent.

    Raises
    ------
    AdmissionsError
        Naming every unknown route.

    Examples
    --------
    >>> ceiling = common_ceiling(Market([0, 1, 2, 3], [0, 0, 0], [0, 1, 2], [1, 5]))
    >>> ceiling.k, ceiling.used.tolist()
    (2, [2, 0])
    """
    chosen = np.arange(market.n_routes) if routes is None else np.array(sorted(set(routes)), np.int64)
    unknown = chosen[(chosen < 0) | (chosen >= market.n_routes)]
    if len(unknown):
        raise AdmissionsError(
            "; ".join(f"route {one} does not exist; routes are 0..{market.n_routes - 1}" for one in unknown.tolist())
        )
    pools = np.unique(market.pool[chosen]).astype(np.int64)
    ends = market.book.indptr[1:]
    base = _with(market, pools, 0)
    high = market.n_applicants
    seatable = _with(market, pools, high) < ends
    low = -1
    while high - low > 1:
        middle = (low + high) // 2
        if ((_with(market, pools, middle) < ends) >= seatable).all():
            high = middle
        else:
            low = middle
    held = _with(market, pools, high)
    row = _rows(market, held)
    taken = np.bincount(market.pool[market.route[row[row >= 0]]], minlength=market.n_pools)
    left_out = np.flatnonzero(~seatable)
    return Ceiling(
        high,
        np.maximum(taken - market.seats, 0).astype(np.int64),
        row,
        int(((held < ends) & (base == ends)).sum()),
        left_out,
        _why(market, left_out, pools),
    )


def _with(market: Market, pools: Ints, extra: int) -> npt.NDArray[np.int32]:
    """Match with extra open seats at some pools."""
    capacity = market.classes.capacity.astype(np.int64)
    capacity[market.classes.entry[pools]] += extra
    return matched(market, capacity)


def _rows(market: Market, held: npt.NDArray[np.int32]) -> Ints:
    """Return the market row of each copy held, -1 for none."""
    rows = np.full(len(held), -1, np.int64)
    placed = held < market.book.indptr[1:]
    copies = held[placed]
    rows[placed] = market.book.row[copies] if len(market.book.row) else copies
    return rows


def _why(market: Market, people: Ints, pools: Ints) -> npt.NDArray[np.uint8]:
    """Say why no ceiling seats these applicants."""
    at_chosen = np.isin(market.pool[market.route], pools)
    owner = np.repeat(np.arange(market.n_applicants), np.diff(market.indptr))
    tried = np.bincount(owner, minlength=market.n_applicants)[people] > 0
    reaches = np.bincount(owner[at_chosen], minlength=market.n_applicants)[people] > 0
    return np.where(
        ~tried, Unseatable.NOTHING_TRIED, np.where(reaches, Unseatable.NO_OPEN_SEATS, Unseatable.NO_CHOSEN_ROUTE)
    ).astype(np.uint8)
