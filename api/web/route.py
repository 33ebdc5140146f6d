"""One study route: seats, who was tried and with which merit, where the refused ended up, moves, history."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import polars as pl
from fastapi import APIRouter, Request, Response

from admissions.reports.wording import round_text
from admissions.results.statuses import STATUS_NAMES, STATUS_TEXTS, Status
from api.access.actor import Actor
from api.access.permissions import Permission, Role
from api.problems import not_found
from api.store.repositories.runs import sees_unpublished
from api.web import route_tables
from api.web.editions import Selected, chosen
from api.web.grids import Column, Grid, address, fixed, paged
from api.web.plans import newest, tables_of
from api.web.rendering import Content, answer
from api.web.route_charts import history_chart, merit_chart
from api.web.seat_charts import curve_chart, curves_of, with_intervals
from api.web.seats import CURVE, seat_values
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SEATS = (
    Column("name", "text", ("Platsgrupp", "Seat group")),
    Column("seats", "whole", ("Platser", "Seats")),
    Column("admitted", "whole", ("Antagna", "Admitted")),
)
HISTORY = (
    Column("year", "text", ("År", "Year")),
    Column("seats", "whole", ("Platser", "Seats")),
    Column("admitted", "whole", ("Antagna", "Admitted")),
    Column("reserves", "whole", ("Reserver", "Reserves")),
    Column("vacancies", "whole", ("Lediga", "Vacant")),
    Column("limit", "merit", ("Gräns", "Limit")),
    Column("median", "merit", ("Median", "Median")),
)
NEXT = CURVE[1:]
STEPS = (1, 2, 5, 10, 20, 30)
RANKED = (
    Column("applicant", "text", ("Sökande", "Applicant")),
    Column("what", "text", ("Utfall", "Outcome")),
    Column("reserve_position", "whole", ("Reservplats", "Reserve position")),
    Column("merit", "merit", ("Meritvärde", "Merit")),
    Column("rank", "whole", ("Val nr", "Choice no.")),
)


def sees_list(actor: Actor, route: Mapping[str, Any]) -> bool:
    """Say whether somebody sees the ranked list: the office, and the principal of the own school."""
    if not actor.may(Permission.READ_RESULTS):
        return False
    if actor.has_role(Role.OFFICE, Role.SECOND_SIGNER):
        return True
    scope = actor.scope(Permission.READ_RESULTS)
    place = {name: route[name] for name in ("organiser", "school", "municipality")}
    return actor.has_role(Role.PRINCIPAL) and scope.covers(**place)


@router.get("/routes/{route_id}")
def read_route(route_id: str, request: Request, actor: Annotated[Actor, page(Permission.READ_DEMAND)]) -> Response:
    """Show a study route."""
    selected = chosen(request, actor)
    t = texts_of(request)
    found = selected.picture.routes.filter(pl.col("route_id") == route_id)
    if found.is_empty():
        raise not_found("study route", "path route_id")
    route = found.row(0, named=True)
    exact = sees_unpublished(actor)
    tables = [_merits(selected, route, t, exact=exact), *_elsewhere(selected, route, t, exact=exact)]
    past = route_tables.history(route)
    now = found.select(pl.lit(t("route.this_run", year=selected.picture.year)).alias("year"), *past.columns[1:])
    charts = [merit_chart(tables[0].frame, route["limit"], t)]
    if not past.is_empty():
        tables.append(
            fixed("history", t("route.history"), HISTORY, pl.concat([past, now], how="vertical_relaxed"), t.language)
        )
        charts.append(history_chart(past, t))
    groups = route_tables.groups(selected.picture, route["pool"]).with_columns(
        pl.when(pl.col("group") == "").then(pl.lit(t("route.open"))).otherwise(pl.col("group")).alias("name")
    )
    tables.append(fixed("seats", t("route.seats_caption"), SEATS, groups, t.language))
    if sees_list(actor, route):
        tables.append(_ranked(request, selected, route_id, t))
    values = {"route": route, "exact": exact, "programme_href": _programme(selected, route)}
    values["stayed"] = _stayed(selected, route_id)
    values["gain"] = values["valued"] = None
    if actor.may(Permission.READ_SCENARIOS):
        values["gain"] = seat_values(request, selected).filter(pl.col("route_id") == route_id).to_dicts()[0]
        curves = next_seats(request, selected, route_id)
        values["valued"] = bool(curves["better_off_low"].is_not_null().any())
        chart = curve_chart(curves, t)
        tables.append(fixed("curves", t("route.next_seats"), NEXT, curves, t.language))
        charts += [chart] if chart is not None else []
    return answer(request, actor, selected, "route.html.j2", Content(charts, tables, values))


def next_seats(request: Request, selected: Selected, route_id: str) -> pl.DataFrame:
    """Give what more seats here change: exact for the run's lottery, with intervals where they were worked out."""
    valued = newest(request, selected, "seat_values")
    held = tables_of(request, valued, ("values", "curves")) if valued is not None else {}
    known = held.get("curves")
    if "values" in held:  # one more seat is known for every route, more of them for the most valuable ones
        ends = ("better_off_low", "better_off_high", "newly_placed_low", "newly_placed_high")
        one = held["values"].select("route_id", pl.lit(1, pl.Int64).alias("seats"), *ends)
        more = held["curves"].select("route_id", "seats", *ends) if len(held["curves"]) else one.clear()
        known = pl.concat([one, more]).unique(["route_id", "seats"], keep="first", maintain_order=True)
    curves = curves_of(request, selected, [route_id])
    return with_intervals(curves.filter(pl.col("seats").is_in(STEPS)), known)


def _programme(selected: Selected, route: Mapping[str, Any]) -> str:
    return address("/demand", {**selected.link, "level": "route", "programme": route["programme"]})


def _stayed(selected: Selected, route_id: str) -> int | None:
    if selected.earlier is None:
        return None
    return route_tables.moves(selected.picture, selected.earlier, route_id, {"rest": ""}, exact=True)[0]


def _merits(selected: Selected, route: Mapping[str, Any], t: Texts, *, exact: bool) -> Grid:
    table = route_tables.merits(selected.picture, route["route_id"], exact=exact)
    columns = (
        Column("from", "whole", ("Meritvärde från", "Merit from"), ("tio poäng breda steg", "steps of ten points")),
        Column("admitted", "hidden", ("Antagna", "Admitted")),
        Column("struck", "hidden", ("Fick ett högre val", "Got a higher choice")),
        Column("reserve", "hidden", ("Reserver", "Reserves")),
    )
    points = table.with_columns(pl.col("from") // 100)
    return fixed(
        "merits", t("route.merits_caption", round=round_text(selected.round, t.language)), columns, points, t.language
    )


def _elsewhere(selected: Selected, route: Mapping[str, Any], t: Texts, *, exact: bool) -> list[Grid]:
    """Where the refused ended up, and moves since the round before."""
    words = {name: t(f"route.{name}") for name in ("none", "absent", "rest")}
    known = set(selected.picture.routes["route_id"].to_list())

    def leads(row: Mapping[str, Any]) -> str:
        if row["where"] not in known:
            return ""
        return address(f"/routes/{quote(row['where'])}", selected.link)

    columns = (
        Column("place", "text", ("Vart", "Where"), link=leads),
        Column("persons", "hidden", ("Personer", "Persons")),
    )
    came_from = (Column("place", "text", ("Varifrån", "Where from"), link=leads), columns[1])
    route_id = route["route_id"]
    refused = route_tables.refused(selected.picture, route_id, words, exact=exact)
    tables = [fixed("refused", t("route.refused_caption"), columns, refused, t.language)]
    if selected.earlier is not None:
        before, now = selected.earlier, selected.picture
        came = route_tables.moves(now, before, route_id, words, exact=exact)[1]
        went = route_tables.moves(before, now, route_id, words, exact=exact)[1]
        tables.append(fixed("came", t("route.came"), came_from, came, t.language))
        tables.append(fixed("went", t("route.went"), columns, went, t.language))
    return tables


def _ranked(request: Request, selected: Selected, route_id: str, t: Texts) -> Grid:
    words = {STATUS_NAMES[status]: STATUS_TEXTS[status][t.word] for status in Status}

    def leads(row: Mapping[str, Any]) -> str:
        return address(f"/applicants/{quote(row['applicant'])}", selected.link)

    columns = (Column("applicant", "text", RANKED[0].heading, link=leads), *RANKED[1:])
    frame = route_tables.ranked(selected.picture, route_id)
    frame = frame.with_columns(pl.col("status").replace_strict(words, return_dtype=pl.String).alias("what"))
    return paged(request, "ranked", t("route.ranked"), columns, frame, t.language)
