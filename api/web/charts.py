"""Charts of a page: a Vega-Lite specification drawn by the browser, or rendered here where there is no script."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import Response

from admissions.reports.charts import BLUE, GREY, INK, OCHRE, PALE, RULE
from api.web.texts import Language

GREEN = "#2c6e49"
Spec = Mapping[str, Any]
CONFIG: Spec = {
    "background": "transparent",
    "font": "Roboto, Helvetica, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK, "titleColor": INK, "titleFontWeight": "normal", "titleFontSize": 11, "labelFontSize": 11,
        "gridColor": RULE, "domainColor": GREY, "tickColor": GREY, "labelLimit": 240,
    },
    "header": {"labelColor": INK, "labelFontSize": 11, "titleColor": INK},
    "legend": {
        "labelColor": INK, "titleColor": INK, "labelFontSize": 11, "orient": "top", "title": None, "symbolSize": 90,
    },
    "text": {"color": INK, "fontSize": 11},
}  # fmt: skip
__all__ = ["BLUE", "GREEN", "GREY", "INK", "OCHRE", "PALE", "Chart", "values"]


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart.

    Parameters
    ----------
    name
        Names it in the URL of an export.
    title, caption
        What it shows, and how to read it.
    spec
        Vega-Lite, without the parts all charts share.
    table
        Name of the table with the same figures.
    """

    name: str
    title: str
    caption: str
    spec: Spec
    table: str = ""

    @property
    def embedded(self) -> str:
        """The specification as it may stand inside a page."""
        text = json.dumps({**self.spec, "config": CONFIG}, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

    def export(self, language: Language) -> Response:
        """Render the chart as an SVG file."""
        headers = {"Content-Disposition": f'inline; filename="{self.name}.svg"'}
        text = _svg(json.dumps({**self.spec, "config": CONFIG}, ensure_ascii=False), language)
        return Response(text, media_type="image/svg+xml", headers=headers)


@lru_cache(maxsize=256)
def _svg(spec: str, language: Language) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec, format_locale="sv-SE" if language == "sv" else "en-GB"))


def values(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give the data part of a specification."""
    return {"values": list(rows)}
