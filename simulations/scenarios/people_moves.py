"""Who moves where between a baseline and a scenario: the same person in the same simulated year, in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.rules.coding import Names
from simulations.sweeps.summaries import LEVEL, columns

if TYPE_CHECKING:
    from simulations.scenarios.sides import Side
    from simulations.sweeps.chunks import Years

NO_SEAT, NOT_TRIED, ABSENT = "(without a seat)", "(not tried)", "(not in this intake)"
_OUTSIDE = (NO_SEAT, NOT_TRIED, ABSENT)
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairing:
    """The persons of both sides, side by side.

    Attributes
    ----------
    ids
        Sorted ids of everybody in either.
    before, after
        int64[persons]: place among the applicants of the baseline and of the scenario, -1 for absent.
    home
        Home municipality, by the scenario where the person is in it.
    """

    ids: pl.Series
    before: Ints
    after: Ints
    home: npt.NDArray[np.str_]

    @classmethod
    def of(cls, baseline: Side, scenario: Side) -> Pairing:
        """Pair the persons by id."""
        ids = pl.concat([baseline.applicants, scenario.applicants]).unique().sort()
        before, after = (
            Names("applicant", side.applicants).codes(ids, missing=True).astype(np.int64)
            for side in (baseline, scenario)
        )
        home = np.where(
            after >= 0,
            np.array(scenario.homes)[scenario.home[np.maximum(after, 0)]],
            np.array(baseline.homes)[baseline.home[np.maximum(before, 0)]],
        )
        return cls(ids, before, after, home)


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Everybody's results, int64[years, persons]: ``route`` and ``rank`` as in `SimulatedYear`, -3 for absent."""

    route: Ints
    rank: Ints

    @classmethod
    def of(cls, years: Years, at: Ints) -> Outcomes:
        """Take the results of the persons at these places; -1 is nobody."""
        place = np.maximum(at, 0)
        route = np.where(at >= 0, years.route[:, place], -3).astype(np.int64)
        rank = np.where(at >= 0, years.rank[:, place], -3).astype(np.int64)
        return cls(route, rank)

    def labels(self, names: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
        """Return what each result is called: a name of its route (str[routes]), or why there is none."""
        outside = np.where(self.rank == -3, ABSENT, np.where(self.rank == -2, NOT_TRIED, NO_SEAT))
        return np.where(self.route >= 0, names[np.maximum(self.route, 0)], outside)


def flows(
    before: npt.NDArray[np.str_],
    after: npt.NDArray[np.str_],
    moved: npt.NDArray[np.bool_],
    level: float = LEVEL,
) -> pl.DataFrame:
    """Return persons who moved, by where from and where to, with intervals over the years.

    Parameters
    ----------
    before, after
        str[years, persons].
    moved
        bool[years, persons]: whose granted route differs. Moves inside one name are kept: from it to itself.
    """
    names = sorted({*np.unique(before[moved]).tolist(), *np.unique(after[moved]).tolist()}, key=_last_outside)
    place = {name: number for number, name in enumerate(names)}
    size = len(names)
    counts = np.zeros((len(moved), size * size), np.int64)
    for year in range(len(moved)):
        at = moved[year]
        source = np.array([place[name] for name in before[year, at].tolist()], np.int64)
        target = np.array([place[name] for name in after[year, at].tolist()], np.int64)
        counts[year] = np.bincount(source * size + target, minlength=size * size)
    some = np.flatnonzero(counts.sum(axis=0))
    frame = pl.DataFrame(
        {
            "from": [names[pair // size] for pair in some.tolist()],
            "to": [names[pair % size] for pair in some.tolist()],
        },
        schema={"from": pl.String, "to": pl.String},
    )
    return frame.with_columns(columns("persons", counts[:, some], level))


def _last_outside(name: str) -> tuple[bool, str]:
    return name in _OUTSIDE, name


def better_and_worse(before: Outcomes, after: Outcomes) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return who is better and who is worse off, bool[years, persons]; meant for lists held fixed.

    A route the scenario adds to a list moves what stands below it down by one: a person on another route of the same or
    a better place is better off.
    """
    placed, still = before.route >= 0, after.route >= 0
    other = (before.route != after.route) & placed & still
    there = (before.rank > -3) & (after.rank > -3)
    better = there & ((~placed & still) | (other & (after.rank <= before.rank)))
    worse = there & ((placed & ~still) | (other & (after.rank > before.rank)))
    return better, worse


def movers_by_home(
    pairing: Pairing, before: Outcomes, after: Outcomes, *, fixed: bool, level: float = LEVEL
) -> pl.DataFrame:
    """Return one row a home municipality: persons who moved, newly placed, without a seat now; better and worse off.

    Better and worse off are left out where lists react: another list is not better or worse, but another.
    """
    homes, code = np.unique(pairing.home, return_inverse=True)
    placed, still = before.route >= 0, after.route >= 0
    there = (before.rank > -3) & (after.rank > -3)
    counted = {
        "moved": there & (before.route != after.route),
        "newly_placed": there & ~placed & still,
        "newly_without": there & placed & ~still,
    }
    if fixed:
        counted["better_off"], counted["worse_off"] = better_and_worse(before, after)
    frame = pl.DataFrame({"home_municipality": homes.tolist()}, schema={"home_municipality": pl.String})
    for name, who in counted.items():
        total = np.stack([np.bincount(code[year], minlength=len(homes)) for year in who]) if len(who) else who
        frame = frame.with_columns(columns(name, total, level))
    return frame.filter(pl.any_horizontal(pl.col(f"{name}_high") > 0 for name in counted))
