"""The value of more seats at chosen routes, drawn as curves: the run's own lottery, and intervals over lotteries."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from fastapi import Request

from api.web.charts import BLUE, GREEN, GREY, OCHRE, Chart, values
from api.web.demand_charts import labels
from api.web.editions import Selected
from api.web.kept import Kept, kept
from api.web.texts import Texts
from api.web.visits import texts_of

UP_TO = 30
MOST = 4
COLOURS = (BLUE, OCHRE, GREEN, GREY)
EMPTY = {"route_id": pl.String, "seats": pl.Int64, "better_off": pl.Int64, "newly_placed": pl.Int64}


def chosen_routes(request: Request, selected: Selected) -> list[str]:
    """Give the routes whose curves the URL asks for, those there are."""
    known = set(selected.picture.routes["route_id"].to_list())
    return [one for one in dict.fromkeys(request.query_params.getlist("curve")) if one in known][:MOST]


def curve(request: Request, selected: Selected, route_id: str) -> pl.DataFrame:
    """Give what 1, 2 ... 30 more seats at a route change, exactly, for the run's own lottery."""
    from admissions.matching.seat_values import seat_curve
    from admissions.rounds.stored import StoredRound, read_run

    def market() -> StoredRound:
        with selected.files() as folder:
            stored = read_run(folder).round(selected.round)
            _ = stored.market, stored.matching  # read while the files are there
            return stored

    def read() -> pl.DataFrame:
        rounds: Kept[StoredRound] = kept(request, "planned_rounds", 2)
        stored = rounds.get((selected.run_id, selected.round), market)
        found = seat_curve(stored.market, stored.matching, stored.routes.index(route_id), up_to=UP_TO)
        return pl.DataFrame(
            {
                "route_id": [route_id] * UP_TO,
                "seats": list(range(1, UP_TO + 1)),
                "better_off": [int(one) for one in found.better_off],
                "newly_placed": [int(one) for one in found.newly_placed],
            },
            schema=EMPTY,
        )

    known: Kept[pl.DataFrame] = kept(request, "seat_curves", 200)
    return known.get((selected.run_id, selected.round, route_id), read)


def curves_of(request: Request, selected: Selected, route_ids: Sequence[str]) -> pl.DataFrame:
    """Give the curves of several routes, with their names."""
    found = [curve(request, selected, one) for one in route_ids]
    frame = pl.concat(found) if found else pl.DataFrame(schema=EMPTY)
    routes = selected.picture.routes.filter(pl.col("route_id").is_in(list(route_ids))).to_dicts()
    named = {"route_id": [one["route_id"] for one in routes], "name": labels(routes, "route", texts_of(request))}
    names = pl.DataFrame(named, schema={"route_id": pl.String, "name": pl.String})
    return frame.join(names, on="route_id", how="left", maintain_order="left")


def with_intervals(frame: pl.DataFrame, known: pl.DataFrame | None) -> pl.DataFrame:
    """Put the intervals over lotteries beside the steps they were worked out for."""
    ends = ("better_off_low", "better_off_high", "newly_placed_low", "newly_placed_high")
    if known is None or known.is_empty():
        return frame.with_columns(pl.lit(None, pl.Int64).alias(name) for name in ends)
    part = known.select("route_id", "seats", *ends)
    return frame.join(part, on=["route_id", "seats"], how="left", maintain_order="left")


def curve_chart(frame: pl.DataFrame, t: Texts) -> Chart | None:
    """Draw the curves: persons better off against extra seats, one colour a route, a band where lotteries vary."""
    if frame.is_empty():
        return None
    names = frame["name"].unique(maintain_order=True).to_list()
    colour = {
        "field": "name", "type": "nominal", "sort": names,
        "scale": {"domain": names, "range": list(COLOURS[: len(names)])},
    }  # fmt: skip
    x = {
        "field": "seats", "type": "quantitative", "title": t("seats.extra"), "scale": {"domain": [0, UP_TO]},
        "axis": {"tickCount": 6, "format": ",d"},
    }  # fmt: skip
    y: Mapping[str, Any] = {
        "type": "quantitative", "title": t("seats.better_off"),
        "axis": {"tickCount": 6, "format": ",d", "domain": False, "ticks": False},
    }  # fmt: skip
    rows = [
        {"name": row["name"], "seats": row["seats"], "better": row["better_off"], "placed": row["newly_placed"]}
        for row in frame.to_dicts()
    ]
    bands = [
        {"name": row["name"], "seats": row["seats"], "low": row["better_off_low"], "high": row["better_off_high"]}
        for row in frame.to_dicts()
        if row["better_off_low"] is not None
    ]
    tooltip = [
        {"field": "name", "title": t("demand.what")},
        {"field": "seats", "type": "quantitative", "title": t("seats.extra")},
        {"field": "better", "type": "quantitative", "title": t("seats.better_off")},
        {"field": "placed", "type": "quantitative", "title": t("seats.newly_placed")},
    ]
    lines = {"x": x, "y": {**y, "field": "better"}, "color": colour, "tooltip": tooltip}
    drawn: list[dict[str, Any]] = [
        {
            "data": values(rows),
            "mark": {"type": "line", "strokeWidth": 1.8, "point": {"size": 18}},
            "encoding": lines,
        }
    ]
    if bands:  # a layer without data has no scale
        band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour}
        mark = {"type": "rule", "strokeWidth": 6, "opacity": 0.3, "aria": False}
        drawn.insert(0, {"data": values(bands), "mark": mark, "encoding": band})
    spec = {"width": 520, "height": 260, "layer": drawn}
    return Chart("curves", t("seats.curves"), t("seats.curves_caption"), spec, "curves")
