"""Immediate acceptance (the Boston mechanism): first choices are seated for good before second choices are read.

Source: Abdulkadiroğlu and Sönmez, American Economic Review 2003, section I.A.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from admissions.matching.mechanisms.rows import matching_of, pool_of_row, refuse_groups, strict_rank

if TYPE_CHECKING:
    from admissions.matching.deferred_acceptance import Matching
    from admissions.matching.market import Market


def immediate_acceptance(market: Market) -> Matching:
    """Seat the market by immediate acceptance.

    In step k everybody without a seat asks for the k-th row of their list, and each pool seats the best of them on
    what it has left, for good. The result is Pareto efficient for the listed order. It is neither stable nor safe to be
    honest under: who lists a popular route first and misses it may find the second choice already full.

    Parameters
    ----------
    market
        A market without seat groups.

    Raises
    ------
    MarketError
        If the market has seat groups.
    """
    refuse_groups(market, "immediate acceptance")
    pool, rank = pool_of_row(market), strict_rank(market)
    left = market.seats.copy()
    start, end = market.indptr[:-1], market.indptr[1:]
    choice = np.full(len(start), -1, np.int64)
    for step in range(int((end - start).max(initial=0))):
        asking = start[(choice < 0) & (start + step < end)] + step
        line = asking[np.lexsort((rank[asking], pool[asking]))]
        asked = pool[line]
        place = np.arange(len(line)) - np.searchsorted(asked, asked)
        seated = line[place < left[asked]]
        choice[np.searchsorted(market.indptr, seated, side="right") - 1] = seated
        left -= np.bincount(pool[seated], minlength=len(left))
    return matching_of(market, choice)
