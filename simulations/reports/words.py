"""The words of reports on simulations, Swedish and English: titles of columns, and what figures stand for."""

from __future__ import annotations

from typing import Literal

Language = Literal["sv", "en"]

_COLUMNS: dict[str, tuple[str, str]] = {
    "measure": ("Mått", "Measure"),
    "round": ("Omgång", "Round"),
    "route_id": ("Studieväg, id", "Route id"),
    "school": ("Skola", "School"),
    "route_name": ("Studieväg", "Route"),
    "municipality": ("Kommun", "Municipality"),
    "home_municipality": ("Hemkommun", "Home municipality"),
    "programme": ("Program", "Programme"),
    "region": ("Region", "Region"),
    "seats": ("Platser", "Seats"),
    "first_choices": ("Behöriga förstaval", "Eligible first choices"),
    "admitted": ("Antagna", "Admitted"),
    "admitted_first": ("Antagna på förstaval", "Admitted on first choice"),
    "reserves": ("Reserver, rader", "Reserves, entries"),
    "vacancies": ("Lediga platser", "Vacant seats"),
    "limit": ("Antagningsgräns", "Limit"),
    "no_limit": ("Andel år utan gräns", "Share of years without a limit"),
    "without_seat": ("Behöriga utan plats", "Eligible without a seat"),
    "first_choice_shortage": ("Brist mot förstaval", "Shortage against first choices"),
    "first_choice_surplus": ("Överskott mot förstaval", "Surplus against first choices"),
    "tried": ("Prövade sökande", "Applicants tried"),
    "placed": ("Fick plats", "Placed"),
    "first": ("på sitt förstaval", "on their first choice"),
    "better_off": ("Får det bättre", "Better off"),
    "worse_off": ("Får det sämre", "Worse off"),
    "newly_placed": ("Nya med plats", "Newly placed"),
    "newly_without": ("Nya utan plats", "Newly without a seat"),
    "moved": ("Byter plats", "Move"),
    "cost_ore": ("Kostnad, kr", "Cost, kronor"),
    "persons": ("Personer", "Persons"),
    "persons_moving": ("Personer som flyttar", "Persons moving"),
    "from": ("Från", "From"),
    "to": ("Till", "To"),
    "from_route": ("Från studieväg", "From route"),
    "to_route": ("Till studieväg", "To route"),
    "step": ("Steg", "Step"),
    "merit": ("Meritvärde", "Merit"),
    "baseline": ("Utgångsläge", "Baseline"),
    "scenario": ("Scenario", "Scenario"),
    "difference": ("Skillnad", "Difference"),
    "extra_seats": ("Fler platser", "Extra seats"),
    "seats_before": ("Platser före", "Seats before"),
}
_OUTSIDE = {
    "(without a seat)": "(utan plats)",
    "(not tried)": "(prövas ej)",
    "(not in this intake)": "(inte med)",
    "preliminary": "preliminär",
    "final": "slutlig",
}
_ABOUT: dict[str, tuple[str, str]] = {
    "run": ("Körning", "Run"),
    "rules": ("Regelbok", "Rulebook"),
    "baseline_rules": ("Utgångslägets regelbok", "Baseline's rulebook"),
    "year": ("År", "Year"),
    "round": ("Omgång", "Round"),
    "years": ("Simulerade år", "Simulated years"),
    "lotteries": ("Lottningar", "Lotteries"),
    "curve_samples": ("Kurvor och vinnare", "Curves and who gains"),
    "seed_behaviour": ("Frö, beteende", "Seed, behaviour"),
    "seed_lottery": ("Frö, lottning", "Seed, lottery"),
    "seed_lottery_years": ("Frö, lottning i simulerade år", "Seed, lottery of simulated years"),
    "tied_rows": ("Rader som lotten kan avgöra", "Rows a lottery can decide"),
    "lists": ("Önskelistor", "Lists"),
    "overlays": ("Scenarier, i ordning", "Scenarios, in order"),
    "switched_off": ("Avstängda beteenden", "Behaviours switched off"),
    "rulebook_sha256": ("Regelbokens kontrollsumma", "Digest of the rulebook"),
    "intake_sha256": ("Intagets kontrollsumma", "Digest of the intake"),
    "baseline_intake_sha256": ("Utgångslägets kontrollsumma", "Digest of the baseline's intake"),
    "package": ("Paket", "Package"),
}
_VALUES = {
    "fixed": (
        "hållna fasta: alla söker samma sak som i utgångsläget",
        "held fixed: everybody lists what they list there",
    ),
    "react": ("får reagera på scenariots preliminära gränser", "allowed to react to the scenario's own cut-offs"),
}


def column(name: str, language: Language) -> str:
    """Return the title of a column; its own name where there is no other."""
    return _COLUMNS[name][_at(language)] if name in _COLUMNS else name


def said(key: str, language: Language) -> str:
    """Return the name of something every report states."""
    return _ABOUT[key][_at(language)] if key in _ABOUT else key


def value(given: object, language: Language) -> str:
    """Return a stated value in words."""
    if isinstance(given, list):
        return ", ".join(map(str, given)) or "–"
    text = str(given)
    return _VALUES[text][_at(language)] if text in _VALUES else text or "–"


def cell(text: str, language: Language) -> str:
    """Return a name in a table: rounds and those outside any route in the language."""
    return _OUTSIDE.get(text, text) if language == "sv" else text


def _at(language: Language) -> int:
    return 0 if language == "sv" else 1
