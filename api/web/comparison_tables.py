"""A comparison as charts and tables: baseline, scenario and difference of a scenario, or of a package of seats."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from fastapi import Request

from admissions.reports.wording import programme_text
from api.people_intervals import REST
from api.sorting import sort_key
from api.web.charts import BLUE, INK, Chart, values
from api.web.grids import Column, Grid, address, fixed, sortable
from api.web.intervals import band_chart, spread_columns, stamp_of, stamped, three
from api.web.texts import Texts
from simulations.reports import words

MOVES = ("better_off", "worse_off", "newly_placed", "newly_without", "moved")
FLOWS = 16
ROWS = 40
FEWER_IS_BETTER = frozenset({"without_seat", "reserves", "vacancies", "first_choice_shortage"})
NAME = Column("name", "text", ("Program", "Programme"))
HOME = Column("home_municipality", "text", ("Hemkommun", "Home municipality"))


@dataclass(frozen=True, eq=False)
class Compared:
    """A stored comparison, and what of it is shown.

    Attributes
    ----------
    held
        Its tables by name.
    about
        What every figure of it says.
    measure, people
        Measure of the tables by programme and route, and of the table by home.
    t
        The texts.
    link
        What links to other pages carry on.
    """

    held: Mapping[str, pl.DataFrame]
    about: Mapping[str, Any]
    measure: str
    people: str
    t: Texts
    link: Mapping[str, str]

    @property
    def exact(self) -> bool:
        """Whether it is one round matched again: then there are no intervals."""
        return not self.about.get("years")

    def say(self, name: str) -> str:
        """Name a measure."""
        return words.column(name, self.t.language)

    def charts(self) -> list[Chart]:
        """Give the charts that have something to show."""
        t, what, who = self.t, self.say(self.measure), self.say(self.people)
        band = t("scenarios.dots") if self.exact else t("scenarios.band")
        found = [
            band_chart(
                "programmes", t("scenarios.programmes_chart", what=what), band, self._programmes(), "name",
                f"{self.measure}_difference", t,
            ),
            band_chart(
                "homes", t("scenarios.homes_chart", what=who), band, self.held["homes"], "home_municipality",
                f"{self.people}_difference", t,
            ),
            flow_chart(self.held["flows_programme"], t),
        ]  # fmt: skip
        return [one for one in found if one is not None]

    def grids(self, request: Request) -> list[Grid]:
        """Give the tables, stamped."""
        t = self.t
        stamp = stamp_of(self.about, t.language)
        programmes = t("scenarios.programmes_table", what=self.say(self.measure))
        homes = t("scenarios.homes_table", what=self.say(self.people))
        found = [
            self._totals(),
            self._measured("programmes", programmes, NAME, self._programmes(), self.measure),
            self._measured("homes", homes, HOME, by_name(self.held["homes"]), self.people),
            self._movers(),
            self._flows("flows_programme", t("scenarios.flows_programme")),
            self._flows("flows_municipality", t("scenarios.flows_municipality")),
            self._routes(request),
        ]
        return [stamped(one, stamp) for one in found]

    def _programmes(self) -> pl.DataFrame:
        frame = self.held["programmes"]
        return _said(frame, "programme", lambda code: programme_text(code, self.t.language))

    def _totals(self) -> Grid:
        totals = self.held["totals"].filter(pl.col("measure") != "cost_ore")
        columns = [Column("name", "text", ("Mått", "Measure")), *three(exact=self.exact)]
        return fixed("totals", self.t("scenarios.totals"), columns, _said(totals, "measure", self.say), self.t.language)

    def _measured(self, name: str, caption: str, key: Column, frame: pl.DataFrame, measure: str) -> Grid:
        return fixed(name, caption, [key, *three(measure, exact=self.exact)], frame, self.t.language)

    def _movers(self) -> Grid:
        movers = self.held["movers"]
        columns: list[Column] = [HOME]
        for name in MOVES:
            if name in movers.columns:
                both = (words.column(name, "sv"), words.column(name, "en"))
                columns += spread_columns(name, both, exact=self.exact)
        return fixed("movers", self.t("scenarios.movers"), columns, by_name(movers), self.t.language)

    def _flows(self, name: str, caption: str) -> Grid:
        flows = self.held[name].with_columns(
            pl.col(end).map_elements(lambda one: place_words(one, self.t), pl.String) for end in ("from", "to")
        )
        columns = [
            Column("from", "text", ("Från", "From")),
            Column("to", "text", ("Till", "To")),
            *spread_columns("persons", ("Personer", "Persons"), exact=self.exact),
        ]
        ordered = flows.sort("persons", "from", "to", descending=[True, False, False])
        return fixed(name, caption, columns, ordered, self.t.language)

    def _routes(self, request: Request) -> Grid:
        """Give the routes that change: in seats, in who is admitted, or in what is shown."""
        routes = self.held["routes"]
        shown = self.measure if f"{self.measure}_difference" in routes.columns else "admitted"
        asked = dict.fromkeys(("seats", "admitted", "admitted_first", shown))
        ends = [pl.col(f"{one}_difference_{end}") != 0 for one in asked for end in ("low", "high")]

        def leads(row: Mapping[str, Any]) -> str:
            return address(f"/routes/{row['route_id']}", self.link)

        columns = [
            Column("route_name", "text", ("Studieväg", "Study route"), link=leads),
            Column("school", "text", ("Skola", "School")),
            Column("municipality", "text", ("Kommun", "Municipality")),
            *three(shown, exact=self.exact),
        ]
        caption = self.t("scenarios.routes_table", what=self.say(shown))
        changed = routes.filter(pl.any_horizontal(ends))
        return sortable(
            request,
            "routes",
            caption,
            columns,
            changed,
            self.t.language,
            sort=f"{'' if shown in FEWER_IS_BETTER else '-'}{shown}_difference",
            of=len(routes),
            rows=ROWS,
        )


def _said(frame: pl.DataFrame, column: str, say: Any) -> pl.DataFrame:
    return frame.with_columns(pl.col(column).map_elements(say, pl.String).alias("name"))


def by_name(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by home municipality, å ä ö last."""
    keys = {value: sort_key(value) for value in frame["home_municipality"].to_list()}
    if not keys:
        return frame
    return frame.sort(pl.col("home_municipality").replace_strict(keys, return_dtype=pl.String))


def place_words(name: str, t: Texts) -> str:
    """Name where somebody moves from or to: a programme, a municipality, or that there is no seat."""
    if name == REST:
        return t("scenarios.rest")
    return programme_text(words.cell(name, t.language), t.language)


def flow_chart(flows: pl.DataFrame, t: Texts) -> Chart | None:
    """Draw who moves between programmes as a matrix, from down, to across."""
    told = flows.filter(pl.col("from") != REST)
    if told.is_empty():
        return None
    ends = [told.select(pl.col(end).alias("name"), "persons") for end in ("from", "to")]
    size = pl.concat(ends).group_by("name").agg(pl.col("persons").sum())
    most = size.sort("persons", "name", descending=[True, False]).head(FLOWS)["name"].to_list()
    order = sorted(most, key=lambda name: (name.startswith("("), name))
    part = told.filter(pl.col("from").is_in(most) & pl.col("to").is_in(most))
    data = [
        {"from": place_words(row["from"], t), "to": place_words(row["to"], t), "persons": row["persons"]}
        for row in part.to_dicts()
    ]
    sort = [place_words(name, t) for name in order]
    axis = {"labelLimit": 200, "domain": False, "ticks": False}
    x = {
        "field": "to",
        "type": "nominal",
        "sort": sort,
        "title": t("scenarios.to"),
        "axis": {**axis, "labelAngle": -40},
    }
    y = {"field": "from", "type": "nominal", "sort": sort, "title": t("scenarios.from"), "axis": axis}
    shade = {"field": "persons", "type": "quantitative", "legend": None, "scale": {"range": ["#eef3f7", BLUE]}}
    half = max(one["persons"] for one in data) / 2
    figures = {
        "text": {"field": "persons", "type": "quantitative", "format": ",.0f"},
        "color": {"condition": {"test": f"datum.persons > {half}", "value": "white"}, "value": INK},
    }
    tooltip = [
        {"field": "from", "title": t("scenarios.from")},
        {"field": "to", "title": t("scenarios.to")},
        {"field": "persons", "type": "quantitative", "format": ",.1f", "title": t("scenarios.mean")},
    ]
    spec = {
        "width": {"step": 36},
        "height": {"step": 24},
        "data": values(data),
        "encoding": {"x": x, "y": y, "tooltip": tooltip},
        "layer": [
            {"mark": "rect", "encoding": {"color": shade}},
            {"mark": {"type": "text", "fontSize": 10, "aria": False}, "encoding": figures},
        ],
    }
    return Chart("flows", t("scenarios.flows_chart"), t("scenarios.flows_caption"), spec, "flows_programme")
