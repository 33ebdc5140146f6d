"""Compile one round: every active choice row gets its status, tier and key, the tried rows become a market.

Source of the order: SkolL 16:43-47 and GyF 7:2-7:8; see `conditions` (who takes part), `merit`, `skill_tests`,
`choices` (lateness), `seat_groups` (free quota and seats by test) and `packing` (the key as one integer).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError
from admissions.matching import Market
from admissions.rules.choices import ChoiceHistory, day_number
from admissions.rules.compiled import CompiledRound
from admissions.rules.conditions import Rows, Standing, judge, standing
from admissions.rules.grades import GradeTable
from admissions.rules.lottery import Lottery, draw_of
from admissions.rules.packing import MERIT_BITS, pack
from admissions.rules.rows import TIERS, RowStatus, Tier, tier_order
from admissions.rules.seat_groups import build_groups, round_seats
from admissions.rules.skill_tests import test_results
from admissions.rules.static import Graded, Static, seat_rows

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_FIRST_PLACE = (1 << MERIT_BITS) - 1  # rank 1 of a school stands at _FIRST_PLACE - 1 in the field of the merit


def compile_round(
    static: Static,
    round_name: str,
    *,
    lottery: Lottery | npt.NDArray[np.uint64],
    grades: pl.DataFrame | GradeTable | None = None,
    choices: pl.DataFrame | ChoiceHistory | None = None,
    seats: pl.DataFrame | None = None,
    as_of: date | None = None,
) -> CompiledRound:
    """Compile a round.

    Parameters
    ----------
    static
        The year, from `compile_static`.
    round_name
        ``preliminary``, ``final``, ``reserve-1`` ...
    lottery
        The public lottery; or uint64[applicants] ranks, smaller first, for redraws.
    grades
        Changed grades: a grades table, or a `GradeTable` (quickest); the intake's own if absent.
    choices
        Changed choices: a choices table, or a `ChoiceHistory` (quickest); the intake's own if absent.
    seats
        A changed seats table; the intake's own if absent.
    as_of
        Last day whose choices take part; by the rulebook's calendar if absent.

    Raises
    ------
    AdmissionsError
        If there is no such round, or a value does not fit the key.
    InputError
        If tables name unknown things, or an applicant has two active choices of one rank.
    """
    rules = static.rulebook
    day = as_of or rules.calendar.as_of(round_name)
    graded = _graded(static, round_name, grades)
    history = (
        ChoiceHistory.of(choices, static.applicants, static.routes) if isinstance(choices, pl.DataFrame) else choices
    )
    history = static.history if history is None else history
    active = history.active(day)
    rows, indptr = _rows(static, history, active)
    late = history.late(active, day, rules.calendar.late_cutoff, rules.sections.late.counts)
    tests = test_results(
        list(rules.sections.tests.values()),
        static.route_table.test[rows.route],
        rows.applicant,
        rows.route,
        static.decisions,
        graded.grades,
        static.codes,
    )
    where = standing(static, rows, late, round_name)
    verdicts, lacking = judge(static, rows, graded, tests, where, round_name, day_number(day))

    grade_sum = graded.merit.grade_sum[rows.applicant]
    merit = grade_sum + tests.points
    steps = {
        "choice_rank": history.rank[active],
        "grade_sum": grade_sum,
        "grade_count": graded.merit.grade_count[rows.applicant],
    }
    slot = np.where(where.rank > 0, _FIRST_PLACE - where.rank, merit)
    if len(slot) and int(slot.min()) < 0:
        raise AdmissionsError(f"a rank is larger than {_FIRST_PLACE}: correct the ranks set by the school")
    tier = _tiers(static, rows, where)
    of_pool = round_seats(_seat_rows(static, seats), static, round_name, day_number(day))
    points = pack(1 + tier, slot, rules.sections.ties.chain, steps)  # 0 is kept for who holds a seat in a reserve round
    drawn = _drawn(static, rows, lottery, round_name)

    tried = np.flatnonzero(verdicts.status == RowStatus.TRIED)
    counts = np.bincount(rows.applicant[tried], minlength=len(static.applicants))
    market_indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    by_test = tests.has_result & _split(static)[rows.route]
    groups = None
    if of_pool.pool:
        streams = {
            "foreign_grades": (where.quota & static.people.foreign_stream[rows.applicant])[tried],
            "special_circumstances": (where.quota & ~static.people.foreign_stream[rows.applicant])[tried],
        }
        groups = build_groups(
            of_pool,
            static,
            static.route_table.pool[rows.route[tried]].astype(np.int64),
            where.first[tried],
            streams,
            by_test[tried],
            tier[tried],
            late[tried],
            _places(~points[tried]),
            _places(tier[tried], -tests.order[tried], ~points[tried]),
        )
    route = rows.route.astype(np.int32)
    market = Market.from_points(
        market_indptr,
        route[tried],
        points[tried],
        drawn[tried],
        of_pool.total,
        pool=static.route_table.pool,
        groups=groups,
    )
    return CompiledRound(
        round=round_name,
        day=day,
        applicants=static.applicants.array(),
        routes=static.routes.array(),
        pools=static.pools.array(),
        indptr=indptr,
        route=route,
        rank=history.rank[active],
        status=verdicts.status,
        reason=verdicts.reason,
        missing=lacking.mask,
        missing_others=lacking.others,
        tier=tier.astype(np.int32),
        merit=merit.astype(np.int32),
        grade_sum=grade_sum,
        grade_count=steps["grade_count"],
        test_points=tests.points.astype(np.int32),
        test_order=np.where(by_test, tests.order, -1),
        late=late,
        reception=where.hand,
        free_quota=where.quota,
        points=points,
        lottery=drawn,
        market=market,
        market_row=tried,
        seats=of_pool.total,
        groups=groups,
        group_names=of_pool.name,
        static=static,
    )


def _graded(static: Static, round_name: str, grades: pl.DataFrame | GradeTable | None) -> Graded:
    if grades is None:
        return static.own_grades(static.term(round_name))
    table = static.grade_table(grades, static.term(round_name)) if isinstance(grades, pl.DataFrame) else grades
    return static.graded(table)


def _rows(static: Static, history: ChoiceHistory, active: Ints) -> tuple[Rows, Ints]:
    applicant = history.applicant[active].astype(np.int64)
    counts = np.bincount(applicant, minlength=len(static.applicants))
    indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    route = history.route[active].astype(np.int64)
    table = static.route_table
    position = np.arange(1, len(active) + 1) - indptr[applicant]
    return Rows(
        applicant, route, table.kind[route].astype(np.int64), table.mode[route].astype(np.int64), position
    ), indptr


def _tiers(static: Static, rows: Rows, where: Standing) -> Ints:
    order = tier_order(static.rulebook.sections.order.late_first_hand)
    number = np.zeros(TIERS, np.int64)
    for place, tier in enumerate(order):
        number[tier] = place
    tier = number[np.where(where.first, 0, int(Tier.SECOND_ON_TIME)) + where.late]
    return np.asarray(tier + TIERS * static.route_table.after_programme[rows.route])


def _split(static: Static) -> Bools:
    """Return bool[routes]: the route's test splits the seats."""
    splits = np.array([rule.rule == "split" for rule in static.rulebook.sections.tests.values()] + [False], np.bool_)
    return splits[static.route_table.test]


def _seat_rows(static: Static, seats: pl.DataFrame | None) -> Any:
    if seats is None:
        return static.seat_rows
    return seat_rows(seats, static.intake.routes.sort("route_id"), static.pools, static.rulebook)


def _drawn(
    static: Static, rows: Rows, lottery: Lottery | npt.NDArray[np.uint64], round_name: str
) -> npt.NDArray[np.uint64]:
    if isinstance(lottery, np.ndarray):
        return lottery.astype(np.uint64)[rows.applicant]
    draw = draw_of(round_name)
    if static.rulebook.sections.ties.lottery == "applicant":
        return static.draw(lottery, draw)[rows.applicant]
    ids = static.applicants.array()[rows.applicant].tolist()
    return lottery.dense(ids, draw, static.routes.array()[rows.route].tolist())


def _places(*keys: npt.NDArray[Any]) -> Ints:
    """Return places by the keys in order, smaller first; rows equal in every key share a place, for the lottery."""
    order = np.lexsort(keys[::-1])
    changes = np.zeros(len(order), np.bool_)
    for key in keys:
        changes[1:] |= key[order][1:] != key[order][:-1]
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(changes)
    return place
