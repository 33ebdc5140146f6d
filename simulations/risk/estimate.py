"""The risk of ending without a seat if the list stays as it is, when the re-choice window opens.

A few hundred final rounds are simulated, with everybody's grades grown, lists changed in the window and a lottery of
their own. In each, the applicant's present list, on the applicant's own grown grades of that year, is held against that
year's cut-offs. Warnings of this kind have made a fifth of those warned add choices, and more than halved their risk
(Arteaga, Kapor, Neilson and Zimmerman, Quarterly Journal of Economics 2022).

It is a statement about a person, so it is off by default: an office switches it on, gives it to the pupil's own
counsellor, and to others only as aggregates (:mod:`simulations.risk.aggregates`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError
from admissions.results.claims import claimed_seats
from admissions.rules import compile_round
from simulations.behaviour.rechoice import Relisted
from simulations.risk.correction import Correction
from simulations.risk.thresholds import thresholds_of
from simulations.sweeps.year import YearModel

Counts = npt.NDArray[np.int32]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class RiskSettings:
    """How risks are worked out, and whether at all.

    Attributes
    ----------
    on
        Off unless the office has switched it on.
    runs
        Simulated final rounds.
    first
        Number of the first one; other numbers are other draws.
    smallest
        Aggregates say nothing about fewer persons than this, nor about a part of them.

    Raises
    ------
    AdmissionsError
        If a number is too small.
    """

    on: bool = False
    runs: int = 200
    first: int = 0
    smallest: int = 5

    def __post_init__(self) -> None:
        problems = []
        if self.runs < 1:
            problems.append(f"{self.runs} simulated rounds: at least one is needed")
        if self.first < 0:
            problems.append(f"the first round has number {self.first}: it is 0 or more")
        if self.smallest < 5:
            problems.append(f"aggregates of {self.smallest} persons could be traced to them: 5 is the least")
        if problems:
            raise AdmissionsError("; ".join(problems))


@dataclass(frozen=True, eq=False)
class Risk:
    """Risks of the applicants with a list in the preliminary round.

    Attributes
    ----------
    applicants
        Ids, sorted.
    without, not_eligible
        int32[n]: simulated rounds in which the list as it is gives no seat, and those among them in which nothing on it
        can even be tried.
    after_window
        int32[n]: simulated rounds that end without a seat when the applicant too changes the list as people do.
    runs
        Simulated rounds in all.
    correction
        What such risks have meant in an earlier year, if that is known.
    """

    applicants: tuple[str, ...]
    without: Counts
    not_eligible: Counts
    after_window: Counts
    runs: int
    correction: Correction | None = None

    @property
    def risk(self) -> npt.NDArray[np.float64]:
        """float64[n], 0 to 1: with the list as it is; corrected, if a correction is known."""
        return self.simulated if self.correction is None else self.correction.of(self.simulated)

    @property
    def simulated(self) -> npt.NDArray[np.float64]:
        """float64[n], 0 to 1: share of the simulated rounds without a seat, with the list as it is."""
        return np.asarray(self.without / self.runs)

    @property
    def risk_after_window(self) -> npt.NDArray[np.float64]:
        """float64[n], 0 to 1: with the changes people make to their lists."""
        return self.after_window / self.runs

    def table(self) -> pl.DataFrame:
        """Return applicant, ``risk``; as simulated ``not_eligible``, ``competition`` and ``risk_after_window``."""
        return pl.DataFrame(
            {
                "applicant": self.applicants,
                "risk": self.risk,
                "not_eligible": self.not_eligible / self.runs,
                "competition": (self.without - self.not_eligible) / self.runs,
                "risk_after_window": self.risk_after_window,
            },
            schema_overrides={"applicant": pl.String},
        )


def non_placement_risk(
    model: YearModel, settings: RiskSettings, *, threads: int = 2, progress: Progress | None = None
) -> Risk:
    """Estimate everybody's risk of ending without a seat.

    Parameters
    ----------
    model
        The intake, its rules and behaviours, see :class:`simulations.sweeps.year.YearModel`.
    settings
        They must be switched on.
    threads
        Rounds simulated side by side; without influence on the numbers.
    progress
        Told how many rounds are done.

    Raises
    ------
    AdmissionsError
        If risks are switched off.

    Notes
    -----
    A row counts on open seats only: an approved free quota or a seat by test makes the true risk smaller. Lists of the
    others change as the window's model says, the applicant's own does not.
    """
    if not settings.on:
        raise AdmissionsError(
            "Risks are switched off. They are statements about single pupils: switch them on only where the office has "
            "decided to, and who may see them."
        )
    listed = np.flatnonzero(model.window.situation.applied)
    counts = np.zeros((3, len(listed)), np.int32)
    years = range(settings.first, settings.first + settings.runs)
    with ThreadPoolExecutor(max_workers=max(threads, 1)) as pool:
        for done, found in enumerate(pool.map(lambda year: _one_round(model, year), years), 1):
            counts += found[:, listed]
            if progress is not None:
                progress("risk", done, settings.runs)
    names = model.first.compiled.applicants
    without, barred, after = counts
    return Risk(tuple(str(names[k]) for k in listed.tolist()), without, barred, after, settings.runs)


def _one_round(model: YearModel, number: int) -> npt.NDArray[np.bool_]:
    """Simulate a final round: bool[3, n], no seat with the present list, nothing tried on it, no seat with changes."""
    draws = model.draws.year(number)
    year = model.simulate(number)
    cut = thresholds_of(year.compiled.market, year.matching, claimed_seats(year.compiled, year.matching))
    present = model.window.situation
    kept = compile_round(
        model.static,
        "final",
        lottery=draws.final,
        grades=model.certificates.grown(draws.growth, model.behaviour.growth),
        choices=model.window.history(draws.window, Relisted(present.route, present.test)),
    ).market
    owner = np.repeat(np.arange(kept.n_applicants), np.diff(kept.indptr))
    seated = np.zeros(kept.n_applicants, np.bool_)
    seated[owner[cut.passed(kept)]] = True
    return np.stack((~seated, np.diff(kept.indptr) == 0, year.matching.choice < 0))
