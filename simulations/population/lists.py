"""From considered routes to ranked lists, and what the lists demand at given cut-offs.

Lists are aware of reach: a route an applicant counts as out of reach loses utility with every missing point, little for
the ambitious, much for the realistic; nearly all make sure of one choice with a margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.matching import Market, Matching, match
from admissions.matching.kernels import kernel
from simulations.population.demand import SCALE, Considered, Demand, Persons
from simulations.population.published import Published
from simulations.streams import normal, uniform

_TEST_DRAWS = 1 << 20
TIED_SHARE = 0.5
"""Share of the applicants exactly at a cut-off who count as admitted when demand is inverted."""


@dataclass(frozen=True, eq=False)
class Lists:
    """Ranked lists.

    Attributes
    ----------
    route
        int32[n, k], -1 after the last choice.
    test
        int64[n, k]: test points of the choice, hundredths.
    """

    route: npt.NDArray[np.int32]
    test: npt.NDArray[np.int64]


def write_lists(persons: Persons, considered: Considered, published: Published, demand: Demand, settings: Any) -> Lists:
    """Return the list each applicant writes."""
    lists = settings["lists"]
    route = np.full((len(persons.keys), lists["longest"] + 1), -1, dtype=np.int32)
    test = np.zeros(route.shape, dtype=np.int64)
    _write(
        considered.route,
        considered.utility,
        demand.popularity,
        demand.ambition,
        published.cut - np.rint(demand.test_mean).astype(np.int64) * (published.cut > 0),
        published.cut > 0,
        persons.reach,
        np.where(persons.ambitious, lists["penalty_ambitious"], lists["penalty_realistic"]),
        np.where(persons.ambitious, 0.0, lists["threshold_realistic"]),
        persons.length,
        persons.careful,
        lists["safe_margin"],
        route,
    )
    _test_points(
        persons.keys,
        persons.talent,
        route,
        demand.test_mean,
        demand.test_spread,
        demand.test_absent,
        published.test_highest,
        settings["tests"]["talent"],
        settings["tests"]["step"] * 100,
        test,
    )
    return Lists(route, test)


@kernel
def _write(
    considered: Any,
    utility: Any,
    popularity: Any,
    ambition: Any,
    needed: Any,
    competed: Any,
    reach: Any,
    penalty: Any,
    threshold: Any,
    length: Any,
    careful: Any,
    margin: float,
    out: Any,
) -> None:
    width = considered.shape[1]
    value = np.empty(width, dtype=np.int64)
    missing = np.empty(width)
    lowest = np.int64(-(2**62))
    for person in range(considered.shape[0]):
        for place in range(width):
            j = considered[person, place]
            if j < 0:
                value[place] = lowest
                missing[place] = 0.0
                continue
            lack = (needed[j] - reach[person]) / 100.0 if competed[j] else -100.0
            whole = utility[person, place] + popularity[j]
            if lack > 0.0:
                whole += ambition[j] - penalty[person] * lack - threshold[person]
            missing[place] = lack
            value[place] = np.int64(np.floor(whole * SCALE))
        secured = False
        rank = 0
        while rank < length[person]:
            chosen = _largest(value, missing, 1e9)
            if chosen < 0:
                break
            out[person, rank] = considered[person, chosen]
            value[chosen] = lowest
            rank += 1
            secured = secured or missing[chosen] <= -margin
        if careful[person] and not secured:
            chosen = _largest(value, missing, -margin)
            if chosen >= 0:
                out[person, rank] = considered[person, chosen]


@kernel
def _largest(value: Any, missing: Any, most: float) -> int:
    chosen = -1
    for place in range(len(value)):
        if value[place] > -(2**61) and missing[place] <= most and (chosen < 0 or value[place] > value[chosen]):
            chosen = place
    return chosen


@kernel
def _test_points(
    keys: Any,
    talent: Any,
    route: Any,
    mean: Any,
    spread: Any,
    absent: Any,
    highest: Any,
    common: float,
    step: float,
    out: Any,
) -> None:
    own = np.sqrt(1.0 - common * common)
    for person in range(route.shape[0]):
        for rank in range(route.shape[1]):
            j = route[person, rank]
            if j < 0:
                break
            if highest[j] == 0:
                continue
            draw = np.uint64(_TEST_DRAWS) + np.uint64(2) * np.uint64(j)
            if uniform(keys[person], draw) < absent[j]:
                continue
            points = mean[j] + spread[j] * (common * talent[person] + own * normal(keys[person], draw + np.uint64(1)))
            out[person, rank] = np.int64(min(max(np.rint(points / step) * step, 0.0), highest[j]))


def tried(lists: Lists, eligible: npt.NDArray[np.bool_], level: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return bool[n, k]: the choices an applicant is eligible for."""
    wanted = np.where(level >= 0, level, eligible.shape[1] - 1)[np.maximum(lists.route, 0)]
    return np.asarray(np.take_along_axis(eligible, wanted, axis=1) & (lists.route >= 0))


@dataclass(frozen=True, eq=False)
class Pressure:
    """What lists demand at given cut-offs: admitted and reserves per route, and the rank each applicant gets (-1)."""

    admitted: npt.NDArray[np.int64]
    reserves: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int64]


def pressure(lists: Lists, eligible_rows: Any, merit: Any, lottery: Any, cut: npt.NDArray[np.int64]) -> Pressure:
    """Return demand at cut-offs: everybody takes the first listed route whose cut-off they reach; no matching."""
    admitted = np.zeros(len(cut), dtype=np.int64)
    reserves = np.zeros(len(cut), dtype=np.int64)
    rank = np.full(len(merit), -1, dtype=np.int64)
    _pressure(lists.route, lists.test, eligible_rows, merit, lottery, cut, admitted, reserves, rank)
    return Pressure(admitted, reserves, rank)


@kernel
def _pressure(
    route: Any, test: Any, allowed: Any, merit: Any, lottery: Any, cut: Any, admitted: Any, reserves: Any, rank: Any
) -> None:
    for person in range(route.shape[0]):
        for place in range(route.shape[1]):
            j = route[person, place]
            if j < 0:
                break
            if not allowed[person, place]:
                continue
            points = merit[person] + test[person, place]
            if cut[j] == 0 or points > cut[j] or (points == cut[j] and lottery[person] < TIED_SHARE):
                admitted[j] += 1
                rank[person] = place
                break
            reserves[j] += 1


@dataclass(frozen=True, eq=False)
class Settled:
    """A matching of lists.

    Attributes
    ----------
    rank
        int64[n]: rank of the granted choice from 0, -1 for none.
    lowest
        int64[m]: points of the last admitted where no seat is vacant, else 0 (the published form of a cut-off).
    admitted, reserves
        int64[m].
    """

    rank: npt.NDArray[np.int64]
    lowest: npt.NDArray[np.int64]
    admitted: npt.NDArray[np.int64]
    reserves: npt.NDArray[np.int64]


def settle(lists: Lists, eligible_rows: Any, merit: Any, lottery: Any, seats: npt.NDArray[np.int64]) -> Settled:
    """Match lists on merit and test points with the engine's matching: the real test of a calibration."""
    count, width = lists.route.shape
    rows = np.flatnonzero(eligible_rows.ravel())
    person = rows // width
    indptr = np.concatenate([[0], np.cumsum(np.bincount(person, minlength=count))]).astype(np.int64)
    points = (merit[:, None] + lists.test).ravel()[rows]
    order = np.argsort(np.argsort(lottery, kind="stable"), kind="stable").astype(np.uint64)
    result: Matching = match(Market.from_points(indptr, lists.route.ravel()[rows], points, order[person], seats))
    has = result.choice >= 0
    choice = result.choice[has]
    admitted = np.bincount(result.route[has], minlength=len(seats))
    lowest = np.full(len(seats), np.iinfo(np.int64).max)
    np.minimum.at(lowest, result.route[has], points[choice])
    full = (admitted >= seats) & (seats > 0)
    rank = np.full(count, -1, dtype=np.int64)
    rank[has] = rows[choice] % width
    above = eligible_rows & ((rank < 0)[:, None] | (np.arange(width) < rank[:, None]))
    reserves = np.bincount(lists.route[above], minlength=len(seats))
    return Settled(rank, np.where(full, lowest, 0), admitted, reserves)
