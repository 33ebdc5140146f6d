"""Choices written out seat class by seat class, as the checker sees them.

A *class* is a set of seats filled by one order: a seat group, a pool without groups, or the seats of a pool that its
emptied reverting groups gave back. An *option* is one way of holding one choice: a row of a grouped pool becomes one
option for each of its groups in the order in which it asks for them, and a last one for the seats given back. What an
applicant wants is then a plain ordered list, and a seat group is an ordinary place with one order of priority.

Source: Kominers and Sönmez, Theoretical Economics 2016 (slot-specific priorities); Westkamp, Economic Theory 2013
(seats handed on when they stay empty). Written for the checker alone: it shares nothing with the matching kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from admissions.matching.groups import SeatGroups
    from admissions.matching.market import Market

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Options:
    """Every applicant's options in the order in which they are wanted.

    Attributes
    ----------
    indptr
        int64[n + 1]: options ``indptr[i]:indptr[i + 1]`` belong to applicant ``i``.
    row, klass
        The choice row and the class of each option. Class ``g`` is seat group ``g``; class ``n_groups + p`` is pool
        ``p`` if it has no groups, else the seats its reverting groups gave back.
    key, draw
        int64 and uint64, compared in that order and smaller first; what remains equal is decided by `row`.
    of_row
        int64[E + 1]: options ``of_row[r]:of_row[r + 1]`` are those of row ``r``.
    """

    indptr: Ints
    row: Ints
    klass: Ints
    key: Ints
    draw: NDArray[np.uint64]
    of_row: Ints


def market_keys(market: Market) -> tuple[Ints, NDArray[np.uint64]]:
    """Return key and draw of every row: from points and lottery where the market has them, smaller first.

    Both are new arrays: a market's own are read-only, which would be a second type for the compiled loops.
    """
    if market.points is None or market.lottery is None:
        return market.priority.astype(np.int64), np.zeros(len(market.route), np.uint64)
    return np.invert(market.points), market.lottery.astype(np.uint64)  # ~x reverses the order without overflow


def plain_options(market: Market) -> Options:
    """Return the options of a market without seat groups: its rows."""
    key, draw = market_keys(market)
    rows = np.arange(len(market.route) + 1, dtype=np.int64)
    klass = market.pool[market.route].astype(np.int64)
    return Options(market.indptr.copy(), rows[:-1], klass, key, draw, rows)


def grouped_options(market: Market, groups: SeatGroups) -> Options:
    """Return the options of a market with seat groups."""
    key, draw = market_keys(market)
    n_groups, n_pools, n_rows = len(groups.seats), len(market.seats), len(market.route)
    pool_of_row = market.pool[market.route].astype(np.int64)
    grouped = np.zeros(n_pools, bool)
    grouped[groups.pool] = True
    gives_back = np.zeros(n_pools, bool)
    gives_back[groups.pool[groups.reverts]] = True
    last = (~grouped | gives_back)[pool_of_row]  # rows that have an option beside those of their groups

    line = np.lexsort((groups.order[groups.group] if groups.ask is None else groups.ask, groups.row))
    member_row = groups.row[line]
    of_row = np.zeros(n_rows + 1, np.int64)
    np.cumsum(np.bincount(member_row, minlength=n_rows) + last, out=of_row[1:])
    first_member = np.searchsorted(member_row, member_row)
    at = of_row[member_row] + np.arange(len(line)) - first_member
    at_last = of_row[1:][last] - 1

    total = int(of_row[-1])
    klass, out_key, out_draw = np.empty(total, np.int64), np.empty(total, np.int64), np.zeros(total, np.uint64)
    klass[at], out_key[at] = groups.group[line], groups.priority[line]
    klass[at_last], out_key[at_last], out_draw[at_last] = n_groups + pool_of_row[last], key[last], draw[last]
    row = np.repeat(np.arange(n_rows, dtype=np.int64), np.diff(of_row))
    return Options(of_row[market.indptr], row, klass, out_key, out_draw, of_row)
