"""The columns of the demand page: those of the reports, and the changes since the round and the year before."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import polars as pl

import sample_data
from admissions.reports.columns import NAMES, columns_of
from admissions.results.levels import LEVELS
from api.web.grids import Column, address
from api.web.levels import WHOLE_ONLY
from api.web.pictures import Picture

HIDDEN_AT_FIRST = frozenset(
    {"first_choice_surplus", "reserve_persons", "median_grades", "residents_without_seat", "routes", "without_seat"}
)
SINCE_ROUND = (
    Column(
        "first_choices_change", "signed", ("Förstahandsval, ändring", "First choices, change"),
        ("sedan omgången före", "since the round before"), shown=False,
    ),
    Column(
        "admitted_change", "signed", ("Antagna, ändring", "Admitted, change"),
        ("sedan omgången före", "since the round before"), shown=False,
    ),
)  # fmt: skip
LIMIT_CHANGE = Column(
    "limit_change", "signed_merit", ("Gräns, ändring", "Limit, change"),
    ("sedan omgången före, där båda har en gräns", "since the round before, where both have a limit"),
)  # fmt: skip
OF_ROUTES = (
    Column("organiser", "text", ("Huvudman", "Organiser"), shown=False),
    Column("route_code", "text", ("Studievägskod", "Route code"), shown=False),
)


def last_year(year: int) -> Column:
    """Give the column of last year's published limit."""
    before = year - 1
    meaning = (f"publicerad gräns {before} för samma studieväg", f"published limit {before} of the same route")
    return Column("limit_before", "merit", (f"Gräns {before}", f"Limit {before}"), meaning)


def columns(level: str, *, year: int, link: Mapping[str, str], earlier: bool, part: bool) -> list[Column]:
    """Give the columns of a level.

    Parameters
    ----------
    level
        A level of `LEVELS`.
    year
        The admission year.
    link
        What links to other pages carry on.
    earlier
        Whether there is a round before this one.
    part
        Whether routes were chosen: then what only whole sets have is left out.
    """

    def leads(row: Mapping[str, Any]) -> str:
        if level == "route":
            return address(f"/routes/{quote(row['route_id'])}", link)
        return address("/demand", {**link, "level": "route"} | {name: row[name] for name in LEVELS[level]})

    first = NAMES[level][1 if level == "route" else 0].name
    found = []
    for one in columns_of(level):
        if part and level != "route" and one.name in WHOLE_ONLY:
            continue
        kind = Column.of(one, shown=one.name not in HIDDEN_AT_FIRST, link=leads if one.name == first else None)
        found.append(kind)
    if level == "route":
        found[0], found[1] = found[1], found[0]
        found += OF_ROUTES
    if earlier:
        found += [*SINCE_ROUND, *([LIMIT_CHANGE] if level == "route" else [])]
    if level == "route" and year - 1 in sample_data.YEARS:
        found.append(last_year(year))
    return found


def with_changes(table: pl.DataFrame, before: pl.DataFrame | None, level: str, picture: Picture) -> pl.DataFrame:
    """Put what the round and the year before had beside a table."""
    keys = list(LEVELS[level])
    if before is not None:
        names = ["first_choices", "admitted", *(["limit"] if level == "route" else [])]
        old = before.select(*keys, *(pl.col(name).alias(f"{name}_old") for name in names))
        table = table.join(old, on=keys, how="left", maintain_order="left")
        change = [(pl.col(name) - pl.col(f"{name}_old")).alias(f"{name}_change") for name in names[:2]]
        if level == "route":
            both = (pl.col("limit") > 0) & (pl.col("limit_old") > 0)
            change.append(pl.when(both).then(pl.col("limit") - pl.col("limit_old")).alias("limit_change"))
        table = table.with_columns(change)
    if level == "route" and picture.year - 1 in sample_data.YEARS:
        same = ["municipality", "school", "route_code", "route_name"]
        limit = (pl.col("lowest_merit") * 100).round().cast(pl.Int64).alias("limit_before")
        old = sample_data.published(picture.year - 1).select(*same, limit).unique(same)
        table = table.join(old, on=same, how="left", maintain_order="left")
    return table
