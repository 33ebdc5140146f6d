"""The words of a report in Swedish and English: the field's own terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from admissions.reports.columns import Language

PROGRAMMES: dict[str, tuple[str, str]] = {
    "BA": ("Bygg och anläggning", "Building and construction"),
    "BF": ("Barn och fritid", "Child and recreation"),
    "EE": ("El och energi", "Electricity and energy"),
    "EK": ("Ekonomi", "Economics"),
    "ES": ("Estetiska", "Arts"),
    "FR": ("Frisör och stylist", "Hairdressing"),
    "FS": ("Försäljning och service", "Sales and service"),
    "FT": ("Fordon och transport", "Vehicle and transport"),
    "HA": ("Handel och administration", "Business and administration"),
    "HT": ("Hotell och turism", "Hotel and tourism"),
    "HU": ("Humanistiska", "Humanities"),
    "HV": ("Hantverk", "Handicraft"),
    "IB": ("International Baccalaureate", "International Baccalaureate"),
    "IMV": ("Programinriktat val", "Programme-oriented choice"),
    "IMY": ("Yrkesintroduktion", "Vocational introduction"),
    "IN": ("Industritekniska", "Industrial technology"),
    "NA": ("Naturvetenskap", "Natural science"),
    "NB": ("Naturbruk", "Natural resource use"),
    "RL": ("Restaurang och livsmedel", "Restaurant and food"),
    "SA": ("Samhällsvetenskap", "Social science"),
    "TE": ("Teknik", "Technology"),
    "VF": ("VVS och fastighet", "HVAC and property"),
    "VO": ("Vård och omsorg", "Health and social care"),
}

KINDS: dict[str, tuple[str, str]] = {
    "preparatory": ("Högskoleförberedande", "Higher-education preparatory"),
    "vocational": ("Yrkesprogram", "Vocational"),
    "introduction": ("Introduktionsprogram", "Introduction"),
    "other": ("Övriga", "Other"),
}

LEVEL_TITLES: dict[str, tuple[str, str]] = {
    "region": ("Hela regionen", "The whole region"),
    "programme": ("Program", "Programmes"),
    "municipality": ("Kommuner", "Municipalities"),
    "organiser": ("Huvudmän", "Organisers"),
    "school": ("Skolor", "Schools"),
    "route": ("Studievägar", "Study routes"),
}

_MOVES: dict[str, tuple[str, str]] = {
    "same_route": ("samma studieväg", "same study route"),
    "other_route": ("en annan studieväg", "another study route"),
    "seat_gained": ("fick plats", "gained a seat"),
    "seat_lost": ("miste platsen", "lost the seat"),
    "still_without": ("fortfarande utan plats", "still without a seat"),
    "newcomer_with_seat": ("ny sökande, med plats", "newcomer with a seat"),
    "newcomer_without": ("ny sökande, utan plats", "newcomer without a seat"),
    "gone": ("söker inte längre", "no longer applies"),
}

_WORDS: dict[str, tuple[str, str]] = {
    "first_choices": ("Behöriga förstahandsval", "Eligible first choices"),
    "seats": ("Platser", "Seats"),
    "shortage": ("Underskott", "Shortage"),
    "surplus": ("Överskott", "Surplus"),
    "clearing_number": ("Klareringstal", "Clearing number"),
    "vacancies": ("Lediga platser", "Vacant seats"),
    "routes": ("Studievägar", "Study routes"),
    "limit_points": ("Antagningsgräns, poäng", "Admission limit, points"),
}


_TIES: dict[str, tuple[str, str]] = {
    "choice_rank": ("valordning", "rank of the choice"),
    "grade_sum": ("betygsvärde", "grade sum"),
    "grade_count": ("antal betyg", "number of grades"),
    "lottery": ("lottning", "lottery"),
}


def chain_text(chain: list[str], language: Language) -> str:
    """Return the steps that tell equal merits apart.

    Examples
    --------
    >>> chain_text(["choice_rank", "lottery"], "sv")
    'valordning → lottning'
    """
    return " → ".join(_TIES.get(step, (step, step))[0 if language == "sv" else 1] for step in chain)


def programme_text(code: str, language: Language) -> str:
    """Return a programme by code and name.

    Examples
    --------
    >>> programme_text("NA", "en"), programme_text("VI", "en")
    ('NA Natural science', 'VI')
    """
    names = PROGRAMMES.get(code)
    return f"{code} {names[0 if language == 'sv' else 1]}" if names else code


def say(word: str, language: Language) -> str:
    """Return a word of the charts."""
    return _WORDS[word][0 if language == "sv" else 1]


def move_text(move: str, language: Language) -> str:
    """Return what a person's move between two rounds is called."""
    return _MOVES[move][0 if language == "sv" else 1]


def round_text(name: str, language: Language) -> str:
    """Return the name of a round in words.

    Examples
    --------
    >>> round_text("final", "sv"), round_text("reserve-2", "en")
    ('slutantagning', 'reserve round 2')
    """
    word = 0 if language == "sv" else 1
    fixed = {"preliminary": ("preliminär antagning", "preliminary round"), "final": ("slutantagning", "final round")}
    if name in fixed:
        return fixed[name][word]
    return f"{('reservantagning', 'reserve round')[word]} {name.removeprefix('reserve-')}"
