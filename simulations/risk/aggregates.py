"""Risks by school or municipality, without saying anything about a few persons."""

from __future__ import annotations

import polars as pl

from admissions.errors import AdmissionsError
from simulations.risk.estimate import Risk, RiskSettings

HIGH = 0.5


def by_group(risk: Risk, groups: pl.DataFrame, column: str, settings: RiskSettings) -> pl.DataFrame:
    """Return one row a group: ``persons``, ``mean_risk``, ``high_risk`` (persons with a risk of a half or more).

    Parameters
    ----------
    risk
        The risks.
    groups
        Columns ``applicant`` and `column`; applicants it does not name are left aside.
    column
        What to group by, such as ``home_municipality``.
    settings
        ``smallest``: groups of fewer persons are empty, and the smallest other group with them if there is just one, so
        that it cannot be worked out from a total. High risks of 1 to ``smallest`` - 1 persons, or of all but so many,
        are empty too.

    Raises
    ------
    AdmissionsError
        If a column is missing or an applicant stands there twice.
    """
    missing = [name for name in ("applicant", column) if name not in groups.columns]
    if missing:
        raise AdmissionsError("; ".join(f"the table of groups has no column {name!r}" for name in missing))
    twice = groups.filter(groups["applicant"].is_duplicated())["applicant"].unique().sort()
    if len(twice):
        raise AdmissionsError(f"applicant {twice[0]} stands in the table of groups twice")
    least = settings.smallest
    table = (
        risk.table()
        .join(groups.select("applicant", column), on="applicant")
        .group_by(column)
        .agg(
            persons=pl.len().cast(pl.Int64),
            mean_risk=pl.col("risk").mean().round(2),
            high_risk=(pl.col("risk") >= HIGH).sum().cast(pl.Int64),
        )
        .sort(column)
    )
    hidden = table["persons"] < least
    if hidden.sum() == 1 and len(table) > 1:
        next_smallest = table.filter(~hidden).sort("persons", column)[column][0]
        hidden = hidden | (table[column] == next_smallest)
    few = table["high_risk"].is_between(1, least - 1) | (table["persons"] - table["high_risk"]).is_between(1, least - 1)
    return table.with_columns(
        *(pl.when(~hidden).then(pl.col(name)).alias(name) for name in ("persons", "mean_risk")),
        pl.when(~hidden & ~few).then(pl.col("high_risk")).alias("high_risk"),
    )
