"""The policies of reserve rounds on the same simulated withdrawals, so that differences are the policies' alone.

Who leaves when is drawn per person, before anything is known of any policy. About a tenth of the seats being given up
until the start of the year is the figure reported for New York; no Swedish one was found, so the shares are the user's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError
from admissions.matching import Market, Matching
from admissions.matching.kernels import kernel
from simulations.policies.refilling import Policy, Refilling
from simulations.streams import Keys, person_keys, uniform


@dataclass(frozen=True)
class Stage:
    """One reserve round: before it each remaining applicant leaves with probability ``leaving``."""

    name: str
    leaving: float


STAGES = (Stage("reserve-1", 0.04), Stage("reserve-2", 0.03), Stage("after the start", 0.03))
MEASURES = ("given_up", "calls", "moved", "newly_placed", "seated", "without", "envious", "worse_than_rerun")


def policy_bench(
    market: Market,
    matching: Matching,
    ids: Sequence[str],
    *,
    stages: Sequence[Stage] = STAGES,
    runs: int = 20,
    seed: int = 1,
) -> pl.DataFrame:
    """Play the reserve rounds of every policy on the same withdrawals.

    Parameters
    ----------
    market, matching
        The final round.
    ids
        The applicants' ids, to which the draws belong.
    stages
        The reserve rounds and the share who leave before each.
    runs, seed
        Number of streams of withdrawals, and their seed.

    Returns
    -------
    polars.DataFrame
        One row a run, policy and stage with the `MEASURES`: seats given up; calls; persons moved from a seat to
        another; newly placed; remaining applicants with a seat, and without one though tried; applicants who would
        rather have a seat that is empty or held by somebody behind them; and applicants worse off than under a re-run.

    Raises
    ------
    AdmissionsError
        If a share is no probability, or there is no run or stage.
    """
    problems = [f"{one.name}: {one.leaving} is no probability" for one in stages if not 0 <= one.leaving <= 1]
    if runs < 1 or not stages:
        problems.append("a bench has at least one run and one stage")
    if problems:
        raise AdmissionsError("; ".join(problems))
    keys = person_keys(ids, seed, "withdrawals")
    tried = np.diff(market.indptr) > 0
    found = []
    for run in range(runs):
        fields = {policy: Refilling(market, matching, policy) for policy in Policy if policy.playable(market)}
        for number, stage in enumerate(stages):
            leaving = np.empty(len(keys), np.bool_)
            _leave(keys, run * len(stages) + number, stage.leaving, leaving)
            best = None
            for policy, field in fields.items():
                done = field.leave(np.flatnonzero(leaving))
                rows = np.where(field.rows() < 0, market.n_choices, field.rows())
                best = rows if best is None else best  # the first policy is the re-run
                seated = field.seated()
                measured = (
                    *(done.given_up, done.calls, done.moved, done.newly_placed, int(seated.sum())),
                    *(int((tried & ~seated & ~field.gone).sum()), int(field.envious().sum())),
                    int((rows > best).sum()),
                )
                found.append((run, policy.value, stage.name, *measured))
    schema: dict[str, Any] = {"run": pl.Int64, "policy": pl.String, "stage": pl.String}
    return pl.DataFrame(found, schema={**schema, **dict.fromkeys(MEASURES, pl.Int64)}, orient="row")


def summary(bench: pl.DataFrame) -> pl.DataFrame:
    """Return policy, stage, measure, ``low``, ``median``, ``high`` over the runs; a tenth lie below, a tenth above."""
    long = bench.unpivot(MEASURES, index=["run", "policy", "stage"], variable_name="measure", value_name="number")
    number = pl.col("number")
    return long.group_by("policy", "stage", "measure", maintain_order=True).agg(
        low=number.quantile(0.1, "nearest"), median=number.median(), high=number.quantile(0.9, "nearest")
    )


@kernel
def _leave(keys: Keys, draw: int, share: float, leaving: npt.NDArray[np.bool_]) -> None:
    for i in range(keys.size):
        leaving[i] = uniform(keys[i], draw) < share
