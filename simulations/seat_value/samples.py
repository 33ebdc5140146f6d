"""The markets extra seats are valued in: fresh lotteries of a run's round, or simulated years."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from admissions.matching import Market, Matching, match
from admissions.rules import compile_round
from simulations.streams import person_keys
from simulations.sweeps.draws import words

if TYPE_CHECKING:
    from admissions.rules import CompiledRound
    from simulations.sweeps.year import YearModel

R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Sample:
    """One market with its result; ``compiled`` knows names, homes and merits of its rows."""

    compiled: CompiledRound
    market: Market
    matching: Matching


Source = Callable[[int], Sample]


def lottery_source(compiled: CompiledRound, seed: int) -> Source:
    """Give the round under fresh lotteries: sample k has lottery k of the seed; lists and grades are as recorded."""
    keys = person_keys(compiled.static.applicants.series.to_list(), seed, "seat value lottery")
    row = compiled.market_row
    applicant = compiled.applicant[row]

    def sample(number: int) -> Sample:
        drawn = words(keys, number)
        if compiled.groups is not None:
            again = compile_round(compiled.static, compiled.round, lottery=drawn)
            return Sample(again, again.market, match(again.market))
        base = compiled.market
        market = Market.from_points(
            base.indptr, base.route, compiled.points[row], drawn[applicant], compiled.seats, pool=base.pool
        )
        return Sample(compiled, market, match(market))

    return sample


def year_source(model: YearModel) -> Source:
    """Give the final round of simulated years."""

    def sample(number: int) -> Sample:
        year = model.simulate(number)
        return Sample(year.compiled, year.compiled.market, year.matching)

    return sample


def over_samples(
    source: Source,
    count: int,
    look: Callable[[Sample], R],
    *,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sequence[R]:
    """Return what `look` sees in samples 0, 1, ...; the order does not depend on the threads."""
    tell = progress or (lambda _done, _of: None)
    found = []
    workers = max(1, min(threads or os.cpu_count() or 1, count))
    with ThreadPoolExecutor(workers) as pool:
        tell(0, count)
        try:
            for done, one in enumerate(pool.map(lambda number: look(source(number)), range(count)), 1):
                found.append(one)
                tell(done, count)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def tied_rows(compiled: CompiledRound) -> int:
    """Return how many tried rows share their key with another person's in the pool: what a lottery can decide."""
    points = compiled.points[compiled.market_row]
    pool = compiled.static.route_table.pool[compiled.route[compiled.market_row]]
    order = np.lexsort((points, pool))
    same = (points[order][1:] == points[order][:-1]) & (pool[order][1:] == pool[order][:-1])
    tied = np.zeros(len(points), np.bool_)
    tied[order[1:][same]] = True
    tied[order[:-1][same]] = True
    return int(tied.sum())
