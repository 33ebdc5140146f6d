"""Reception (mottagande): first and second hand, per education and never per pair of municipalities.

Source: SkolL 16:43 (home municipality and the cooperation area for that education are first hand), 16:44 (special
personal reasons, education not offered at home, nationwide intake: first hand too; see `home_offer`), 16:47 (others
only for what is left after all of first hand), 15:33 (independent schools receive all entitled youths: no such split).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.rules.checks import NATIONWIDE, OWN_MUNICIPALITY
from admissions.rules.coding import Names
from admissions.rules.errors import RulebookError, RulebookProblem
from admissions.rules.home_offer import HomeOffer, home_offer
from admissions.rules.rulebook import Rulebook

INDEPENDENT = "independent"


class Hand(IntEnum):
    """Why a row stands in the hand it does; the codes are part of the file format (names in lower case)."""

    SECOND = 0  # andra hand
    AREA = 1  # home in the cooperation area, nationwide intake, or a school that does not tell the hands apart
    NOT_OFFERED = 2  # the education is not offered at home
    DECISION = 3  # decided as first hand


HAND_NAMES: tuple[str, ...] = tuple(one.name.lower() for one in Hand)


@dataclass(frozen=True, eq=False)
class ReceptionTables:
    """Who is in first hand on which route by home alone, for m routes and k municipalities.

    Parameters
    ----------
    first
        bool[m, k]: the home lies in the area of the route.
    offer
        What the homes offer themselves; None where only decisions say it.
    """

    first: npt.NDArray[np.bool_]
    offer: HomeOffer | None


def reception_tables(routes: pl.DataFrame, municipalities: Names, rulebook: Rulebook) -> ReceptionTables:
    """Compile first hand by home municipality.

    Parameters
    ----------
    routes
        In the order of the compiled routes.
    municipalities
        Every municipality of schools and homes.

    Raises
    ------
    RulebookError
        Naming routes whose area the rulebook does not have.
    """
    rule = rulebook.sections.reception
    inside = {name: _members(area.municipalities, municipalities) for name, area in rule.areas.items()}
    table = np.zeros((len(routes), len(municipalities)), np.bool_)
    problems = []
    of_route = []
    columns = routes.select("route_id", "programme", "municipality", "organiser_form", "reception").iter_rows()
    for number, (route_id, programme, municipality, form, reception) in enumerate(columns):
        # What the route itself states goes first; "region", what an empty cell stands for, leaves it to the rulebook.
        area = reception if reception and reception != "region" else None
        area = area or rule.programmes.get(programme) or rule.default_area
        of_route.append(area)
        if area == NATIONWIDE or (form == INDEPENDENT and not rule.independent_split):
            table[number] = True
        elif area in inside:
            table[number] = inside[area]
        elif area != OWN_MUNICIPALITY:
            message = f"route {route_id} receives from area {area!r}, which the rulebook does not have"
            remedy = f"Add [reception.areas.{area}] or correct the route."
            problems.append(RulebookProblem(rulebook.file, None, "reception.areas", message, remedy))
        home = municipalities.get(municipality)
        if home >= 0:
            table[number, home] = True
    if problems:
        raise RulebookError(problems)
    return ReceptionTables(table, home_offer(routes, municipalities, inside, of_route, rulebook.sections))


def _members(names: tuple[str, ...], municipalities: Names) -> npt.NDArray[np.bool_]:
    member = np.zeros(len(municipalities), np.bool_)
    codes = [municipalities.get(name) for name in names]
    member[[code for code in codes if code >= 0]] = True
    return member
