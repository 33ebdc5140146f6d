"""The tables of an applicant's page: choices with their outcome in each round, and how the list came about."""

from datetime import date
from urllib.parse import quote

import polars as pl

from admissions.explanations.explaining import Explanation
from admissions.reports.wording import round_text
from admissions.results.statuses import STATUS_NAMES, STATUS_TEXTS, Status
from api.explained import Explained
from api.web.editions import Selected
from api.web.grids import Column, Grid, address, fixed
from api.web.texts import Texts

HISTORY = (
    Column("day", "text", ("Dag", "Day")),
    Column("event", "text", ("Händelse", "Event")),
    Column("rank", "whole", ("Val", "Choice")),
    Column("place", "text", ("Studieväg", "Study route")),
)


def choices(selected: Selected, explanation: Explanation, t: Texts) -> Grid:
    """Give the choices with their outcome in each round up to this one, and the merit that would have been enough."""
    names = list(selected.edition.runs)
    names = names[: names.index(selected.round) + 1]
    words = {STATUS_NAMES[status]: STATUS_TEXTS[status][t.word] for status in Status}
    mine = pl.col("applicant") == explanation.applicant
    now = selected.picture.decisions.filter(mine).select("route_id", "rank", "status", "reserve_position", "merit")
    told = selected.picture.routes.select("route_id", "school", "route_name", "limit")
    table = now.join(told, on="route_id", how="left").join(_enough(explanation), on="route_id", how="left").sort("rank")
    columns = [
        Column("rank", "whole", ("Val", "Choice")),
        Column(
            "place", "text", ("Studieväg", "Study route"),
            link=lambda row: address(f"/routes/{quote(row['route_id'])}", selected.link),
        ),
    ]  # fmt: skip
    for name in names[:-1]:
        before = selected.picture_of(name).decisions.filter(mine).select("route_id", pl.col("status").alias(name))
        table = table.join(before, on="route_id", how="left", maintain_order="left")
        table = table.with_columns(pl.col(name).replace_strict(words, default="", return_dtype=pl.String))
        columns.append(Column(name, "text", (round_text(name, "sv"), round_text(name, "en"))))
    table = table.with_columns(
        pl.concat_str("school", "route_name", separator=", ").alias("place"),
        pl.col("status").replace_strict(words, return_dtype=pl.String).alias("what"),
    )
    columns += [
        Column("what", "text", (round_text(selected.round, "sv"), round_text(selected.round, "en"))),
        Column("reserve_position", "whole", ("Reservplats", "Reserve position")),
        Column("merit", "merit", ("Meritvärde", "Merit")),
        Column("limit", "merit", ("Gräns", "Limit"), ("studievägens publicerade", "the route's published one")),
        Column(
            "enough", "merit", ("Hade räckt", "Enough"),
            ("det lägsta meritvärde som säkert hade gett valet eller ett högre", "least merit that surely gives it"),
        ),
    ]  # fmt: skip
    return fixed("choices", t("applicant.choices"), columns, table, t.language)


def _enough(explanation: Explanation) -> pl.DataFrame:
    found = [(one.route_id, one.enough.merit_certain if one.enough else None) for one in explanation.choices]
    return pl.DataFrame(found, schema={"route_id": pl.String, "enough": pl.Int64}, orient="row")


def within_reach(explanation: Explanation) -> list[str]:
    """Name the own choices that were within reach, best first."""
    names = {one.route_id: f"{one.school}, {one.route_name}" for one in explanation.choices}
    return [names[route] for route in explanation.menu if route in names]


def history(explained: Explained, applicant: str, t: Texts) -> Grid | None:
    """Give how the list of choices came about, day by day; None where the intake is not at hand."""
    compiled = explained.facts.compiled
    if compiled is None:
        return None
    mine = compiled.static.intake.choices.filter(pl.col("applicant") == applicant)
    titles = explained.facts.titles
    rows: list[tuple[date, str, int, str]] = []
    for route, rank, registered, withdrawn in mine.select(
        "route_id", "rank", "registered_at", "withdrawn_at"
    ).iter_rows():
        name, school = titles.get(route, (route, ""))
        place = f"{school}, {name}" if school else name
        rows.append((registered, t("applicant.registered"), rank, place))
        if withdrawn is not None:
            rows.append((withdrawn, t("applicant.withdrawn"), rank, place))
    rows.sort(key=lambda row: (row[0], row[2], row[1]))
    found = [(day.isoformat(), event, rank, place) for day, event, rank, place in rows]
    schema = {one.name: pl.Int64 if one.kind == "whole" else pl.String for one in HISTORY}
    frame = pl.DataFrame(found, schema=schema, orient="row")
    return fixed("history", t("applicant.history_caption"), HISTORY, frame, t.language)
