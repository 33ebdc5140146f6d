"""Were the risks right? What was foreseen when the window opened against what the final round brought."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError

EDGES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99)
"""Where the classes of the curve begin: finer at both ends, where most people are."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How foreseen and actual shares agree.

    Attributes
    ----------
    persons
        Persons judged.
    brier
        Mean squared difference of risk and outcome (Brier 1950); 0 is perfect.
    brier_of_mean
        The same if everybody were given the mean outcome: what has to be beaten.
    curve
        One row a class of risk: ``from``, ``persons``, mean ``foreseen`` and ``observed`` share; both empty in classes
        of fewer than 5 persons.
    """

    persons: int
    brier: float
    brier_of_mean: float
    curve: pl.DataFrame


def calibrate(
    applicants: Sequence[str],
    foreseen: npt.NDArray[np.float64],
    seated: Collection[str],
    among: Collection[str] | None = None,
) -> Calibration:
    """Hold risks against a final round.

    Parameters
    ----------
    applicants, foreseen
        Ids and their risks: those after the window for everybody, those with the list as it is for who kept it.
    seated
        Ids of everybody who got a seat.
    among
        Ids to judge; everybody if absent.

    Raises
    ------
    AdmissionsError
        If there is nobody to judge.
    """
    chosen = None if among is None else set(among)
    place = np.array([k for k, one in enumerate(applicants) if chosen is None or one in chosen], np.int64)
    if not len(place):
        raise AdmissionsError("there is nobody whose risk could be judged")
    has = set(seated)
    foreseen = foreseen[place]
    outcome = np.array([applicants[k] not in has for k in place.tolist()], np.float64)
    classes = np.searchsorted(EDGES, foreseen, side="right") - 1
    curve = (
        pl.DataFrame({"class": classes, "foreseen": foreseen, "observed": outcome})
        .group_by("class")
        .agg(pl.len().cast(pl.Int64).alias("persons"), pl.col("foreseen", "observed").mean())
        .sort("class")
        .with_columns(
            pl.col("class").map_elements(lambda k: EDGES[k], return_dtype=pl.Float64).alias("from"),
            *(pl.when(pl.col("persons") >= 5).then(pl.col(name)).alias(name) for name in ("foreseen", "observed")),
        )
        .select("from", "persons", "foreseen", "observed")
    )
    mean = float(outcome.mean())
    return Calibration(
        len(place), float(((foreseen - outcome) ** 2).mean()), float(((mean - outcome) ** 2).mean()), curve
    )
