"""The tables of a run folder: rows, seats and decisions of a round, in the columns the stand-alone verifier reads.

Every table is sorted by ids in code-point order; merits are hundredths of a point. docs/run-folder.md describes each
column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.results.entries import REVERTED
from admissions.results.queues import pool_of_route
from admissions.results.statuses import REASON_NAMES, STATUS_NAMES, Status
from admissions.rules.reception import HAND_NAMES
from admissions.rules.rows import RowStatus

if TYPE_CHECKING:
    from admissions.matching import Matching, SeatGroups
    from admissions.results.decisions import Decisions
    from admissions.rounds.run import RoundResult
    from admissions.rules.compiled import CompiledRound


@dataclass(frozen=True, eq=False)
class Outcome:
    """A round just run, as far as its tables go: a `RoundResult` without certificate and without what is measured."""

    compiled: CompiledRound
    matching: Matching
    decisions: Decisions
    cutoffs: pl.DataFrame
    holders: npt.NDArray[np.int64] | None = None


def texts(values: npt.NDArray[np.generic] | tuple[str, ...] | list[str]) -> pl.Series:
    """Return names as a column of text."""
    return pl.Series([str(value) for value in values], dtype=pl.String)


def rows_table(result: RoundResult | Outcome, numbers: pl.Series) -> pl.DataFrame:
    """Return the compiled rows: what the round knew of every choice.

    Parameters
    ----------
    result
        The round.
    numbers
        The full lottery number of each row, 64 hex digits.
    """
    compiled = result.compiled
    held = np.zeros(compiled.route.shape, dtype=np.int64)
    if result.holders is not None:
        held[compiled.market_row[result.holders[result.holders >= 0]]] = 1
    names = texts([status.name.lower() for status in RowStatus])
    return pl.DataFrame(
        {
            "applicant": texts(compiled.applicants).gather(result.decisions.owner),
            "route_id": texts(compiled.routes).gather(compiled.route),
            "pool": texts(compiled.pools).gather(pool_of_route(compiled)[compiled.route]),
            "rank": compiled.rank,
            "status": names.gather(compiled.status),
            "reception": texts(HAND_NAMES).gather(compiled.reception),
            "tier": compiled.tier,
            "merit": compiled.merit,
            "grade_sum": compiled.grade_sum,
            "points": compiled.points,
            "lottery": numbers,
            "lottery_order": compiled.lottery,
            "groups": _group_tokens(compiled),
            "holds": held,
        }
    )


def _group_tokens(compiled: CompiledRound) -> pl.Series:
    """Say which named groups each row belongs to, and ``-`` where it may not take the open seats of a grouped pool.

    A group in the pool's own order is named alone; one with its own order carries the row's place in it, ``name:3``.
    Groups stand in the order of filling and open seats are not named, unless they have an order of their own (``:3``).
    A row that asks for seats in another order names its groups in that order, the open seats as ``:``.
    """
    empty = pl.Series("groups", [""], dtype=pl.String).new_from_index(0, len(compiled.route))
    groups = compiled.market.groups
    if groups is None:
        return empty
    market_row = np.asarray(compiled.market_row)
    named = np.array([name != "" for name in compiled.group_names], dtype=np.bool_)
    priority = compiled.market.priority
    own_order = np.zeros(len(groups.pool), dtype=np.bool_)
    line = np.lexsort((groups.priority, groups.group))
    in_pool_order = priority[groups.row[line]]
    same = groups.group[line][1:] == groups.group[line][:-1]
    own_order[groups.group[line][1:][same & (in_pool_order[1:] < in_pool_order[:-1])]] = True

    asked = _own_asking(groups)
    shown = np.flatnonzero(named[groups.group] | own_order[groups.group] | asked[groups.row])
    place = groups.order[groups.group] if groups.ask is None else groups.ask
    member = pl.DataFrame(
        {
            "row": market_row[groups.row[shown]],
            "place": place[shown],
            "name": texts(compiled.group_names).gather(groups.group[shown]),
            "key": groups.priority[shown],
            "own": own_order[groups.group[shown]],
        }
    ).select(
        "row",
        "place",
        pl.when(pl.col("own"))
        .then(pl.format("{}:{}", "name", "key"))
        .when(pl.col("name") == "")
        .then(pl.lit(":"))
        .otherwise(pl.col("name"))
        .alias("token"),
    )
    grouped = np.zeros(len(compiled.pools), dtype=np.bool_)
    grouped[groups.pool] = True
    inside = grouped[pool_of_route(compiled)[compiled.route[market_row]]]
    inside[groups.row[~named[groups.group]]] = False
    closed = market_row[inside]
    shut = pl.DataFrame({"row": closed, "place": np.full(len(closed), -1, dtype=np.int32)}).with_columns(
        pl.lit("-").alias("token")
    )
    tokens = (
        pl.concat([member, shut]).sort("row", "place").group_by("row", maintain_order=True).agg(pl.col("token"))
    ).with_columns(pl.col("token").list.join(" "))
    return empty.scatter(tokens["row"], tokens["token"]) if len(tokens) else empty


def _own_asking(groups: SeatGroups) -> npt.NDArray[np.bool_]:
    """Return which rows of the market ask for the seats of their groups in another order than that of filling."""
    own = np.zeros(int(groups.row.max(initial=-1)) + 1, dtype=np.bool_)
    if groups.ask is not None:
        line = np.lexsort((groups.ask, groups.row))
        order, row = groups.order[groups.group[line]], groups.row[line]
        own[row[1:][(row[1:] == row[:-1]) & (order[1:] < order[:-1])]] = True
    return own


def seats_table(compiled: CompiledRound) -> pl.DataFrame:
    """Return the seats of the run, one row per seat group of each pool; a plain pool is one open group."""
    pool = pool_of_route(compiled)
    routes = (
        pl.DataFrame({"number": pool.astype(np.int64), "route": texts(compiled.routes)})
        .sort("number", "route")
        .group_by("number", maintain_order=True)
        .agg(pl.col("route"))
        .with_columns(pl.col("route").list.join(" ").alias("routes"))
    )
    groups = compiled.market.groups
    parts = {
        "number": np.empty(0, dtype=np.int64),
        "group": pl.Series([], dtype=pl.String),
        "order": np.empty(0, dtype=np.int64),
        "seats": np.empty(0, dtype=np.int64),
        "reverts": np.empty(0, dtype=np.int64),
    }
    plain = np.ones(len(compiled.pools), dtype=np.bool_)
    if groups is not None:
        plain[groups.pool] = False
        parts = {
            "number": groups.pool.astype(np.int64),
            "group": texts(compiled.group_names),
            "order": groups.order.astype(np.int64),
            "seats": groups.seats.astype(np.int64),
            "reverts": groups.reverts.astype(np.int64),
        }
    open_pools = np.flatnonzero(plain)
    whole = pl.DataFrame(
        {
            "number": open_pools,
            "group": [""] * len(open_pools),
            "order": np.zeros(len(open_pools), dtype=np.int64),
            "seats": np.asarray(compiled.seats, dtype=np.int64)[open_pools],
            "reverts": np.zeros(len(open_pools), dtype=np.int64),
        },
        schema_overrides={"group": pl.String},
    )
    table = pl.concat([whole, pl.DataFrame(parts)]).join(routes, on="number", how="left")
    named = table.with_columns(texts(compiled.pools).gather(table["number"]).alias("pool"))
    return named.select("pool", "group", "order", "seats", "reverts", pl.col("routes").fill_null("")).sort(
        "pool", "order"
    )


def decisions_table(decisions: Decisions) -> pl.DataFrame:
    """Return one decision per choice: status, reason, positions, merit and what the reason needs to be understood."""
    compiled = decisions.compiled
    owner = decisions.owner
    admitted = decisions.status == Status.ADMITTED
    group = pl.Series([""], dtype=pl.String).new_from_index(0, len(owner))
    if compiled.market.groups is not None:
        names = texts([*compiled.group_names, REVERTED, ""])
        taken = decisions.matching.group[owner]
        grouped = np.zeros(len(compiled.pools), dtype=np.bool_)
        grouped[compiled.market.groups.pool] = True
        in_grouped = grouped[pool_of_route(compiled)[compiled.route]]
        last = len(compiled.group_names)
        index = np.where(~admitted | ~in_grouped, last + 1, np.where(taken >= 0, taken, last))
        group = names.gather(index)
    positions = pl.Series(decisions.position)
    return pl.DataFrame(
        {
            "applicant": texts(compiled.applicants).gather(owner),
            "route_id": texts(compiled.routes).gather(compiled.route),
            "rank": compiled.rank,
            "status": pl.Series(STATUS_NAMES).gather(decisions.status),
            "reason": pl.Series(decisions.reason).replace_strict(REASON_NAMES, return_dtype=pl.String),
            "group": group,
            "reserve_position": positions.set(positions == 0, None),
            "group_positions": _group_positions(decisions),
            "merit": compiled.merit,
            "missing": _missing(compiled),
        }
    )


def _group_positions(decisions: Decisions) -> pl.Series:
    """Return the positions in the queues of named groups, as ``free_quota:2 test:5``."""
    compiled = decisions.compiled
    empty = pl.Series([""], dtype=pl.String).new_from_index(0, len(compiled.route))
    queues = decisions.queues
    if not len(queues.row):
        return empty
    waiting = (
        pl.DataFrame(
            {
                "row": queues.row,
                "name": texts(compiled.group_names).gather(queues.group),
                "position": queues.group_position,
            }
        )
        .sort("row", "name")
        .group_by("row", maintain_order=True)
        .agg(pl.format("{}:{}", "name", "position").alias("token"))
    )
    return empty.scatter(waiting["row"], waiting["token"].list.join(" "))


def _missing(compiled: CompiledRound) -> pl.Series:
    """Return the missing subjects of each row, separated by spaces, ``+n`` for n passes in any further subjects."""
    lacking = np.flatnonzero((compiled.missing != 0) | (compiled.missing_others != 0))
    pairs = {(int(compiled.missing[row]), int(compiled.missing_others[row])): int(row) for row in lacking.tolist()}
    words = {pair: " ".join(compiled.missing_subjects(row)) for pair, row in pairs.items()}
    found = [words[int(compiled.missing[row]), int(compiled.missing_others[row])] for row in lacking.tolist()]
    empty = pl.Series("missing", [""], dtype=pl.String).new_from_index(0, len(compiled.route))
    return empty.scatter(lacking, pl.Series(found, dtype=pl.String)) if found else empty
