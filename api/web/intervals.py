"""Tables and charts of figures with intervals: mean, low and high end beside each other; stamped in every file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from fastapi import Response

from admissions.reports import numbers
from api.jobs.analysis import STAMP
from api.web.charts import BLUE, GREY, PALE, Chart, values
from api.web.grids import Column, Grid, Pair
from api.web.texts import Language, Texts

SIDES: Mapping[str, Pair] = {
    "baseline": ("Utgångsläge", "Baseline"),
    "scenario": ("Scenario", "Scenario"),
    "difference": ("Skillnad", "Difference"),
}
LOW, HIGH = ("från", "from"), ("till", "to")
MOST = 24


@dataclass(frozen=True)
class IntervalColumn(Column):
    """A column of means or of ends of intervals; a missing figure is a small count that is not told."""

    def write(self, value: Any, language: Language) -> str:
        """Write a figure: whole, or with one decimal."""
        return figure(value, language, signed=self.kind == "mean_signed")


def figure(value: float | None, language: Language, *, signed: bool = False) -> str:
    """Write a mean or an end of an interval.

    Examples
    --------
    >>> figure(12.0, "sv"), figure(-1.25, "en", signed=True), figure(None, "sv")
    ('12', '−1.2', '.')
    """
    if value is None:
        return "."
    size = abs(float(value))
    if size.is_integer() or size >= 100:
        text = numbers.whole(round(size), language) if round(size) else "0"
    else:
        text = f"{size:.1f}".replace(".", "," if language == "sv" else ".")
    if value < 0:
        return numbers.MINUS + text
    return f"+{text}" if signed and value else text


@dataclass(frozen=True, eq=False)
class StampedGrid(Grid):
    """A table of working material: its files say so in their name and on every row."""

    stamp: str = ""

    def export(self, form: str) -> Response:
        """Write the table with its stamp."""
        word = STAMP[self.language]
        column = Column("stamp", "text", ("Stämpel", "Stamp"))
        plain = Grid(
            f"{word.replace(' ', '-')}-{self.name}",
            self.caption,
            [*self.columns, column],
            self.frame.with_columns(pl.lit(self.stamp or word).alias("stamp")),
            self.language,
        )
        return plain.export(form)


def stamped(grid: Grid, stamp: str) -> StampedGrid:
    """Stamp a table."""
    held = {name: getattr(grid, name) for name in grid.__dataclass_fields__}
    return StampedGrid(**held, stamp=stamp)


def stamp_of(about: Mapping[str, Any], language: Language) -> str:
    """Give the words on every row of a file."""
    parts = [STAMP[language], str(about.get("scenario", "")), str(about.get("run", ""))]
    return ", ".join(part for part in parts if part)


def three(measure: str = "", *, exact: bool = False) -> list[Column]:
    """Give the columns of baseline, scenario and difference of a measure, each with its interval unless it is exact."""
    start = f"{measure}_" if measure else ""
    found: list[Column] = []
    for side, words in SIDES.items():
        kind = "mean_signed" if side == "difference" else "mean"
        found += spread_columns(f"{start}{side}", words, kind=kind, exact=exact)
    return found


def spread_columns(
    name: str, words: Pair, *, kind: str = "mean", meaning: Pair = ("", ""), exact: bool = False
) -> list[Column]:
    """Give the columns of a mean and of the ends of its interval."""
    ends = [
        IntervalColumn(f"{name}_{end}", kind, (f"{words[0]}, {to[0]}", f"{words[1]}, {to[1]}"), _INTERVAL)
        for end, to in (("low", LOW), ("high", HIGH))
    ]
    return [IntervalColumn(name, kind, words, meaning), *([] if exact else ends)]


_INTERVAL = ("mellan dessa tal ligger åtta av tio utfall", "eight outcomes of ten lie between these two")


def band_chart(
    name: str, title: str, caption: str, frame: pl.DataFrame, key: str, measure: str, t: Texts,
    words: Mapping[str, str] | None = None,
) -> Chart | None:  # fmt: skip
    """Draw one row a name: the mean of a measure as a dot, its interval as a band; those furthest from nought."""
    ends = [f"{measure}_low", f"{measure}_high"]
    told = frame.filter(pl.col(measure).is_not_null())
    reach = pl.max_horizontal(*(pl.col(end).abs() for end in ends), pl.col(measure).abs())
    rows = told.with_columns(reach.alias("reach")).filter(pl.col("reach") > 0)
    rows = rows.sort("reach", key, descending=[True, False]).head(MOST).sort(measure, key, descending=[True, False])
    if rows.is_empty():
        return None
    data = [
        {"name": (words or {}).get(row[key], row[key]), "mean": row[measure], "low": row[ends[0]], "high": row[ends[1]]}
        for row in rows.to_dicts()
    ]
    return Chart(name, title, caption, band_spec(data, t), name)


def band_spec(data: Sequence[Mapping[str, Any]], t: Texts) -> dict[str, Any]:
    """Give the specification of dots with bands."""
    x = {"type": "quantitative", "title": None, "axis": {"tickCount": 6, "format": ",d", "tickMinStep": 1}}
    y = {
        "field": "name", "type": "nominal", "sort": [one["name"] for one in data], "title": None,
        "axis": {"domain": False, "ticks": False, "labelLimit": 320},
    }  # fmt: skip
    tooltip = [
        {"field": "name", "title": t("scenarios.name_column")},
        {"field": "mean", "type": "quantitative", "format": ",.1f", "title": t("scenarios.mean")},
        {"field": "low", "type": "quantitative", "format": ",d", "title": t("scenarios.low")},
        {"field": "high", "type": "quantitative", "format": ",d", "title": t("scenarios.high")},
    ]
    band = {"x": {"field": "low", **x}, "x2": {"field": "high"}, "y": y, "tooltip": tooltip}
    return {
        "width": 480,
        "height": {"step": 18},
        "data": values(data),
        "layer": [
            {
                "mark": {"type": "rule", "color": GREY, "strokeDash": [2, 2], "aria": False},
                "encoding": {"x": {"datum": 0}},
            },
            {"mark": {"type": "rule", "strokeWidth": 7, "color": PALE, "aria": False}, "encoding": band},
            {
                "mark": {"type": "circle", "size": 55, "opacity": 1, "color": BLUE},
                "encoding": {"x": {"field": "mean", **x}, "y": y, "tooltip": tooltip},
            },
        ],
    }
