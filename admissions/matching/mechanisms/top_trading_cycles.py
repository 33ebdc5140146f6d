"""Top trading cycles with seats as counters.

Source: Abdulkadiroğlu and Sönmez, American Economic Review 2003, section II.B (after Shapley and Scarf 1974 and Gale).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from admissions.matching.mechanisms.rows import applicant_of_row, lines, matching_of, pool_of_row, refuse_groups

if TYPE_CHECKING:
    from admissions.matching.deferred_acceptance import Matching
    from admissions.matching.market import Market


def top_trading_cycles(market: Market) -> Matching:
    """Seat the market by top trading cycles.

    Everybody points to the first row of their list whose pool has a seat left; every pool with a seat left points to
    the first in its line who is still waiting. Whoever stands on a cycle of pointers gets the seat pointed to. Only
    rows of the market are ever pointed along, so an unacceptable pair never trades; who did not list a pool does not
    stand in its line. The result is Pareto efficient among acceptable pairs, and honesty is safe. It may leave
    justified envy, and an extra seat may hurt somebody (Kesten 2006).

    Parameters
    ----------
    market
        A market without seat groups.

    Raises
    ------
    MarketError
        If the market has seat groups.
    """
    refuse_groups(market, "top trading cycles")
    line_rows, line_start = lines(market)
    line = applicant_of_row(market)[line_rows].tolist()  # who stands where in the line of each pool
    head, line_end = line_start[:-1].tolist(), line_start[1:].tolist()
    pool, end = pool_of_row(market).tolist(), market.indptr[1:].tolist()
    row = market.indptr[:-1].tolist()  # the row each applicant points along
    left = market.seats.tolist()
    n = len(row)
    waiting = [True] * n
    choice = np.full(n, -1, np.int64)
    on_path = [-1] * n  # an applicant's place on the path now walked
    for first in range(n):
        path: list[int] = []
        at = first
        while waiting[first]:
            while row[at] < end[at] and left[pool[row[at]]] == 0:
                row[at] += 1
            if row[at] == end[at]:  # nothing left to want: leaves, and whoever pointed here looks again
                waiting[at] = False
                on_path[at] = -1
                if path and path[-1] == at:
                    path.pop()
                at = path[-1] if path else first
                continue
            if on_path[at] < 0:
                on_path[at] = len(path)
                path.append(at)
            wanted = pool[row[at]]
            while head[wanted] < line_end[wanted] and not waiting[line[head[wanted]]]:
                head[wanted] += 1
            at = line[head[wanted]]  # never past the end: the one who points here stands in the line too
            if on_path[at] >= 0:
                for trader in path[on_path[at] :]:
                    choice[trader] = row[trader]
                    left[pool[row[trader]]] -= 1
                    waiting[trader] = False
                del path[on_path[at] :]
                at = path[-1] if path else first
    return matching_of(market, choice)
