"""Charts of a generated year beside the published one: each quantity against itself, the diagonal is a perfect fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from admissions.reports.charts import BLUE, GREY, INK, OCHRE, data, svg

if TYPE_CHECKING:
    from simulations.diagnostics import Comparison

_SIDE = 330


@dataclass(frozen=True)
class Panel:
    """One chart.

    Attributes
    ----------
    name
        Of its file.
    title, text
        What is shown, and what the points are.
    status
        ``fitted`` or ``not fitted``: the colour says it too.
    published, generated
        Columns of `Comparison.routes`.
    unit
        Title of the axes.
    step
        Width of the squares routes are gathered in, so that the drawing stays light.
    """

    name: str
    title: str
    text: str
    status: str
    published: str
    generated: str
    unit: str
    step: float


PANELS = (
    Panel(
        "cutoffs",
        "Cut-offs",
        "Routes with a cut-off in both, merit points; above 340 with test points.",
        "fitted",
        "lowest_merit",
        "limit_generated",
        "merit points",
        5.0,
    ),
    Panel(
        "medians",
        "Median merit of the admitted",
        "Routes with anyone admitted in both, merit points; only means over groups of routes entered the fit.",
        "not fitted",
        "median_merit",
        "median_generated",
        "merit points",
        5.0,
    ),
    Panel(
        "reserves",
        "Reserves",
        "Every route, entries, on a square root scale.",
        "fitted",
        "reserves",
        "reserves_generated",
        "reserve entries",
        5.0,
    ),
)
ADMITTED = ("admitted", "Admitted per programme", "Programmes, persons, on a logarithmic scale.", "fitted")


def draw(comparison: Comparison) -> dict[str, str]:
    """Return the charts by name as SVG text: cut-offs, medians, reserves and admitted per programme."""
    charts = {panel.name: svg(_scatter(comparison.routes, panel), "en") for panel in PANELS}
    return charts | {"admitted": svg(_programmes(comparison.programmes), "en")}


def _scatter(routes: pl.DataFrame, panel: Panel) -> Any:
    import altair as alt

    counted = panel.unit != "merit points"
    both = pl.lit(True) if counted else (pl.col("published") > 0) & (pl.col("generated") > 0)  # noqa: FBT003
    points = (
        routes.filter(pl.col("programme") != "VI")  # the fourth technical year has medians of another scale
        .select(published=pl.col(panel.published).cast(float), generated=pl.col(panel.generated).cast(float))
        .drop_nulls()
        .filter(both)
        .with_columns((pl.col("published", "generated") / panel.step).round() * panel.step)
        .group_by("published", "generated")
        .agg(routes=pl.len())
        .sort("published", "generated")
    )
    values = [*points["published"].to_list(), *points["generated"].to_list()]
    top = max([1.0, *values])
    low = 0.0 if counted else min([top, *values])
    scale = alt.Scale(type="sqrt" if counted else "linear", domain=[low, top], nice=False)
    marks = (
        alt.Chart(data(points))
        .mark_circle(color=BLUE if panel.status == "fitted" else OCHRE, opacity=0.55)
        .encode(
            x=alt.X("published:Q", title=f"published, {panel.unit}", scale=scale, axis=_axis()),
            y=alt.Y("generated:Q", title=f"generated, {panel.unit}", scale=scale, axis=_axis()),
            size=alt.Size("routes:Q", legend=None, scale=alt.Scale(range=[10, 220])),
        )
    )
    return (_diagonal(low, top, scale) + marks).properties(width=_SIDE, height=_SIDE)


def _programmes(programmes: pl.DataFrame) -> Any:
    import altair as alt

    points = programmes.filter((pl.col("published") > 0) & (pl.col("generated") > 0))
    points = points.select("programme", "published", "generated")
    low = min(*points["published"].to_list(), *points["generated"].to_list(), 1000) * 0.8
    top = max(*points["published"].to_list(), *points["generated"].to_list(), 10) * 1.2
    scale = alt.Scale(type="log", domain=[low, top], nice=False)
    base = alt.Chart(data(points)).encode(
        x=alt.X("published:Q", title="published, persons", scale=scale, axis=_axis()),
        y=alt.Y("generated:Q", title="generated, persons", scale=scale, axis=_axis()),
    )
    marks = base.mark_circle(color=BLUE, size=45, opacity=0.8)
    names = base.mark_text(align="left", dx=6, dy=4, fontSize=10, color=INK).encode(text="programme:N")
    return (_diagonal(low, top, scale) + marks + names).properties(width=_SIDE, height=_SIDE)


def _axis() -> Any:
    import altair as alt

    return alt.Axis(grid=False, tickCount=6)


def _diagonal(low: float, top: float, scale: Any) -> Any:
    import altair as alt

    ends = pl.DataFrame({"published": [low, top], "generated": [low, top]})
    return (
        alt.Chart(data(ends))
        .mark_line(color=GREY, strokeWidth=1)
        .encode(x=alt.X("published:Q", scale=scale), y=alt.Y("generated:Q", scale=scale))
    )
