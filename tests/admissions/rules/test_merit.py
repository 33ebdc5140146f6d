"""Merit, exactly, for many applicants at once; a better grade never lowers it. Source: GyF 7:4."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.rules import GradeTable, load_rulebook
from admissions.rules.eligibility import Demands, missing_passes
from admissions.rules.grades import GradeCodes
from admissions.rules.merit import merit_table
from tests.admissions.rules.small import SUBJECTS

RULES = load_rulebook("storsthlm", 2023)
CODES = GradeCodes.of(RULES.scales)
WORTH = {"A": 20, "B": Fraction(35, 2), "C": 15, "D": Fraction(25, 2), "E": 10, "F": 0}
STEPS = "-FEDCBA"
ALL = (*SUBJECTS, "ML", "M1", "M2", "SVA")
certificates = st.lists(st.sampled_from(STEPS), min_size=len(ALL), max_size=len(ALL))


def table(*rows: list[str]) -> GradeTable:
    codes = [[CODES.names.get(grade) for grade in column] for column in zip(*rows, strict=True)]
    return GradeTable(np.array(codes, np.uint8), ALL)


def by_the_law(grades: list[str], dance: bool) -> int:
    held = dict(zip(ALL, grades, strict=True))
    language = WORTH.get(held.pop("M2"), 0)
    values = sorted((WORTH[grade] for grade in held.values() if grade != "-"), reverse=True)
    total = Fraction(sum(values[:16]))
    if dance and values:
        total *= Fraction(16, min(len(values), 16))
    return int((total * 100).__floor__() + language * 100)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(certificates, st.booleans()), min_size=1, max_size=5))
def test_merit_is_the_law_written_out(people):
    reduced = np.array([dance for _, dance in people])
    got = merit_table(table(*(grades for grades, _ in people)), CODES, RULES.merit, reduced)
    assert got.grade_sum.tolist() == [by_the_law(grades, dance) for grades, dance in people]
    assert got.grade_count.tolist() == [sum(grade != "-" for grade in grades) for grades, _ in people]
    assert 0 <= int(got.grade_sum.max()) <= 34000


@settings(max_examples=150, deadline=None)
@given(certificates, st.integers(0, len(ALL) - 1), st.booleans())
def test_a_better_grade_never_lowers_merit_nor_takes_eligibility_away(grades, at, dance):
    step = STEPS.index(grades[at])
    # With the proportional scaling a first low grade can lower the average: the law scales by the number of grades.
    if step == len(STEPS) - 1 or (dance and step == 0):
        return
    better = [*grades[:at], STEPS[step + 1], *grades[at + 1 :]]
    both = table(grades, better)
    sums = merit_table(both, CODES, RULES.merit, np.array([dance, dance])).grade_sum
    assert sums[1] >= sums[0]
    kinds = list(RULES.eligibility.kinds.values())
    missing = missing_passes(both, CODES, kinds, Demands.of(kinds))
    assert not (missing.eligible[:, 0] & ~missing.eligible[:, 1]).any()
    lacks = np.bitwise_count(missing.mask) + missing.others
    assert (lacks[:, 1] <= lacks[:, 0]).all()


@settings(max_examples=150, deadline=None)
@given(certificates)
def test_exactly_the_missing_subjects_are_listed(grades):
    """Passing what is listed makes eligible; passing all but one of it does not."""
    kinds = [RULES.eligibility.kinds[name] for name in ("vocational", "preparatory_society", "preparatory_science")]
    demands = Demands.of(kinds)
    missing = missing_passes(table(grades), CODES, kinds, demands)
    for number, _ in enumerate(kinds):
        wanted = list(demands.listed(int(missing.mask[number, 0]), int(missing.others[number, 0])))
        named = [name.split("/")[0] for name in wanted if not name.startswith("+")]
        free = [
            s
            for s in ("ML", "M1", "M2", "BL", "HK", "IH", "MU", "SL", "TK", *ALL)
            if grades[ALL.index(s)] in "-F" and s not in named
        ]
        free = [s for s in dict.fromkeys(free) if s not in {"SV", "SVA", "EN", "MA"}]
        further = free[: int(missing.others[number, 0])]
        for dropped in [None, *named, *further[:1]]:
            passed = {s for s in [*named, *further] if s != dropped}
            after = ["E" if subject in passed else grade for subject, grade in zip(ALL, grades, strict=True)]
            now = missing_passes(table(after), CODES, kinds, demands).eligible[number, 0]
            assert bool(now) is (dropped is None)


def test_the_number_of_grades_can_mean_passes(tmp_path):
    from tests.admissions.rules.small import rulebook

    grades = ["F"] + ["E"] * 3 + ["-"] * (len(ALL) - 4)
    for what, count in (("grades", 4), ("passes", 3)):
        rules = rulebook(tmp_path, f'[merit]\ngrade_count = "{what}"\n')
        assert merit_table(table(grades), CODES, rules.merit, np.zeros(1, bool)).grade_count.tolist() == [count]
