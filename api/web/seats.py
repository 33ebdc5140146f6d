"""Extra seats: what one more seat at each study route would change, exactly, in the run as it was drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Request, Response

from admissions.matching import extra_seat_values
from admissions.reports.columns import columns_of
from admissions.reports.wording import round_text
from admissions.rounds.stored import read_run
from api.access.actor import Actor
from api.access.permissions import Permission
from api.web.charts import BLUE, OCHRE, Chart, values
from api.web.demand_charts import labels
from api.web.demand_columns import columns
from api.web.editions import Selected, chosen
from api.web.facets import narrowed, route_fields
from api.web.grids import Column, Grid, address, fixed, ordered, sortable
from api.web.intervals import spread_columns, stamp_of, stamped
from api.web.kept import Kept, kept
from api.web.moments import local_time
from api.web.packages import package_grid, package_words
from api.web.plans import jobs_of, newest, tables_of
from api.web.rendering import Content, answer
from api.web.seat_charts import MOST as MOST_CURVES
from api.web.seat_charts import chosen_routes, curve_chart, curves_of, with_intervals
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
MOST = 20
ROWS = 50
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
CURVE = (
    Column("name", "text", ("Studieväg", "Study route")),
    Column("seats", "whole", ("Fler platser", "Extra seats")),
    *GAINS,
    Column("better_off_low", "whole", ("Får det bättre, från", "Better off, from")),
    Column("better_off_high", "whole", ("Får det bättre, till", "Better off, to")),
    Column("newly_placed_low", "whole", ("Får plats, från", "Newly placed, from")),
    Column("newly_placed_high", "whole", ("Får plats, till", "Newly placed, to")),
)
SPREAD = ("", "_low", "_high")
OVER = {"values": ("newly_placed", "better_off"), "values_years": ("newly_placed", "better_off")}
"""Values with intervals: over lotteries, and over simulated years."""
TITLES = {
    ("values", "newly_placed"): ("Får plats, lotter", "Newly placed, lotteries"),
    ("values", "better_off"): ("Får det bättre, lotter", "Better off, lotteries"),
    ("values_years", "newly_placed"): ("Får plats, år", "Newly placed, years"),
    ("values_years", "better_off"): ("Får det bättre, år", "Better off, years"),
}
MEANINGS = {
    "values": ("medelvärde över nya lottningar", "mean over fresh lotteries"),
    "values_years": ("medelvärde över simulerade år", "mean over simulated years"),
}


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
    shown = rows.head(MOST).to_dicts()
    data = [
        {"name": name, "what": what, "persons": persons}
        for name, row in zip(labels(shown, "route", t), shown, strict=True)
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
    """Show where seats are short, what more of them would change route by route, and the best package found."""
    selected = chosen(request, actor)
    t = texts_of(request)
    picked = chosen_routes(request, selected)
    valued = newest(request, selected, "seat_values", request.query_params.get("values", ""))
    held = tables_of(request, valued, ("values", "values_years", "curves")) if valued is not None else {}
    curves = with_intervals(curves_of(request, selected, picked), held.get("curves"))
    charts = [_chart(_table(request, selected, held), t), curve_chart(curves, t)]
    grids = [_grid(request, selected, held, picked, t), _shortfalls(selected, t)]
    if picked:
        grids.append(fixed("curves", t("seats.curves"), CURVE, curves, t.language))
    found = newest(request, selected, "package", request.query_params.get("package", ""))
    if found is not None:
        grids.append(package_grid(request, found, t, selected.link))
    values: dict[str, Any] = {
        "fields": route_fields(request, selected.picture.routes, t),
        "region": selected.picture.region,
        "picked": [_picked(one, request, selected) for one in picked],
        "valued": valued,
        "valued_when": local_time(valued.created_at) if valued is not None else "",
        "package": package_words(found, t),
        "jobs": jobs_of(request, selected, ("seat_values", "package"), t),
        "plannable": bool(selected.edition.intake_id) and not selected.round.startswith("reserve"),
    }
    about = {"run": selected.run_id[:12]}
    stamp = stamp_of(about, t.language)
    content = Content([one for one in charts if one is not None], [stamped(one, stamp) for one in grids], values)
    return answer(request, actor, selected, "seats.html.j2", content)


def _table(request: Request, selected: Selected, held: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the routes that fit the filters with what one more seat changes, and with intervals where there are any."""
    routes, _ = narrowed(request, selected.picture.routes)
    table = ordered(routes, "school", "route_name").join(
        seat_values(request, selected), on="route_id", how="left", maintain_order="left"
    )
    for name, names in OVER.items():
        if name in held:
            part = held[name].select(
                "route_id", *(pl.col(f"{one}{end}").alias(f"{name}_{one}{end}") for one in names for end in SPREAD)
            )
            table = table.join(part, on="route_id", how="left", maintain_order="left")
    return table


def _grid(
    request: Request, selected: Selected, held: Mapping[str, pl.DataFrame], picked: Sequence[str], t: Texts
) -> Grid:  # fmt: skip
    picture = selected.picture

    def draws(row: Mapping[str, Any]) -> str:
        others = [one for one in picked if one != row["route_id"]]
        kept_on = {name: request.query_params.getlist(name) for name in request.query_params if name != "format"}
        return address("/seats", {**kept_on, "curve": [*others, row["route_id"]][-MOST_CURVES:]}) + "#curves"

    named = columns("route", year=picture.year, link=selected.link, earlier=False, part=False)[:3]
    figures = {one.name: Column.of(one) for one in columns_of("route")}
    gains = [replace(GAINS[0], link=draws), GAINS[1]]
    spreads = [
        one
        for name, names in OVER.items()
        if name in held
        for measure in names
        for one in spread_columns(f"{name}_{measure}", TITLES[name, measure], meaning=MEANINGS[name])
    ]
    shown = [*named, *gains, *spreads, *(figures[name] for name in SHOWN)]
    caption = f"{t('seats.caption')}, {round_text(picture.name, t.language)} {picture.year}"
    first = "-values_newly_placed" if "values" in held else "-better_off"
    table = _table(request, selected, held)
    return sortable(request, "seats", caption, shown, table, t.language, sort=first, of=len(picture.routes), rows=ROWS)


def _shortfalls(selected: Selected, t: Texts) -> Grid:
    """Give the programmes by their shortage against first choices."""
    frame = selected.picture.levels["programme"].filter(pl.col("first_choice_shortage") > 0)
    frame = frame.sort("first_choice_shortage", "programme", descending=[True, False])
    figures = {one.name: Column.of(one) for one in columns_of("programme")}
    names = ("programme", "seats", "first_choices", "first_choice_shortage", "reserves", "vacancies", "clearing_number")
    shown = [figures[name] for name in names if name in figures and name in frame.columns]
    return fixed("shortfalls", t("seats.shortfalls"), shown, frame, t.language)


def _picked(route_id: str, request: Request, selected: Selected) -> dict[str, str]:
    route = selected.picture.routes.filter(pl.col("route_id") == route_id).row(0, named=True)
    others = [one for one in request.query_params.getlist("curve") if one != route_id]
    kept_on = {name: request.query_params.getlist(name) for name in request.query_params if name != "format"}
    return {
        "name": f"{route['school']}, {route['route_name']}",
        "without": address("/seats", {**kept_on, "curve": others}) + "#curves",
    }
