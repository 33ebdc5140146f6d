"""Applicants who join in the re-choice window: registered pupils without an application in February.

A newcomer lists what a person of the same home municipality and merit lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from admissions.matching.kernels import kernel
from simulations.behaviour.rechoice import Relisted, neighbour
from simulations.behaviour.situation import Situation, circle
from simulations.streams import uniform

_DRAWS = 40
_SPAN = 25


@dataclass(frozen=True)
class Newcomers:
    """Share of the registered pupils without an application who apply in the window."""

    apply: float
    on: bool = True


def join(situation: Situation, lists: Relisted, parameters: Newcomers) -> Relisted:
    """Return the lists with those of the newcomers; switched off, they are as before."""
    route, test = lists.route.copy(), lists.test.copy()
    if parameters.on and situation.applied.any():
        ring = circle(situation, situation.home)
        _join(
            situation.keys,
            situation.applied,
            situation.route,
            situation.test,
            ring.order,
            ring.place,
            ring.start,
            ring.end,
            parameters.apply,
            route,
            test,
        )
    return Relisted(route, test)


@kernel
def _join(
    keys: Any,
    applied: Any,
    listed: Any,
    points: Any,
    order: Any,
    place: Any,
    start: Any,
    end: Any,
    apply: float,
    route: Any,
    test: Any,
) -> None:
    for person in range(len(keys)):
        if applied[person] or uniform(keys[person], _DRAWS) >= apply:
            continue
        other = neighbour(order, place[person], start[person], end[person], _SPAN, uniform(keys[person], _DRAWS + 1))
        if other >= 0:
            route[person, :] = listed[other, :]
            test[person, :] = points[other, :]
