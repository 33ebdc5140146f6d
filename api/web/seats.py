"""Extra seats: what one more seat at each study route would change, exactly, in the run as it was drawn."""

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Request, Response

from admissions.matching import extra_seat_values
from admissions.reports.columns import columns_of
from admissions.reports.wording import round_text
from admissions.rounds.stored import read_run
from api.access.actor import Actor
from api.access.permissions import Permission
from api.web.charts import BLUE, OCHRE, Chart, values
from api.web.demand_columns import columns
from api.web.editions import Selected, chosen
from api.web.facets import narrowed, route_fields
from api.web.grids import Column, ordered, sortable
from api.web.kept import Kept, kept
from api.web.rendering import Content, answer
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
MOST = 20
SHOWN = ("seats", "first_choices", "reserves", "vacancies", "limit", "clearing_number")
GAINS = (
    Column(
        "better_off", "whole", ("Får det bättre", "Better off"),
        ("sökande som får ett högre val med en plats till här", "applicants who get a higher choice with one more"),
    ),
    Column(
        "newly_placed", "whole", ("Får plats", "Newly placed"),
        ("därav någon som annars står utan", "of them one who is otherwise without a seat"),
    ),
)  # fmt: skip


def seat_values(request: Request, selected: Selected) -> pl.DataFrame:
    """Give what one more seat at each route changes: ``route_id``, ``better_off``, ``newly_placed``.

    Exact for the run's own lottery; whoever held a seat before a reserve round keeps it.
    """

    def read() -> pl.DataFrame:
        with selected.files() as folder:
            stored = read_run(folder).round(selected.round)
            gains = extra_seat_values(stored.market, stored.matching)
            return pl.DataFrame(
                {"route_id": stored.routes, "better_off": gains.better_off, "newly_placed": gains.newly_placed}
            )

    known: Kept[pl.DataFrame] = kept(request, "seat_values", 12)
    return known.get((selected.run_id, selected.round), read)


def _chart(table: pl.DataFrame, t: Texts) -> Chart | None:
    rows = table.filter(pl.col("better_off") > 0).sort(
        "newly_placed", "better_off", "route_id", descending=[True, True, False]
    )
    if rows.is_empty():
        return None
    both = {t("seats.newly_placed"): OCHRE, t("seats.moved_up"): BLUE}
    data = [
        {"name": f"{row['school']}, {row['route_code']}", "what": what, "persons": persons}
        for row in rows.head(MOST).to_dicts()
        for what, persons in zip(both, (row["newly_placed"], row["better_off"] - row["newly_placed"]), strict=True)
    ]
    spec = {
        "width": 480,
        "height": {"step": 19},
        "data": values(data),
        "mark": {"type": "bar", "height": 10},
        "encoding": {
            "x": {
                "field": "persons", "type": "quantitative", "title": None,
                "axis": {"tickMinStep": 1, "format": ",d"},
            },
            "y": {
                "field": "name", "type": "nominal", "sort": list(dict.fromkeys(one["name"] for one in data)),
                "title": None, "axis": {"domain": False, "ticks": False, "labelLimit": 320},
            },
            "color": {
                "field": "what", "type": "nominal", "scale": {"domain": list(both), "range": list(both.values())}
            },
            "order": {"field": "what", "sort": "descending"},
            "tooltip": [
                {"field": "name", "title": t("demand.what")},
                {"field": "what", "title": t("demand.measure")},
                {"field": "persons", "type": "quantitative", "title": t("seats.persons")},
            ],
        },
    }  # fmt: skip
    return Chart("seats", t("seats.chart"), t("seats.chart_caption", most=MOST), spec, "seats")


@router.get("/seats")
def read_seats(request: Request, actor: Annotated[Actor, page(Permission.READ_SCENARIOS)]) -> Response:
    """Show what one more seat would change, route by route."""
    selected = chosen(request, actor)
    t = texts_of(request)
    picture = selected.picture
    routes, _ = narrowed(request, picture.routes)
    table = ordered(routes, "school", "route_name").join(
        seat_values(request, selected), on="route_id", how="left", maintain_order="left"
    )
    named = columns("route", year=picture.year, link=selected.link, earlier=False, part=False)[:3]
    figures = {one.name: Column.of(one) for one in columns_of("route")}
    shown = [*named, *GAINS, *(figures[name] for name in SHOWN)]
    caption = f"{t('seats.caption')}, {round_text(picture.name, t.language)} {picture.year}"
    grid = sortable(
        request, "seats", caption, shown, table, t.language, sort="-better_off", of=len(picture.routes)
    )  # fmt: skip
    chart = _chart(table, t)
    content = Content(
        [chart] if chart is not None else [], [grid], {"fields": route_fields(request, picture.routes, t)}
    )
    return answer(request, actor, selected, "seats.html.j2", content)
