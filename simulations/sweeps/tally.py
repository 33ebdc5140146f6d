"""What a round of a simulated year comes to, counted from arrays: the definitions of `admissions.results`.

Per route: eligible first choices, seats, admitted, admitted on the first row of the list, reserves as entries, vacant
seats of the pool, the published limit, and persons without a seat by their first tried choice. Per home municipality:
persons tried, placed, placed on their first choice, and without a seat. Over-intake on a pool is no vacancy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from admissions.matching.kernels import kernel
from admissions.results.claims import claimed_seats

if TYPE_CHECKING:
    from admissions.matching import Market, Matching
    from admissions.rules import CompiledRound

ROUTE_MEASURES = (
    "seats",
    "first_choices",
    "admitted",
    "admitted_first",
    "reserves",
    "vacancies",
    "limit",
    "without_seat",
)
HOME_MEASURES = ("tried", "placed", "first", "without_seat")
_SCHOOL_RANKED = (1, 3, 4)  # rank, special_needs, manual: modes without a published limit
_NONE = np.iinfo(np.int64).max


def tally(
    compiled: CompiledRound, market: Market, matching: Matching, n_homes: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Count one round.

    Parameters
    ----------
    compiled
        The round's rows; its own market may have another lottery than `market`.
    market, matching
        The matched market over the compiled round's tried rows.
    n_homes
        Number of municipalities.

    Returns
    -------
    tuple
        int32[ROUTE_MEASURES, routes] and int32[HOME_MEASURES, municipalities].
    """
    static = compiled.static
    routes, pools = market.n_routes, market.n_pools
    by_route = np.zeros((len(ROUTE_MEASURES), routes), np.int32)
    by_home = np.zeros((len(HOME_MEASURES), n_homes), np.int32)
    taken = np.zeros(pools, np.int64)
    lowest = np.full(pools, _NONE, np.int64)
    last = np.full(pools, -1, np.int64)
    pool = static.route_table.pool
    _count(
        compiled.indptr,
        np.asarray(market.indptr),
        np.asarray(market.route),
        compiled.market_row,
        compiled.points,
        np.asarray(matching.choice),
        claimed_seats(compiled, matching),
        pool,
        static.people.home,
        by_route,
        by_home,
        taken,
        lowest,
        last,
    )
    by_route[0] = compiled.seats[pool]
    by_route[5] = np.maximum(compiled.seats - taken, 0)[pool]
    full = (compiled.seats > 0) & (taken >= compiled.seats) & (last >= 0)
    limit = np.where(full, compiled.merit[np.maximum(last, 0)], 0) if len(compiled.merit) else taken * 0
    ranked = np.isin(static.route_table.mode, _SCHOOL_RANKED)
    by_route[6] = np.where(ranked, 0, limit[pool])
    return by_route, by_home


@kernel
def _count(
    indptr: Any, m_indptr: Any, m_route: Any, m_row: Any, points: Any, choice: Any, claimed: Any,
    pool: Any, home: Any, by_route: Any, by_home: Any, taken: Any, lowest: Any, last: Any,
) -> None:  # fmt: skip
    for i in range(len(choice)):
        start, end = m_indptr[i], m_indptr[i + 1]
        if start == end:
            continue
        first_row = indptr[i]
        h = home[i]
        by_home[0, h] += 1
        if m_row[start] == first_row:
            by_route[1, m_route[start]] += 1
        granted = choice[i]
        refused = end if granted < 0 else granted
        for e in range(start, refused):
            by_route[4, m_route[e]] += 1
        if granted < 0:
            by_route[7, m_route[start]] += 1
            by_home[3, h] += 1
            continue
        by_home[1, h] += 1
        r = m_route[granted]
        by_route[2, r] += 1
        row = m_row[granted]
        if row == first_row:
            by_route[3, r] += 1
            by_home[2, h] += 1
        p = pool[r]
        taken[p] += 1
        if not claimed[i] and points[row] < lowest[p]:
            lowest[p] = points[row]
            last[p] = row
