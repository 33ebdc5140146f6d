"""``standing.csv`` and ``closed.csv``: what a later reserve round needs to know and the other tables do not hold.

``standing.csv`` is there in reserve rounds and says what everybody was left with before the round; ``closed.csv`` is
there where routes were closed by then. docs/run-folder.md describes each column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.results.statuses import REASON_NAMES, STATUS_NAMES, Reason, Status
from admissions.rounds.decided import Standing
from admissions.rounds.tables import texts
from admissions.rules.choices import NEVER, day_number

if TYPE_CHECKING:
    from admissions.rounds.run import RoundResult

REASON_CODES = {name: code for code, name in REASON_NAMES.items()}
STATUS_CODES = {name: code for code, name in enumerate(STATUS_NAMES)}


def standing_table(result: RoundResult) -> pl.DataFrame | None:
    """Return what everybody was left with before a reserve round, by applicant; None for other rounds.

    ``since`` is empty for those who left for good: it covers rows registered later too.
    """
    standing = result.standing
    if standing is None:
        return None
    routes = texts([*(str(one) for one in result.compiled.routes), ""])
    plain = standing.reserve & (standing.lost < 0)
    return pl.DataFrame(
        {
            "applicant": texts(result.compiled.applicants),
            "held": routes.gather(np.where(standing.held < 0, len(routes) - 1, standing.held)),
            "reserve": standing.reserve.astype(np.int64),
            "lost": routes.gather(np.where(standing.lost < 0, len(routes) - 1, standing.lost)),
            "status": _names(standing.status, dict(enumerate(STATUS_NAMES)), plain),
            "reason": _names(standing.reason, REASON_NAMES, plain),
            "since": pl.Series(np.where(standing.since == NEVER, 0, standing.since).astype(np.int32))
            .cast(pl.Date)
            .set(pl.Series(standing.since == NEVER), None),
        }
    ).sort("applicant")


def _names(codes: npt.NDArray[np.uint8], names: dict[int, str], plain: npt.NDArray[np.bool_]) -> pl.Series:
    words = [names[code] for code in codes.tolist()]
    return pl.Series(words, dtype=pl.String).set(pl.Series(plain), "")


def standing_of(table: pl.DataFrame, applicants: npt.NDArray[Any], routes: npt.NDArray[Any]) -> Standing:
    """Read a standing table back, in the order of the given applicants and routes (ids, all of the table's known).

    Raises
    ------
    KeyError
        If the table names a route, a status or a reason that does not exist.
    """
    count = len(applicants)
    place = {str(name): number for number, name in enumerate(applicants)}
    number_of = {str(name): number for number, name in enumerate(routes)} | {"": -1}
    standing = Standing(
        held=np.full(count, -1, np.int32),
        reserve=np.ones(count, np.bool_),
        lost=np.full(count, -1, np.int32),
        status=np.full(count, Status.DECLINED, np.uint8),
        reason=np.full(count, Reason.ANSWERED_NO, np.uint8),
        since=np.full(count, NEVER, np.int64),
    )
    for line in table.iter_rows(named=True):
        who = place[line["applicant"]]
        standing.held[who], standing.lost[who] = number_of[line["held"]], number_of[line["lost"]]
        standing.reserve[who] = line["reserve"] == 1
        if line["status"]:
            standing.status[who], standing.reason[who] = STATUS_CODES[line["status"]], REASON_CODES[line["reason"]]
        if line["since"] is not None:
            standing.since[who] = day_number(line["since"])
    return standing


def closed_table(result: RoundResult) -> pl.DataFrame | None:
    """Return the routes that were closed when the round ran, named or by the catalogue; None if there were none."""
    compiled = result.compiled
    shut = compiled.static.route_table.closed_day <= day_number(compiled.day)
    return pl.DataFrame({"route_id": texts(compiled.routes[shut])}).sort("route_id") if shut.any() else None
