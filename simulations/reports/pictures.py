"""Pictures of simulations as SVG text: dots with bands, flow matrices, curves; never a bare mean."""

from __future__ import annotations

from typing import Any

import polars as pl

from admissions.reports.charts import BLUE, GREY, INK, PALE, RULE, data, svg
from simulations.reports.document import head
from simulations.reports.words import Language, cell, column

_MOST = 24
_WIDTH = 520


def bands(table: pl.DataFrame, name: str, measure: str, language: Language, *, by: str = "") -> str:
    """Draw one row a name: the middle of a measure as a dot, its interval as a band; `by` tells colours apart.

    The rows that reach furthest from zero are drawn, the furthest first.
    """
    import altair as alt

    if not len(table):
        return ""
    reach = pl.max_horizontal(pl.col(f"{measure}_low").abs(), pl.col(f"{measure}_high").abs())
    order = (
        table.group_by(name, maintain_order=True)
        .agg(reach.max().alias("reach"))
        .sort("reach", name, descending=[True, False])
        .filter(pl.col("reach") > 0)
        .head(_MOST)[name]
        .to_list()
    )
    if not order:
        return ""
    words = {one: cell(one, language) for one in table[by].unique()} if by else {}
    part = table.filter(pl.col(name).is_in(order)).select(
        pl.col(name).alias("name"),
        *(pl.col(f"{measure}_{end}").alias(end) for end in ("low", "middle", "high")),
        (pl.col(by).replace_strict(words, return_dtype=pl.String) if by else pl.lit("")).alias("by"),
    )
    kinds = part["by"].unique(maintain_order=True).to_list()
    dark, light = _colours(kinds, [GREY, BLUE], legend=bool(by)), _colours(kinds, [RULE, PALE], legend=False)
    offset: Any = {"yOffset": alt.YOffset("by:N", sort=kinds)} if by else {}
    base = alt.Chart(data(part)).encode(
        y=alt.Y("name:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False)), **offset
    )
    axis = alt.Axis(tickCount=6, format=",d")
    title = head(measure, language)
    lines = base.mark_rule(strokeWidth=6).encode(x=alt.X("low:Q", title=title, axis=axis), x2="high:Q", color=light)
    dots = base.mark_circle(size=50, opacity=1).encode(x=alt.X("middle:Q", title=title, axis=axis), color=dark)
    height: Any = alt.Step(11, **{"for": "offset"}) if by else alt.Step(18)
    chart = (lines + dots).resolve_scale(color="independent").properties(width=_WIDTH, height=height)
    return svg(chart, language)


def _colours(kinds: list[str], shades: list[str], *, legend: bool) -> Any:
    """Return a colour for each kind, the last one in the strongest shade."""
    import altair as alt

    chosen = shades[-len(kinds) :]
    scale = alt.Scale(domain=kinds, range=chosen)
    return alt.Color("by:N", scale=scale) if legend else alt.Color("by:N", scale=scale, legend=None)


def flow_matrix(flow: pl.DataFrame, language: Language) -> str:
    """Draw who moves where as a matrix: rows from, columns to, persons a year as shade and figure."""
    import altair as alt

    if not len(flow):
        return ""
    size = (
        pl.concat(
            [flow.select(pl.col("from").alias("name"), "persons"), flow.select(pl.col("to").alias("name"), "persons")]
        )
        .group_by("name")
        .agg(pl.col("persons").sum())
        .sort("persons", "name", descending=[True, False])
        .head(_MOST)["name"]
        .to_list()
    )
    names = sorted(size, key=lambda name: (name.startswith("("), name))
    part = flow.filter(pl.col("from").is_in(names) & pl.col("to").is_in(names)).select("from", "to", "persons")
    words = {name: cell(name, language) for name in names}
    part = part.with_columns(pl.col("from", "to").replace_strict(words, return_dtype=pl.String))
    order = [words[name] for name in names]
    base = alt.Chart(data(part)).encode(
        x=alt.X("to:N", sort=order, title=column("to", language), axis=alt.Axis(orient="top", labelAngle=-50)),
        y=alt.Y("from:N", sort=order, title=column("from", language)),
    )
    shade = alt.Color("persons:Q", scale=alt.Scale(range=["#eef3f7", BLUE]), legend=None)
    half = float(part["persons"].to_numpy().max()) / 2
    text = alt.condition(f"datum.persons > {half}", alt.value("white"), alt.value(INK))
    cells = base.mark_rect().encode(color=shade)
    figures = base.mark_text(fontSize=9).encode(text=alt.Text("persons:Q", format=",.1~f"), color=text)
    return svg((cells + figures).properties(width=alt.Step(30), height=alt.Step(20)), language)


def seat_curves(table: pl.DataFrame, language: Language) -> str:
    """Draw better off against extra seats with its band, the best routes as small pictures beside each other."""
    import altair as alt

    if not len(table):
        return ""
    best = table["route_id"].unique(maintain_order=True).to_list()[:9]
    part = table.filter(pl.col("route_id").is_in(best)).select(
        (pl.col("school").str.slice(0, 24) + " · " + pl.col("programme")).alias("name"),
        "route_id",
        "seats",
        *(pl.col(f"better_off_{end}").alias(end) for end in ("low", "middle", "high")),
    )
    order = part["name"].unique(maintain_order=True).to_list()
    base = alt.Chart().encode(x=alt.X("seats:Q", title=column("extra_seats", language), axis=alt.Axis(tickCount=4)))
    title = column("better_off", language)
    band = base.mark_area(opacity=1, color=PALE).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    line = base.mark_line(color=BLUE, point=alt.OverlayMarkDef(color=BLUE, size=24)).encode(
        y=alt.Y("middle:Q", title=title)
    )
    chart = (
        alt.layer(band, line, data=data(part))
        .properties(width=170, height=110)
        .facet(facet=alt.Facet("name:N", title=None, sort=order), columns=3)
    )
    return svg(chart, language)
