"""The charts of a report, as SVG text to stand inside the page: Altair draws, nothing is fetched.

The typeface named first is the one the renderer brings with it, so that the drawing is the same on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from admissions.reports.wording import PROGRAMMES, move_text, round_text, say

if TYPE_CHECKING:
    from admissions.reports.columns import Language
    from admissions.reports.content import Report

INK, BLUE, PALE, OCHRE, GREY, RULE = "#1c2833", "#2f5f8a", "#a9c1d6", "#b5651d", "#8a939b", "#d9dcde"
_FONT = "Roboto, Helvetica, Arial, sans-serif"
_WIDTH = 560
_MOST_BARS = 22


def draw(report: Report, language: Language) -> dict[str, str]:
    """Return the charts by name as SVG text: demand, gaps, limits, municipalities and, with two rounds, moves."""
    charts = {
        "demand": _demand(report, language),
        "gaps": _gaps(report, language),
        "limits": _limits(report, language),
        "municipalities": _municipalities(report, language),
    }
    if report.changes:
        charts["moves"] = _moves(report, language)
    return {name: svg(chart, language) for name, chart in charts.items()}


def svg(chart: Any, language: Language) -> str:
    """Render a chart with the figures of the language."""
    import vl_convert

    styled = (
        chart.configure(font=_FONT, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            titleFontWeight="normal",
            titleFontSize=11,
            labelFontSize=11,
            gridColor=RULE,
            domainColor=GREY,
            tickColor=GREY,
            labelLimit=260,
        )
        .configure_legend(labelColor=INK, titleColor=INK, labelFontSize=11, orient="top", title=None, symbolSize=90)
    )
    return str(
        vl_convert.vegalite_to_svg(styled.to_dict(), format_locale="sv-SE" if language == "sv" else "en-GB")
    ).strip()


def data(frame: pl.DataFrame) -> Any:
    """Return a table as the data of a chart."""
    import altair as alt

    return alt.Data(values=frame.to_dicts())  # type: ignore[no-untyped-call]


def _programmes(report: Report, language: Language) -> pl.DataFrame:
    """Return the programmes with most seats or first choices, named in words."""
    table = report.last.levels["programme"]
    word = 0 if language == "sv" else 1
    names = {code: f"{PROGRAMMES[code][word]} {code}" if code in PROGRAMMES else code for code in table["programme"]}
    size = pl.max_horizontal("seats", "first_choices")
    return (
        table.with_columns(pl.col("programme").replace_strict(names, return_dtype=pl.String).alias("name"), size=size)
        .filter(pl.col("size") > 0)
        .sort("size", "programme", descending=[True, False])
        .head(_MOST_BARS)
    )


def _demand(report: Report, language: Language) -> Any:
    """First choices as bars and seats as ticks, per programme."""
    import altair as alt

    table = _programmes(report, language).select("name", "seats", "first_choices")
    first, seats = say("first_choices", language), say("seats", language)
    long = table.unpivot(index="name", variable_name="what", value_name="persons").with_columns(
        pl.col("what").replace_strict({"first_choices": first, "seats": seats}, return_dtype=pl.String)
    )
    order = table["name"].to_list()
    colour = alt.Color("what:N", scale=alt.Scale(domain=[first, seats], range=[BLUE, INK]))
    base = alt.Chart(data(long)).encode(
        x=alt.X("persons:Q", title=None, axis=alt.Axis(tickCount=6, format=",d")),
        y=alt.Y("name:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False)),
        color=colour,
    )
    bars = base.transform_filter(alt.datum.what == first).mark_bar(height=10)
    ticks = base.transform_filter(alt.datum.what == seats).mark_tick(thickness=2.5, height=16)
    return (bars + ticks).properties(width=_WIDTH, height=alt.Step(19))


def _gaps(report: Report, language: Language) -> Any:
    """Shortage to the left, surplus to the right, never netted."""
    import altair as alt

    table = _programmes(report, language)
    short, over = say("shortage", language), say("surplus", language)
    long = pl.concat(
        [
            table.select("name", pl.lit(short).alias("what"), (-pl.col("first_choice_shortage")).alias("seats")),
            table.select("name", pl.lit(over).alias("what"), pl.col("first_choice_surplus").alias("seats")),
        ]
    )
    return (
        alt.Chart(data(long))
        .mark_bar(height=10)
        .encode(
            x=alt.X(
                "seats:Q",
                title=None,
                axis=alt.Axis(tickCount=7, labelExpr="format(abs(datum.value), ',d')", format=",d"),
            ),
            y=alt.Y("name:N", sort=table["name"].to_list(), title=None, axis=alt.Axis(domain=False, ticks=False)),
            color=alt.Color("what:N", scale=alt.Scale(domain=[short, over], range=[OCHRE, PALE])),
        )
        .properties(width=_WIDTH, height=alt.Step(19))
    )


def _limits(report: Report, language: Language) -> Any:
    """How many routes have a limit in each step of twenty points, round by round."""
    import altair as alt

    parts = []
    for one in report.rounds[:2] if len(report.rounds) > 1 else report.rounds:
        routes = one.levels["route"].filter(pl.col("limit") > 0)
        step = (pl.col("limit").clip(upper_bound=35999) // 2000 * 20).alias("points")
        counted = routes.group_by(step).len("routes")
        grid = pl.DataFrame({"points": list(range(0, 360, 20))}, schema={"points": pl.Int32})
        whole = grid.join(counted, on="points", how="left", maintain_order="left").with_columns(
            pl.col("routes").fill_null(0).cast(pl.Int64), pl.lit(round_text(one.name, language)).alias("round")
        )
        end = whole.tail(1).with_columns(pl.lit(360, dtype=pl.Int32).alias("points"))  # the last step has a width too
        parts.append(pl.concat([whole, end]).select("points", "routes", "round"))
    names = [part["round"][0] for part in parts]
    colours = [GREY, BLUE] if len(parts) > 1 else [BLUE]
    return (
        alt.Chart(data(pl.concat(parts)))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X(
                "points:Q",
                title=say("limit_points", language),
                axis=alt.Axis(grid=False, values=list(range(0, 361, 40))),
                scale=alt.Scale(domain=[0, 360]),
            ),
            y=alt.Y("routes:Q", title=say("routes", language), axis=alt.Axis(tickCount=5, domain=False, ticks=False)),
            color=alt.Color("round:N", scale=alt.Scale(domain=names, range=colours)),
        )
        .properties(width=_WIDTH + 100, height=220)
    )


def _municipalities(report: Report, language: Language) -> Any:
    """Draw clearing number and vacancies side by side: seats short and seats empty exist at once."""
    import altair as alt

    table = (
        report.last.levels["municipality"]
        .with_columns(pl.max_horizontal("clearing_number", "vacancies").alias("size"))
        .filter(pl.col("size") > 0)
        .sort("size", "municipality", descending=[True, False])
        .head(_MOST_BARS)
    )
    short, empty = say("clearing_number", language), say("vacancies", language)
    long = table.select("municipality", "clearing_number", "vacancies").unpivot(
        index="municipality", variable_name="what", value_name="seats"
    )
    long = long.with_columns(
        pl.col("what").replace_strict({"clearing_number": short, "vacancies": empty}, return_dtype=pl.String)
    )
    base = alt.Chart(data(long)).encode(
        x=alt.X("seats:Q", title=None, axis=alt.Axis(tickCount=6, format=",d")),
        y=alt.Y(
            "municipality:N",
            sort=table["municipality"].to_list(),
            title=None,
            axis=alt.Axis(domain=False, ticks=False, grid=True),
        ),
        color=alt.Color("what:N", scale=alt.Scale(domain=[short, empty], range=[OCHRE, BLUE])),
    )
    return base.mark_circle(size=90, opacity=1).properties(width=_WIDTH + 60, height=alt.Step(18))


def _moves(report: Report, language: Language) -> Any:
    """Draw what became of each person between the first two rounds."""
    import altair as alt

    moves = report.changes[0].applicants.filter(pl.col("persons") > 0)
    words = {move: move_text(move, language) for move in moves["move"]}
    named = moves.with_columns(pl.col("move").replace_strict(words, return_dtype=pl.String).alias("what"))
    base = alt.Chart(data(named.select("what", "persons"))).encode(
        x=alt.X("persons:Q", title=None, axis=None),
        y=alt.Y("what:N", sort=named["what"].to_list(), title=None, axis=alt.Axis(domain=False, ticks=False)),
    )
    bars = base.mark_bar(height=11, color=BLUE)
    labels = base.mark_text(align="left", dx=5, color=INK, fontSize=11).encode(text=alt.Text("persons:Q", format=",d"))
    return (bars + labels).properties(width=_WIDTH, height=alt.Step(20))
