"""The summer between the rounds as arrays: final grades grown from the autumn's, and final seats.

What `simulations.replay` does to tables when an intake has no final grades or seats of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.rules import GradeTable, round_number
from simulations.behaviour.growth import grow
from simulations.behaviour.seats import SeatChanges, seat_changes
from simulations.streams import Keys

if TYPE_CHECKING:
    import polars as pl

    from admissions.matching import Matching
    from admissions.rules import CompiledRound, Static
    from admissions.rules.static import SeatRows
    from simulations.behaviour.growth import Growth

_LETTERS = ("F", "E", "D", "C", "B", "A")
_NO_BASIS = "-"  # no basis for a grade in autumn: may be a pass in June like an F
_FINAL = round_number("final")


@dataclass(frozen=True, eq=False)
class Certificates:
    """The autumn grades of everybody, ready to grow.

    Attributes
    ----------
    autumn
        The table final grades grow from; who has no autumn grades keeps the recorded final ones.
    recorded
        The recorded final grades, where growth is switched off; the autumn's where there are none.
    steps
        int8[applicants, subjects]: 0 (F, or no basis) to 5 (A), -1 for none; subjects in drawing order.
    place
        int64[subjects]: row of each such subject in the table.
    """

    autumn: GradeTable
    recorded: GradeTable
    steps: npt.NDArray[np.int8]
    place: npt.NDArray[np.int64]
    code_of_step: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, static: Static) -> Certificates:
        """Prepare the certificates of an intake."""
        grades: pl.DataFrame = static.intake.grades
        autumn, final = static.grade_table(grades, "autumn"), static.grade_table(grades, "final")
        known = grades.filter(grades["term"] == "autumn")["subject"].unique().sort().to_list()
        drawn = [s for s in known if s in autumn.subjects] + [s for s in autumn.subjects if s not in known]
        place = np.array([autumn.subjects.index(subject) for subject in drawn], np.int64)
        step_of_code = np.full(len(static.codes.names), -1, np.int8)
        letters = [static.codes.names.get(letter) for letter in _LETTERS]
        for step, code in [(0, static.codes.names.get(_NO_BASIS)), *enumerate(letters)]:
            if code >= 0:
                step_of_code[code] = step
        return cls(
            autumn=autumn.else_from(final),
            recorded=final.else_from(autumn),
            steps=np.ascontiguousarray(step_of_code[autumn.codes[place]].T),
            place=place,
            code_of_step=np.maximum(letters, 0).astype(np.uint8),
        )

    def grown(self, keys: Keys, growth: Growth) -> GradeTable:
        """Return the final grades of a year; older grades than A-F stay as they are."""
        if not growth.on:
            return self.recorded
        final = grow(self.steps, keys, growth)
        person, subject = np.nonzero(final != self.steps)
        codes = self.autumn.codes.copy()
        codes[self.place[subject], person] = self.code_of_step[final[person, subject]]
        return GradeTable(codes, self.autumn.subjects)


def final_seats(static: Static, preliminary: CompiledRound, matching: Matching, model: SeatChanges) -> SeatRows:
    """Return the seats table with the final round's: the intake's own if it has any, else changed by the model.

    `preliminary` and `matching` are what the schools react to. The model never closes seats held outside the round.
    """
    rows = static.seat_rows
    if not model.on or (rows.round == _FINAL).any():
        return rows
    pool = preliminary.static.route_table.pool
    market = preliminary.market
    choice = matching.choice
    seats = len(preliminary.seats)
    admitted = np.bincount(pool[matching.route[choice >= 0]], minlength=seats)
    owner = np.repeat(np.arange(len(choice)), np.diff(market.indptr))
    above = np.arange(market.n_choices) < np.where(choice >= 0, choice, market.n_choices)[owner]
    reserves = np.bincount(pool[market.route[above]], minlength=seats)
    change = seat_changes(preliminary.seats, admitted, reserves, model)
    first = np.flatnonzero(rows.round == 0)
    own = np.where(rows.group[first] == "", change[rows.pool[first]], 0)
    return replace(
        rows,
        pool=np.concatenate([rows.pool, rows.pool[first]]),
        round=np.concatenate([rows.round, np.full(len(first), _FINAL, np.int32)]),
        group=np.concatenate([rows.group, rows.group[first]]),
        seats=np.concatenate([rows.seats, np.maximum(rows.seats[first] + own, 0)]),
    )
