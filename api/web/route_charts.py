"""The charts of a study route's page."""

import polars as pl

from api.web.charts import BLUE, GREY, INK, OCHRE, PALE, Chart, values
from api.web.texts import Texts


def merit_chart(merits: pl.DataFrame, limit: int, t: Texts) -> Chart:
    """Stack those tried by merit and outcome, with the limit as a line."""
    names = {"admitted": t("route.admitted"), "struck": t("route.struck"), "reserve": t("route.reserve")}
    data = [
        {"from": row["from"], "to": row["from"] + 10, "what": words, "persons": row[name]}
        for row in merits.to_dicts()
        for name, words in names.items()
        if row[name] > 0
    ]
    bars = {
        "data": values(data),
        "mark": {"type": "bar", "stroke": "#fdfdfb", "strokeWidth": 0.5},
        "encoding": {
            "x": {
                "field": "from", "type": "quantitative", "bin": {"binned": True}, "title": t("route.merit"),
                "axis": {"grid": False, "tickCount": 10}, "scale": {"zero": False, "nice": False},
            },
            "x2": {"field": "to"},
            "y": {
                "field": "persons", "type": "quantitative", "title": t("route.persons"),
                "axis": {"tickCount": 5, "format": ",d", "domain": False, "ticks": False},
            },
            "color": {
                "field": "what", "type": "nominal",
                "scale": {"domain": list(names.values()), "range": [BLUE, PALE, OCHRE]},
            },
            "tooltip": [
                {"field": "from", "type": "quantitative", "title": t("route.merit_from")},
                {"field": "what", "title": t("route.outcome")},
                {"field": "persons", "type": "quantitative", "format": ",d", "title": t("route.persons")},
            ],
        },
    }  # fmt: skip
    layers = [bars]
    if limit:
        mark = {"limit": limit / 100, "words": t("route.limit")}
        layers += [
            {
                "data": values([mark]),
                "mark": {"type": "rule", "strokeWidth": 2, "color": INK, "strokeDash": [4, 3]},
                "encoding": {"x": {"field": "limit", "type": "quantitative"}},
            },
            {
                "data": values([mark]),
                "mark": {"type": "text", "align": "left", "dx": 5, "dy": -6, "baseline": "bottom"},
                "encoding": {
                    "x": {"field": "limit", "type": "quantitative"},
                    "y": {"value": 8},
                    "text": {"field": "words", "type": "nominal"},
                },
            },
        ]
    spec = {"width": 600, "height": 220, "layer": layers}
    return Chart("merits", t("route.merits"), t("route.merits_chart"), spec, "merits")


def history_chart(past: pl.DataFrame, t: Texts) -> Chart:
    """Draw limit and median by published year."""
    names = {"limit": t("route.limit"), "median": t("route.median")}
    data = [
        {"year": row["year"], "what": words, "points": row[name] / 100}
        for row in past.to_dicts()
        for name, words in names.items()
        if row[name]
    ]
    spec = {
        "width": 340,
        "height": 180,
        "data": values(data),
        "mark": {"type": "line", "point": {"size": 36}, "strokeWidth": 1.8},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0, "grid": False}},
            "y": {
                "field": "points", "type": "quantitative", "title": t("route.points"), "scale": {"zero": False},
                "axis": {"tickCount": 5, "domain": False, "ticks": False},
            },
            "color": {
                "field": "what", "type": "nominal",
                "scale": {"domain": list(names.values()), "range": [INK, GREY]},
            },
            "tooltip": [
                {"field": "year", "title": t("route.year")},
                {"field": "what", "title": t("demand.measure")},
                {"field": "points", "type": "quantitative", "title": t("route.points")},
            ],
        },
    }  # fmt: skip
    return Chart("history", t("route.history"), t("route.history_chart"), spec, "history")
