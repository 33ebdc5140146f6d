"""What the mechanisms share: the line of a pool, from granted rows to a matching, and the refusal of seat groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from admissions.errors import MarketError
from admissions.matching.deferred_acceptance import Matching
from admissions.matching.options import market_keys

if TYPE_CHECKING:
    from admissions.matching.market import Market

Ints = NDArray[np.int64]


def refuse_groups(market: Market, mechanism: str) -> None:
    """Refuse a market with seat groups.

    Raises
    ------
    MarketError
        If the market has seat groups.
    """
    if market.groups is not None:
        pool = int(market.groups.pool[0])
        raise MarketError(
            f"pool {pool} has seat groups; {mechanism} does not know them. Use deferred acceptance or "
            "programme-proposing, or match without groups."
        )


def applicant_of_row(market: Market) -> Ints:
    """Return int64[E]: whose row each row is."""
    return np.repeat(np.arange(len(market.indptr) - 1, dtype=np.int64), np.diff(market.indptr))


def pool_of_row(market: Market) -> Ints:
    """Return int64[E]: the seat pool each row draws on."""
    return market.pool[market.route].astype(np.int64)


def lines(market: Market) -> tuple[Ints, Ints]:
    """Return all rows pool by pool, first in line first, and int64[#pools + 1] where each pool's line begins."""
    key, draw = market_keys(market)
    pool = pool_of_row(market)
    line = np.lexsort((np.arange(len(pool)), draw, key, pool))
    return line, np.searchsorted(pool[line], np.arange(len(market.seats) + 1))


def strict_rank(market: Market) -> Ints:
    """Return int64[E]: each row's place in the line of its pool, 0 first."""
    line, start = lines(market)
    rank = np.empty(len(line), np.int64)
    rank[line] = np.arange(len(line)) - np.repeat(start[:-1], np.diff(start))
    return rank


def matching_of(market: Market, choice: Ints) -> Matching:
    """Return the matching that grants these rows (-1 = none)."""
    placed = choice >= 0
    route = np.full(len(choice), -1, np.int32)
    route[placed] = market.route[choice[placed]]
    return Matching(route=route, choice=choice, group=np.full(len(choice), -1, np.int32))
