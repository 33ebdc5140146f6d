"""The report of extra seats: values of all routes, curves, who gains, chains, and a package where one was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from simulations.reports.document import Document, Section
from simulations.reports.pictures import seat_curves
from simulations.reports.words import Language

if TYPE_CHECKING:
    from simulations.seat_value.report import SeatReport


def seats_document(
    report: SeatReport, language: Language = "sv", *, package: tuple[pl.DataFrame, dict[str, Any]] | None = None
) -> Document:
    """Return the report.

    Parameters
    ----------
    package
        Table of a package of seats, and what is said of it.
    """
    sv = language == "sv"
    tables = report.tables
    about = dict(report.about)
    sections = [
        Section(
            "En plats till: alla studievägar" if sv else "One more seat: all routes",
            (
                "Nya med plats: sökande utan plats som får en. Får det bättre: alla i kedjan som får ett högre val. "
                "Över lottningar; listor och betyg som i körningen."
            )
            if sv
            else (
                "Newly placed: applicants without a seat who get one. Better off: everybody in the chain with a higher "
                "choice. Over lotteries; lists and grades as in the run."
            ),
            "values",
            tables["values"],
        )
    ]
    if "values_years" in tables:
        sections.append(
            Section(
                "En plats till, över simulerade år" if sv else "One more seat, over simulated years",
                "Lottning, omval, betyg och nya sökande varierar."
                if sv
                else "Lottery, re-choice, grades and newcomers vary.",
                "values_years",
                tables["values_years"],
            )
        )
    if package is not None:
        table, told = package
        about |= told
        sections.insert(
            1,
            Section(
                "Paket av platser" if sv else "A package of seats",
                " ".join(map(str, told.values())),
                "package",
                table,
            ),
        )
    sections += [
        Section(
            "1, 2, 5, 10, 30 platser till" if sv else "1, 2, 5, 10, 30 more seats",
            "De studievägar där nästa plats är värd mest." if sv else "The routes whose next seat is worth most.",
            "curves",
            tables["curves"],
            seat_curves(tables["curves"], language),
            100,
        ),
        Section(
            "Vem vinner: hemkommun" if sv else "Who gains: home municipality",
            "Av en plats till på respektive studieväg." if sv else "By one more seat at each route.",
            "gains_home",
            tables["gains_home"],
        ),
        Section(
            "Vem vinner: meritvärde" if sv else "Who gains: merit",
            "Band om tjugo poäng." if sv else "Bands of twenty points.",
            "gains_merit",
            tables["gains_merit"],
        ),
        Section(
            "Hur många som flyttar" if sv else "How many move",
            "Personer i kedjan av en plats till." if sv else "Persons in the chain of one more seat.",
            "moves",
            tables["moves"],
        ),
        Section(
            "Kedjor i körningen" if sv else "Chains in the run",
            (
                "Från vilken studieväg till vilken, i ordning; tomt är utan plats. Med körningens egen lottning. Inga "
                "personer nämns."
            )
            if sv
            else "From which route to which, in order; empty is no seat. With the run's own lottery. No persons.",
            "chains",
            tables["chains"],
        ),
    ]
    title = "Värdet av fler platser, körning " if sv else "The value of more seats, run "
    return Document(
        title + str(about["run"]),
        "Var gör nästa plats mest nytta, för vem, och hur säkert är det?"
        if sv
        else "Where does the next seat do most, for whom, and how sure is that?",
        about,
        sections,
    )
