"""The columns of every worklist, and how a row gets its responsible school."""

from collections.abc import Mapping

import polars as pl

COLUMNS = (
    *("applicant", "route_id", "route_name", "school", "organiser", "municipality"),
    *("home_municipality", "sending_school", "responsible", "detail"),
)
SCHEMA = pl.Schema(dict.fromkeys(COLUMNS, pl.String) | {"protected": pl.Boolean})
"""With ``protected``, which scopes look at; nobody protected is in a list."""
OF_ROUTE = ("route_name", "school", "organiser", "municipality")
OF_PERSON = ("home_municipality", "sending_school", "protected")

Lists = Mapping[str, pl.DataFrame]


def about_choices(rows: pl.DataFrame, routes: pl.DataFrame, people: pl.DataFrame, detail: pl.Expr) -> pl.DataFrame:
    """Make a list of choices; the route's school is responsible, else the person's school or home municipality.

    Parameters
    ----------
    rows
        applicant and route_id (empty: about the person), and what `detail` needs.
    routes, people
        With the columns of `OF_ROUTE` by route_id, and `OF_PERSON` by applicant.
    detail
        What is to be said of a row.
    """
    found = (
        rows.with_columns(detail.cast(pl.String).alias("detail"))
        .select("applicant", "route_id", "detail")
        .join(routes.select("route_id", *OF_ROUTE), on="route_id", how="left")
        .join(people.select("applicant", *OF_PERSON), on="applicant", how="inner")
    )
    own = pl.coalesce("school", "sending_school", "home_municipality")
    return _tidy(found.with_columns(own.alias("responsible")))


def about_people(rows: pl.DataFrame, people: pl.DataFrame, detail: pl.Expr) -> pl.DataFrame:
    """Make a list of people; the school they leave is responsible, or their home municipality."""
    found = (
        rows.with_columns(detail.cast(pl.String).alias("detail"))
        .select("applicant", "detail")
        .join(people.select("applicant", *OF_PERSON), on="applicant", how="inner")
    )
    return _tidy(found.with_columns(pl.coalesce("sending_school", "home_municipality").alias("responsible")))


def about_pools(rows: pl.DataFrame) -> pl.DataFrame:
    """Make a list of seats: route_id (a route or pool), its owner and the detail are there."""
    return _tidy(rows.with_columns(pl.col("school").alias("responsible"), pl.lit(value=False).alias("protected")))


def _tidy(found: pl.DataFrame) -> pl.DataFrame:
    empty = [pl.lit(None, dtype=kind).alias(name) for name, kind in SCHEMA.items() if name not in found.columns]
    whole = found.with_columns(empty).select(*SCHEMA).cast(dict(SCHEMA))  # type: ignore[arg-type]
    kept = whole.filter(~pl.col("protected").fill_null(value=False))
    return kept.sort("responsible", "applicant", "route_id", nulls_last=True)


def nothing() -> pl.DataFrame:
    """Give an empty list."""
    return SCHEMA.to_frame()
