"""Outcome of every set of routes: limits and medians beside the sums that `admissions.results.shortfalls` makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from admissions.results.cutoffs import medians
from admissions.results.levels import LEVELS, level
from admissions.results.queues import pool_of_route
from admissions.results.statuses import Status

if TYPE_CHECKING:
    from admissions.results.decisions import Decisions


def rollups(decisions: Decisions, demand: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """Return for every level one row per set, in the order of the shortfall tables.

    Columns after the naming ones: ``routes``; ``routes_with_limit``, ``lowest_limit`` and ``highest_limit`` (missing
    where no route has one); ``median`` and ``median_grades`` of everybody admitted in the set, with and without test
    points: medians of persons, not of routes.
    """
    compiled = decisions.compiled
    admitted = np.flatnonzero(decisions.status == Status.ADMITTED)
    limit = demand["limit"].to_numpy()
    tables = {}
    for name in LEVELS:
        one = level(name, demand, pool_of_route(compiled))
        sets = one.of_route[compiled.route[admitted]]
        lowest = np.full(one.size, np.iinfo(np.int32).max, dtype=np.int32)
        highest = np.zeros(one.size, dtype=np.int32)
        limited = limit > 0
        np.minimum.at(lowest, one.of_route[limited], limit[limited])
        np.maximum.at(highest, one.of_route[limited], limit[limited])
        none = pl.Series(highest == 0)
        tables[name] = one.keys.with_columns(
            pl.Series("routes", one.sum_routes(np.ones(len(limit), dtype=np.int64))),
            pl.Series("routes_with_limit", one.sum_routes(limited.astype(np.int64))),
            pl.Series("lowest_limit", lowest).set(none, None),
            pl.Series("highest_limit", highest).set(none, None),
            pl.Series("median", medians(sets, compiled.merit[admitted], one.size)).replace(-1, None),
            pl.Series("median_grades", medians(sets, compiled.grade_sum[admitted], one.size)).replace(-1, None),
        )
    return tables
