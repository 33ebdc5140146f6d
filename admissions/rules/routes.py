"""The study routes (studievägar) as arrays: which rules of the rulebook each of them names.

Source: SkolL 17:10 (a programme-oriented choice leads to one national programme), the introduction programmes' study
route codes (IMV and IMY followed by the code of that programme), GyF 7:12 and the offices for the modes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.rules.build import did_you_mean
from admissions.rules.choices import NEVER
from admissions.rules.coding import Names
from admissions.rules.errors import RulebookError, RulebookProblem
from admissions.rules.rulebook import Rulebook

Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
MODES = ("merit", "rank", "sport", "special_needs", "manual")
VOCATIONAL = "vocational"
_NO_KIND = -1


@dataclass(frozen=True, eq=False)
class RouteTable:
    """Per route, in the order of the ids.

    ``pool``, ``mode`` (`MODES`), ``kind``, ``test``, ``prerequisite`` int32, -1 for none; ``closed_to`` int32: the kind
    whose eligible applicants may not enter (introduction programmes), -1 for none; ``closed_day`` int32;
    ``no_preliminary``, ``after_programme`` bool.
    """

    pool: Int32s
    mode: Int32s
    kind: Int32s
    test: Int32s
    prerequisite: Int32s
    closed_to: Int32s
    closed_day: Int32s
    no_preliminary: Bools
    after_programme: Bools


def route_table(frame: pl.DataFrame, pools: Names, rulebook: Rulebook) -> RouteTable:
    """Look up every name the routes use.

    Raises
    ------
    RulebookError
        Naming every route whose programme, test rule or prerequisite the rulebook does not have.
    """
    rules = rulebook.sections
    kinds = list(rules.eligibility.kinds)
    kind_of = {p: number for number, kind in enumerate(rules.eligibility.kinds.values()) for p in kind.programmes}
    problems: list[RulebookProblem] = []

    def looked_up(column: str, known: Mapping[str, int], what: str, section: str) -> Int32s:
        codes = np.full(len(frame), -1, np.int32)
        strangers: dict[str, list[str]] = {}
        for number, (route_id, name) in enumerate(frame.select("route_id", column).iter_rows()):
            if name:
                codes[number] = known.get(name, -1)
                if name not in known:
                    strangers.setdefault(name, []).append(route_id)
        for name, routes in sorted(strangers.items()):
            named = f"route {routes[0]}" + (f" and {len(routes) - 1} more" if routes[1:] else "")
            message = f"the rulebook does not have {what} {name!r}, which {named} of the intake use"
            remedy = f"{did_you_mean(name, known)} Or add it under {section}."
            problems.append(RulebookProblem(rulebook.file, None, section, message, remedy))
        return codes

    kind = looked_up("programme", kind_of, "programme", "eligibility.kinds")
    test = looked_up("test_rule", {n: i for i, n in enumerate(rules.tests)}, "test rule", "tests")
    wishes = {n: i for i, n in enumerate(rules.prerequisites)}
    prerequisite = looked_up("prerequisite", wishes, "prerequisite", "prerequisites")
    mode = looked_up("mode", {n: i for i, n in enumerate(MODES)}, "mode", "modes")
    if problems:
        raise RulebookError(problems)
    bar = [k.not_if_eligible_for for k in rules.eligibility.kinds.values()]
    vocational = kinds.index(VOCATIONAL) if VOCATIONAL in kinds else _NO_KIND
    target = np.array([kind_of.get(code[3:5], _NO_KIND) for code in frame["route_code"]], np.int32)
    closed_to = np.full(len(frame), _NO_KIND, np.int32)
    for number, what in enumerate(bar):
        if what != "none":
            mine = kind == number
            closed_to[mine] = target[mine] if what == "target" else vocational
    targets = np.array([what == "target" for what in bar], np.bool_)
    introduction = targets[kind] if bar else np.zeros(len(frame), np.bool_)
    return RouteTable(
        pool=pools.codes(frame["pool"]),
        mode=mode,
        kind=kind,
        test=test,
        prerequisite=prerequisite,
        closed_to=closed_to,
        closed_day=frame["closed_at"].to_physical().cast(pl.Int32).fill_null(NEVER).to_numpy(),
        no_preliminary=frame["programme"].is_in(list(rules.rounds.no_preliminary)).to_numpy(),
        after_programme=introduction & (rules.order.introduction == "after_programme"),
    )
