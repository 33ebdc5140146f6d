"""What an overlay may say: small declared parts, one list of each kind, in the words of the TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Seats:
    """More or fewer seats (platser) of a route's pool, or a new number; in one round or, left out, in every round.

    ``change`` or ``seats``, one of them; ``group`` names a seat group, the open seats if left out.
    """

    route: str
    change: int | None = None
    seats: int | None = None
    round: str = ""
    group: str = ""


@dataclass(frozen=True)
class NewRoute:
    """A new study route, like an existing one but for what is said here.

    ``listed_by`` is the share of those who list ``like`` that list the new route too, just ``before`` or ``after`` it.
    """

    route: str
    like: str
    seats: int
    listed_by: float
    place: Literal["before", "after"] = "after"
    municipality: str = ""
    school: str = ""
    organiser: str = ""
    organiser_form: str = ""
    route_code: str = ""
    route_name: str = ""
    programme: str = ""


@dataclass(frozen=True)
class ClosedRoute:
    """A route that will not start."""

    route: str


@dataclass(frozen=True)
class MergedMunicipalities:
    """Municipalities that become one: homes, schools and the rulebook's areas."""

    municipalities: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class JoiningMunicipality:
    """A municipality that joins a reception area of the rulebook; the default area if none is named."""

    municipality: str
    area: str = ""


@dataclass(frozen=True)
class Cohort:
    """More or fewer applicants from a home municipality, ``*`` for all of them; growth 0.05 is five per cent more."""

    municipality: str
    growth: float


@dataclass(frozen=True)
class Rules:
    """Another rulebook: a name that comes along or the path of a TOML file, relative to the overlay."""

    rulebook: str


@dataclass(frozen=True)
class Overlay:
    """One overlay; its parts are applied in the order of these fields, overlays in the order they are given.

    Attributes
    ----------
    name
        Shown in every result.
    file
        Where it was read from, for messages.
    behaviour
        Changed parameters of the behaviour models, by model.
    """

    name: str
    file: str = ""
    rules: Rules | None = None
    merged_municipalities: tuple[MergedMunicipalities, ...] = ()
    joining_municipality: tuple[JoiningMunicipality, ...] = ()
    cohort: tuple[Cohort, ...] = ()
    new_route: tuple[NewRoute, ...] = ()
    closed_route: tuple[ClosedRoute, ...] = ()
    seats: tuple[Seats, ...] = ()
    behaviour: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


PARTS: dict[str, type] = {
    "merged_municipalities": MergedMunicipalities,
    "joining_municipality": JoiningMunicipality,
    "cohort": Cohort,
    "new_route": NewRoute,
    "closed_route": ClosedRoute,
    "seats": Seats,
}
"""The parts written as ``[[name]]``, any number of times."""
