"""Run one round: compile, match, verify, decide, measure.

Nothing reaches a file, a report or a page that `admissions.matching.verify` did not pass: a `RoundResult` cannot be
made without its certificate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.matching import Certificate, Matching, match, verify
from admissions.results.cutoffs import cutoffs
from admissions.results.decisions import Decisions, decide
from admissions.results.demand import demand
from admissions.results.shortfalls import Shortfalls, count_sets, shortfalls

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.rounds.decided import Standing
    from admissions.rules.compiled import CompiledRound

Progress = Callable[[str, int, int], None]
"""Called with a step (match, verify, results, clearing), what is done of it and what there is in all."""


@dataclass(frozen=True, eq=False)
class RoundResult:
    """A verified round and everything that follows from it.

    Parameters
    ----------
    compiled, matching
        The round and its result.
    certificate
        What the independent checker established about them.
    decisions
        One decision per choice row.
    cutoffs, demand
        Tables of `admissions.results`.
    shortfalls
        The five senses, per route and rolled up.
    holders
        Market row each applicant held before the round, int64[n], -1 for none; None but in reserve rounds.
    standing
        What everybody was left with before the round; None but in reserve rounds.
    """

    compiled: CompiledRound
    matching: Matching
    certificate: Certificate
    decisions: Decisions
    cutoffs: pl.DataFrame
    demand: pl.DataFrame
    shortfalls: Shortfalls
    holders: npt.NDArray[np.int64] | None = None
    standing: Standing | None = None

    @property
    def round(self) -> str:
        """Name of the round: preliminary, final, reserve-1 ..."""
        return self.compiled.round


def run_round(
    compiled: CompiledRound,
    intake: Intake,
    *,
    holders: npt.NDArray[np.int64] | None = None,
    matching: Matching | None = None,
    settled: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None = None,
    progress: Progress | None = None,
) -> RoundResult:
    """Match a compiled round, verify the matching and measure what follows.

    Parameters
    ----------
    compiled
        The compiled round.
    intake
        The intake it was compiled from: names and homes.
    holders
        In a reserve round the market row each applicant holds, -1 for none.
    matching
        A matching made by another policy than a full run (calling down, fewest moves). It is verified in the same
        way, but no claim is made that it is the best for every applicant.
    settled
        Status and reason of rows decided before the round, see `admissions.results.decisions.decide`.
    progress
        Told how far the work has come.

    Raises
    ------
    VerificationError
        If a property does not hold: there is then no result.
    """
    tell = progress or (lambda _step, _done, _all: None)
    tell("match", 0, 1)
    found = match(compiled.market) if matching is None else matching
    tell("match", 1, 1)
    tell("verify", 0, 1)
    certificate = verify(
        compiled.market,
        found,
        holders=holders,
        optimal=matching is None,
        applicants=compiled.applicants.tolist(),
        routes=compiled.routes.tolist(),
    )
    tell("verify", 1, 1)
    tell("results", 0, 1)
    decisions = decide(compiled, found, settled=settled)
    limits = cutoffs(decisions)
    routes = demand(decisions, intake)
    tell("results", 1, 1)
    total = count_sets(decisions, routes)
    done = 0

    def solved(number: int) -> None:
        nonlocal done
        done += number
        if done % 50 == 0 or done == total:
            tell("clearing", done, total)

    tell("clearing", 0, total)
    short = shortfalls(decisions, intake, routes, progress=solved)
    return RoundResult(compiled, found, certificate, decisions, limits, routes, short, holders)
