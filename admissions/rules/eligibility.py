"""Eligibility (behörighet) by grades: which passes are there, and exactly which are missing.

Source: SkolL 16:30 (vocational programmes: Swedish or Swedish as a second language, English, mathematics and five
others), 16:31 and GyF 7:1 (preparatory programmes: nine others, some of them named), 16:32 (exemption from English),
17:10 (programme-oriented choice). What each kind of programme asks for is data of the rulebook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.rules.grades import GradeCodes, GradeTable
from admissions.rules.schema import PassRule, ProgrammeKind

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Demands:
    """The subjects the rulebook can find missing: bit b of a mask stands for ``names[b]``, e.g. ``"SV/SVA"``."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, kinds: Sequence[ProgrammeKind]) -> Demands:
        """Collect the required and named subjects of all kinds."""
        found: dict[str, None] = {}
        for kind in kinds:
            for rule in kind.any_of:
                found.update(dict.fromkeys(["/".join(group) for group in rule.required] + list(rule.named)))
        return cls(tuple(found))

    def bit(self, name: str) -> int:
        """Return the mask of one demand, 0 if nobody asks for it."""
        return 1 << self.names.index(name) if name in self.names else 0

    def listed(self, mask: int, others: int) -> tuple[str, ...]:
        """Return what is missing as a list: subjects, then ``+n`` for n passes in any further subjects.

        Examples
        --------
        >>> Demands(("SV/SVA", "EN")).listed(2, 1)
        ('EN', '+1')
        """
        missing = [name for bit, name in enumerate(self.names) if mask >> bit & 1]
        return (*missing, f"+{others}") if others else tuple(missing)


@dataclass(frozen=True, eq=False)
class Missing:
    """What each applicant lacks for each kind of programme.

    ``mask`` int64[kinds, applicants]: the missing subjects (`Demands`); ``others`` int8[kinds, applicants]: how many
    passes in any further subjects are missing besides. Both zero: eligible by grades.
    """

    mask: Int64s
    others: npt.NDArray[np.int8]

    @property
    def eligible(self) -> npt.NDArray[np.bool_]:
        """bool[kinds, applicants]."""
        return np.asarray((self.mask == 0) & (self.others == 0))


def missing_passes(grades: GradeTable, codes: GradeCodes, kinds: Sequence[ProgrammeKind], demands: Demands) -> Missing:
    """Return what each applicant lacks for each kind; of several ways to be eligible the nearest, else the first."""
    applicants = grades.codes.shape[1]
    subject_bit = {subject: np.int64(1 << bit) for bit, subject in enumerate(grades.subjects)}
    passed = np.zeros(applicants, np.int64)
    for row, bit in enumerate(subject_bit.values()):
        passed |= np.where(codes.passed[grades.codes[row]], bit, np.int64(0))
    mask = np.zeros((len(kinds), applicants), np.int64)
    others = np.zeros((len(kinds), applicants), np.int8)
    for number, kind in enumerate(kinds):
        for way, rule in enumerate(kind.any_of):
            lacks, short = _lacking(rule, passed, subject_bit, demands)
            if way == 0:
                mask[number], others[number] = lacks, short
                continue
            nearer = np.bitwise_count(lacks) + short < np.bitwise_count(mask[number]) + others[number]
            mask[number] = np.where(nearer, lacks, mask[number])
            others[number] = np.where(nearer, short, others[number])
    return Missing(mask, others)


def _lacking(
    rule: PassRule, passed: Int64s, subject_bit: dict[str, np.int64], demands: Demands
) -> tuple[Int64s, npt.NDArray[np.int8]]:
    lacks = np.zeros(len(passed), np.int64)
    used = np.int64(0)
    for group in rule.required:
        held = np.int64(0)
        for subject in group:
            held |= subject_bit.get(subject, np.int64(0))
        used |= held
        lacks |= np.where(passed & held, np.int64(0), np.int64(demands.bit("/".join(group))))
    for subject in rule.named:
        held = subject_bit.get(subject, np.int64(0))
        lacks |= np.where(passed & held, np.int64(0), np.int64(demands.bit(subject)))
    further = np.bitwise_count(passed & ~used).astype(np.int8)
    named_missing = np.bitwise_count(lacks & np.int64(sum(demands.bit(s) for s in rule.named))).astype(np.int8)
    # a named subject that is missing fills one of the places of the further subjects once it is passed
    short = np.maximum(rule.others - further - named_missing, 0).astype(np.int8)
    return lacks, short
