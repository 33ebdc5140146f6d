"""The re-choice window of an intake: from the preliminary result to a choices table with the window recorded.

A row that moves is the old row withdrawn and a new one registered, on the same day of the window; a row that keeps
route and rank is not touched. A new choice of a route with a skill test gets the result of the person whose choice it
follows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.rules.rows import RowStatus
from simulations.behaviour.newcomers import join
from simulations.behaviour.rechoice import Relisted, rechoose
from simulations.behaviour.situation import Situation
from simulations.streams import person_keys, uniform

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.rounds.run import RoundResult
    from admissions.rules.compiled import CompiledRound
    from simulations.behaviour.parameters import Behaviour

_ROOM = 4
_DAY = 60


class Lists(NamedTuple):
    """Every applicant's list in a row of a grid, with `_ROOM` free places: shape (applicants, longest list + room).

    ``person``, ``column``: applicant and place of each compiled row. ``route`` int32, -1 where nothing stands; ``test``
    int64, hundredths; ``tried`` bool.
    """

    person: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    route: npt.NDArray[np.int32]
    test: npt.NDArray[np.int64]
    tried: npt.NDArray[np.bool_]


def lists_of(compiled: CompiledRound) -> Lists:
    """Lay the rows of a compiled round out as one list an applicant."""
    count = len(compiled.applicants)
    sizes = np.diff(compiled.indptr)
    width = int(sizes.max(initial=0)) + _ROOM
    person = np.repeat(np.arange(count), sizes)
    column = np.arange(len(compiled.route)) - compiled.indptr[person]
    route = np.full((count, width), -1, dtype=np.int32)
    test = np.zeros((count, width), dtype=np.int64)
    tried = np.zeros((count, width), dtype=np.bool_)
    route[person, column] = compiled.route
    test[person, column] = compiled.test_points
    tried[person, column] = compiled.status == RowStatus.TRIED
    return Lists(person, column, route, test, tried)


def situation_of(preliminary: RoundResult, intake: Intake, seed: int) -> Situation:
    """Return what every applicant knows after a preliminary round."""
    compiled, matching = preliminary.compiled, preliminary.matching
    static = compiled.static
    count = len(compiled.applicants)
    _, column, route, test, tried = lists_of(compiled)
    rank = np.full(count, -1, dtype=np.int64)
    seated = np.flatnonzero(matching.choice >= 0)
    granted = compiled.market_row[matching.choice[seated]]
    rank[seated] = column[granted]
    schools = (intake.routes["municipality"] + "|" + intake.routes["school"]).cast(pl.String)
    order = static.routes.codes(intake.routes["route_id"]).argsort()
    return Situation(
        keys=person_keys(compiled.applicants.tolist(), seed, "window"),
        route=route,
        test=test,
        tried=tried,
        rank=rank,
        merit=static.own_grades(static.term("preliminary")).merit.grade_sum.astype(np.int64),
        home=static.people.home.astype(np.int64),
        needed=_needed(preliminary, granted),
        programme=_codes(intake.routes["programme"], order),
        school=_codes(schools, order),
        introduction=intake.routes["programme"].str.starts_with("IM").to_numpy()[order],
    )


def _codes(names: pl.Series, order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    _, codes = np.unique(names.to_numpy().astype(str)[order], return_inverse=True)
    return codes.astype(np.int64)


def _needed(preliminary: RoundResult, granted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the merit of the last admitted of each route whose pool is full, else 0."""
    compiled = preliminary.compiled
    pool = compiled.static.route_table.pool
    taken = np.bincount(pool[compiled.route[granted]], minlength=len(compiled.seats))
    lowest = np.full(len(compiled.seats), np.iinfo(np.int64).max)
    np.minimum.at(lowest, pool[compiled.route[granted]], compiled.merit[granted].astype(np.int64))
    full = (taken >= compiled.seats) & (taken > 0)
    return np.where(full, lowest, 0)[pool]


def relist(situation: Situation, behaviour: Behaviour) -> Relisted:
    """Return the lists when the window closes: re-choice first, then the newcomers."""
    return join(situation, rechoose(situation, behaviour.rechoice), behaviour.newcomers)


def record(
    intake: Intake, preliminary: RoundResult, situation: Situation, after: Relisted
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the choices with the window recorded, and the decisions with the test results of new choices."""
    compiled = preliminary.compiled
    calendar = compiled.static.rulebook.calendar
    before = situation.route
    moved = before != after.route
    person, column = np.nonzero(moved & (before >= 0))
    new_person, new_column = np.nonzero(moved & (after.route >= 0))
    length = (calendar.rechoice_closes - calendar.rechoice_opens).days + 1
    days = [
        calendar.rechoice_opens + timedelta(days=int(uniform(key, np.uint64(_DAY)) * length)) for key in situation.keys
    ]
    day = pl.Series(days, dtype=pl.Date)
    names = pl.Series(compiled.applicants.tolist(), dtype=pl.String)
    routes = pl.Series(compiled.routes.tolist(), dtype=pl.String)
    old = pl.DataFrame(
        {
            "applicant": names.gather(person),
            "route_id": routes.gather(before[person, column]),
            "window": day.gather(person),
        }
    )
    new = pl.DataFrame(
        {
            "applicant": names.gather(new_person),
            "route_id": routes.gather(after.route[new_person, new_column]),
            "rank": new_column.astype(np.int64) + 1,
            "registered_at": day.gather(new_person),
            "withdrawn_at": pl.Series([None] * len(new_person), dtype=pl.Date),
        }
    )
    active = pl.col("withdrawn_at").is_null() | (pl.col("withdrawn_at") > compiled.day)
    choices = (
        intake.choices.with_row_index("place")
        .join(old, on=["applicant", "route_id"], how="left", maintain_order="left")
        .with_columns(
            withdrawn_at=pl.when(active).then(pl.coalesce("window", "withdrawn_at")).otherwise("withdrawn_at")
        )
        .drop("place", "window")
    )
    tests = _new_tests(intake, situation, after, new_person, new_column, new)
    decisions = pl.concat([intake.decisions, tests]) if len(tests) else intake.decisions
    return pl.concat([choices, new.select(choices.columns).cast(choices.schema)]), decisions


def _new_tests(
    intake: Intake,
    situation: Situation,
    after: Relisted,
    person: npt.NDArray[np.int64],
    column: npt.NDArray[np.int64],
    rows: pl.DataFrame,
) -> pl.DataFrame:
    """Return test results for new choices: the registered result that gave somebody the same points on the route."""
    points = after.test[person, column]
    took = np.flatnonzero(points > 0)
    known = intake.decisions.filter(pl.col("kind") == "test_points")
    if not len(took) or not len(known):
        return intake.decisions.clear()
    wanted = rows.select("applicant", "route_id").with_columns(points=pl.Series(points))[took]
    wanted = wanted.join(
        known.select("applicant", "route_id"), on=["applicant", "route_id"], how="anti", maintain_order="left"
    )
    names = pl.Series([str(name) for name in _ids(situation, intake)], dtype=pl.String)
    routes = intake.routes["route_id"].sort()
    holder, place = np.nonzero(situation.test > 0)
    results = (
        pl.DataFrame(
            {
                "applicant": names.gather(holder),
                "route_id": routes.gather(situation.route[holder, place]),
                "points": situation.test[holder, place],
            }
        )
        .join(known.select("applicant", "route_id", "kind", "value"), on=["applicant", "route_id"])
        .unique(["route_id", "points"], keep="first", maintain_order=True)
        .drop("applicant")
    )
    return wanted.join(results, on=["route_id", "points"], maintain_order="left").select(intake.decisions.columns)


def _ids(situation: Situation, intake: Intake) -> list[str]:
    ids = intake.applicants["applicant"].sort().to_list()
    if len(ids) != len(situation.merit):
        message = "the situation belongs to another intake"
        raise ValueError(message)
    return ids
