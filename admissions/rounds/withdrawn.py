"""``withdrawn.csv``: choices the applicant had withdrawn (avstått) before the round, with status and reason.

They take no part in the round: they stand in no market, no count and no receipt, and therefore in a table of their own,
so that every choice ever registered by the round's day has a status. A choice moved in the list is an old row withdrawn
and a new one registered: it is not withdrawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from admissions.results.statuses import STATUS_NAMES, Reason, Status, reason_name
from admissions.rounds.tables import texts
from admissions.rules.choices import day_number

if TYPE_CHECKING:
    from admissions.rules import CompiledRound


def withdrawn_table(compiled: CompiledRound) -> pl.DataFrame | None:
    """Return one row for each route an applicant had withdrawn by the round's day; None where nobody had.

    Columns ``applicant``, ``route_id``, ``rank`` (when it was withdrawn), ``status``, ``reason``, ``withdrawn_at``; by
    applicant and route.
    """
    history, day = compiled.static.history, day_number(compiled.day)
    gone = np.flatnonzero(history.withdrawn <= day)
    width = len(compiled.routes)
    key = history.applicant.astype(np.int64) * width + history.route
    gone = gone[~np.isin(key[gone], key[history.active(compiled.day)])]
    if not len(gone):
        return None
    order = gone[np.lexsort((history.registered[gone], history.withdrawn[gone], key[gone]))]
    last = order[np.append(key[order][1:] != key[order][:-1], True)]
    return pl.DataFrame(
        {
            "applicant": texts(compiled.applicants).gather(history.applicant[last]),
            "route_id": texts(compiled.routes).gather(history.route[last]),
            "rank": history.rank[last],
            "status": [STATUS_NAMES[Status.WITHDRAWN]] * len(last),
            "reason": [reason_name(Reason.BY_APPLICANT)] * len(last),
            "withdrawn_at": pl.Series(history.withdrawn[last]).cast(pl.Date),
        }
    )
