"""Grades of one certificate as a compact table: one byte a subject and applicant.

Source: GyF 7:4 (grades in the final certificate), GyF 7:7 (the autumn term's grades in the preliminary round).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import InputError
from admissions.rules.coding import Names
from admissions.rules.schema import Merit, Scale

NO_GRADE = 0


@dataclass(frozen=True)
class GradeCodes:
    """What the grades of a year are worth: symbols of all its scales and their codes.

    ``points`` int32 (hundredths), ``passed`` bool and ``is_grade`` bool, indexed by code; code 0 stands for no grade.
    """

    names: Names
    points: npt.NDArray[np.int32]
    passed: npt.NDArray[np.bool_]
    is_grade: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, scales: dict[str, Scale]) -> GradeCodes:
        """Return the codes of all scales; symbols that mean the same in two scales share a code."""
        worth: dict[str, tuple[int, bool, bool]] = {"": (0, False, False)}
        for scale in scales.values():
            worth.update(dict.fromkeys(scale.no_grade, (0, False, False)))
            worth.update({grade: (int(p), grade in scale.passed, True) for grade, p in scale.values.items()})
        if len(worth) > 255:
            raise InputError(["the scales have more than 255 grades in all: split the rulebook by year"])
        rows = list(worth.values())
        return cls(
            Names("grade", worth),
            np.array([row[0] for row in rows], np.int32),
            np.array([row[1] for row in rows], np.bool_),
            np.array([row[2] for row in rows], np.bool_),
        )


@dataclass(frozen=True, eq=False)
class GradeTable:
    """The grades of all applicants in one term.

    Attributes
    ----------
    codes
        uint8[subjects, applicants]: code of the grade (`GradeCodes`), 0 for none; applicants in the order of their ids.
    subjects
        Subject codes, the rows of `codes`.
    """

    codes: npt.NDArray[np.uint8]
    subjects: tuple[str, ...]

    def row(self, subject: str) -> npt.NDArray[np.uint8]:
        """Return one subject's grades; all zero for a subject nobody has."""
        if subject in self.subjects:
            return np.asarray(self.codes[self.subjects.index(subject)])
        return np.zeros(self.codes.shape[1], np.uint8)

    def changed_by(self, other: GradeTable) -> GradeTable:
        """Return the table where every grade `other` has takes the place of the one here."""
        if not other.codes.any():
            return self
        subjects = (*self.subjects, *(s for s in other.subjects if s not in self.subjects))
        codes = np.stack([np.where(other.row(s) != NO_GRADE, other.row(s), self.row(s)) for s in subjects])
        return GradeTable(codes, subjects)

    def else_from(self, other: GradeTable) -> GradeTable:
        """Return the table where applicants without any grade here have those of `other`."""
        subjects = (*self.subjects, *(s for s in other.subjects if s not in self.subjects))
        without = ~self.codes.any(axis=0)
        if not without.any():
            return self
        codes = np.stack([np.where(without, other.row(s), self.row(s)) for s in subjects])
        return GradeTable(codes, subjects)


def grade_table(
    frame: pl.DataFrame, term: str, applicants: Names, codes: GradeCodes, merit: Merit, subjects: Names | None = None
) -> GradeTable:
    """Return the grades of a term (autumn, final or summer) from a grades table (applicant, term, subject, grade).

    A block grade (blockbetyg) is written to each subject it stands for where that has no grade of its own.

    Parameters
    ----------
    subjects
        Subjects of the year; found in the table if absent or if the table has others.

    Raises
    ------
    InputError
        Naming unknown applicants and grades.
    """
    found = subjects or subject_names(frame, merit)
    coded = (
        frame.lazy()
        .filter(pl.col("term") == term)
        .select(
            pl.col(column).cast(names.type, strict=False).to_physical().cast(pl.Int32)
            for column, names in (("applicant", applicants), ("subject", found), ("grade", codes.names))
        )
        .collect()
    )
    if any(coded.null_count().row(0)):
        rows = frame.filter(pl.col("term") == term)
        applicants.codes(rows["applicant"])  # these two refuse, naming what is unknown
        codes.names.codes(rows["grade"])
        return grade_table(frame, term, applicants, codes, merit)
    table = np.zeros((len(found), len(applicants)), np.uint8)
    table[coded["subject"].to_numpy(), coded["applicant"].to_numpy()] = coded["grade"].to_numpy()
    names = tuple(found)
    return GradeTable(_without_blocks(table, names, merit), tuple(s for s in names if s not in merit.blocks))


def subject_names(frame: pl.DataFrame, merit: Merit) -> Names:
    """Return the subjects of a grades table, and those block grades stand for."""
    return Names("subject", sorted({*frame["subject"].unique(), *_blocked(merit)}))


def _blocked(merit: Merit) -> Sequence[str]:
    return [subject for parts in merit.blocks.values() for subject in parts]


def _without_blocks(table: npt.NDArray[np.uint8], subjects: tuple[str, ...], merit: Merit) -> npt.NDArray[np.uint8]:
    at = {subject: row for row, subject in enumerate(subjects)}
    kept = [row for subject, row in at.items() if subject not in merit.blocks]
    for block, parts in merit.blocks.items():
        if block in at:
            for part in parts:
                row = table[at[part]]
                np.copyto(row, table[at[block]], where=row == NO_GRADE)
    return table if len(kept) == len(table) else table[kept]
