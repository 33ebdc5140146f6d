"""What differs between two runs of an intake: route by route, and decision by decision with the nearest cause."""

import polars as pl

from admissions.explanations.affected import difference

OF_ROUTE = ("route_name", "programme", "school", "municipality", "organiser")
MEASURES = ("seats", "admitted", "reserves", "vacancies", "limit")
"""What is published of every route; merits in hundredths."""
KEPT_OUT = ("not_eligible", "not_received", "not_tried", "decision_pending")
ENDED = ("declined", "withdrawn", "seat_ended", "admitted_elsewhere")
CAUSES = ("new_choice", "choice_gone", "closed", "answer", "eligibility", "merit", "seats", "others")
"""Of a changed decision, in the order they are looked for: the row came or went, its route was closed, the person
answered or left, the rules' verdict on the row, its merit, the pool's seats; else somebody else's change."""
MOVES = ("better", "placed", "worse", "without", "newcomer_placed", "newcomer_without", "gone")


def route_changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Give every route with a changed measure: each before, after, and the change; and whether it is in both runs.

    Parameters
    ----------
    before, after
        The runs' tables ``demand``.
    """
    parts = [
        frame.select("route_id", *OF_ROUTE, *(pl.col(name).cast(pl.Int64).alias(f"{name}_{when}") for name in MEASURES))
        for when, frame in (("before", before), ("after", after))
    ]
    both = parts[1].join(parts[0], on="route_id", how="full", coalesce=True, suffix="_old")
    named = both.with_columns(pl.coalesce(name, f"{name}_old").alias(name) for name in OF_ROUTE)
    old, new = ({name: pl.col(f"{name}_{when}") for name in MEASURES} for when in ("before", "after"))
    found = (
        pl.when(old["seats"].is_null())
        .then(pl.lit("new"))
        .when(new["seats"].is_null())
        .then(pl.lit("gone"))
        .otherwise(pl.lit("both"))
    )
    apart = pl.any_horizontal(old[name].ne_missing(new[name]) for name in MEASURES)
    pairs = [
        column
        for name in MEASURES
        for column in (f"{name}_before", f"{name}_after", (new[name] - old[name]).alias(f"{name}_change"))
    ]
    return named.filter(apart).select("route_id", *OF_ROUTE, found.alias("found"), *pairs).sort("school", "route_name")


def decision_changes(
    before: pl.DataFrame, after: pl.DataFrame, demand_before: pl.DataFrame, demand_after: pl.DataFrame
) -> pl.DataFrame:
    """Give every choice whose status or reserve position differs, with the nearest cause (`CAUSES`).

    Parameters
    ----------
    before, after
        The runs' tables ``decisions``.
    demand_before, demand_after
        Their tables ``demand``: the seats.
    """
    compared = ("rank", "status", "reason", "reserve_position", "merit", "missing")
    about = ("protected", "home_municipality", "sending_school")
    parts = [
        frame.select("applicant", "route_id", *OF_ROUTE, *about, *compared, pl.lit(value=True).alias("there"))
        for frame in (before, after)
    ]
    both = parts[1].join(parts[0], on=["applicant", "route_id"], how="full", coalesce=True, suffix="_before")
    both = both.with_columns(pl.coalesce(name, f"{name}_before").alias(name) for name in (*OF_ROUTE, *about))
    status, position = (pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in ("status", "reserve_position"))
    changed = both.filter(status | position).join(
        _seats_changed(demand_before, demand_after), on="route_id", how="left"
    )
    return changed.select(
        "applicant", "route_id", *OF_ROUTE,
        "rank_before", pl.col("rank").alias("rank_after"),
        "status_before", pl.col("status").alias("status_after"),
        "reserve_position_before", pl.col("reserve_position").alias("reserve_position_after"),
        "merit_before", pl.col("merit").alias("merit_after"),
        _cause().alias("cause"), *about,
    ).sort("applicant", "rank_after", "route_id", nulls_last=True)  # fmt: skip


def _seats_changed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    both = after.select("route_id", "seats").join(before.select("route_id", "seats"), on="route_id", suffix="_before")
    return both.select("route_id", (pl.col("seats") != pl.col("seats_before")).alias("other_seats"))


def _cause() -> pl.Expr:
    out, was_out = (pl.col(name).is_in(KEPT_OUT) for name in ("status", "status_before"))
    return (
        pl.when(pl.col("there_before").is_null())
        .then(pl.lit("new_choice"))
        .when(pl.col("there").is_null())
        .then(pl.lit("choice_gone"))
        .when((pl.col("status") == "route_closed") | (pl.col("status_before") == "route_closed"))
        .then(pl.lit("closed"))
        .when(pl.col("status").is_in(ENDED))
        .then(pl.lit("answer"))
        .when((out != was_out) | pl.col("missing").ne_missing(pl.col("missing_before")))
        .then(pl.lit("eligibility"))
        .when(pl.col("merit").ne_missing(pl.col("merit_before")))
        .then(pl.lit("merit"))
        .when(pl.col("other_seats").fill_null(value=False))
        .then(pl.lit("seats"))
        .otherwise(pl.lit("others"))
    )


def person_moves(before: pl.DataFrame, after: pl.DataFrame) -> dict[str, int]:
    """Count what became of everybody whose seat differs (`MOVES`)."""
    counted = dict(difference(_outcomes(before), _outcomes(after)).group_by("change").len().iter_rows())
    return {name: int(counted.get(name, 0)) for name in MOVES}


def _outcomes(decisions: pl.DataFrame) -> pl.DataFrame:
    granted = decisions.filter(pl.col("status") == "admitted").select("applicant", "route_id", "rank")
    return decisions.select("applicant").unique().join(granted, on="applicant", how="left")
