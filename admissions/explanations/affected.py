"""Who is affected: counts before a discretionary act, everybody by name only after a decision of law.

An extra admission, an over-intake and reopening a round are choices of the office: before one, it sees how many
people would be affected and nothing more. Eligibility, exemption, free quota, grades, tests and lateness are decided on
the applicant's own facts (SkolL 16:30-36, GyF 7): what they do to others is no ground, so that the whole difference is
shown only afterwards, to the office.

Both are two full matchings set side by side: exact, and a matching takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError
from admissions.matching import Market, Matching, match
from admissions.rules.compiled import CompiledRound

LAW = ("eligibility", "english_dispens", "free_quota", "grades", "tests", "lateness")
"""Decided on the applicant's own facts: no counts beforehand."""

Law = Literal["eligibility", "english_dispens", "free_quota", "grades", "tests", "lateness"]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class OverIntake:
    """More seats in a pool (överintag): ``seats`` more in ``pool``."""

    pool: str
    seats: int


@dataclass(frozen=True)
class ExtraAdmission:
    """One applicant is given a seat on a route outside the order, beside its seats."""

    applicant: str
    route_id: str


@dataclass(frozen=True, eq=False)
class Reopening:
    """A round is run again with what has come in since: ``again`` is the round as it would then be compiled."""

    again: CompiledRound


@dataclass(frozen=True)
class Counts:
    """How many persons an act would affect, the one it is about left out.

    Attributes
    ----------
    better_off, worse_off
        Persons with a higher or lower choice than before.
    newly_placed, newly_without
        Of these: from none to a seat, and from a seat to none.
    newcomers_placed
        Persons who had no choice in the round before and would have a seat.
    """

    better_off: int
    worse_off: int
    newly_placed: int
    newly_without: int
    newcomers_placed: int


def affected_before(compiled: CompiledRound, act: OverIntake | ExtraAdmission | Reopening) -> Counts:
    """Count whom a discretionary act would affect.

    Parameters
    ----------
    compiled
        The round as it stands.
    act
        The act considered.

    Raises
    ------
    AdmissionsError
        If the act names an unknown pool, applicant or route, or is none of the discretionary ones.
    """
    before = outcomes(compiled, match(compiled.market))
    if isinstance(act, OverIntake):
        after = outcomes(compiled, match(_with_seats(compiled, act)))
        return _counts(difference(before, after))
    if isinstance(act, ExtraAdmission):
        _index(compiled.routes, act.route_id, "route")
        number = _index(compiled.applicants, act.applicant, "applicant")
        after = outcomes(compiled, match(without_applicant(compiled.market, number)))
        return _counts(difference(before, after).filter(pl.col("applicant") != act.applicant))
    if isinstance(act, Reopening):
        return _counts(difference(before, outcomes(act.again, match(act.again.market))))
    raise AdmissionsError(
        f"Whom this affects is not counted beforehand: {', '.join(LAW)} are decided on the applicant's own facts. "
        "Make the decision first; the difference is shown afterwards, to the office."
    )


def difference_after(decision: Law, before: CompiledRound, after: CompiledRound) -> pl.DataFrame:
    """Return everybody whose result a decision of law has changed; for the office, after the decision is made.

    Parameters
    ----------
    decision
        Which decision, one of `LAW`.
    before, after
        The round compiled without and with it.

    Returns
    -------
    DataFrame
        As `difference`.

    Raises
    ------
    AdmissionsError
        For a discretionary act, which is counted before.
    """
    if decision not in LAW:
        raise AdmissionsError(f"{decision!r} is no decision of law; those are {', '.join(LAW)}")
    return difference(outcomes(before, match(before.market)), outcomes(after, match(after.market)))


def outcomes(compiled: CompiledRound, matching: Matching) -> pl.DataFrame:
    """Return who got what: applicant, route_id and rank (both missing for no seat); everybody with a choice.

    Parameters
    ----------
    compiled
        The round.
    matching
        A matching of its market, or of that market with rows left out.
    """
    if not len(compiled.route):
        return pl.DataFrame(schema={"applicant": pl.String, "route_id": pl.String, "rank": pl.Int32})
    some = np.flatnonzero(np.diff(compiled.indptr) > 0)
    # by route and not by row: the matching may be one of a market with fewer rows
    width = len(compiled.routes)
    keys = compiled.applicant * width + compiled.route
    order = np.argsort(keys)
    granted = matching.route[some].astype(np.int64)
    row = order[np.searchsorted(keys, np.where(granted >= 0, some * width + granted, keys[order[0]]), sorter=order)]
    placed = (granted >= 0).tolist()
    routes = [str(compiled.routes[one]) if has else None for one, has in zip(granted.tolist(), placed, strict=True)]
    ranks = [int(compiled.rank[at]) if has else None for at, has in zip(row.tolist(), placed, strict=True)]
    return pl.DataFrame(
        {"applicant": [str(one) for one in compiled.applicants[some]], "route_id": routes, "rank": ranks},
        schema={"applicant": pl.String, "route_id": pl.String, "rank": pl.Int32},
    )


def difference(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return everybody whose outcome differs.

    Parameters
    ----------
    before, after
        From `outcomes`.

    Returns
    -------
    DataFrame
        ``applicant``, ``route_before``, ``route_after``, ``rank_before``, ``rank_after`` and ``change``: better, worse,
        placed, without, newcomer_placed, newcomer_without or gone; sorted by applicant.
    """
    old = before.select("applicant", route_before="route_id", rank_before="rank", was=pl.lit(value=True))
    new = after.select("applicant", route_after="route_id", rank_after="rank", is_now=pl.lit(value=True))
    both = old.join(new, on="applicant", how="full", coalesce=True).sort("applicant")
    has, had = pl.col("route_after").is_not_null(), pl.col("route_before").is_not_null()
    change = (
        pl.when(pl.col("is_now").is_null())
        .then(pl.lit("gone"))
        .when(pl.col("was").is_null())
        .then(pl.when(has).then(pl.lit("newcomer_placed")).otherwise(pl.lit("newcomer_without")))
        .when(has & ~had)
        .then(pl.lit("placed"))
        .when(had & ~has)
        .then(pl.lit("without"))
        .when(pl.col("rank_after") < pl.col("rank_before"))
        .then(pl.lit("better"))
        .otherwise(pl.lit("worse"))
        .alias("change")
    )
    apart = (
        pl.col("route_before").ne_missing(pl.col("route_after")) | pl.col("was").is_null() | pl.col("is_now").is_null()
    )
    return both.filter(apart).select("applicant", "route_before", "route_after", "rank_before", "rank_after", change)


def without_applicant(market: Market, applicant: int) -> Market:
    """Return the market in which one applicant lists nothing; everybody keeps their number.

    Parameters
    ----------
    market
        Any market.
    applicant
        Number of the applicant.
    """
    first, last = int(market.indptr[applicant]), int(market.indptr[applicant + 1])
    keep = np.ones(market.n_choices, np.bool_)
    keep[first:last] = False
    indptr = market.indptr.copy()
    indptr[applicant + 1 :] -= last - first
    groups = market.groups
    if groups is not None:
        stays = keep[groups.row]
        row = groups.row[stays]
        groups = replace(
            groups,
            group=groups.group[stays],
            row=np.where(row >= last, row - (last - first), row),
            priority=groups.priority[stays],
            ask=None if groups.ask is None else groups.ask[stays],
        )
    return Market(indptr, market.route[keep], market.priority[keep], market.seats, pool=market.pool, groups=groups)


def _with_seats(compiled: CompiledRound, act: OverIntake) -> Market:
    """Return the market with more seats in one pool; in a pool with groups the last open group gets them."""
    market = compiled.market
    pool = _index(compiled.pools, act.pool, "pool")
    seats = market.seats.copy()
    seats[pool] += act.seats
    if seats[pool] < 0:
        raise AdmissionsError(
            f"pool {act.pool} has {int(market.seats[pool])} seats; {act.seats} would leave fewer than none"
        )
    groups = market.groups
    if groups is not None and (groups.pool == pool).any():
        mine = [number for number, name in enumerate(compiled.group_names) if groups.pool[number] == pool and not name]
        changed = groups.seats.copy()
        changed[mine[-1]] += act.seats
        groups = replace(groups, seats=changed)
    return Market(market.indptr, market.route, market.priority, seats, pool=market.pool, groups=groups)


def _index(names: npt.NDArray[np.object_], name: str, what: str) -> int:
    found = np.flatnonzero(names == name)
    if not len(found):
        raise AdmissionsError(f"there is no {what} {name!r} in this round")
    return int(found[0])


def _counts(changes: pl.DataFrame) -> Counts:
    tally: Mapping[str, int] = dict(changes.group_by("change").len().iter_rows())
    placed, without = tally.get("placed", 0), tally.get("without", 0)
    return Counts(
        better_off=tally.get("better", 0) + placed,
        worse_off=tally.get("worse", 0) + without,
        newly_placed=placed,
        newly_without=without,
        newcomers_placed=tally.get("newcomer_placed", 0),
    )
