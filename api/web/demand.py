"""Demand: study routes and every roll-up of them, with seats, choices, admitted, reserves, limits and shortfalls."""

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Request, Response

from admissions.reports.wording import LEVEL_TITLES, round_text
from api.access.actor import Actor
from api.access.permissions import Permission
from api.web.demand_charts import demand, multiples
from api.web.demand_columns import columns, with_changes
from api.web.editions import chosen
from api.web.facets import choice, narrowed, route_fields
from api.web.grids import ordered, sortable
from api.web.levels import rolled_up
from api.web.pictures import Picture
from api.web.rendering import Content, answer
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SHOWN = ("programme", "route", "school", "municipality", "organiser")
NAMING = {"school": ("school", "municipality"), "route": ("school", "route_name")}


def level_table(request: Request, picture: Picture, level: str) -> tuple[pl.DataFrame, bool]:
    """Give the table of a level for the routes that the URL chooses, and whether it chooses any."""
    routes, part = narrowed(request, picture.routes)
    if level == "route":
        table = routes
    elif part:
        table = rolled_up(routes, level, picture.decisions, picture.rows)
    else:
        table = picture.levels[level]
    return ordered(table, *NAMING.get(level, (level,))), part


@router.get("/demand")
def read_demand(request: Request, actor: Annotated[Actor, page(Permission.READ_DEMAND)]) -> Response:
    """Show demand on one level."""
    selected = chosen(request, actor)
    t = texts_of(request)
    level = request.query_params.get("level", SHOWN[0])
    level = level if level in SHOWN else SHOWN[0]
    picture, earlier = selected.picture, selected.earlier
    table, part = level_table(request, picture, level)
    before = level_table(request, earlier, level)[0] if earlier is not None else None
    words = LEVEL_TITLES[level][t.word]
    grid = sortable(
        request,
        "demand",
        f"{words}, {round_text(picture.name, t.language)} {picture.year}",
        columns(level, year=picture.year, link=selected.link, earlier=earlier is not None, part=part),
        with_changes(table, before, level, picture),
        t.language,
        sort="-first_choices",
        of=len(picture.levels[level]),
    )
    rounds = [(earlier.name, before), (picture.name, table)] if earlier is not None and before is not None else []
    charts = [one for one in (demand(table, level, t), multiples(rounds, level, t)) if one is not None]
    levels = choice("level", t("demand.level"), level, [(name, LEVEL_TITLES[name][t.word]) for name in SHOWN])
    values = {"fields": [levels, *route_fields(request, picture.routes, t)], "part": part and level != "route"}
    return answer(request, actor, selected, "demand.html.j2", Content(charts, [grid], values))
