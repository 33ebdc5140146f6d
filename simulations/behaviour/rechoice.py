"""The re-choice window (omval): who looks at the list again, and what changes.

Applicants look again the sooner the less the preliminary round gave them. Those who think about another first choice
compare a few alternatives, drawn from the first choices of people alike (a logit over sampled alternatives, McFadden
1978), with the old one: noise, the chance of a seat at the preliminary cut-offs, and a cost of switching. The others
change rows below: a choice within reach at the end, a row less, two rows swapped. Because alternatives come from what
others list, the window keeps the popularity of routes on the whole and moves people where seats are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.matching.kernels import kernel
from simulations.behaviour.situation import NARROW_SEAT, Circle, Situation, circle
from simulations.streams import uniform

_SCALE = 65536.0


@dataclass(frozen=True)
class Rechoice:
    """Parameters; their meaning stands beside each key in ``behaviour.toml``."""

    no_seat: float
    lower_choice: float
    narrow_seat: float
    safe_seat: float
    not_eligible: float
    narrow: float
    first_choice: float
    alternatives: int
    same_programme: float
    same_school: float
    switching_cost: float
    chance_weight: float
    chance_width: float
    keeps_old: float
    neighbours: int
    on: bool = True


@dataclass(frozen=True, eq=False)
class Relisted:
    """Lists after the window: int32[n, k] routes, int64[n, k] test points."""

    route: npt.NDArray[np.int32]
    test: npt.NDArray[np.int64]


def rechoose(situation: Situation, parameters: Rechoice) -> Relisted:
    """Return the lists after the window; switched off, they are as before."""
    route, test = situation.route.copy(), situation.test.copy()
    if not parameters.on or not situation.applied.any():
        return Relisted(route, test)
    first = situation.first
    programme = circle(situation, situation.programme[first], situation.home)
    school = circle(situation, situation.school[first])
    alike = circle(situation, situation.home)
    attention = np.array(
        [
            parameters.not_eligible,
            parameters.no_seat,
            parameters.lower_choice,
            parameters.narrow_seat,
            parameters.safe_seat,
        ]
    )
    _rechoose(
        situation.keys,
        situation.route,
        situation.test,
        situation.rank,
        situation.merit,
        situation.needed,
        situation.standing(parameters.narrow),
        attention,
        *_arrays(programme),
        *_arrays(school),
        *_arrays(alike),
        parameters.first_choice,
        int(parameters.alternatives),
        parameters.same_programme,
        parameters.same_school,
        parameters.switching_cost,
        parameters.chance_weight,
        parameters.chance_width * 100.0,
        parameters.keeps_old,
        int(parameters.neighbours),
        route,
        test,
    )
    return Relisted(route, test)


def _arrays(ring: Circle) -> tuple[Any, Any, Any, Any]:
    return ring.order, ring.place, ring.start, ring.end


@kernel
def neighbour(order: Any, place: int, start: int, end: int, span: int, chance: float) -> int:
    """Return a person at most ``span`` places away in the same group, or -1 where there is nobody."""
    low = max(start, place - span)
    high = min(end, place + span + 1)
    if high <= low:
        return -1
    return int(order[low + min(int(chance * (high - low)), high - low - 1)])


@kernel
def _value(points: int, needed: int, weight: float, width: float, chance: float) -> float:
    """Worth of a route: noise, and the log chance of a seat."""
    seat = 1.0 if needed == 0 else 1.0 / (1.0 + np.exp(-(points - needed) / width))
    return float(weight * np.log(seat + 1e-9) - np.log(-np.log(chance)))


@kernel
def _rechoose(
    keys: Any, old: Any, old_test: Any, rank: Any, merit: Any, needed: Any, standing: Any, attention: Any,
    p_order: Any, p_place: Any, p_start: Any, p_end: Any,
    s_order: Any, s_place: Any, s_start: Any, s_end: Any,
    a_order: Any, a_place: Any, a_start: Any, a_end: Any,
    first_choice: float, alternatives: int, same_programme: float, same_school: float, switching_cost: float,
    weight: float, width: float, keeps_old: float, span: int,
    route: Any, test: Any,
) -> None:  # fmt: skip
    for i in range(len(keys)):
        key = keys[i]
        if old[i, 0] < 0 or uniform(key, 0) >= attention[standing[i]]:
            continue
        if uniform(key, 1) < first_choice:
            best = -1
            best_test = np.int64(0)
            own = old[i, 0]
            value = _value(merit[i] + old_test[i, 0], needed[own], weight, width, uniform(key, 2)) + switching_cost
            highest = np.int64(np.floor(value * _SCALE))
            for turn in range(alternatives):
                kind = uniform(key, 10 + 4 * turn)
                chance = uniform(key, 11 + 4 * turn)
                if kind < same_programme:
                    other = neighbour(p_order, p_place[i], p_start[i], p_end[i], span, chance)
                elif kind < same_programme + same_school:
                    other = neighbour(s_order, s_place[i], s_start[i], s_end[i], span, chance)
                else:
                    other = neighbour(a_order, a_place[i], a_start[i], a_end[i], span, chance)
                if other < 0 or old[other, 0] == own:
                    continue
                points = merit[i] + old_test[other, 0]
                value = _value(points, needed[old[other, 0]], weight, width, uniform(key, 12 + 4 * turn))
                whole = np.int64(np.floor(value * _SCALE))
                if whole > highest:
                    highest = whole
                    best = old[other, 0]
                    best_test = old_test[other, 0]
            if best >= 0:
                _lead(route, test, i, best, int(best_test), uniform(key, 3) < keeps_old)
            continue
        what = uniform(key, 4)
        length = _length(route, i)
        if standing[i] <= NARROW_SEAT or what < 0.45 or length < 2:
            # a choice that gave somebody alike a seat, at the end
            other = neighbour(a_order, a_place[i], a_start[i], a_end[i], span, uniform(key, 5))
            if other >= 0:
                place = max(rank[other], 0)
                _append(route, test, i, old[other, place], old_test[other, place])
        elif what < 0.75 or length < 3:
            route[i, length - 1] = -1
            test[i, length - 1] = 0
        else:
            route[i, 1], route[i, 2] = route[i, 2], route[i, 1]
            test[i, 1], test[i, 2] = test[i, 2], test[i, 1]


@kernel
def _length(route: Any, i: int) -> int:
    length = 0
    while length < route.shape[1] and route[i, length] >= 0:
        length += 1
    return length


@kernel
def _lead(route: Any, test: Any, i: int, new: int, new_test: int, keep: bool) -> None:
    """Put a route first; the old first choice becomes the second or leaves the list."""
    length = _length(route, i)
    at = 0 if keep else 1
    kept = 1
    rows = np.empty(length + 1, dtype=np.int32)
    points = np.empty(length + 1, dtype=np.int64)
    rows[0] = new
    points[0] = new_test
    for place in range(at, length):
        if route[i, place] == new:
            points[0] = test[i, place]  # the own result, where the route was listed already
            continue
        rows[kept] = route[i, place]
        points[kept] = test[i, place]
        kept += 1
    kept = min(kept, route.shape[1])
    for place in range(route.shape[1]):
        route[i, place] = rows[place] if place < kept else -1
        test[i, place] = points[place] if place < kept else 0


@kernel
def _append(route: Any, test: Any, i: int, new: int, new_test: int) -> None:
    """Put a route last unless it is listed already."""
    length = _length(route, i)
    if length == route.shape[1]:
        return
    for place in range(length):
        if route[i, place] == new:
            return
    route[i, length] = new
    test[i, length] = new_test


def changed(before: npt.NDArray[np.int32], after: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Return who changed any row, among those who had a list before."""
    return np.asarray((before[:, 0] >= 0) & (before != after).any(axis=1))
