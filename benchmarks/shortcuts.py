"""What the exact shortcuts save: seat values, redraws and thresholds against the full re-runs they stand for.

One re-run is a market built with all its checks and matched, timed here on the same market; the ratio is how often it
would have to be run, times that, over what the shortcut took.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from admissions.matching import Market, Matching, extra_seat_values, match
from admissions.matching.redraws import redraw
from admissions.matching.score_limits import score_limits
from admissions.matching.thresholds import thresholds
from benchmarks.markets import Instance, generate

DRAWS = 200


def measure(applicants: int, seed: int) -> list[dict[str, Any]]:
    """Return one line for each shortcut: seconds, the number of re-runs it stands for, and the ratio."""
    instance = generate(applicants, seed)
    rerun = statistics.median(_seconds_of_a_rerun(instance) for _ in range(5))
    programmes = len(instance.seats)
    tasks: list[tuple[str, int, Callable[[Market, Matching], object]]] = [
        ("one more seat at every programme", programmes, extra_seat_values),
        (f"{DRAWS} redraws", DRAWS, lambda market, _: redraw(market, DRAWS, seed=seed, seat_values=False)),
        (
            f"{DRAWS} redraws with all seat values",
            DRAWS * programmes,
            lambda market, _: redraw(market, DRAWS, seed=seed),
        ),
        ("certain or possibly decided by lottery", 2, lambda market, _: score_limits(market)),
        ("thresholds of every applicant", applicants, lambda market, _: thresholds(market)),
    ]
    lines = []
    for what, runs, task in tasks:
        for _ in range(2):  # the first call loads the compiled kernels; the second sees a market it has not seen before
            market = _market(instance)
            matching = match(market)
            start = time.perf_counter()
            task(market, matching)
            seconds = time.perf_counter() - start
        ratio = runs * rerun / seconds
        lines.append({"task": what, "applicants": applicants, "seconds": seconds, "re_runs": runs, "ratio": ratio})
    return lines


def _market(instance: Instance) -> Market:
    return Market.from_points(instance.indptr, instance.route, instance.points, instance.lottery, instance.seats)


def _seconds_of_a_rerun(instance: Instance) -> float:
    start = time.perf_counter()
    match(_market(instance))
    return time.perf_counter() - start
