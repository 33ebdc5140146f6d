"""The published tables of a round, read from its run folder as the service keeps them."""

from collections.abc import Mapping, Sequence

import polars as pl

from admissions.results.levels import LEVELS
from admissions.rounds.stored import StoredRound
from api.suppression import suppressed_table

PEOPLE_TABLE = "people-without-seat"


_SCHOOL = ("municipality", "school", "organiser", "organiser_form")
_ROUTE = ("route_id", "route_code", "route_name", "programme", "kind", "mode", "pool", *_SCHOOL)


def _whole(frame: pl.DataFrame, texts: Sequence[str]) -> pl.DataFrame:
    """Read everything but the texts as whole numbers: a file tells no type of a column without a value."""
    blank = [name for name, kind in frame.schema.items() if kind == pl.String and name not in texts]
    return frame.with_columns(pl.col(blank).replace("", None).cast(pl.Int64))


def cutoffs_of(stored: StoredRound) -> pl.DataFrame:
    """Give the cut-offs; their lottery is the place in the draw, where it decided."""
    table = _whole(stored.table("cutoffs"), ("pool", "group", "lottery"))
    return table.with_columns(pl.col("lottery").replace("", None).cast(pl.UInt64))


def demand_of(stored: StoredRound) -> pl.DataFrame:
    """Give demand and outcome of each route."""
    return _whole(stored.table("routes"), _ROUTE).with_columns(pl.col("organiser_form").replace("", None))


def levels_of(stored: StoredRound) -> dict[str, pl.DataFrame]:
    """Give the shortfalls level by level, with the columns each has."""
    naming = {name for columns in LEVELS.values() for name in columns}
    table = _whole(stored.table("shortfalls"), ("level", *naming))
    found = {}
    for level, columns in LEVELS.items():
        one = table.filter(pl.col("level") == level).drop("level", *(naming - set(columns)))
        if level not in {"region", "municipality"}:
            one = one.drop("residents_without_seat", strict=False)
        found[level] = one if columns else one.select(pl.lit("all").alias("region"), pl.all())
    return found


def without_seat_of(stored: StoredRound) -> pl.DataFrame:
    """Give the eligible without a seat by home and programme, every count."""
    return _whole(stored.table("without_seat"), ("home_municipality", "kind", "programme"))


def people_of(without_seat: pl.DataFrame) -> pl.DataFrame:
    """Give the declared table of people without a seat, small counts hidden."""
    return suppressed_table(without_seat, "home_municipality", "programme", "persons")


def published_tables(stored: StoredRound) -> Mapping[str, pl.DataFrame]:
    """Give the tables a data package is made of."""
    tables = {
        "demand": demand_of(stored),
        "cutoffs": cutoffs_of(stored),
        PEOPLE_TABLE: people_of(without_seat_of(stored)),
    }
    return tables | {f"shortfalls-{level}": frame for level, frame in levels_of(stored).items()}
