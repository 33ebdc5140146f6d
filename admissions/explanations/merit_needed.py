"""The least attainable merit value for a choice or a higher one, everything else unchanged.

Attainable values are the sums of as many grades of the applicant's scale as count (GyF 7:4), so 342 is no answer. The
number of grades, test points, eligibility and order of the list stay as they are; the grade sum moves with the merit.
"""

from __future__ import annotations

import bisect

import numpy as np

from admissions.explanations.facts import Facts
from admissions.explanations.keys import unpack
from admissions.explanations.orders import GroupOrders
from admissions.matching.thresholds import ANY_KEY, NO_KEY
from admissions.rules.compiled import CompiledRound
from admissions.rules.grades import GradeTable


class MeritNeeded:
    """Finds the merit value that would have been enough.

    Parameters
    ----------
    facts, compiled
        The round.
    grades
        The grades it was compiled from.
    """

    def __init__(self, facts: Facts, compiled: CompiledRound, grades: GradeTable) -> None:
        self.facts, self.compiled, self.grades = facts, compiled, grades
        rules = compiled.static.rulebook.sections
        self._rule = rules.merit
        self._chain = tuple(rules.ties.chain)
        self._scales = [
            {grade: int(points) for grade, points in scale.values.items()} for scale in rules.scales.values()
        ]
        self._symbols = list(compiled.static.codes.names)
        self._language = grades.row(rules.merit.language_choice)
        self._grids: dict[tuple[int, int], list[int]] = {}
        self._orders = GroupOrders(compiled)
        self._market_row = facts.market_row

    def of(self, row: int) -> tuple[int | None, int | None]:
        """Return the merit value of this row that suffices whatever the own draw, and with the best one.

        None where no attainable value does, where the row took no part, or where merit does not decide.
        """
        compiled = self.compiled
        applicant = int(np.searchsorted(compiled.indptr, row, side="right")) - 1
        if self._market_row[row] < 0 or self._by_rank(row) or compiled.static.people.reduced[applicant]:
            return None, None
        grid = self._grid(applicant)
        certain: list[int] = []
        best: list[int] = []
        for other in range(int(compiled.indptr[applicant]), row + 1):
            if self._market_row[other] >= 0 and not self._by_rank(other):
                for sure, lucky in self._needed(applicant, other, grid):
                    certain += [sure] if sure is not None else []
                    best += [lucky] if lucky is not None else []
        added = int(compiled.test_points[row])
        return (min(certain) + added if certain else None), (min(best) + added if best else None)

    def _by_rank(self, row: int) -> bool:
        return unpack(int(self.compiled.points[row]), self._chain).merit != int(self.compiled.merit[row])

    def _needed(self, applicant: int, row: int, grid: list[int]) -> list[tuple[int | None, int | None]]:
        """Return the least grade sums for the row, one pair for each kind of seats it may take."""
        compiled, needed = self.compiled, self.facts.thresholds
        entries = slice(int(needed.indptr[applicant]), int(needed.indptr[applicant + 1]))
        mine = np.flatnonzero(needed.row[entries] == self._market_row[row]) + entries.start
        found: list[tuple[int | None, int | None]] = []
        for entry in mine.tolist():
            group, beat = int(needed.group[entry]), int(needed.beat[entry])
            if beat == ANY_KEY:
                found.append((grid[0], grid[0]))
            elif beat != NO_KEY:
                found.append(self._above(row, int(compiled.market_row[beat]), group, grid))
        return found

    def _above(self, row: int, other: int, group: int, grid: list[int]) -> tuple[int | None, int | None]:
        """Return the least grade sums with which a row comes before another one in the order of a group."""
        before, limit = (self._orders.before_merit(one, group) for one in (row, other))
        if before != limit:
            return (grid[0], grid[0]) if before < limit else (None, None)
        own, bar = (unpack(int(self.compiled.points[one]), self._chain) for one in (row, other))
        added = int(self.compiled.test_points[row])
        at = bisect.bisect_left(grid, bar.merit - added)
        if at == len(grid):
            return None, None
        following = grid[at + 1] if at + 1 < len(grid) else None
        if grid[at] + added > bar.merit:
            return grid[at], grid[at]
        steps = [step for step in self._chain if step != "lottery"]
        for step, mine, theirs in zip(steps, own.chain, bar.chain, strict=True):
            value = grid[at] if step == "grade_sum" else mine
            if value != theirs:
                ahead = value < theirs if step == "choice_rank" else value > theirs
                return (grid[at], grid[at]) if ahead else (following, following)
        return following, grid[at]

    def _grid(self, applicant: int) -> list[int]:
        """Return the sums the applicant's scale and number of counted grades allow, smallest first."""
        held = {self._symbols[code] for code in self.grades.codes[:, applicant].tolist() if code}
        fits = [len(held & scale.keys()) for scale in self._scales]
        scale = fits.index(max(fits))
        counted = self._rule.best + bool(self._rule.language_choice and self._language[applicant])
        if (scale, counted) not in self._grids:
            self._grids[scale, counted] = attainable_sums(sorted(set(self._scales[scale].values())), counted)
        return self._grids[scale, counted]


def attainable_sums(values: list[int], counted: int) -> list[int]:
    """Return every sum of up to `counted` of the values, smallest first.

    Examples
    --------
    >>> attainable_sums([0, 1000, 1250], 2)
    [0, 1000, 1250, 2000, 2250, 2500]
    """
    sums = {0}
    for _ in range(counted):
        sums |= {total + value for total in sums for value in values}
    return sorted(sums)
