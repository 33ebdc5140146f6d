"""The randomness of a simulated year: counter streams keyed by person, purpose and year.

Year k of a seed has the same draws for the same person whatever else is in the intake: common random numbers
(Glasserman and Yao 1992), so that a scenario differs from its baseline only by what the scenario does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.matching.kernels import kernel
from simulations.streams import Keys, person_keys, word


@dataclass(frozen=True)
class Seeds:
    """The seeds of a sweep.

    Attributes
    ----------
    behaviour
        Of growth, re-choice and newcomers.
    lottery
        Of the draws; a simulated year has its own lottery, not the office's public one.
    """

    behaviour: int = 1
    lottery: int = 1

    def as_dict(self) -> dict[str, int]:
        """Return the seeds by name, for run folders and reports."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class YearDraws:
    """The draws of one simulated year, one entry a person.

    ``window`` and ``growth``: uint64 keys of the behaviour models; ``preliminary`` and ``final``: uint64 lottery
    numbers, smaller first. ``answers``: uint64 keys of the answers to the final round; ``closures``: uint64, a route.
    """

    window: Keys
    growth: Keys
    preliminary: Keys
    final: Keys
    answers: Keys
    closures: Keys


@dataclass(frozen=True, eq=False)
class Draws:
    """The keys of all persons and routes of an intake, from which those of every year follow."""

    window: Keys
    growth: Keys
    lottery: Keys
    answers: Keys
    closures: Keys

    @classmethod
    def of(cls, ids: list[str], routes: list[str], seeds: Seeds) -> Draws:
        """Return the keys of the persons and routes with these ids."""
        return cls(
            person_keys(ids, seeds.behaviour, "window"),
            person_keys(ids, seeds.behaviour, "growth"),
            person_keys(ids, seeds.lottery, "lottery"),
            person_keys(ids, seeds.behaviour, "answers final"),
            person_keys(routes, seeds.behaviour, "closures"),
        )

    def year(self, number: int) -> YearDraws:
        """Return the draws of simulated year `number`, from 0."""
        return YearDraws(
            words(self.window, number),
            words(self.growth, number),
            words(self.lottery, 2 * number),
            words(self.lottery, 2 * number + 1),
            words(self.answers, number),
            words(self.closures, number),
        )


def words(keys: Keys, draw: int) -> npt.NDArray[np.uint64]:
    """Return draw number `draw` of everybody as 64 bits."""
    drawn = np.empty(len(keys), np.uint64)
    _words(keys, np.uint64(draw), drawn)
    return drawn


@kernel
def _words(keys: Any, draw: Any, drawn: Any) -> None:
    for person in range(len(keys)):
        drawn[person] = word(keys[person], draw)
