"""Cut-offs: the full key of the last admitted, and the limit and median the offices publish.

Cut-off (antagningsgräns with its deciding key): per seat group the key of the last admitted in the best tier in which
somebody was refused; none where nobody tried was refused. The published *Antagningsgrans* is derived from it: the merit
of the last admitted on ordinary merit where no seat is vacant, also without reserves; 0 otherwise and for routes ranked
by the school. Source: the columns of the region's published result file (domain notes, section 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.results.entries import NONE as _NONE
from admissions.results.entries import REVERTED, seat_entries
from admissions.results.queues import pool_of_route
from admissions.results.seating import seats_taken
from admissions.results.statuses import Status

if TYPE_CHECKING:
    from admissions.results.decisions import Decisions

CUTOFF_SCHEMA = pl.Schema(
    {
        "pool": pl.String(),
        "group": pl.String(),
        "tier": pl.Int32(),
        "admitted_in_tier": pl.Int64(),
        "refused_in_tier": pl.Int64(),
        "merit": pl.Int32(),
        "grade_sum": pl.Int32(),
        "rank": pl.Int32(),
        "points": pl.Int64(),
        "lottery": pl.UInt64(),
        "tied_admitted": pl.Int64(),
        "tied_refused": pl.Int64(),
    }
)


def cutoffs(decisions: Decisions) -> pl.DataFrame:
    """Return the cut-off of every seat group in which somebody was refused, by pool and group.

    Guaranteed: in the tier named, every refused row of the group comes after the last admitted one; no better tier has
    a refused row. Where that tier has nobody admitted (all seats went to better tiers) the key is missing: the tier is
    closed. `tied_admitted` and `tied_refused` count the rows whose key equals the cut-off up to the lottery; both
    positive means that the lottery decided. They are missing for groups with an order of their own.

    Returns
    -------
    DataFrame
        Columns `CUTOFF_SCHEMA`; merit, grade_sum in hundredths of a point. ``group`` is ``""`` for open seats and
        ``reverted`` for seats a named group left empty.
    """
    compiled = decisions.compiled
    entries = seat_entries(decisions)
    seat_class, row = entries.seat_class, entries.row
    n_pools, n_groups = len(compiled.pools), len(compiled.group_names)
    n_classes = 2 * n_pools + n_groups
    admitted = decisions.status[row] == Status.ADMITTED
    best = entries.best_refused(admitted, compiled.tier, n_classes)
    counts = compiled.tier[row] == best[seat_class]
    last = entries.last(admitted & counts, n_classes)

    classes = np.flatnonzero(best < _NONE)
    own_order = (classes >= n_pools) & (classes < n_pools + n_groups)
    its_pool = np.where(classes < n_pools, classes, classes - n_pools - n_groups)
    if compiled.market.groups is not None:
        its_pool[own_order] = compiled.market.groups.pool[classes[own_order] - n_pools]
    pool_names = np.asarray(compiled.pools, dtype=object)
    names = np.asarray([*[""] * n_pools, *compiled.group_names, *[REVERTED] * n_pools], dtype=object)
    known = last[classes] >= 0
    at = np.maximum(last[classes], 0)
    at_last = (last[seat_class] >= 0) & (compiled.points[row] == compiled.points[last[seat_class]])

    def tally(which: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        return np.bincount(seat_class[which], minlength=n_classes)[classes]

    def of_last(values: npt.NDArray[np.generic]) -> pl.Series:
        return pl.Series(values[at]).set(pl.Series(~known), None)

    frame = pl.DataFrame(
        {
            "pool": pool_names[its_pool].tolist(),
            "group": names[classes].tolist(),
            "tier": best[classes],
            "admitted_in_tier": tally(admitted & counts),
            "refused_in_tier": tally(~admitted & counts),
            "merit": of_last(compiled.merit),
            "grade_sum": of_last(compiled.grade_sum),
            "rank": of_last(compiled.rank),
            "points": of_last(compiled.points),
            "lottery": of_last(compiled.lottery),
            "tied_admitted": pl.Series(tally(admitted & at_last)).set(pl.Series(own_order | ~known), None),
            "tied_refused": pl.Series(tally(~admitted & at_last)).set(pl.Series(own_order | ~known), None),
        }
    )
    return frame.cast(CUTOFF_SCHEMA).sort("pool", "group")


def published_limits(decisions: Decisions, ranked_by_school: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Return the published limit (Antagningsgrans) of each route in hundredths of a point, int32[m]; 0 = no limit.

    Parameters
    ----------
    decisions
        The decided round.
    ranked_by_school
        Which routes the school ranks by itself, bool[m]: they have no limit.
    """
    compiled = decisions.compiled
    pool = pool_of_route(compiled)
    n_pools, n_groups = len(compiled.pools), len(compiled.group_names)
    n_classes = 2 * n_pools + n_groups
    full = (compiled.seats > 0) & (seats_taken(decisions) >= compiled.seats)
    entries = seat_entries(decisions)
    admitted = decisions.status[entries.row] == Status.ADMITTED
    best = entries.best_refused(admitted, compiled.tier, n_classes)
    last = entries.last(admitted & (compiled.tier[entries.row] <= best[entries.seat_class]), n_classes)
    # reverted seats are filled after the open ones: where there are any, their last is the pool's last
    reverted = last[n_pools + n_groups :]
    deciding = np.where(reverted >= 0, reverted, last[:n_pools])
    limit = np.where(deciding >= 0, compiled.merit[np.maximum(deciding, 0)], 0) if len(compiled.merit) else deciding * 0
    return np.where(full[pool] & ~ranked_by_school, limit[pool], 0).astype(np.int32)


def medians(route: npt.NDArray[np.integer], value: npt.NDArray[np.int32], n_routes: int) -> npt.NDArray[np.int32]:
    """Return the median value per route, int32[n_routes]; -1 for routes without a value.

    Of an even number of values it is the mean of the two in the middle, rounded down to whole hundredths.

    Examples
    --------
    >>> medians(np.array([0, 0, 2]), np.array([20000, 21000, 9000], dtype=np.int32), 3).tolist()
    [20500, -1, 9000]
    """
    order = np.lexsort((value, route))
    count = np.bincount(route, minlength=n_routes)
    start = np.concatenate(([0], np.cumsum(count)[:-1])).astype(np.int64)
    result = np.full(n_routes, -1, dtype=np.int32)
    some = count > 0
    low = value[order][(start + (count - 1) // 2)[some]].astype(np.int64)
    high = value[order][(start + count // 2)[some]].astype(np.int64)
    result[some] = (low + high) // 2
    return result
