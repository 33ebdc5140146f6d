"""Late applicants: rows registered after the re-choice window, here between the final and the first reserve round.

Registered pupils who never applied list what a person of the same home municipality and merit lists. Some of those who
were left without a seat add routes that still have vacant ones, among those that people alike list and are eligible for
(the separate application to vacant seats many offices have). How late rows compete is the rulebook's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from simulations.behaviour.days import day_of_chance
from simulations.behaviour.rechoice import neighbour
from simulations.behaviour.situation import Circle, Situation, circle
from simulations.behaviour.window import situation_of
from simulations.streams import person_keys, uniform

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.rounds.run import RoundResult

_ACTS, _DAY, _OTHER = np.uint64(0), np.uint64(1), 2
_ASKED = 12
_SPAN = 40


@dataclass(frozen=True)
class Late:
    """Who applies late.

    Attributes
    ----------
    joins
        Share of the registered pupils without a single choice who apply.
    adds
        Share of the applicants without a seat who add routes with vacant seats.
    rows
        Most routes such an applicant adds.
    """

    joins: float
    adds: float
    rows: int
    on: bool = True


def late_choices(final: RoundResult, intake: Intake, seed: int, model: Late) -> pl.DataFrame:
    """Return the late rows: rows of the table ``choices``, registered between this round and the next."""
    if not model.on:
        return intake.choices.clear()
    compiled = final.compiled
    situation = situation_of(final, intake, seed)
    situation = replace(situation, keys=person_keys(compiled.applicants.tolist(), seed, "late"))
    free = dict(final.demand.select("route_id", "vacancies").iter_rows())
    shut = set(intake.routes.filter(pl.col("closed_at").is_not_null())["route_id"].to_list())
    open_seats = np.array([free.get(str(one), 0) > 0 and str(one) not in shut for one in compiled.routes])
    calendar = compiled.static.rulebook.calendar
    ring = circle(situation, situation.home)
    rows: list[tuple[Any, ...]] = []
    last = _last_rank(intake)
    for person in np.flatnonzero(situation.rank < 0).tolist():
        applied = bool(situation.applied[person])
        key = situation.keys[person]
        if uniform(key, _ACTS) >= (model.adds if applied else model.joins):
            continue
        routes = (
            _added(situation, ring, person, open_seats, model.rows) if applied else _copied(situation, ring, person)
        )
        name = str(compiled.applicants[person])
        day = day_of_chance(calendar, final.round, uniform(key, _DAY))
        begin = last.get(name, 0) + 1
        rows += [(name, str(compiled.routes[one]), begin + place, day, None) for place, one in enumerate(routes)]
    names = ["applicant", "route_id", "rank", "registered_at", "withdrawn_at"]
    schema = intake.choices.schema
    return pl.DataFrame(rows, schema={name: schema[name] for name in names}, orient="row").select(schema.names())


def _last_rank(intake: Intake) -> dict[str, int]:
    """Return the highest rank each applicant ever used."""
    return dict(intake.choices.group_by("applicant").agg(pl.col("rank").max()).iter_rows())


def _ask(situation: Situation, ring: Circle, person: int, turn: int) -> int:
    chance = uniform(situation.keys[person], np.uint64(_OTHER + turn))
    return int(neighbour(ring.order, ring.place[person], ring.start[person], ring.end[person], _SPAN, chance))


def _copied(situation: Situation, ring: Circle, person: int) -> list[int]:
    other = _ask(situation, ring, person, 0)
    return [] if other < 0 else [int(one) for one in situation.route[other] if one >= 0]


def _added(situation: Situation, ring: Circle, person: int, open_seats: Any, most: int) -> list[int]:
    """Return routes with vacant seats that people alike list and are eligible for, in the order they were found."""
    own = set(situation.route[person].tolist())
    found: list[int] = []
    for turn in range(_ASKED):
        other = _ask(situation, ring, person, turn)
        if other < 0:
            break
        for route, tried in zip(situation.route[other].tolist(), situation.tried[other].tolist(), strict=True):
            if len(found) < most and tried and open_seats[route] and route not in own:
                own.add(route)
                found.append(route)
    return found
