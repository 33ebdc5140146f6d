"""What the rounds did: where everybody stood before and after, how limits moved, programme by programme."""

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from api.web.pictures import Picture

STANDINGS = ("first", "lower", "none", "untried", "absent")
"""On the first choice, on a lower one, eligible without a seat, tried on nothing, not in the round."""
_LIMIT_STEP = 500
_LIMIT_END = 6000


def standings(picture: Picture) -> pl.DataFrame:
    """Give applicant and standing in a round."""
    standing = (
        pl.when(pl.col("rank") == 1)
        .then(pl.lit("first"))
        .when(pl.col("rank") > 1)
        .then(pl.lit("lower"))
        .when("tried")
        .then(pl.lit("none"))
        .otherwise(pl.lit("untried"))
    )
    return picture.persons.select("applicant", standing.alias("standing"))


def passages(rounds: Sequence[Picture]) -> pl.DataFrame:
    """Count persons by standing in each pair of rounds that follow each other: step, before, after, persons."""
    everybody = pl.concat([one.persons.select("applicant") for one in rounds]).unique().sort("applicant")
    places = [
        everybody.join(standings(one), on="applicant", how="left", maintain_order="left")["standing"].fill_null(
            "absent"
        )
        for one in rounds
    ]
    parts = []
    for step, (before, after) in enumerate(pairwise(places)):
        pairs = pl.DataFrame({"before": before, "after": after})
        counted = pairs.group_by("before", "after").agg(pl.len().cast(pl.Int64).alias("persons"))
        parts.append(counted.with_columns(pl.lit(step).alias("step")))
    order = {name: number for number, name in enumerate(STANDINGS)}
    return pl.concat(parts).sort(
        "step",
        pl.col("before").replace_strict(order, return_dtype=pl.Int64),
        pl.col("after").replace_strict(order, return_dtype=pl.Int64),
    )


def changed_lists(before: Picture, after: Picture) -> dict[str, int]:
    """Count applicants in both rounds whose list differs, newcomers, and those who no longer apply."""

    def lists(picture: Picture) -> pl.DataFrame:
        rows = picture.decisions.sort("applicant", "rank")
        return rows.group_by("applicant", maintain_order=True).agg(pl.col("route_id").alias("list"))

    both = lists(before).join(lists(after), on="applicant", how="full", suffix="_after", coalesce=True)
    old, new = pl.col("list").is_not_null(), pl.col("list_after").is_not_null()
    counts = both.select(
        (old & new & (pl.col("list") != pl.col("list_after"))).sum().alias("changed"),
        (~old & new).sum().alias("new"),
        (old & ~new).sum().alias("gone"),
    )
    return {name: int(value) for name, value in counts.row(0, named=True).items()}


def limits(before: Picture, after: Picture) -> pl.DataFrame:
    """Give every route with its limit in both rounds."""
    names = ["route_id", "programme", "limit"]
    new = after.routes.select(names)
    return before.routes.select(names).join(new, on="route_id", how="full", suffix="_after", coalesce=True)


def limit_steps(both: pl.DataFrame) -> pl.DataFrame:
    """Count routes by how much their limit moved, in steps of five points; the outermost steps hold the rest."""
    moved = both.filter((pl.col("limit") > 0) & (pl.col("limit_after") > 0)).select(
        (pl.col("limit_after") - pl.col("limit")).clip(-_LIMIT_END, _LIMIT_END - 1).alias("by")
    )
    steps = moved.with_columns((pl.col("by").floordiv(_LIMIT_STEP) * 5).alias("from"))
    counted = steps.group_by("from").agg(pl.len().cast(pl.Int64).alias("routes"))
    grid = pl.DataFrame({"from": list(range(-_LIMIT_END // 100, _LIMIT_END // 100, 5))}, schema={"from": pl.Int64})
    return grid.join(counted.with_columns(pl.col("from").cast(pl.Int64)), on="from", how="left").with_columns(
        pl.col("routes").fill_null(0)
    )


def programmes(before: Picture, after: Picture) -> pl.DataFrame:
    """Give per programme: seats and admitted in both rounds, who came and went, and what the limits did."""
    key = "programme"
    tables = [
        one.levels[key].select(
            key, pl.col("seats").alias(f"seats_{when}"), pl.col("admitted").alias(f"admitted_{when}")
        )
        for when, one in (("before", before), ("after", after))
    ]
    had, has = (
        one.placed.join(one.routes.select("route_id", key), on="route_id").select("applicant", "route_id", key)
        for one in (before, after)
    )
    both = had.join(has, on="applicant", how="full", suffix="_after", coalesce=True)
    inside = both.filter(pl.col(key) == pl.col(f"{key}_after"))
    same = inside.filter(pl.col("route_id") == pl.col("route_id_after"))
    here = _count(same, key, "same_route")
    within = _count(inside.filter(pl.col("route_id") != pl.col("route_id_after")), key, "other_route")
    came = _count(both.filter(pl.col(f"{key}_after").is_not_null() & ~_equal(key)), f"{key}_after", "came")
    went = _count(both.filter(pl.col(key).is_not_null() & ~_equal(key)), key, "went")
    table = tables[1].join(tables[0], on=key, how="left")
    for part in (here, within, came.rename({f"{key}_after": key}), went, _limit_counts(limits(before, after))):
        table = table.join(part, on=key, how="left")
    return table.fill_null(0).sort(key)


def _equal(key: str) -> pl.Expr:
    return pl.col(key).eq_missing(pl.col(f"{key}_after"))


def _count(frame: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    return frame.group_by(key).agg(pl.len().cast(pl.Int64).alias(name))


def _limit_counts(both: pl.DataFrame) -> pl.DataFrame:
    old, new = pl.col("limit") > 0, pl.col("limit_after") > 0
    change = pl.col("limit_after") - pl.col("limit")
    return both.group_by(pl.coalesce("programme", "programme_after").alias("programme")).agg(
        (old & new & (change > 0)).sum().cast(pl.Int64).alias("limits_risen"),
        (old & new & (change < 0)).sum().cast(pl.Int64).alias("limits_fallen"),
        (~old & new).sum().cast(pl.Int64).alias("limits_new"),
        (old & ~new).sum().cast(pl.Int64).alias("limits_gone"),
        change.filter(old & new).median().round().cast(pl.Int64).alias("limit_change"),
    )
