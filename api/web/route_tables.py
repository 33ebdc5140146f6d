"""What the page of a study route shows, as small tables: merits, where the refused ended up, moves, history."""

from collections.abc import Mapping
from typing import Any

import polars as pl

import sample_data
from api.web.pictures import Picture
from api.web.suppression import SMALLEST, suppressed_line

STEP = 1000
"""Width of a step of the merit distribution, hundredths of a point."""
OUTCOMES = ("admitted", "struck", "reserve")
_MOST = 12


def merits(picture: Picture, route_id: str, *, exact: bool) -> pl.DataFrame:
    """Count those tried by merit in steps of ten points and by outcome: ``from``, then one column per outcome."""
    keys = ["applicant", "route_id"]
    tried = picture.rows.filter((pl.col("route_id") == route_id) & (pl.col("status") == "tried"))
    became = picture.decisions.filter(pl.col("route_id") == route_id).select(*keys, pl.col("status").alias("became"))
    counted = (
        tried.join(became, on=keys)
        .with_columns((pl.col("merit") // STEP * STEP).cast(pl.Int64).alias("from"))
        .group_by("from", "became")
        .agg(pl.len().cast(pl.Int64).alias("persons"))
    )
    if counted.is_empty():
        return pl.DataFrame(schema={"from": pl.Int64, **dict.fromkeys(OUTCOMES, pl.Int64)})
    least, most = (int(end) for end in counted.select(pl.col("from").min(), pl.col("from").max().alias("to")).row(0))
    steps = range(least, most + STEP, STEP)
    table = pl.DataFrame({"from": list(steps)}, schema={"from": pl.Int64})
    for outcome in OUTCOMES:
        part = counted.filter(pl.col("became") == outcome).select("from", pl.col("persons").alias(outcome))
        table = table.join(part, on="from", how="left", maintain_order="left").with_columns(
            pl.col(outcome).fill_null(0)
        )
        if not exact:
            safe = suppressed_line(table[outcome].to_list())
            table = table.with_columns(pl.Series(outcome, safe, dtype=pl.Int64))
    return table


def _counted(people: pl.DataFrame, picture: Picture, words: Mapping[str, str], *, exact: bool) -> pl.DataFrame:
    """Count persons by ``where`` (a route id or a word), the most frequent first, the rest together.

    Unless `exact`, routes with a count too small to be told are among the rest.
    """
    counts = people.group_by("where").agg(pl.len().cast(pl.Int64).alias("persons"))
    counts = counts.sort("persons", "where", descending=[True, False])
    routes = picture.routes.select("route_id", "school", "route_name")
    named = counts.join(routes, left_on="where", right_on="route_id", how="left", maintain_order="left")
    first = named.filter(pl.col("school").is_null()).with_columns(pl.col("where").replace(words).alias("place"))
    name = pl.concat_str("school", "route_name", separator=", ").alias("place")
    others = named.filter(pl.col("school").is_not_null()).with_columns(name)
    least = 1 if exact else SMALLEST
    kept = others.head(_MOST).filter(pl.col("persons") >= least)
    shown = pl.concat([first, kept]).select("where", "place", "persons")
    rest = int(others["persons"].sum()) - int(kept["persons"].sum())
    if rest:
        last = pl.DataFrame({"where": ["rest"], "place": [words["rest"]], "persons": [rest]}, schema=shown.schema)
        shown = pl.concat([shown, last])
    if exact or shown.is_empty():
        return shown
    return shown.with_columns(pl.Series("persons", suppressed_line(shown["persons"].to_list()), dtype=pl.Int64))


def refused(picture: Picture, route_id: str, words: Mapping[str, str], *, exact: bool) -> pl.DataFrame:
    """Count where those in the reserve queue ended up."""
    queue = picture.decisions.filter((pl.col("route_id") == route_id) & (pl.col("status") == "reserve"))
    placed = picture.placed.select("applicant", pl.col("route_id").alias("where"))
    found = (
        queue.select("applicant")
        .join(placed, on="applicant", how="left")
        .with_columns(pl.col("where").fill_null("none"))
    )
    return _counted(found, picture, words, exact=exact)


def moves(
    one: Picture, other: Picture, route_id: str, words: Mapping[str, str], *, exact: bool
) -> tuple[int, pl.DataFrame]:
    """Count those with a seat here in one round: how many had it in the other too, and where the rest were there."""
    here = one.placed.filter(pl.col("route_id") == route_id).select("applicant")
    there = other.persons.select("applicant", pl.col("route_id").fill_null("none").alias("where"))
    found = here.join(there, on="applicant", how="left").with_columns(pl.col("where").fill_null("absent"))
    stayed = found.filter(pl.col("where") == route_id).height
    return stayed, _counted(found.filter(pl.col("where") != route_id), one, words, exact=exact)


def history(route: Mapping[str, Any]) -> pl.DataFrame:
    """Give the published results of the route, year by year: merits in hundredths."""
    same = (
        (pl.col("municipality") == route["municipality"])
        & (pl.col("school") == route["school"])
        & (pl.col("route_code") == route["route_code"])
    )
    found = sample_data.published().filter(same)
    if found["year"].is_duplicated().any():
        found = found.filter(pl.col("route_name") == route["route_name"])

    def hundredths(name: str) -> pl.Expr:
        return (pl.col(name) * 100).round().cast(pl.Int64)

    return found.select(
        pl.col("year").cast(pl.String),
        "seats",
        "admitted",
        "reserves",
        pl.col("vacant_seats").alias("vacancies"),
        hundredths("lowest_merit").alias("limit"),
        hundredths("median_merit").alias("median"),
    ).sort("year")


def groups(picture: Picture, pool: str) -> pl.DataFrame:
    """Give the seats of the pool by group, with who took them."""
    seats = picture.seats.filter(pl.col("pool") == pool)
    routes = {route for text in seats["routes"].to_list() for route in text.split()}
    taken = picture.decisions.filter((pl.col("status") == "admitted") & pl.col("route_id").is_in(sorted(routes)))
    counted = taken.group_by("group").agg(pl.len().cast(pl.Int64).alias("admitted"))
    table = seats.select("group", "seats").join(counted, on="group", how="left", maintain_order="left")
    return table.with_columns(pl.col("admitted").fill_null(0), (pl.col("seats")).cast(pl.Int64))


def ranked(picture: Picture, route_id: str) -> pl.DataFrame:
    """List those tried, in the order of the round: admitted by merit, then the queue; protected persons in no list."""
    keys = ["applicant", "route_id"]
    place = {status: number for number, status in enumerate(("admitted", "reserve", "struck"))}
    found = (
        picture.decisions.filter((pl.col("route_id") == route_id) & pl.col("status").is_in(list(place)))
        .filter(~pl.col("applicant").is_in(sorted(picture.protected)))
        .select(*keys, "rank", "status", "reserve_position", "merit")
        .with_columns(pl.col("status").replace_strict(place, return_dtype=pl.Int64).alias("place"))
    )
    return found.sort("place", "reserve_position", pl.col("merit") * -1, "applicant", nulls_last=True).drop(
        "place", "route_id"
    )
