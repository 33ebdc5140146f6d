"""What an explanation is made from: one round's rows, decisions, cut-offs and market, from memory or from its files.

Both sources give the same facts, so that a finished run is explained from its folder as it was on the day. What only
the intake knows (grades, tests) is in ``compiled``; without it the search for what would have been enough is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError
from admissions.matching.score_limits import ScoreLimits, score_limits
from admissions.matching.thresholds import Thresholds, thresholds
from admissions.rounds.tables import Outcome, decisions_table, rows_table

if TYPE_CHECKING:
    from admissions.matching import Market, Matching
    from admissions.rounds.run import RoundResult
    from admissions.rounds.stored import StoredRound
    from admissions.rules.compiled import CompiledRound

Ints = npt.NDArray[np.int64]

_ROWS = ("applicant", "route_id", "pool", "rank", "tier", "merit", "grade_sum", "points")
_DECISIONS = ("status", "reason", "group", "reserve_position", "group_positions", "missing")


class Limit(NamedTuple):
    """A published cut-off: ``tier``; ``merit`` and ``points`` of the last admitted, None where the tier is closed."""

    tier: int
    merit: int | None
    points: int | None


@dataclass(frozen=True, eq=False)
class Facts:
    """One round, ready to be explained.

    Parameters
    ----------
    round
        Name of the round.
    rows
        One line a choice, by applicant and rank: the compiled row and its decision.
    market, matching
        The market of the tried rows, and the result.
    limits
        The published cut-offs by pool and group.
    chain
        The rulebook's chain of tie-breaks.
    late_first_hand
        The rulebook's switch that orders the tiers.
    titles
        What each route is called: its name and its school.
    compiled
        The compiled round, where the intake is at hand.
    """

    round: str
    rows: pl.DataFrame
    market: Market
    matching: Matching
    limits: Mapping[tuple[str, str], Limit]
    chain: tuple[str, ...]
    late_first_hand: str
    titles: Mapping[str, tuple[str, str]] = field(repr=False)
    compiled: CompiledRound | None = field(default=None, repr=False)

    @cached_property
    def applicants(self) -> list[str]:
        """Ids of everybody in the market, in its order."""
        if self.compiled is not None:
            return [str(one) for one in self.compiled.applicants]
        return self.rows["applicant"].unique().sort().to_list()

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each applicant in the market."""
        return {name: number for number, name in enumerate(self.applicants)}

    @cached_property
    def indptr(self) -> Ints:
        """int64[n+1]: the rows of each applicant."""
        if self.compiled is not None:
            return self.compiled.indptr
        count = self.rows.group_by("applicant", maintain_order=True).len()["len"].to_numpy()
        return np.concatenate(([0], np.cumsum(count))).astype(np.int64)

    @cached_property
    def tried(self) -> npt.NDArray[np.bool_]:
        """bool[E]: whether the row took part."""
        return self.rows["tried"].to_numpy()

    @cached_property
    def market_row(self) -> Ints:
        """int64[E]: the row's number in the market, -1 where it took no part."""
        return np.where(self.tried, np.cumsum(self.tried) - 1, -1)

    @cached_property
    def thresholds(self) -> Thresholds:
        """What everybody would have needed."""
        return thresholds(self.market)

    @cached_property
    def score_limits(self) -> ScoreLimits:
        """What no lottery can change."""
        return score_limits(self.market)

    def applicant(self, name: str) -> int:
        """Return the number of an applicant.

        Raises
        ------
        AdmissionsError
            If nobody of that id has a choice in the round.
        """
        number = self.number.get(name, -1)
        if number < 0 or self.indptr[number] == self.indptr[number + 1]:
            raise AdmissionsError(
                f"No applicant {name!r} has a choice in the round {self.round}. Check the id; it is the one of the "
                "intake's table applicants."
            )
        return number


def facts_of(result: RoundResult | Outcome) -> Facts:
    """Return the facts of a round just run."""
    compiled = result.compiled
    numbers = pl.Series("lottery", [""], dtype=pl.String).new_from_index(0, len(compiled.route))
    rules = compiled.static.rulebook.sections
    routes = compiled.static.intake.routes
    return Facts(
        compiled.round,
        _joined(rows_table(result, numbers), decisions_table(result.decisions)),
        compiled.market,
        result.matching,
        _limits(result.cutoffs),
        tuple(rules.ties.chain),
        rules.order.late_first_hand,
        {one: (name, school) for one, name, school in routes.select("route_id", "route_name", "school").iter_rows()},
        compiled,
    )


def facts_of_stored(stored: StoredRound, chain: tuple[str, ...], late_first_hand: str) -> Facts:
    """Return the facts of a round of a run folder; without the intake, so without what would have been enough.

    Parameters
    ----------
    stored
        The round.
    chain, late_first_hand
        From the run's rulebook.
    """
    routes = stored.table("routes")
    return Facts(
        stored.name,
        _joined(stored.rows, stored.decisions),
        stored.market,
        stored.matching,
        _limits(stored.table("cutoffs")),
        chain,
        late_first_hand,
        {one: (name, school) for one, name, school in routes.select("route_id", "route_name", "school").iter_rows()},
    )


def with_compiled(facts: Facts, again: Facts) -> Facts | None:
    """Return facts that know the intake, if running it again gives exactly the rows and decisions of the files.

    Parameters
    ----------
    facts
        From the files.
    again
        From running the round once more.
    """
    same = len(facts.rows) == len(again.rows) and facts.rows.select(*_ROWS, *_DECISIONS).cast(pl.String).fill_null(
        ""
    ).equals(again.rows.select(*_ROWS, *_DECISIONS).cast(pl.String).fill_null(""))
    return replace(again, limits=facts.limits) if same else None


def whole(name: str) -> pl.Expr:
    """Return a column of a run's file as whole numbers: one whose first values are missing was read as text."""
    return pl.col(name).cast(pl.Int64, strict=False)


def _joined(rows: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    keys = ["applicant", "route_id", "rank"]
    if not rows.select(keys).equals(decisions.select(keys).cast(rows.select(keys).schema)):
        raise AdmissionsError("rows and decisions of the round do not list the same choices in the same order")
    reception = pl.col("reception") if "reception" in rows.columns else pl.lit("").alias("reception")  # an older run
    return pl.concat(
        [
            rows.select(*_ROWS, (pl.col("status") == "tried").alias("tried"), reception),
            decisions.with_columns(whole("reserve_position"))
            .select(_DECISIONS)
            .with_columns(pl.col(pl.String).fill_null("")),
        ],
        how="horizontal",
    )


def _limits(cutoffs: pl.DataFrame) -> dict[tuple[str, str], Limit]:
    columns = cutoffs.select("pool", pl.col("group").fill_null(""), whole("tier"), whole("merit"), whole("points"))
    return {
        (str(pool), str(group)): Limit(int(tier), merit, points)
        for pool, group, tier, merit, points in columns.iter_rows()
    }
