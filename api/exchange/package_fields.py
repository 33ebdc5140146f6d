"""The columns of the data package, each with its type and meaning (Table Schema)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Field:
    """A column.

    Parameters
    ----------
    name, type
        As in Table Schema; ``number`` is points, kept in hundredths.
    description
        What it means.
    constraints
        Of Table Schema.
    source
        The column it comes from, if it has another name.
    empty
        What is written where the table has nothing.
    """

    name: str
    type: str
    description: str
    constraints: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    empty: str = ""

    def described(self) -> dict[str, Any]:
        """Describe the column for the package."""
        told = {"name": self.name, "type": self.type, "description": self.description}
        return told | ({"constraints": dict(self.constraints)} if self.constraints else {})


@dataclass(frozen=True)
class Resource:
    """A file of the package.

    Parameters
    ----------
    name, title
        Of the file.
    table
        The table it comes from.
    key
        The columns that identify a row.
    fields
        Its columns.
    """

    name: str
    title: str
    table: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]


NEEDED = {"required": True}
COUNT = {"required": True, "minimum": 0}
YEAR = Field("year", "integer", "Admission year.", {"required": True, "minimum": 2000})
ROUND = Field("round", "string", "Round: preliminary, final, reserve-1 ...", NEEDED)
SCHOOL = (
    Field("municipality", "string", "Municipality of the school.", NEEDED),
    Field("municipality_code", "string", "Its code (SCB).", {"pattern": "[0-9]{4}"}),
    Field("school", "string", "School.", NEEDED),
)
COUNTS = (
    Field("seats", "integer", "Seats of the run: less those held outside, with over-intake.", COUNT),
    Field("first_choices", "integer", "Eligible first choices.", COUNT),
    Field("all_choices", "integer", "All choices tried in the round.", COUNT),
    Field("admitted", "integer", "Admitted.", COUNT),
    Field("reserves", "integer", "Reserve places; one person stands at several routes.", COUNT),
    Field("vacancies", "integer", "Seats nobody was admitted to.", COUNT),
)
GAPS = (
    Field("first_choice_shortage", "integer", "First choices above seats, where seats are too few.", COUNT),
    Field("first_choice_surplus", "integer", "Seats above first choices, where they are too many.", COUNT),
    Field("clearing_number", "integer", "Seats missing if all routes of the set had unlimited seats.", COUNT),
)


def _level(name: str, title: str, level: str, *keys: Field) -> Resource:
    fields = (YEAR, ROUND, *keys, *COUNTS, *GAPS)
    naming = tuple(one.name for one in keys if not one.name.endswith("_code"))
    return Resource(name, title, f"shortfalls-{level}", naming or ("year",), fields)


RESOURCES = (
    Resource(
        "routes",
        "Study routes, as published",
        "demand",
        ("route_id",),
        (
            YEAR,
            ROUND,
            Field("route_id", "string", "Id of the study route in this intake.", {"required": True, "unique": True}),
            *SCHOOL,
            Field("organiser", "string", "Organiser (huvudman)."),
            Field("route_code", "string", "Study route code (Skolverket).", NEEDED),
            Field("route_name", "string", "Study route.", NEEDED),
            Field("programme", "string", "Programme.", NEEDED),
            *COUNTS,
            Field(
                "limit",
                "number",
                "Merit of the last admitted where no seat is vacant; 0: no competition, or ranked by the school.",
                {"minimum": 0},
            ),
            Field("median", "number", "Median merit of the admitted, with test points.", {"minimum": 0}),
        ),
    ),
    Resource(
        "cutoffs",
        "The last admitted in each seat group where somebody was refused",
        "cutoffs",
        ("pool", "group"),
        (
            YEAR,
            ROUND,
            Field("pool", "string", "Seat pool; a route without a shared pool is its own.", NEEDED),
            Field("group", "string", "Seat group; open: the open seats.", NEEDED, empty="open"),
            Field("tier", "integer", "Reception tier in which somebody was refused; 0 goes first.", COUNT),
            Field("admitted_in_tier", "integer", "Admitted in it.", COUNT),
            Field("refused_in_tier", "integer", "Refused in it.", COUNT),
            Field("merit", "number", "Merit of the last admitted.", {"minimum": 0}),
            Field("grade_sum", "number", "Their merit without test points.", {"minimum": 0}),
        ),
    ),
    _level("region", "The region", "region"),
    _level("programmes", "Programmes", "programme", Field("programme", "string", "Programme.", NEEDED)),
    _level("municipalities", "Municipalities of the schools", "municipality", *SCHOOL[:2]),
    _level("schools", "Schools", "school", *SCHOOL),
    _level("organisers", "Organisers", "organiser", Field("organiser", "string", "Organiser (huvudman).", NEEDED)),
    Resource(
        "people_without_seat",
        "Eligible applicants without a seat, small counts hidden",
        "people-without-seat",
        ("home_municipality", "programme"),
        (
            YEAR,
            ROUND,
            Field("home_municipality", "string", "Home municipality, or all.", NEEDED, empty="all"),
            Field("programme", "string", "Programme of the first tried choice, or all.", NEEDED, empty="all"),
            Field("persons", "integer", "Persons; missing where hidden.", {"minimum": 0}),
            Field("hidden", "boolean", "Hidden: a count from 1 to 4, or what gives one away.", NEEDED),
        ),
    ),
)
