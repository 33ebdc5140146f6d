"""The columns of a report: one heading, one meaning and one way to write the figure, for every layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from admissions.reports import numbers
from admissions.reports.wording import programme_text

Kind = Literal["text", "programme", "whole", "merit", "share", "signed"]
Language = Literal["sv", "en"]


@dataclass(frozen=True)
class Shown:
    """One column.

    Parameters
    ----------
    name
        Column of the table.
    kind
        How its values are written; merits come in hundredths, shares between 0 and 1.
    heading, meaning
        Swedish and English.
    """

    name: str
    kind: Kind
    heading: tuple[str, str]
    meaning: tuple[str, str] = ("", "")

    @property
    def is_text(self) -> bool:
        """Whether the column holds words, not figures."""
        return self.kind in {"text", "programme"}

    def title(self, language: Language) -> str:
        """Return the heading."""
        return self.heading[0 if language == "sv" else 1]

    def explained(self, language: Language) -> str:
        """Return the meaning."""
        return self.meaning[0 if language == "sv" else 1]

    def write(self, value: Any, language: Language) -> str:
        """Return a value as text."""
        match self.kind:
            case "text":
                return str(value or "")
            case "programme":
                return programme_text(str(value or ""), language)
            case "whole":
                return numbers.whole(value, language)
            case "merit":
                return numbers.merit(value, language)
            case "share":
                return numbers.share(value, language)
            case "signed":
                return numbers.signed(value, language)


NAMES: dict[str, tuple[Shown, ...]] = {
    "region": (),
    "programme": (Shown("programme", "programme", ("Program", "Programme")),),
    "municipality": (Shown("municipality", "text", ("Kommun", "Municipality")),),
    "organiser": (Shown("organiser", "text", ("Huvudman", "Organiser")),),
    "school": (
        Shown("school", "text", ("Skola", "School")),
        Shown("municipality", "text", ("Kommun", "Municipality")),
    ),
    "route": (
        Shown("school", "text", ("Skola", "School")),
        Shown("route_name", "text", ("Studieväg", "Study route")),
        Shown("municipality", "text", ("Kommun", "Municipality")),
    ),
}

OUTCOME: tuple[Shown, ...] = (
    Shown("seats", "whole", ("Platser", "Seats"), ("körningens platser", "seats of the run")),
    Shown(
        "first_choices",
        "whole",
        ("Första\xadhands\xadval", "First choices"),
        ("behöriga förstahandsval", "eligible first choices"),
    ),
    Shown(
        "all_choices",
        "whole",
        ("Alla val", "All choices"),
        ("alla val som prövades i omgången", "all choices tried in the round"),
    ),
    Shown("admitted", "whole", ("Antagna", "Admitted")),
    Shown(
        "first_share",
        "share",
        ("På första\xadval", "On first choice"),
        ("andel av de antagna som fick sitt första val", "share of the admitted who got their first choice"),
    ),
    Shown("reserves", "whole", ("Reserver", "Reserves"), ("rader, inte personer", "entries, not persons")),
    Shown("vacancies", "whole", ("Lediga", "Vacant"), ("platser minus antagna", "seats less admitted")),
)

LIMITS: tuple[Shown, ...] = (
    Shown(
        "limit",
        "merit",
        ("Gräns", "Limit"),
        (
            "meritvärdet hos den sist antagna där ingen plats är ledig, i förekommande fall med provpoäng",
            "merit of the last admitted where no seat is vacant, with test points where there are any",
        ),
    ),
    Shown("median", "merit", ("Median", "Median"), ("med provpoäng", "with test points")),
    Shown("median_grades", "merit", ("Median betyg", "Median, grades"), ("utan provpoäng", "without test points")),
)

ROLLED_LIMITS: tuple[Shown, ...] = (
    Shown("routes", "whole", ("Studie\xadvägar", "Routes")),
    Shown("routes_with_limit", "whole", ("Studie\xadvägar med gräns", "Routes with a limit")),
    *LIMITS[1:],
)

SHORTFALL: tuple[Shown, ...] = (
    Shown(
        "without_seat",
        "whole",
        ("Utan plats", "Without a seat"),
        (
            "1. behöriga sökande utan plats, efter sitt första prövade val",
            "1. eligible applicants without a seat, by their first tried choice",
        ),
    ),
    Shown(
        "first_choice_shortage",
        "whole",
        ("Underskott", "Shortage"),
        (
            "2. förstahandsval utöver platserna, summerade för sig",
            "2. first choices beyond the seats, summed by themselves",
        ),
    ),
    Shown(
        "first_choice_surplus",
        "whole",
        ("Överskott", "Surplus"),
        ("2. platser utöver förstahandsvalen", "2. seats beyond the first choices"),
    ),
    Shown(
        "reserve_persons",
        "whole",
        ("Reserver, personer", "Reserves, persons"),
        ("3. olika personer i reservköerna", "3. distinct persons in the reserve queues"),
    ),
    Shown(
        "clearing_number",
        "whole",
        ("Klarerings\xadtal", "Clearing number"),
        (
            "5. platser som fattas för att ingen ska nekas här, löst för sig för varje rad",
            "5. seats missing for nobody to be refused here, solved for each line by itself",
        ),
    ),
)

RESIDENTS = Shown(
    "residents_without_seat",
    "whole",
    ("Boende utan plats", "Residents without a seat"),
    ("1. behöriga som bor i kommunen och saknar plats", "1. eligible residents of the municipality without a seat"),
)

CHANGED: tuple[Shown, ...] = (
    Shown("seats_before", "whole", ("Platser före", "Seats before")),
    Shown("seats_added", "whole", ("Tillagda", "Added")),
    Shown("seats_closed", "whole", ("Stängda", "Closed")),
    Shown("seats_after", "whole", ("Platser efter", "Seats after")),
    Shown("arrived", "whole", ("Tillkom", "Arrived"), ("antagna här bara efter", "admitted here only afterwards")),
    Shown("departed", "whole", ("Lämnade", "Departed"), ("antagna här bara före", "admitted here only before")),
    Shown("limits_risen", "whole", ("Gränser upp", "Limits risen")),
    Shown("limits_fallen", "whole", ("Gränser ned", "Limits fallen")),
    Shown("limits_new", "whole", ("Nya gränser", "New limits")),
    Shown("limits_gone", "whole", ("Gränser borta", "Limits gone")),
)


def columns_of(level: str) -> tuple[Shown, ...]:
    """Return the columns of one level, names first."""
    limits = LIMITS if level == "route" else ROLLED_LIMITS
    homes = (RESIDENTS,) if level in {"municipality", "region"} else ()
    return (*NAMES[level], *OUTCOME, *limits, *homes, *SHORTFALL)


def changed_columns(level: str) -> tuple[Shown, ...]:
    """Return the columns of what changed between rounds on one level, names first."""
    return (*NAMES[level], *CHANGED)


_TELLING = frozenset(
    {
        *("school", "route_name", "municipality", "seats", "first_choices", "all_choices", "admitted", "first_share"),
        *("reserves", "limit", "median", "first_choice_shortage", "clearing_number"),
    }
)


def telling_columns() -> tuple[Shown, ...]:
    """Return the columns of the most telling routes: fewer than the full table has, so that they fit a page."""
    return tuple(one for one in columns_of("route") if one.name in _TELLING)
