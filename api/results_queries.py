"""Filters and roll-ups over a run's result tables."""

from collections.abc import Sequence

import polars as pl

GROUPS = {"route": ("route_id", "route_name", "programme", "municipality", "school", "organiser")}
SUMMED = (
    "first_choices",
    "first_not_eligible",
    "first_not_tried",
    "all_choices",
    "listed",
    "admitted",
    "admitted_first",
    "reserves",
)
PER_POOL = ("seats", "vacancies")


def narrowed(frame: pl.DataFrame, **given: str | None) -> pl.DataFrame:
    """Apply the filters that were given, each by equality."""
    wanted = [pl.col(name) == value for name, value in given.items() if value is not None]
    return frame.filter(wanted) if wanted else frame


def rolled_up(demand: pl.DataFrame, group_by: Sequence[str]) -> pl.DataFrame:
    """Sum demand over sets of routes; seats and vacancies over their pools, each once.

    Limits and medians are left out: they cannot be summed.
    """
    by = list(dict.fromkeys(group_by))
    routes = demand.group_by(by).agg(pl.len().alias("routes"), *(pl.col(name).sum() for name in SUMMED))
    pools = demand.unique([*by, "pool"]).group_by(by).agg(*(pl.col(name).sum() for name in PER_POOL))
    joined = routes.join(pools, on=by, how="left", nulls_equal=True)
    return joined.select(*by, "routes", "seats", *SUMMED, "vacancies").sort(by)
