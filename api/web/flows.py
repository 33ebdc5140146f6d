"""Flows from home municipality to school municipality, of those admitted or of first choices."""

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Request, Response

from admissions.reports.wording import round_text
from api.access.actor import Actor
from api.access.permissions import Permission
from api.sorting import sort_key
from api.store.repositories.runs import sees_unpublished
from api.web.charts import BLUE, Chart, values
from api.web.editions import chosen
from api.web.facets import choice
from api.web.grids import Column, fixed
from api.web.pictures import Picture
from api.web.rendering import Content, answer
from api.web.suppression import suppressed_frame
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
KINDS = ("admitted", "first")
SUM = "sum_of_all"


def flow_matrix(picture: Picture, kind: str, total: str, *, exact: bool) -> tuple[pl.DataFrame, list[str]]:
    """Give persons by home (rows) and school municipality (columns), the last of each the sum; and the columns."""
    rows = picture.placed if kind == "admitted" else picture.decisions.filter(pl.col("rank") == 1)
    pairs = (
        rows.select("applicant", "route_id")
        .join(picture.people.select("applicant", "home_municipality").drop_nulls(), on="applicant")
        .join(picture.routes.select("route_id", "municipality"), on="route_id")
        .group_by("home_municipality", "municipality")
        .agg(pl.len().cast(pl.Int64).alias("persons"))
    )
    schools = sorted(pairs["municipality"].unique().to_list(), key=sort_key)
    homes = pl.DataFrame(
        {"home_municipality": sorted(pairs["home_municipality"].unique().to_list(), key=sort_key)},
        schema={"home_municipality": pl.String},
    )
    wide = pairs.pivot(
        on="municipality", on_columns=schools, index="home_municipality", values="persons", aggregate_function="sum"
    )
    table = homes.join(wide, on="home_municipality", how="left", maintain_order="left")
    table = table.with_columns(pl.col(name).fill_null(0) for name in schools)
    table = table.with_columns(pl.sum_horizontal(schools).alias(SUM) if schools else pl.lit(0).alias(SUM))
    sums = table.select(pl.lit(total).alias("home_municipality"), pl.col(*schools, SUM).sum())
    table = pl.concat([table, sums])
    columns = [*schools, SUM]
    return (table if exact else suppressed_frame(table, columns)), columns


def _chart(table: pl.DataFrame, schools: list[str], t: Texts) -> Chart:
    homes = table["home_municipality"].to_list()[:-1]
    long = table.head(-1).unpivot(index="home_municipality", on=schools, variable_name="school", value_name="persons")
    data = [
        {"home": home, "school": school, "persons": persons}
        for home, school, persons in long.filter(pl.col("persons") > 0).iter_rows()
    ]
    spec = {
        "width": {"step": 19},
        "height": {"step": 19},
        "data": values(data),
        "mark": {"type": "rect"},
        "encoding": {
            "x": {
                "field": "school", "type": "nominal", "sort": schools, "title": t("flows.school"),
                "axis": {"orient": "top", "labelAngle": -55, "domain": False, "ticks": False},
            },
            "y": {
                "field": "home", "type": "nominal", "sort": homes, "title": t("flows.home"),
                "axis": {"domain": False, "ticks": False},
            },
            "color": {
                "field": "persons", "type": "quantitative",
                "scale": {"type": "log", "range": ["#e8eef4", BLUE]},
                "legend": {"title": t("flows.persons"), "format": ",d", "orient": "right", "tickCount": 4},
            },
            "tooltip": [
                {"field": "home", "title": t("flows.home")},
                {"field": "school", "title": t("flows.school")},
                {"field": "persons", "type": "quantitative", "format": ",d", "title": t("flows.persons")},
            ],
        },
    }  # fmt: skip
    return Chart("flows", t("flows.chart"), t("flows.chart_caption"), spec, "flows")


@router.get("/flows")
def read_flows(request: Request, actor: Annotated[Actor, page(Permission.READ_DEMAND)]) -> Response:
    """Show flows between municipalities."""
    selected = chosen(request, actor)
    t = texts_of(request)
    asked = request.query_params.get("of", KINDS[0])
    kind = asked if asked in KINDS else KINDS[0]
    exact = sees_unpublished(actor)
    table, columns = flow_matrix(selected.picture, kind, t("flows.total"), exact=exact)
    shown = [
        Column("home_municipality", "text", ("Hemkommun ↓ Skolkommun →", "Home ↓ School →")),
        *(Column(name, "hidden", (name, name) if name != SUM else ("Summa", "Total")) for name in columns),
    ]
    caption = f"{t('flows.title')}, {t(f'flows.{kind}')}, {round_text(selected.round, t.language)}"
    grid = fixed("flows", caption, shown, table, t.language)
    fields = [choice("of", t("flows.of"), kind, [(name, t(f"flows.{name}")) for name in KINDS])]
    content = Content([_chart(table, columns[:-1], t)], [grid], {"exact": exact, "fields": fields})
    return answer(request, actor, selected, "flows.html.j2", content)
