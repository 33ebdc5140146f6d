"""Demand and outcome of every study route (studieväg) in one round.

Only rows tried in the round count as choices; first choices that are not yet eligible, or not tried for another reason,
have their own columns. A first choice is the first row of an applicant's list as it stands in the round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.results.cutoffs import medians, published_limits
from admissions.results.kinds import programme_kind
from admissions.results.queues import pool_of_route
from admissions.results.seating import admitted_per_route, vacancies
from admissions.results.statuses import Status
from admissions.rules.rows import RowStatus

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.results.decisions import Decisions

_SCHOOL_RANKED = ("rank", "special_needs", "manual")
_CATALOGUE = (
    "route_id",
    "year",
    "municipality",
    "school",
    "organiser",
    "organiser_form",
    "route_code",
    "route_name",
    "programme",
    "mode",
    "pool",
)


def catalogue(decisions: Decisions, intake: Intake) -> pl.DataFrame:
    """Return what the catalogue says of each route of the round, in the round's order of routes, with its kind.

    ``kind`` is the kind of programme: preparatory, vocational, introduction or other.
    """
    wanted = pl.DataFrame({"route_id": [str(route) for route in decisions.compiled.routes]})
    known = intake.routes.select(_CATALOGUE)
    frame = wanted.join(known, on="route_id", how="left", maintain_order="left")
    kinds = {code: programme_kind(code) for code in frame["programme"].unique().to_list()}
    return frame.with_columns(
        pl.col("programme").replace_strict(kinds, return_dtype=pl.String).alias("kind"),
        pl.col("organiser").fill_null(""),
    )


def first_rows(decisions: Decisions) -> npt.NDArray[np.int64]:
    """Return the first row of each applicant who has one, in applicant order."""
    indptr = np.asarray(decisions.compiled.indptr)
    return indptr[:-1][indptr[1:] > indptr[:-1]]


def demand(decisions: Decisions, intake: Intake) -> pl.DataFrame:
    """Return one row per route: seats, choices, admitted, reserves, vacancies, limit, medians.

    Seats and vacancies are those of the route's seat pool; ``pool_routes`` tells how many routes share it. Limits and
    medians are in hundredths of a point, the limit 0 and the medians missing where there is none; ``median`` counts
    test points, ``median_grades`` does not. ``admitted_first`` are those admitted on the first row of their list.
    """
    compiled = decisions.compiled
    n_routes = len(compiled.routes)
    route = np.asarray(compiled.route)
    pool = pool_of_route(compiled)

    def tally(rows: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
        return np.bincount(route[rows], minlength=n_routes)

    first = first_rows(decisions)
    first_status = compiled.status[first]
    tried = np.asarray(compiled.market_row)
    admitted = np.flatnonzero(decisions.status == Status.ADMITTED)
    on_first = np.zeros(route.shape, dtype=np.bool_)
    on_first[first] = True
    frame = catalogue(decisions, intake)
    ranked = frame["mode"].is_in(list(_SCHOOL_RANKED)).fill_null(value=False).to_numpy()
    middle = medians(route[admitted], compiled.merit[admitted], n_routes)
    middle_grades = medians(route[admitted], compiled.grade_sum[admitted], n_routes)
    ineligible = first_status == RowStatus.NOT_ELIGIBLE
    return frame.with_columns(
        pl.Series("pool_routes", np.bincount(pool, minlength=len(compiled.pools))[pool]),
        pl.Series("seats", np.asarray(compiled.seats, dtype=np.int64)[pool]),
        pl.Series("first_choices", tally(first[first_status == RowStatus.TRIED])),
        pl.Series("first_not_eligible", tally(first[ineligible])),
        pl.Series("first_not_tried", tally(first[(first_status != RowStatus.TRIED) & ~ineligible])),
        pl.Series("all_choices", tally(tried)),
        pl.Series("listed", np.bincount(route, minlength=n_routes)),
        pl.Series("admitted", admitted_per_route(decisions)),
        pl.Series("admitted_first", tally(admitted[on_first[admitted]])),
        pl.Series("reserves", tally(np.flatnonzero(decisions.status == Status.RESERVE))),
        pl.Series("vacancies", vacancies(decisions)[pool]),
        pl.Series("limit", published_limits(decisions, ranked)),
        pl.Series("median", middle).replace(-1, None),
        pl.Series("median_grades", middle_grades).replace(-1, None),
    )
