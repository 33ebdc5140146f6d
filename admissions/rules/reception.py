"""Reception (mottagande): first and second hand, per education and never per pair of municipalities.

Source: SkolL 16:43 (home municipality and the cooperation area for that education are first hand), 16:44 (special
personal reasons, education not offered at home, nationwide intake: first hand too), 16:47 (others only for what is left
after all of first hand), 15:33 (independent schools receive all entitled youths: no such split).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.rules.checks import NATIONWIDE, OWN_MUNICIPALITY
from admissions.rules.coding import Names
from admissions.rules.errors import RulebookError, RulebookProblem
from admissions.rules.rulebook import Rulebook

INDEPENDENT = "independent"


def first_hand_table(routes: pl.DataFrame, municipalities: Names, rulebook: Rulebook) -> npt.NDArray[np.bool_]:
    """Return bool[routes, municipalities]: whether a home municipality makes an applicant first hand on a route.

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
    columns = routes.select("route_id", "programme", "municipality", "organiser_form", "reception").iter_rows()
    for number, (route_id, programme, municipality, form, reception) in enumerate(columns):
        # What the route itself states goes first; "region", what an empty cell stands for, leaves it to the rulebook.
        area = reception if reception and reception != "region" else None
        area = area or rule.programmes.get(programme) or rule.default_area
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
    return table


def _members(names: tuple[str, ...], municipalities: Names) -> npt.NDArray[np.bool_]:
    member = np.zeros(len(municipalities), np.bool_)
    codes = [municipalities.get(name) for name in names]
    member[[code for code in codes if code >= 0]] = True
    return member
