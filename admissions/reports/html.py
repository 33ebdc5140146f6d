"""The report as one HTML file that needs nothing else: tables, SVG charts, Swedish or English, for print too."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import polars as pl

from admissions.reports import numbers
from admissions.reports.charts import draw
from admissions.reports.columns import Shown, changed_columns, columns_of, telling_columns
from admissions.reports.page_texts import CHARTS, METHOD, SENSES, page_texts
from admissions.reports.small_cells import hide_homes
from admissions.reports.wording import KINDS, LEVEL_TITLES, chain_text, round_text

if TYPE_CHECKING:
    from admissions.reports.columns import Language
    from admissions.reports.content import Report, RoundTables

_FOLDED = frozenset({"organiser", "school", "route"})
_TOTALS: tuple[tuple[str, str, tuple[str, str]], ...] = (
    ("people", "applicants", ("Sökande", "Applicants")),
    ("people", "eligible", ("Behöriga, prövade på minst ett val", "Eligible, tried on at least one choice")),
    ("region", "seats", ("Platser", "Seats")),
    ("people", "admitted", ("Antagna", "Admitted")),
    ("region", "first_share", ("därav på sitt förstaval", "of them on their first choice")),
    ("region", "without_seat", ("Behöriga utan plats", "Eligible without a seat")),
    ("region", "vacancies", ("Lediga platser", "Vacant seats")),
    ("region", "reserves", ("Reserver, rader", "Reserves, entries")),
    ("region", "reserve_persons", ("Reserver, personer", "Reserves, persons")),
    ("region", "routes_with_limit", ("Studievägar med antagningsgräns", "Routes with a limit")),
    ("region", "median", ("Medianmerit bland antagna", "Median merit of the admitted")),
)
_STRONG = frozenset({"admitted", "without_seat"})


def html_report(report: Report, language: Language = "sv") -> str:
    """Return the report as a complete HTML document without any reference to something outside it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("admissions.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    style = environment.loader.get_source(environment, "report.css")[0] if environment.loader else ""
    return environment.get_template("report.html.j2").render(_context(report, language), style=style)


def _context(report: Report, language: Language) -> dict[str, Any]:
    word = 0 if language == "sv" else 1
    texts = page_texts(language)
    last = report.last
    region = last.region
    written = {
        name: numbers.whole(value, language)
        for name, value in region.items()
        if value is None or (isinstance(value, int) and value >= 0)
    }
    texts["senses_lead"] = texts["senses_lead"].format(round=round_text(last.name, language))
    texts["senses_note"] = texts["senses_note"].format(
        ineligible=written["first_not_eligible"], untried=written["first_not_tried"]
    )
    chain = chain_text(report.about["tie_chain"], language)
    texts["assumption"] = texts["assumption"].format(chain=chain)
    drawn = draw(report, language)
    levels = [
        {
            "anchor": level,
            "words": LEVEL_TITLES[level][word],
            "folded": level in _FOLDED,
            "long": level == "route",
            "tables": [
                _table(one.levels[level], columns_of(level), language, _caption(level, one, language))
                for one in report.rounds
            ],
        }
        for level in ("programme", "municipality", "organiser", "school", "route")
    ]
    contents = [("totals", texts["totals"]), ("senses", texts["senses"]), ("charts", texts["charts"])]
    contents += [("telling", texts["telling"])]
    contents += [("changes", texts["changes"])] if report.changes else []
    contents += [("comparison", texts["comparison"])] if report.comparison is not None else []
    contents += [(str(level["anchor"]), str(level["words"])) for level in levels]
    contents += [("homes", texts["homes"]), ("method", texts["method"])]
    return {
        "lang": language,
        "t": texts,
        "about": report.about,
        "round_names": [round_text(one.name, language) for one in report.rounds],
        "contents": contents,
        "totals": totals(report, language),
        "senses": [
            {"number": written[name], "name": heading[word], "meaning": meaning[word].format(**written)}
            for name, heading, meaning in SENSES
        ],
        "charts": drawn,
        "chart_texts": {name: (CHARTS[name][0][word], CHARTS[name][1][word]) for name in drawn},
        "telling": _table(report.telling, telling_columns(), language, _caption("route", last, language)),
        "changed": _changed(report, language),
        "comparison": _comparison(report, language),
        "levels": levels,
        "homes": _homes(last, language, report.smallest),
        "hidden": texts["hidden"].format(smallest=report.smallest) if report.smallest > 1 else "",
        "method": [(term[word], meaning[word]) for term, meaning in METHOD],
        "verified": [f"{name}: {verdict}" for name, verdict in last.verified.items()],
        "traces": _traces(report),
    }


def _caption(level: str, one: RoundTables, language: Language) -> str:
    name = LEVEL_TITLES[level][0 if language == "sv" else 1]
    return f"{name}, {round_text(one.name, language)}"


def _table(frame: pl.DataFrame, columns: tuple[Shown, ...], language: Language, caption: str) -> dict[str, Any]:
    """Lay out a table: headings, and the body as ready HTML, for a template engine is slow on twenty thousand cells."""
    heads = [{"words": one.title(language), "meaning": one.explained(language), "text": one.is_text} for one in columns]
    lines = []
    for row in frame.select(one.name for one in columns).iter_rows():
        cells = []
        for number, (one, value) in enumerate(zip(columns, row, strict=True)):
            text = one.write(value, language)
            if number == 0:
                cells.append(f'<th scope="row">{escape(text)}</th>')
            elif one.is_text:
                cells.append(f'<td class="text">{escape(text)}</td>')
            else:
                cells.append(f"<td>{text}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return {"heads": heads, "body": "\n".join(lines), "caption": caption}


def totals(report: Report, language: Language) -> list[dict[str, Any]]:
    """Return the figures of the region, one line each, with a cell for every round and one for the change."""
    rows = []
    for source, name, words in _TOTALS:
        values = [one.people[name] if source == "people" else one.region[name] for one in report.rounds]
        if name == "first_share":
            cells = [numbers.share(value, language) for value in values]
            change = ""
        elif name == "median":
            cells = [numbers.merit(value, language) for value in values]
            change = ""
        else:
            cells = [numbers.whole(value, language) for value in values]
            known = [value for value in values if value is not None]
            whole = len(known) == len(values)
            change = numbers.signed(known[-1] - known[0], language) if whole else numbers.whole(None, language)
        if len(values) > 1:
            cells.append(change)
        rows.append({"words": words[0 if language == "sv" else 1], "cells": cells, "strong": name in _STRONG})
    return rows


def _changed(report: Report, language: Language) -> list[dict[str, Any]]:
    shown = []
    for change in report.changes:
        region = change.levels["region"].row(0, named=True)
        figures = {
            name: numbers.whole(value, language)
            for name, value in region.items()
            if value is None or isinstance(value, int)
        }
        moved = {move: numbers.whole(persons, language) for move, persons in change.applicants.iter_rows()}
        swedish = (
            "{other_route} personer fick en annan studieväg, {seat_gained} fick plats, {seat_lost} miste den. "
            "{seats_added} platser lades till och {seats_closed} stängdes. {limits_risen} gränser steg, "
            "{limits_fallen} sjönk, {limits_new} tillkom och {limits_gone} försvann."
        )
        english = (
            "{other_route} persons got another study route, {seat_gained} gained a seat, {seat_lost} lost it. "
            "{seats_added} seats were added and {seats_closed} closed. {limits_risen} limits rose, "
            "{limits_fallen} fell, {limits_new} appeared and {limits_gone} disappeared."
        )
        words = f"{round_text(change.before, language)} → {round_text(change.after, language)}"
        tables = [
            _table(
                change.levels[level],
                changed_columns(level),
                language,
                f"{LEVEL_TITLES[level][0 if language == 'sv' else 1]}, {words}",
            )
            for level in ("programme", "municipality")
        ]
        sentence = (swedish if language == "sv" else english).format(**figures, **moved)
        shown.append({"words": words, "sentence": sentence, "tables": tables})
    return shown


def _homes(one: RoundTables, language: Language, least: int) -> dict[str, Any]:
    """Sense 1 by home municipality and kind of programme."""
    word = 0 if language == "sv" else 1
    kinds = list(KINDS)
    wide = (
        one.without_seat.group_by("home_municipality", "kind")
        .agg(pl.col("persons").sum())
        .pivot(on="kind", on_columns=kinds, index="home_municipality", values="persons", aggregate_function="sum")
    )
    wide = wide.with_columns(pl.col(kind).fill_null(0) for kind in kinds)
    wide = wide.with_columns(pl.sum_horizontal(kinds).alias("all")).sort("home_municipality")
    wide = hide_homes(wide, kinds, least)
    columns = (
        Shown("home_municipality", "text", ("Hemkommun", "Home municipality")),
        Shown("all", "whole", ("Alla", "All")),
        *(Shown(kind, "whole", KINDS[kind]) for kind in kinds),
    )
    title = (("Behöriga utan plats", "Eligible without a seat")[word]) + ", " + round_text(one.name, language)
    return _table(wide, columns, language, title)


_STATUS = {
    "fitted": ("inpassad", "fitted"),
    "chosen": ("vald", "chosen"),
    "not fitted": ("inte inpassad", "not fitted"),
}


def _comparison(report: Report, language: Language) -> dict[str, Any] | None:
    """Lay out the comparison with published figures: measure, generated, published, bounds, whether within, status."""
    if report.comparison is None:
        return None
    word = 0 if language == "sv" else 1
    columns = (
        Shown("measure", "text", ("Mått", "Measure")),
        Shown("generated", "text", ("Här", "Here")),
        Shown("published", "text", ("Publicerat", "Published")),
        Shown("bounds", "text", ("Mål", "Aimed at")),
        Shown("within", "text", ("Inom målet", "Within")),
        Shown("status", "text", ("", "")),
    )
    rows = []
    for row in report.comparison.iter_rows(named=True):
        value, least, most = row["generated"], row["least"], row["most"]
        bounds = [numbers.decimal(bound, language) for bound in (least, most) if bound is not None]
        measured = value is not None  # among few people a measure may have nothing to count
        within = measured and (least is None or value >= least) and (most is None or value <= most)
        rows.append(
            {
                "measure": row["measure"],
                "generated": numbers.decimal(value, language),
                "published": numbers.decimal(row["published"], language),
                "bounds": " – ".join(bounds),
                "within": "" if not bounds or not measured else ("ja", "yes")[word] if within else ("nej", "no")[word],
                "status": _STATUS.get(row["status"], (row["status"], row["status"]))[word],
            }
        )
    schema = {one.name: pl.String for one in columns}
    return _table(pl.DataFrame(rows, schema=schema), columns, language, "")


def _traces(report: Report) -> list[tuple[str, str]]:
    about = report.about
    lottery = about["lottery"]
    traces = [
        ("run", about["id"]),
        ("root", about["root"]),
        *((f"root, {name}", root) for name, root in about["roots"].items()),
        ("rulebook", f"{about['rules']} {about['rulebook_sha256']}"),
        ("intake", about["intake_sha256"]),
        ("seed phrase", lottery["seed_phrase"]),
        ("public value", lottery["public_value"]),
        ("commitment", lottery["commitment"]),
        *((f"seed, {name}", str(value)) for name, value in about["seeds"].items()),
        ("software", about["software"]),
    ]
    return [(name, value) for name, value in traces if value]
