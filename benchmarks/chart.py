"""How the cost grows, as one picture: seconds against applicants, both on logarithmic scales."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import vl_convert


def draw(lines: list[dict[str, Any]], path: Path) -> None:
    """Write the chart as SVG."""
    frame = pl.DataFrame([line for line in lines if line["seconds"] is not None])
    base = alt.Chart(frame).encode(
        x=alt.X("applicants:Q", title="Applicants").scale(type="log"),
        y=alt.Y("seconds:Q", title="Seconds").scale(type="log"),
        color=alt.Color("matcher:N", title=None).legend(labelLimit=260),
    )
    chart = (base.mark_line() + base.mark_point(filled=True, size=50)).properties(
        width=560, height=340, title="Time to match one market, from its data to who got what"
    )
    path.write_text(vl_convert.vegalite_to_svg(chart.to_json()), encoding="utf-8")
