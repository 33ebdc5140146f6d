"""The first reserve round of a simulated year as arrays: answers, silence and routes that close, then the round.

The models are those of `simulations.behaviour` (answers, closures), the market is that of `admissions.rounds.reserve`.
Summer school and late applications are not part of a simulated year.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from admissions.matching import Matching, match
from admissions.matching.kernels import kernel
from admissions.results.decisions import decide
from admissions.results.statuses import KEPT_OUT, Reason, Status
from admissions.rounds.calling import call_down
from admissions.rounds.carried import Carried
from admissions.rounds.decided import Standing, decided
from admissions.rounds.reserve import compile_reserve
from admissions.rules import compile_round
from admissions.rules.choices import day_number
from admissions.rules.rows import RowReason
from simulations.streams import uniform

if TYPE_CHECKING:
    from admissions.rules import ChoiceHistory, CompiledRound, GradeTable, Static
    from simulations.behaviour.parameters import Behaviour
    from simulations.sweeps.draws import YearDraws

ROUND = "reserve-1"
_NO, _SILENT, _NO_KEEP, _YES_ONLY, _YES = range(5)
_KEEPS = np.array([False, False, False, True, True])
_STAYS = np.array([False, False, True, False, True])
_SILENCE = {"accept_and_reserve": _YES, "accept_only": _YES_ONLY, "forfeit": _NO}


def reserve_round(
    static: Static,
    final: CompiledRound,
    matching: Matching,
    grades: GradeTable,
    history: ChoiceHistory,
    behaviour: Behaviour,
    draws: YearDraws,
) -> tuple[CompiledRound, Matching]:
    """Return the first reserve round after a final round: its compiled market and matching.

    Parameters
    ----------
    static
        The year as the final round saw it.
    grades, history
        What the final round was compiled from: nobody's grades or list change before the reserve round.
    """
    rules = static.rulebook
    decisions = decide(final, matching)
    answer = _answers(decisions.granted, final.indptr, draws.answers, behaviour)
    closed = _closed(static, final, matching, draws.closures, behaviour)
    day = day_number(rules.calendar.as_of(ROUND))
    table = static.route_table
    closed_day = np.where(closed, np.minimum(table.closed_day, day), table.closed_day).astype(np.int32)
    year = replace(static, route_table=replace(table, closed_day=closed_day))
    base = compile_round(year, ROUND, lottery=draws.final, grades=grades, choices=history)
    standing = _standing(decisions.granted_route, answer, closed_day <= day, rules.answers.silence, final)
    count = len(final.applicants)
    carried = Carried(
        standing, np.arange(count), decisions.status, decisions.reason, np.ones(len(final.route), dtype=np.bool_)
    )
    waits = np.zeros(count, dtype=np.bool_)
    if rules.reserve.move == "needs_acceptance":
        waits = answer != _YES
    market = compile_reserve(base, decided(decisions), carried, waits)
    if rules.reserve.method == "rerun":
        return market.compiled, match(market.compiled.market)
    return market.compiled, call_down(market.compiled.market, market.holders, market.held_group)


def _answers(
    granted: npt.NDArray[np.int64], indptr: npt.NDArray[np.int64], keys: Any, behaviour: Behaviour
) -> npt.NDArray[np.int8]:
    answer = np.full(len(granted), _SILENT, np.int8)
    model = behaviour.answers
    if model.on:
        _answer(granted, indptr, keys, model.declines, model.silent, model.declines_lower, model.content, answer)
    return answer


@kernel
def _answer(
    granted: Any,
    indptr: Any,
    keys: Any,
    declines: float,
    silent: float,
    declines_lower: float,
    content: float,
    answer: Any,
) -> None:
    """Draw what `simulations.behaviour.answers` draws, with the same numbers of the same keys."""
    for person in range(len(granted)):
        if granted[person] < 0:
            continue
        lower = granted[person] > indptr[person]
        chance = uniform(keys[person], 0)
        if chance < declines:
            answer[person] = 0
        elif chance < declines + silent:
            answer[person] = 1
        elif lower and chance > 1.0 - declines_lower:
            answer[person] = 2
        elif lower and uniform(keys[person], 1) < content:
            answer[person] = 3
        else:
            answer[person] = 4


def _closed(
    static: Static, final: CompiledRound, matching: Matching, keys: Any, behaviour: Behaviour
) -> npt.NDArray[np.bool_]:
    """Return the routes that close now, bool[routes]: few admitted, and the luck of the draw."""
    model = behaviour.closures
    routes = len(final.routes)
    if not model.on:
        return np.zeros(routes, np.bool_)
    admitted = np.bincount(matching.route[matching.route >= 0], minlength=routes)
    never = static.route_table.closed_day == np.iinfo(np.int32).max
    small = np.flatnonzero(never & (admitted < model.smallest))
    closed = np.zeros(routes, np.bool_)
    closed[small] = [uniform(keys[route], np.uint64(0)) < model.share for route in small.tolist()]
    return closed


def _standing(
    held: npt.NDArray[np.int32],
    answer: npt.NDArray[np.int8],
    closed: npt.NDArray[np.bool_],
    silence: str,
    final: CompiledRound,
) -> Standing:
    """Return what the answers leave everybody with, as `admissions.rounds.answers.standing_after` says."""
    seated = held >= 0
    silent = seated & (answer == _SILENT)
    meant = np.where(silent, _SILENCE[silence], answer)
    keeps = ~seated | _KEEPS[meant]
    stays = ~seated | _STAYS[meant]
    status = np.full(len(held), Status.DECLINED, np.uint8)
    reason = np.where(silent, np.uint8(Reason.NO_ANSWER), np.uint8(Reason.ANSWERED_NO))
    shut = seated & keeps & closed[np.maximum(held, 0)]
    keeps, stays = keeps & ~shut, stays | shut
    status[shut], reason[shut] = Status.ROUTE_CLOSED, KEPT_OUT + RowReason.CLOSED
    return Standing(
        held=np.where(keeps, held, -1).astype(np.int32),
        reserve=stays,
        lost=np.where(keeps, -1, held).astype(np.int32),
        status=status,
        reason=reason,
        since=np.full(len(held), day_number(final.day), np.int64),
    )
