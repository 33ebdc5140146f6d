"""The merit value (meritvärde), exactly: the best grades, and the modern language as language choice on top.

Source: GyF 7:4. The sum of the 16 best grades of the final certificate (at most 320); a grade in modern languages as
language choice is added to the 16 best of the others (at most 340). Applicants from preparatory dance education with
fewer than 16 grades have their sum scaled up in proportion to 16 grades.

Everything is whole hundredths of a point. Only the scaled sum of dance can fall between two hundredths: it is computed
as an exact fraction and rounded down once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.rules.grades import GradeCodes, GradeTable
from admissions.rules.schema import Merit

Int32s = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class MeritTable:
    """Per applicant: ``grade_sum`` int32 (betygsvärde, hundredths, without test points), ``grade_count`` int32."""

    grade_sum: Int32s
    grade_count: Int32s


def merit_table(grades: GradeTable, codes: GradeCodes, rule: Merit, reduced: npt.NDArray[np.bool_]) -> MeritTable:
    """Return grade sum and number of grades of every applicant.

    Parameters
    ----------
    reduced
        bool[applicants]: preparatory dance education with a reduced timetable.
    """
    ordinary = [
        row for row, subject in enumerate(grades.subjects) if subject not in {rule.language_choice, *rule.excluded}
    ]
    chosen = grades.codes[ordinary]
    best = codes.points[chosen].sum(axis=0, dtype=np.int32)
    more = np.flatnonzero(np.count_nonzero(chosen, axis=0) > rule.best)
    best[more] = _sum_of_best(chosen[:, more], codes.points, rule.best)
    counted = (codes.is_grade if rule.grade_count == "grades" else codes.passed).astype(np.uint8)
    count = counted[chosen].sum(axis=0, dtype=np.int32)
    if reduced.any():
        held = codes.is_grade.astype(np.uint8)[chosen[:, reduced]].sum(axis=0, dtype=np.int64)
        fewer = np.clip(held, 1, rule.best)
        best[reduced] = best[reduced].astype(np.int64) * rule.best // fewer
    if rule.language_choice:
        language = grades.row(rule.language_choice)
        best += codes.points[language]
        count += counted[language]
    return MeritTable(best, count)


def _sum_of_best(chosen: npt.NDArray[np.uint8], points: Int32s, best: int) -> Int32s:
    """Return the sum of the `best` largest values of each column, by counting how many reach each distinct value.

    A sum of the best grades is a sum over value steps: each step counts once for every grade among the best that
    reaches it. There are few distinct values, so this needs no sorting.
    """
    steps = np.unique(points[points > 0])
    total = np.zeros(chosen.shape[1], np.int32)
    below = 0
    for value in steps.tolist():
        reach = (points >= value).astype(np.uint8)[chosen].sum(axis=0, dtype=np.int32)
        total += np.minimum(reach, best) * np.int32(value - below)
        below = value
    return total
