"""By home municipality: who is eligible and without a seat, by kind of programme of the first tried choice.

Counts of persons by home are given as this one table only: no filter, so that no two answers differ by one person.
"""

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Request, Response

from admissions.reports.wording import KINDS, round_text
from api.access.actor import Actor
from api.access.permissions import Permission
from api.sorting import sort_key
from api.store.repositories.runs import sees_unpublished
from api.web.charts import OCHRE, Chart, values
from api.web.editions import chosen
from api.web.grids import Column, sortable
from api.web.pictures import Picture
from api.web.rendering import Content, answer
from api.web.suppression import suppressed_frame
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
COUNTS = (*KINDS, "all")


def homes_table(picture: Picture, total: str, *, exact: bool) -> pl.DataFrame:
    """Give one row per home municipality and one for all, with tried persons and those without a seat."""
    wide = (
        picture.without_seat.group_by("home_municipality", "kind")
        .agg(pl.col("persons").sum())
        .pivot(on="kind", on_columns=list(KINDS), index="home_municipality", values="persons", aggregate_function="sum")
    )
    wide = wide.with_columns(pl.col(kind).fill_null(0).cast(pl.Int64) for kind in KINDS)
    tried = (
        picture.persons.filter("tried")
        .join(picture.people.select("applicant", "home_municipality").drop_nulls(), on="applicant")
        .group_by("home_municipality")
        .agg(pl.len().cast(pl.Int64).alias("eligible"))
    )
    table = tried.join(wide, on="home_municipality", how="full", coalesce=True).fill_null(0)
    table = table.with_columns(pl.sum_horizontal(*KINDS).alias("all")).select("home_municipality", "eligible", *COUNTS)
    names = sorted(table["home_municipality"].to_list(), key=sort_key)
    place = {name: number for number, name in enumerate(names)}
    table = table.sort(pl.col("home_municipality").replace_strict(place, default=0, return_dtype=pl.Int64))
    sums = table.select(pl.lit(total).alias("home_municipality"), pl.col("eligible", *COUNTS).sum())
    table = pl.concat([table, sums])
    return table if exact else suppressed_frame(suppressed_frame(table, COUNTS), ["eligible"])


def _chart(table: pl.DataFrame, t: Texts) -> Chart:
    rows = table.head(-1).filter(pl.col("all") > 0).sort("all", descending=True, maintain_order=True).to_dicts()
    spec = {
        "width": 520,
        "height": {"step": 18},
        "data": values([{"home": row["home_municipality"], "persons": row["all"]} for row in rows]),
        "mark": {"type": "bar", "height": 10, "color": OCHRE},
        "encoding": {
            "x": {"field": "persons", "type": "quantitative", "title": None, "axis": {"tickCount": 6, "format": ",d"}},
            "y": {
                "field": "home", "type": "nominal", "sort": [row["home_municipality"] for row in rows], "title": None,
                "axis": {"domain": False, "ticks": False},
            },
            "tooltip": [
                {"field": "home", "title": t("homes.home")},
                {"field": "persons", "type": "quantitative", "format": ",d", "title": t("homes.without")},
            ],
        },
    }  # fmt: skip
    return Chart("homes", t("homes.chart"), t("homes.chart_caption"), spec, "homes")


@router.get("/homes")
def read_homes(request: Request, actor: Annotated[Actor, page(Permission.READ_DEMAND)]) -> Response:
    """Show who is eligible and without a seat, by home municipality."""
    selected = chosen(request, actor)
    t = texts_of(request)
    picture = selected.picture
    exact = sees_unpublished(actor)
    table = homes_table(picture, t("homes.total"), exact=exact)
    meaning = ("behöriga, prövade på minst ett val", "eligible, tried on at least one choice")
    columns = (
        Column("home_municipality", "text", ("Hemkommun", "Home municipality")),
        Column("eligible", "hidden", ("Prövade", "Tried"), meaning),
        Column("all", "hidden", ("Utan plats", "Without a seat")),
        *(Column(kind, "hidden", KINDS[kind]) for kind in KINDS),
    )
    caption = f"{t('homes.title')}, {round_text(picture.name, t.language)} {picture.year}"
    grid = sortable(request, "homes", caption, columns, table, t.language, sort="-eligible", rows=0)
    content = Content([_chart(table, t)], [grid], {"exact": exact})
    return answer(request, actor, selected, "homes.html.j2", content)
