"""Compile every kernel once, so that no later process waits: ``python -m admissions.matching.warm``.

``make install`` runs it. Each public function is called on one small market that passes through every kernel; numba
keeps the machine code beside the modules, or in the user's cache folder where that is not writable.
"""

from __future__ import annotations

import time

import numpy as np

from admissions.matching import Market, SeatGroups, extra_seat_values, match, verify
from admissions.matching.redraws import redraw
from admissions.matching.score_limits import score_limits
from admissions.matching.seat_values import change_seats, seat_curve
from admissions.matching.thresholds import thresholds


def small_market(*, groups: bool, points: bool) -> Market:
    """Build a market of four applicants and two pools.

    Parameters
    ----------
    groups
        With a reverting group for the first two rows of the first pool, and an open one.
    points
        From points and lottery numbers; else with loose priorities.
    """
    indptr, route, seats = [0, 2, 4, 6, 7], [0, 1, 0, 1, 0, 1, 0], [2, 1]
    parts = SeatGroups(
        pool=np.array([0, 0], np.int32),
        seats=np.array([1, 1], np.int64),
        order=np.array([0, 1], np.int32),
        reverts=np.array([True, False]),
        group=np.array([0, 0, 1, 1, 1, 1], np.int32),
        row=np.array([0, 2, 0, 2, 4, 6], np.int64),
        priority=np.array([1, 0, 0, 1, 2, 3], np.int64),
    )
    some = parts if groups else None
    if points:
        return Market.from_points(indptr, route, [3, 1, 2, 1, 2, 1, 2], [4, 4, 1, 1, 2, 2, 3], seats, groups=some)
    return Market(indptr, route, [10, 70, 20, 30, 40, 60, 50], seats, groups=some)


def warm() -> None:
    """Call everything that is compiled."""
    for groups in (False, True):
        for points in (False, True):
            market = small_market(groups=groups, points=points)
            matching = match(market)
            verify(market, matching)
            extra_seat_values(market, matching)
            extra_seat_values(small_market(groups=groups, points=points), matching)
            seat_curve(market, matching, 0, up_to=2)
            change_seats(market, matching, {0: -1, 1: 1})
            thresholds(market)
            if points:
                score_limits(market)
                redraw(market, 2, seed=1)


if __name__ == "__main__":
    begin = time.perf_counter()
    warm()
    print(f"kernels compiled and cached in {time.perf_counter() - begin:.1f} s")
