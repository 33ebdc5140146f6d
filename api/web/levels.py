"""Roll-ups of a round for the pages: every level as the run wrote it, and any choice of routes rolled up again.

What belongs to a whole level only (the clearing number, residents) is left out of a choice of routes; the rest is
summed as `admissions.results` does: pools once, persons once, medians of persons.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from admissions.results.levels import LEVELS

SUMMED = (
    *("first_choices", "first_not_eligible", "first_not_tried", "all_choices", "admitted", "admitted_first"),
    *("reserves", "without_seat"),
)
PER_POOL = ("seats", "vacancies", "first_choice_shortage", "first_choice_surplus")
WHOLE_ONLY = ("clearing_number", "residents_without_seat")
"""Columns that are solved for whole sets and cannot be made from a part."""


def level_tables(
    catalogue: pl.DataFrame, shortfalls: Mapping[str, pl.DataFrame], decisions: pl.DataFrame, rows: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Give one table per level, with limits and medians beside the shortfalls."""
    described = catalogue.select(
        *("route_id", "municipality", "school", "organiser", "organiser_form", "route_code", "route_name"),
        *("programme", "kind", "mode", "pool", "pool_routes", "limit", "median", "median_grades"),
    )
    admitted = _admitted(decisions, rows).join(described, on="route_id", how="left")
    tables: dict[str, pl.DataFrame] = {}
    for level, keys in LEVELS.items():
        table = shortfalls[level].with_columns(pl.col(WHOLE_ONLY).cast(pl.Int64, strict=False))
        if level == "route":
            table = table.join(described, on="route_id", how="left", maintain_order="left")
        else:
            table = _beside(table, _persons(admitted, keys), keys)
            table = _beside(table, _limits(described, keys), keys)
        tables[level] = _with_share(table)
    return tables


def _beside(table: pl.DataFrame, more: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Put columns beside a table, by its keys; the region has none and one row."""
    if not keys:
        return pl.concat([table, more], how="horizontal")
    return table.join(more, on=list(keys), how="left", maintain_order="left")


def _admitted(decisions: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    granted = decisions.filter(pl.col("status") == "admitted").select("applicant", "route_id")
    return granted.join(rows.select("applicant", "route_id", "merit", "grade_sum"), on=["applicant", "route_id"])


def _grouped(frame: pl.DataFrame, keys: Sequence[str], *columns: pl.Expr) -> pl.DataFrame:
    return frame.group_by(keys).agg(*columns) if keys else frame.select(*columns)


def _persons(admitted: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    middle = {"median": "merit", "median_grades": "grade_sum"}
    columns = [pl.col(of).median().floor().cast(pl.Int64).alias(name) for name, of in middle.items()]
    return _grouped(admitted, keys, *columns)


def _limits(described: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    limited = (pl.col("limit") > 0).sum().cast(pl.Int64).alias("routes_with_limit")
    return _grouped(described, keys, pl.len().cast(pl.Int64).alias("routes"), limited)


def _with_share(table: pl.DataFrame) -> pl.DataFrame:
    first = (pl.col("admitted_first") / pl.col("admitted")).round(4)
    return table.with_columns(pl.when(pl.col("admitted") > 0).then(first).alias("first_share"))


def rolled_up(chosen: pl.DataFrame, level: str, decisions: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Roll chosen routes up to a level, without the columns that only whole sets have.

    Parameters
    ----------
    chosen
        Rows of the route table.
    level
        A level with naming columns.
    decisions, rows
        Those of the round.
    """
    keys = list(LEVELS[level])
    names = chosen.select("route_id", *keys)
    reserves = decisions.filter(pl.col("status") == "reserve").join(names, on="route_id")
    sums = chosen.group_by(keys).agg(pl.col(name).sum() for name in SUMMED)
    pools = chosen.unique([*keys, "pool"]).group_by(keys).agg(pl.col(name).sum() for name in PER_POOL)
    persons = reserves.group_by(keys).agg(pl.col("applicant").n_unique().cast(pl.Int64).alias("reserve_persons"))
    admitted = _admitted(decisions, rows).join(names, on="route_id")
    table = sums
    for more in (pools, persons, _persons(admitted, keys), _limits(chosen, keys)):
        table = table.join(more, on=keys, how="left")
    return _with_share(table.with_columns(pl.col("reserve_persons").fill_null(0))).sort(keys)
