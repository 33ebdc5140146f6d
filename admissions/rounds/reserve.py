"""Reserve rounds (reservantagning): the seats that became free go on to reserves, and nobody loses what they hold.

A reserve round compiles a market of its own: a holder comes first at the held route, the rows below it drop out, and
released seats are free. Stability is verified against that market; the list of holders is an input of the certificate.
Re-running is the best for every applicant; calling down and fewest moves only claim that their policy was followed.
Answers, forfeits, closures, corrections and no-shows are events of their own: the matching takes no held seat except
for a higher one. Source: the offices' pages on reserve rounds, gathered in the project's domain notes 4.3 and 4.4.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError
from admissions.matching import Market
from admissions.results.decisions import row_owners
from admissions.results.queues import pool_of_route
from admissions.results.statuses import Reason, Status
from admissions.rounds.answers import standing_after
from admissions.rounds.calling import call_down
from admissions.rounds.carried import Carried, carry
from admissions.rounds.decided import DecidedRound, decided
from admissions.rounds.held_seats import held_groups, reserve_groups
from admissions.rounds.run import RoundResult, run_round
from admissions.rules import Lottery, Static, compile_round
from admissions.rules.choices import day_number
from admissions.rules.rows import RowReason, RowStatus

if TYPE_CHECKING:
    from admissions.rounds.run import Progress
    from admissions.rules import CompiledRound

_TOP_TIER = np.int64(63) << np.int64(57)  # the packed tier of nobody else: a holder stands before all


@dataclass(frozen=True, eq=False)
class ReserveMarket:
    """A compiled reserve round.

    Parameters
    ----------
    compiled
        The round with its market; rows that dropped out are not tried.
    holders
        int64[n]: market row each applicant holds, -1 for none.
    held_group
        int32[n]: seat group that seat belongs to; -1 where nothing is held or the pool has no groups.
    settled, settled_reason
        uint8[E]: status and reason of rows that are decided before the round, 255 elsewhere.
    over
        int64[pools]: seats added because more people hold one than there are.
    """

    compiled: CompiledRound
    holders: npt.NDArray[np.int64]
    held_group: npt.NDArray[np.int32]
    settled: npt.NDArray[np.uint8]
    settled_reason: npt.NDArray[np.uint8]
    over: npt.NDArray[np.int64]


def run_reserve(
    static: Static,
    round_name: str,
    lottery: Lottery,
    previous: RoundResult | DecidedRound,
    *,
    elsewhere: Collection[str] = (),
    ended: Collection[str] = (),
    closed: Collection[str] = (),
    accepted: Collection[str] | None = None,
    progress: Progress | None = None,
) -> RoundResult:
    """Run a reserve round after the answers to the round before.

    Parameters
    ----------
    static
        The year; its answers, choices, decisions and seats are read as they stand now.
    round_name
        ``reserve-1``, ``reserve-2`` ...
    lottery
        The lottery of the year: reserve rounds keep the final draw.
    previous
        The round people hold seats from: as it was run, or read back by `admissions.rounds.resumed.resume`.
    elsewhere, ended, closed
        See `admissions.rounds.answers.standing_after`. Routes the catalogue closes, or that were closed before an
        earlier round, need not be named.
    accepted
        Where the rulebook lets a holder move only after a yes: who said yes beforehand. Others keep what they hold.
    progress
        See `run_round`.

    Raises
    ------
    AdmissionsError
        If `round_name` is no reserve round, or lies after the day the schools take over.
    VerificationError
        If the result is not what the round promises.
    """
    rules = static.rulebook
    if not round_name.startswith("reserve-"):
        raise AdmissionsError(f"{round_name!r} is no reserve round; they are called reserve-1, reserve-2 ...")
    if rules.calendar.day_of(round_name) > rules.calendar.handover:
        raise AdmissionsError(f"{round_name} lies after {rules.calendar.handover}, when the schools take over")
    before = previous if isinstance(previous, DecidedRound) else decided(previous.decisions, previous.standing)
    year = _closing(static, before, round_name, closed)
    base = compile_round(year, round_name, lottery=lottery)
    before = before.with_people(str(one) for one in base.applicants)
    standing = standing_after(
        before,
        static.intake.answers,
        rules.answers.silence,
        elsewhere=elsewhere,
        ended=ended,
        closed=year.routes.array()[year.route_table.closed_day <= day_number(base.day)].tolist(),
    )
    carried = carry(base, before, standing)
    waits = np.zeros(len(base.applicants), dtype=np.bool_)
    if rules.reserve.move == "needs_acceptance":
        waits = ~np.isin(base.applicants.astype(str), sorted(accepted or ()))
    market = compile_reserve(base, before, carried, waits)
    matching = None
    if rules.reserve.method != "rerun":
        matching = call_down(market.compiled.market, market.holders, market.held_group)
    result = run_round(
        market.compiled,
        static.intake,
        holders=market.holders,
        matching=matching,
        settled=(market.settled, market.settled_reason),
        progress=progress,
    )
    return replace(result, standing=carried.standing)


def _closing(static: Static, before: DecidedRound, round_name: str, closed: Collection[str]) -> Static:
    """Return the year with the routes closed that are named or were closed before: no row is tried, no seat is left."""
    table = static.route_table
    earlier = before.routes[before.closed]
    shut = np.isin(static.routes.array().astype(str), sorted({*closed, *(str(one) for one in earlier)}))
    day = day_number(static.rulebook.calendar.as_of(round_name))
    closed_day = np.where(shut, np.minimum(table.closed_day, day), table.closed_day).astype(np.int32)
    return replace(static, route_table=replace(table, closed_day=closed_day))


def compile_reserve(
    base: CompiledRound, previous: DecidedRound, carried: Carried, waits: npt.NDArray[np.bool_]
) -> ReserveMarket:
    """Turn a compiled round into the market of a reserve round.

    Parameters
    ----------
    base
        The reserve round as the rules compile it, without regard to who holds what.
    previous
        The round the seats are held from.
    carried
        What it leaves to the people and rows of `base`.
    waits
        bool[n]: a holder who does not move before saying yes to it.

    Notes
    -----
    A held row takes part whatever the rules say of it now: losing it would be a correction, an event of its own. A held
    seat whose row the applicant withdrew is released. A seat group keeps at least as many seats as are held in it, a
    pool at least as many as its holders; seats held as reverted ones count as open seats from now on. What was given up
    in an earlier round stays given up, unless the row is registered anew.
    """
    standing = carried.standing
    owner = row_owners(base.indptr)
    rows = np.arange(len(owner))
    held_row = np.full(len(standing.held), -1, dtype=np.int64)
    own = np.flatnonzero(base.route == standing.held[owner])
    held_row[owner[own]] = own
    status, reason = base.status.copy(), base.reason.copy()
    settled = np.full(len(owner), 255, dtype=np.uint8)
    settled_reason = np.full(len(owner), 255, dtype=np.uint8)

    def drop(which: npt.NDArray[np.bool_], to: npt.NDArray[np.uint8] | int, why: npt.NDArray[np.uint8] | int) -> None:
        fresh = which & (status == RowStatus.TRIED)
        settled[fresh] = np.broadcast_to(np.asarray(to, dtype=np.uint8), fresh.shape)[fresh]
        settled_reason[fresh] = np.broadcast_to(np.asarray(why, dtype=np.uint8), fresh.shape)[fresh]
        status[fresh], reason[fresh] = RowStatus.NOT_TRIED, RowReason.NONE

    holds = held_row >= 0
    status[held_row[holds]], reason[held_row[holds]] = RowStatus.TRIED, RowReason.NONE
    lost_row = (base.route == standing.lost[owner]) & (standing.lost[owner] >= 0)
    drop(lost_row & carried.covered, standing.status[owner], standing.reason[owner])
    free = carried.covered & (rows != held_row[owner])  # neither held nor a new application
    given_up = (Status.DECLINED, Status.ADMITTED_ELSEWHERE, Status.SEAT_ENDED)
    earlier = free & np.isin(carried.status, given_up)
    drop(earlier, carried.status, carried.reason)
    lost_at = np.full(len(standing.held), np.iinfo(np.int64).max)
    declined = lost_row & (standing.status[owner] == Status.DECLINED)  # whose route was closed is tried below it again
    lost_at[owner[declined]] = rows[declined]
    drop(holds[owner] & (rows > held_row[owner]), Status.STRUCK, Reason.HIGHER_CHOICE)
    earlier &= carried.status == Status.DECLINED
    np.minimum.at(lost_at, owner[earlier], rows[earlier])
    again = np.isin(carried.status, (Status.RESERVE, Status.ADMITTED))  # applied for anew after an earlier no
    below = free & ~again & (rows > lost_at[owner])  # struck when the lost seat was granted
    drop(below, Status.STRUCK, Reason.HIGHER_CHOICE)
    unwanted = ~standing.reserve[owner] & free
    gone = np.isin(standing.status[owner], (Status.ADMITTED_ELSEWHERE, Status.SEAT_ENDED)) & (standing.lost[owner] < 0)
    drop(unwanted & gone, standing.status[owner], standing.reason[owner])
    drop(unwanted, Status.WITHDRAWN, Reason.NO_RESERVE_WANTED)
    drop((waits & holds)[owner] & (rows != held_row[owner]), Status.NOT_TRIED, Reason.AWAITS_YES)
    held_group = held_groups(base, previous, carried.person, held_row)
    return _rebuilt(base, held_group, status, reason, held_row, (settled, settled_reason))


def _rebuilt(
    base: CompiledRound,
    held_group: npt.NDArray[np.int32],
    status: npt.NDArray[np.uint8],
    reason: npt.NDArray[np.uint8],
    held_row: npt.NDArray[np.int64],
    settled: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]],
) -> ReserveMarket:
    """Build the market of the rows still tried, holders first where they hold."""
    owner = row_owners(base.indptr)
    tried = np.flatnonzero(status == RowStatus.TRIED)
    market_of = np.full(len(owner), -1, dtype=np.int64)
    market_of[tried] = np.arange(len(tried))
    holding = np.flatnonzero(held_row >= 0)
    holders = np.full(len(held_row), -1, dtype=np.int64)
    holders[holding] = market_of[held_row[holding]]
    points = base.points.copy()
    points[held_row[holding]] |= _TOP_TIER
    counts = np.bincount(owner[tried], minlength=len(held_row))
    indptr = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts)))
    pool = pool_of_route(base)
    held_pool = pool[base.route[held_row[holding]]]
    needed = np.bincount(held_pool, minlength=len(base.pools))
    seats = np.maximum(np.asarray(base.seats, dtype=np.int64), needed)
    groups = None
    if base.groups is not None:
        groups = reserve_groups(base, market_of, held_group, held_row, seats)
        totals = np.zeros(len(seats), dtype=np.int64)
        np.add.at(totals, groups.pool, groups.seats)
        grouped = np.unique(groups.pool)
        seats[grouped] = totals[grouped]
    market = Market.from_points(
        indptr, base.route[tried], points[tried], base.lottery[tried], seats, pool=pool, groups=groups
    )
    compiled = replace(
        base, status=status, reason=reason, points=points, market=market, market_row=tried, seats=seats, groups=groups
    )
    return ReserveMarket(compiled, holders, held_group, *settled, over=seats - np.asarray(base.seats, dtype=np.int64))
