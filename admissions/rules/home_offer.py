"""Education the home municipality does not offer: first hand elsewhere, computed from the catalogue and the areas.

Source: SkolL 16:44: in first hand are also applicants whose home municipality does not offer the national programme
applied for, or a national orientation of it that begins in the first year, or apprenticeship in the programme. Offered
counts what the municipality's cooperation area for that education offers too (16:43). Compared is the education as the
law has it (programme, orientation, apprenticeship), never the profile. What a municipality outside the office's areas
offers is not in the catalogue: there a decision says it, and a decision goes before what is computed.

What the law leaves open is a switch of the rulebook's section on reception: whose education counts as offered
(`home_offer_organisers`), and whether a programme entered without an orientation counts as offering its orientations
(`home_offer_entry`). A special variant is compared by its programme alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.rules.coding import Names

if TYPE_CHECKING:
    from admissions.rules.schema import Sections

Bools = npt.NDArray[np.bool_]

_CODE = re.compile(r"(?P<programme>[A-ZÅÄÖ]{2})(?P<orientation>[A-ZÅÄÖ]{3})?(?P<rest>\w*)")
_VARIANTS = ("VE", "VS", "MV")  # särskild variant: the letters before it are no national orientation
_APPRENTICE = "L"


class Education(NamedTuple):
    """What two study routes must share to be one education.

    Parameters
    ----------
    programme, orientation
        Codes; the orientation is ``""`` where it is chosen later or is none of the national ones.
    apprenticeship
        Upper-secondary apprenticeship (lärling).
    """

    programme: str
    orientation: str
    apprenticeship: bool


def education_of(programme: str, route_code: str) -> Education:
    """Return the education of a study route from its code.

    Examples
    --------
    >>> education_of("BA", "BAHUS0L")
    Education(programme='BA', orientation='HUS', apprenticeship=True)
    >>> education_of("NA", "NABILVE").orientation, education_of("NA", "NA").orientation
    ('', '')
    """
    found = _CODE.fullmatch(route_code)
    if found is None or found["programme"] != programme:
        return Education(programme, "", apprenticeship=False)
    rest = found["rest"]
    orientation = "" if rest in _VARIANTS else found["orientation"] or ""
    return Education(programme, orientation, rest.endswith(_APPRENTICE))


@dataclass(frozen=True, eq=False)
class HomeOffer:
    """What the home municipalities offer, for m routes and k municipalities.

    Parameters
    ----------
    education
        Of each route, None for what is no national programme.
    offers_to
        bool[m, k]: the route is offered by the municipality or by its cooperation area for that education.
    known
        bool[k]: the municipality's whole offer stands in the catalogue.
    entry_counts
        A programme entered without an orientation offers its orientations.
    """

    education: tuple[Education | None, ...]
    offers_to: Bools
    known: Bools
    entry_counts: bool
    _tables: dict[bytes, Bools] = field(default_factory=dict, repr=False)

    def lacking(self, closed: Bools) -> Bools:
        """Return bool[m, k]: the municipality does not offer the education of the route.

        Parameters
        ----------
        closed
            bool[m]: routes that do not start.
        """
        at = closed.tobytes()
        if at not in self._tables:
            self._tables[at] = self._lacking(closed)
        return self._tables[at]

    def _lacking(self, closed: Bools) -> Bools:
        table = np.zeros(self.offers_to.shape, np.bool_)
        offers = self.offers_to & ~closed[:, None]
        for routes in self._by_programme.values():
            educations = [self.education[route] for route in routes]
            own = offers[routes]
            oriented = np.array([one.orientation if one else "" for one in educations])
            apprentices = np.array([one is not None and one.apprenticeship for one in educations])
            entered = own[oriented == ""].any(axis=0)
            taught = own[apprentices].any(axis=0)
            for route, education in zip(routes, educations, strict=True):
                if education is None:
                    continue
                offered = own.any(axis=0)
                if education.orientation:
                    offered = own[oriented == education.orientation].any(axis=0)
                    offered = offered | entered if self.entry_counts else offered
                if education.apprenticeship:
                    offered = offered & taught
                table[route] = self.known & ~offered
        return table

    @cached_property
    def _by_programme(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for route, education in enumerate(self.education):
            if education is not None:
                places.setdefault(education.programme, []).append(route)
        return places


def home_offer(
    routes: pl.DataFrame, municipalities: Names, areas: dict[str, Bools], of_route: list[str], rules: Sections
) -> HomeOffer | None:
    """Read from the catalogue what the home municipalities offer; None where only decisions say it.

    Parameters
    ----------
    routes
        In the order of the compiled routes.
    municipalities
        Every municipality of schools and homes.
    areas
        bool[k] for each area of the rulebook: its members.
    of_route
        The area each route receives from.
    rules
        The rulebook's sections.
    """
    rule = rules.reception
    if rule.home_offer == "decision":
        return None
    national = {code for kind in rules.eligibility.kinds.values() if kind.national for code in kind.programmes}
    columns = routes.select("programme", "route_code", "municipality", "organiser_form", "mode").iter_rows()
    education: list[Education | None] = []
    offers_to = np.zeros((len(routes), len(municipalities)), np.bool_)
    for number, (programme, code, municipality, form, mode) in enumerate(columns):
        education.append(education_of(programme, code or "") if programme in national else None)
        if mode != "merit" or (form == "independent" and rule.home_offer_organisers == "public"):
            continue  # a place not everybody can apply for, or not the municipalities' own offer
        if of_route[number] in areas:
            offers_to[number] = areas[of_route[number]]
        home = municipalities.get(municipality)
        if home >= 0:
            offers_to[number, home] = True
    known = np.zeros(len(municipalities), np.bool_)
    for members in areas.values():
        known |= members
    for name in rule.home_offer_known:
        if municipalities.get(name) >= 0:
            known[municipalities.get(name)] = True
    return HomeOffer(tuple(education), offers_to, known, entry_counts=rule.home_offer_entry == "counts")
