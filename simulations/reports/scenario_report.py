"""The report of a scenario beside its baseline: totals, municipalities, programmes, routes, who moves where, cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from simulations.reports.document import Document, Section
from simulations.reports.pictures import bands, flow_matrix
from simulations.reports.words import Language

if TYPE_CHECKING:
    from simulations.scenarios.comparing import Comparison

_FIXED_SV = (
    "Önskelistorna är hållna fasta: i varje simulerat år söker alla samma sak som i utgångsläget. Skillnaden är "
    "platsernas och reglernas verkan, inte hur sökande skulle ändra sig."
)
_FIXED_EN = (
    "Lists are held fixed: in every simulated year everybody lists what they list in the baseline. The difference is "
    "what seats and rules do, not how applicants would change their minds."
)
_REACT_SV = "Önskelistorna får reagera: omvalet följer på scenariots egen preliminära antagning och dess gränser."
_REACT_EN = "Lists may react: the re-choice window follows the scenario's own preliminary round and its cut-offs."
_RUN_SV = (
    "Önskelistor, betyg och lottning är körningens egna: omgången är matchad på nytt med andra platser. Hur sökande "
    "skulle ha ändrat sig ingår inte."
)
_RUN_EN = (
    "Lists, grades and lottery are those of the run: the round was matched again with other seats. How applicants "
    "would have changed their minds is not part of it."
)
_LISTS = {"fixed": (_FIXED_SV, _FIXED_EN), "react": (_REACT_SV, _REACT_EN), "run": (_RUN_SV, _RUN_EN)}
_DIFFERENCES = ("without_seat", "placed", "first")


def scenario_document(comparison: Comparison, language: Language = "sv", title: str = "") -> Document:
    """Return the report of a comparison."""
    sv = language == "sv"
    tables = comparison.tables
    about = comparison.about
    names = ", ".join(about.get("overlays", []))
    lists = _LISTS[about["lists"] if about.get("years") else "run"][0 if sv else 1]
    homes = tables["homes"]
    programmes = tables["programmes"]
    routes = tables["routes"]
    changed = routes.filter(
        pl.any_horizontal(
            pl.col(f"{name}_difference_{end}") != 0
            for name in ("seats", "admitted", "limit", "reserves")
            for end in ("low", "high")
        )
    ).sort(pl.col("admitted_difference").abs(), "route_id", descending=[True, False])
    sections = [
        Section(
            "I korthet" if sv else "In brief",
            "Skillnaden räknas person för person, med samma slump på båda sidor."
            if sv
            else "The difference is taken person by person, with the same random numbers on both sides.",
            "totals",
            tables["totals"],
        ),
        Section(
            "Utan plats per hemkommun" if sv else "Without a seat by home municipality",
            "Sökande, platser och förstaval efter hemkommun." if sv else "Applicants and seats by home municipality.",
            "homes",
            homes.select("home_municipality", *_three(*_DIFFERENCES)),
            bands(homes, "home_municipality", "without_seat_difference", language),
        ),
        Section(
            "Brist per program" if sv else "Shortages by programme",
            "Behöriga utan plats på sitt första prövade val, lediga platser och brist mot förstaval."
            if sv
            else "Eligible without a seat by first tried choice, vacant seats, shortage against first choices.",
            "programmes",
            programmes.select("programme", *_three("without_seat", "vacancies", "first_choice_shortage", "admitted")),
            bands(programmes, "programme", "first_choice_shortage_difference", language),
        ),
        Section(
            "Vem flyttar" if sv else "Who moves",
            "Personer per hemkommun som får en annan plats än i utgångsläget, i samma simulerade år."
            if sv
            else "Persons by home municipality with another seat than in the baseline, in the same simulated year.",
            "movers",
            tables["movers"],
        ),
        Section(
            "Flöden mellan program" if sv else "Flows between programmes",
            "Från utgångslägets program till scenariots, personer om året; diagonalen är byten inom programmet."
            if sv
            else "From the baseline's programme to the scenario's, persons a year; the diagonal is moves inside it.",
            "flows_programme",
            tables["flows_programme"].sort("persons", "from", "to", descending=[True, False, False]),
            flow_matrix(tables["flows_programme"], language),
        ),
        Section(
            "Flöden mellan kommuner" if sv else "Flows between municipalities",
            "Kommunen är skolans." if sv else "The municipality is the school's.",
            "flows_municipality",
            tables["flows_municipality"].sort("persons", "from", "to", descending=[True, False, False]),
            flow_matrix(tables["flows_municipality"], language),
        ),
        Section(
            "Studievägar som ändras" if sv else "Routes that change",
            "En gräns på 0 är ingen gräns." if sv else "A limit of 0 is no limit.",
            "routes",
            changed.select(
                "route_id", "school", "route_name", *_three("seats", "admitted", "reserves", "vacancies", "limit")
            ),
        ),
    ]
    heading = title or f"Scenario: {names or '–'}"
    return Document(heading, lists, about, sections)


def _three(*names: str) -> list[str]:
    return [
        f"{name}_{side}{end}"
        for name in names
        for side in ("baseline", "scenario", "difference")
        for end in ("", "_low", "_middle", "_high")
    ]
