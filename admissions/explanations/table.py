"""Explanations of many applicants as one table: a line for each choice, for the office's own work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from admissions.explanations.enough import Change
from admissions.explanations.explaining import ChoiceExplanation, Explanation

SCHEMA: dict[str, pl.DataType] = {
    "applicant": pl.String(),
    "route_id": pl.String(),
    "rank": pl.Int32(),
    "status": pl.String(),
    "reason": pl.String(),
    "within_reach": pl.Boolean(),
    "merit": pl.Int32(),
    "cutoff_merit": pl.Int32(),
    "lost_at": pl.String(),
    "certainty": pl.String(),
    "enough_draw": pl.Boolean(),
    "enough_certain": pl.String(),
    "enough_best": pl.String(),
    "merit_certain": pl.Int32(),
    "merit_best": pl.Int32(),
    "notice": pl.String(),
}
"""Merits in hundredths. ``enough_certain`` and ``enough_best``: the change with the fewest steps, as ``BI C>B``."""


def explanations_table(explanations: Iterable[Explanation]) -> pl.DataFrame:
    """Return one line for each choice, in the order given; see `SCHEMA`."""
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA}
    for one in explanations:
        menu = set(one.menu)
        for choice in one.choices:
            for name, value in _line(one.applicant, choice, within=choice.route_id in menu).items():
                columns[name].append(value)
    return pl.DataFrame(columns, schema=SCHEMA)


def _line(applicant: str, choice: ChoiceExplanation, *, within: bool) -> dict[str, Any]:
    enough = choice.enough
    return {
        "applicant": applicant,
        "route_id": choice.route_id,
        "rank": choice.rank,
        "status": choice.status,
        "reason": choice.reason,
        "within_reach": within,
        "merit": choice.merit,
        "cutoff_merit": choice.cutoff.merit if choice.cutoff else None,
        "lost_at": choice.lost_at,
        "certainty": choice.certainty,
        "enough_draw": enough.draw_alone if enough else None,
        "enough_certain": _short(enough.certain) if enough else None,
        "enough_best": _short(enough.best) if enough else None,
        "merit_certain": enough.merit_certain if enough else None,
        "merit_best": enough.merit_best if enough else None,
        "notice": choice.notice,
    }


def _short(changes: tuple[Change, ...]) -> str:
    """Write the first change briefly: subjects or the route of the test, old and new."""
    if not changes:
        return ""
    one = changes[0]
    old = one.old if one.old is not None else "-"
    return f"{'/'.join(one.subjects) or one.route_id} {old}>{one.new}"
