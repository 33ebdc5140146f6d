"""The report of a sweep: what the rounds will bring, where seats are short, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from simulations.reports.document import Document, Section
from simulations.reports.pictures import bands
from simulations.reports.words import Language
from simulations.sweeps.plan import about, catalogue
from simulations.sweeps.summaries import grouped_table, homes_table, routes_table

if TYPE_CHECKING:
    from simulations.sweeps.chunks import Years
    from simulations.sweeps.plan import Plan

_SHOWN = ("seats", "first_choices", "admitted", "reserves", "vacancies", "limit", "without_seat")


def sweep_document(plan: Plan, years: Years, language: Language = "sv") -> Document:
    """Return the report of the simulated years of a plan."""
    sv = language == "sv"
    known, pool = catalogue(plan), plan.model.static.route_table.pool
    programmes = grouped_table(years, known, pool, "programme")
    homes = homes_table(years, plan.model.homes)
    routes = routes_table(years, known, pool)
    sections = [
        Section(
            "Hela regionen" if sv else "The whole region",
            "Omgång för omgång." if sv else "Round by round.",
            "region",
            grouped_table(years, known, pool, None).drop("region"),
        ),
        Section(
            "Brist och lediga platser per program" if sv else "Shortages and vacancies by programme",
            (
                "Behöriga utan plats räknas på sitt första prövade val. Brist och överskott mot förstaval räknas per "
                "studieväg och kvittas aldrig mot varandra. Bilden visar bristen mot förstaval."
            )
            if sv
            else (
                "Eligible applicants without a seat count at their first tried choice. Shortage and surplus against "
                "first choices are counted route by route and never netted. The picture shows the shortage."
            ),
            "programmes",
            programmes,
            bands(programmes, "programme", "first_choice_shortage", language, by="round"),
            60,
        ),
        Section(
            "Behöriga utan plats per hemkommun" if sv else "Eligible without a seat by home municipality",
            "Lagens och politikernas siffra." if sv else "The number of the law and the politicians.",
            "homes",
            homes,
            bands(homes, "home_municipality", "without_seat", language, by="round"),
            60,
        ),
    ]
    if years.seat_values.shape[2]:
        value = routes.filter(pl.col("round") == "final").sort(
            "newly_placed", "better_off", "route_id", descending=[True, True, False]
        )
        value = value.select("route_id", "school", "route_name", "municipality", *_ends("newly_placed", "better_off"))
        sections.append(
            Section(
                "Värdet av en plats till" if sv else "The value of one more seat",
                (
                    "Exakt för varje studieväg i varje simulerat år: hur många som får det bättre, och hur många som "
                    "får plats som annars inte fick någon, om studievägen har en plats till i slutantagningen."
                )
                if sv
                else (
                    "Exact for every route in every simulated year: how many are better off, and how many are placed "
                    "who had no seat, if the route has one more seat in the final round."
                ),
                "seat_values",
                value,
                bands(value.head(24), "route_name", "better_off", language) if len(value) else "",
            )
        )
    sections.append(
        Section(
            "Studievägar" if sv else "Routes",
            "Slutantagningen först efter reserver." if sv else "By reserves, the final round's first.",
            "routes",
            routes.sort("round", "reserves", "route_id", descending=[False, True, False]).select(
                "round", "route_id", "school", "route_name", *_ends(*_SHOWN, "first_choice_shortage"), "no_limit"
            ),
        )
    )
    return Document(
        ("Simulerade år, intaget " if sv else "Simulated years, intake of ") + str(plan.model.static.intake.year),
        (
            "Samma sökande och platser, om och om igen: lottning, omval, betyg och nya sökande varierar."
            if sv
            else "The same applicants and seats, again and again: lottery, re-choice, grades and newcomers vary."
        ),
        about(plan.identity(), len(years)),
        sections,
    )


def _ends(*names: str) -> list[str]:
    return [f"{name}{end}" for name in names for end in ("", "_low", "_middle", "_high")]
