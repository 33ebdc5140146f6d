"""The charts of the demand page."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from admissions.reports.wording import PROGRAMMES, round_text
from api.web.charts import BLUE, INK, OCHRE, Chart, values
from api.web.texts import Texts

MOST = 20
MULTIPLES = 12


def label(row: dict[str, Any], level: str, t: Texts) -> str:
    """Name a row in a chart."""
    if level == "programme":
        code = row["programme"]
        return f"{PROGRAMMES[code][t.word]} {code}" if code in PROGRAMMES else code
    if level == "route":
        return f"{row['school']}, {row['route_code']}"
    return str(row[level])


def labels(rows: Sequence[dict[str, Any]], level: str, t: Texts) -> list[str]:
    """Name rows of a chart so that no two are called the same: profiles of a class share school and code."""
    names = [label(row, level, t) for row in rows]
    for more in ("route_name", "municipality", "route_id"):
        known = Counter(names)
        names = [
            f"{row['school']}, {row[more]}" if known[name] > 1 and more in row and "school" in row else name
            for row, name in zip(rows, names, strict=True)
        ]
    return names


def largest(table: pl.DataFrame) -> pl.DataFrame:
    """Give the rows with most seats or first choices."""
    size = pl.max_horizontal("seats", "first_choices").alias("size")
    return table.with_columns(size).filter(pl.col("size") > 0).sort("size", descending=True, maintain_order=True)


def demand(table: pl.DataFrame, level: str, t: Texts) -> Chart | None:
    """First choices as bars and seats as ticks, for the largest rows shown."""
    rows = largest(table).head(MOST).to_dicts()
    if not rows:
        return None
    first, seats = t("demand.first_choices"), t("demand.seats")
    names = labels(rows, level, t)
    data = [
        {"name": name, "what": what, "value": row[column]}
        for name, row in zip(names, rows, strict=True)
        for what, column in ((first, "first_choices"), (seats, "seats"))
    ]
    colour = {"field": "what", "type": "nominal", "scale": {"domain": [first, seats], "range": [BLUE, INK]}}
    tooltip = [
        {"field": "name", "title": t("demand.what")},
        {"field": "what", "title": t("demand.measure")},
        {"field": "value", "type": "quantitative", "format": ",d", "title": t("demand.persons")},
    ]
    spec = {
        "width": 520,
        "height": {"step": 19},
        "data": values(data),
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "title": None, "axis": {"tickCount": 6, "format": ",d"}},
            "y": {
                "field": "name", "type": "nominal", "sort": list(dict.fromkeys(names)), "title": None,
                "axis": {"domain": False, "ticks": False},
            },
            "color": colour,
            "tooltip": tooltip,
        },
        "layer": [
            {"transform": [{"filter": {"field": "what", "equal": first}}], "mark": {"type": "bar", "height": 10}},
            {
                "transform": [{"filter": {"field": "what", "equal": seats}}],
                "mark": {"type": "tick", "thickness": 2.5, "height": 16},
            },
        ],
    }  # fmt: skip
    return Chart("demand", t("demand.chart"), t("demand.chart_caption", most=MOST), spec, "demand")


def _key(row: dict[str, Any], level: str, t: Texts) -> str:
    return str(row["route_id"]) if level == "route" else "|".join([label(row, level, t), row.get("municipality") or ""])


def multiples(tables: Sequence[tuple[str, pl.DataFrame]], level: str, t: Texts) -> Chart | None:
    """First choices, seats and admitted round by round, a small picture for each of the largest rows."""
    if len(tables) < 2 or tables[-1][1].is_empty():
        return None
    shown = largest(tables[-1][1]).head(MULTIPLES).to_dicts()
    chosen = {_key(row, level, t): name for row, name in zip(shown, labels(shown, level, t), strict=True)}
    measures = {
        t("demand.first_choices"): "first_choices", t("demand.seats"): "seats", t("demand.admitted"): "admitted"
    }  # fmt: skip
    data = [
        {"name": name, "round": round_text(round_name, t.language), "what": what, "value": row[column]}
        for round_name, table in tables
        for name, row in ((chosen.get(_key(row, level, t)), row) for row in table.to_dicts())
        if name is not None
        for what, column in measures.items()
    ]
    order = [round_text(name, t.language) for name, _ in tables]
    spec = {
        "data": values(data),
        "columns": 4,
        "spacing": {"row": 12, "column": 28},
        "facet": {"field": "name", "type": "nominal", "sort": list(chosen.values()), "title": None},
        "spec": {
            "width": 150,
            "height": 84,
            "mark": {"type": "line", "point": {"size": 28}, "strokeWidth": 1.6},
            "encoding": {
                "x": {
                    "field": "round", "type": "ordinal", "sort": order, "title": None,
                    "axis": {"labels": False, "ticks": False, "grid": False},
                },
                "y": {
                    "field": "value", "type": "quantitative", "title": None,
                    "axis": {"tickCount": 3, "format": ",d", "domain": False, "ticks": False},
                },
                "color": {
                    "field": "what", "type": "nominal", "scale": {"domain": list(measures), "range": [BLUE, INK, OCHRE]}
                },
                "tooltip": [
                    {"field": "name", "title": t("demand.what")},
                    {"field": "round", "title": t("base.round")},
                    {"field": "what", "title": t("demand.measure")},
                    {"field": "value", "type": "quantitative", "format": ",d", "title": t("demand.persons")},
                ],
            },
        },
        "resolve": {"scale": {"y": "independent"}},
    }  # fmt: skip
    caption = t("demand.multiples_caption", rounds=" → ".join(order))
    return Chart("multiples", t("demand.multiples"), caption, spec, "demand")
