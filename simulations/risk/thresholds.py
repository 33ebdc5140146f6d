"""The cut-offs of one simulated final round as keys, to look rows up in.

With its cut-offs known, whether a row would get a seat is a comparison, not a match (Azevedo and Leshno 2016): the row
passes if it stands no lower than the last admitted. In a round of thousands one applicant does not move a cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.matching import Market, Matching

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Thresholds:
    """What a row needs at each pool's open seats.

    Attributes
    ----------
    points
        int64[pools]: points of the last admitted; the smallest number where nobody was refused, the largest where
        nobody is admitted at all.
    lottery
        uint64[pools]: lottery number of the last admitted; smaller is better.
    """

    points: Ints
    lottery: npt.NDArray[np.uint64]

    def passed(self, market: Market) -> npt.NDArray[np.bool_]:
        """Return which rows of a market would get a seat, bool[E]."""
        assert market.points is not None
        assert market.lottery is not None
        pool = market.pool[market.route]
        needed = self.points[pool]
        return np.asarray(
            (market.points > needed) | ((market.points == needed) & (market.lottery <= self.lottery[pool]))
        )


def thresholds_of(market: Market, matching: Matching, apart: npt.NDArray[np.bool_] | None = None) -> Thresholds:
    """Read the thresholds off a solved market.

    Parameters
    ----------
    market
        A market from points.
    matching
        Its result.
    apart
        bool[n]: who holds a seat by a claim to a named group: that says nothing about the cut-off of the others.
    """
    assert market.points is not None
    assert market.lottery is not None
    open_to_all, closed_to_all = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    pool = market.pool[market.route].astype(np.int64)
    owner = np.repeat(np.arange(market.n_applicants), np.diff(market.indptr))
    last = np.where(matching.choice >= 0, matching.choice, market.n_choices)
    refused = np.zeros(market.n_pools, np.bool_)
    refused[pool[np.arange(market.n_choices) < last[owner]]] = True
    counts = matching.choice >= 0
    if apart is not None:
        counts &= ~apart
    rows = matching.choice[counts]
    order = rows[
        np.lexsort((market.lottery[rows], -market.points[rows], pool[rows]))
    ]  # the last of a pool is its worst
    points = np.where(refused, closed_to_all, open_to_all)
    lottery = np.zeros(market.n_pools, np.uint64)
    worst = np.full(market.n_pools, -1, np.int64)
    worst[pool[order]] = order
    limits = refused & (worst >= 0)
    points[limits] = market.points[worst[limits]]
    lottery[limits] = market.lottery[worst[limits]]
    return Thresholds(points, lottery)
