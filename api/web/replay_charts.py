"""The picture of the rounds: a band for everybody who went from one standing to another, and how limits moved."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from api.web.charts import BLUE, GREY, OCHRE, PALE, Chart, values
from api.web.replay_tables import STANDINGS
from api.web.texts import Texts

COLOURS = {"first": BLUE, "lower": PALE, "none": OCHRE, "untried": GREY, "absent": "#d9dcde"}
POINTS = 14
BAR = 0.06
"""Width of a round's bar, in rounds."""
GAP = 0.025
"""Free space between standings, of all persons."""


def _starts(counts: Mapping[str, int], gap: float) -> dict[str, float]:
    """Give where each standing begins, from the top."""
    found, place = {}, 0.0
    for name in STANDINGS:
        found[name] = place
        place += counts.get(name, 0) + (gap if counts.get(name, 0) else 0)
    return found


def _smooth(share: float) -> float:
    return share * share * (3 - 2 * share)


def rounds_chart(passages: pl.DataFrame, rounds: list[str], t: Texts) -> Chart:
    """Draw bars of everybody's standing in each round, and the bands between them."""
    words = {name: t(f"replay.{name}") for name in STANDINGS}
    total = int(passages.filter(pl.col("step") == 0)["persons"].sum())
    gap = GAP * total
    counts = [_sums(passages, 0, "before"), *(_sums(passages, step, "after") for step in range(len(rounds) - 1))]
    starts = [_starts(one, gap) for one in counts]
    bars: list[dict[str, Any]] = []
    bands: list[dict[str, Any]] = []
    for place, one in enumerate(counts):
        bars += [
            {
                "x": place - BAR, "x2": place + BAR, "y": starts[place][name], "y2": starts[place][name] + persons,
                "what": words[name], "persons": persons, "round": rounds[place],
                "words": f"{words[name]} {_written(persons, t)}",
            }
            for name, persons in one.items()
            if persons
        ]  # fmt: skip
    out = [dict(one) for one in starts]
    into = [dict(one) for one in starts]
    for number, row in enumerate(passages.to_dicts()):
        step, before, after, persons = row["step"], row["before"], row["after"], row["persons"]
        left, right = out[step][before], into[step + 1][after]
        out[step][before] += persons
        into[step + 1][after] += persons
        for point in range(POINTS + 1):
            share = point / POINTS
            top = left + (right - left) * _smooth(share)
            bands.append(
                {
                    "n": number, "x": round(step + BAR + share * (1 - 2 * BAR), 4), "y": round(top, 1),
                    "y2": round(top + persons, 1), "what": words[before], "after": words[after], "persons": persons,
                }
            )  # fmt: skip
    height = total + gap * len(STANDINGS)
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [-0.75, len(rounds) - 0.25]}}
    y: dict[str, Any] = {"type": "quantitative", "axis": None, "scale": {"domain": [0, height], "reverse": True}}
    colour = {
        "field": "what", "type": "nominal", "legend": None,
        "scale": {"domain": list(words.values()), "range": [COLOURS[name] for name in STANDINGS]},
    }  # fmt: skip
    tooltip = [
        {"field": "what", "title": t("replay.before")},
        {"field": "after", "title": t("replay.after")},
        {"field": "persons", "type": "quantitative", "format": ",d", "title": t("replay.persons")},
    ]
    where = {"x": {"field": "x", **x}, "y": {"field": "y", **y}}
    heads = [{"x": place, "words": name} for place, name in enumerate(rounds)]
    outer = [one | {"side": "left" if one["round"] == rounds[0] else "right"} for one in bars]
    label = {"text": {"field": "words", "type": "nominal"}}
    middle = [one | {"y": (one["y"] + one["y2"]) / 2} for one in outer]
    spec = {
        "width": 860,
        "height": 430,
        "layer": [
            {
                "data": values(bands),
                "mark": {"type": "area", "opacity": 0.55, "interpolate": "monotone"},
                "encoding": {
                    **where, "y2": {"field": "y2"}, "detail": {"field": "n", "type": "nominal"}, "color": colour,
                    "tooltip": tooltip,
                },
            },
            {
                "data": values(bars),
                "mark": {"type": "rect"},
                "encoding": {**where, "x2": {"field": "x2"}, "y2": {"field": "y2"}, "color": colour},
            },
            {
                "data": values([one for one in middle if one["side"] == "left"]),
                "mark": {"type": "text", "align": "right", "dx": -6},
                "encoding": {**where, **label},
            },
            {
                "data": values([one | {"x": one["x2"]} for one in middle if one["side"] == "right"]),
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {**where, **label},
            },
            {
                "data": values(heads),
                "mark": {"type": "text", "baseline": "bottom", "dy": -8, "fontWeight": "bold", "fontSize": 12},
                "encoding": {"x": {"field": "x", **x}, "y": {"datum": 0, **y}, **label},
            },
        ],
    }  # fmt: skip
    return Chart("rounds", t("replay.chart"), t("replay.chart_caption"), spec, "passages")


def _sums(passages: pl.DataFrame, step: int, side: str) -> dict[str, int]:
    part = passages.filter(pl.col("step") == step).group_by(side).agg(pl.col("persons").sum())
    found: dict[str, int] = dict(part.iter_rows())
    return {name: found.get(name, 0) for name in STANDINGS}


def _written(value: int, t: Texts) -> str:
    from admissions.reports import numbers

    return numbers.whole(value, t.language)


def limits_chart(steps: pl.DataFrame, t: Texts) -> Chart:
    """Draw how many limits rose and fell, and by how much."""
    data = [
        {"from": row["from"], "to": row["from"] + 5, "routes": row["routes"],
         "what": t("replay.risen") if row["from"] >= 0 else t("replay.fallen")}
        for row in steps.to_dicts()
    ]  # fmt: skip
    spec = {
        "width": 620,
        "height": 180,
        "data": values(data),
        "mark": {"type": "bar", "stroke": "#fdfdfb", "strokeWidth": 0.5},
        "encoding": {
            "x": {
                "field": "from", "type": "quantitative", "bin": {"binned": True}, "title": t("replay.by"),
                "axis": {"grid": False, "values": list(range(-60, 61, 20))},
            },
            "x2": {"field": "to"},
            "y": {
                "field": "routes", "type": "quantitative", "title": t("replay.routes"),
                "axis": {"tickCount": 5, "domain": False, "ticks": False},
            },
            "color": {
                "field": "what", "type": "nominal",
                "scale": {"domain": [t("replay.fallen"), t("replay.risen")], "range": [PALE, BLUE]},
            },
            "tooltip": [
                {"field": "from", "type": "quantitative", "title": t("replay.by_from")},
                {"field": "routes", "type": "quantitative", "title": t("replay.routes")},
            ],
        },
    }  # fmt: skip
    return Chart("limits", t("replay.limits"), t("replay.limits_caption"), spec, "programmes")
