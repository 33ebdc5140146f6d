"""The attainable single changes of an applicant, as ladders: one subject's grade, or one test, step by step upwards.

A ladder begins at the next value above the applicant's own and ends at the highest there is. Subjects whose change is
the same to every rule (equal grade, neither named by a rule nor decisive for a pass) share one ladder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from admissions.rules.compiled import CompiledRound
from admissions.rules.grades import GradeTable
from admissions.rules.schema import Scale, TestRule

_TESTED = frozenset({"add", "add_and_pass", "split"})
_MOST_POINTS = 100
"""Where a test rule states no highest value, the ladder ends here."""


@dataclass(frozen=True)
class Ladder:
    """The steps of one change of one applicant, lowest first.

    Parameters
    ----------
    applicant
        Number of the applicant in the compiled round.
    subjects
        Subjects of which any *one* may be changed; a block grade stands for the subjects in ``together``. Empty for a
        test.
    together
        Subjects that change together, where the applicant holds a block grade; else empty.
    route
        The route of the test, as a number; -1 for grades.
    old
        The applicant's own grade, or points of the test in hundredths; None for no result.
    steps
        The attainable values above it: grade symbols, or points of the test in hundredths.
    """

    applicant: int
    subjects: tuple[str, ...]
    together: tuple[str, ...]
    route: int
    old: str | int | None
    steps: tuple[str | int, ...]

    @property
    def set_subjects(self) -> tuple[str, ...]:
        """The subjects whose grade a step sets."""
        return self.together or self.subjects[:1]


class Ladders:
    """Makes the ladders of a compiled round's applicants.

    Parameters
    ----------
    compiled
        The round.
    grades
        The grades it was compiled from.
    """

    def __init__(self, compiled: CompiledRound, grades: GradeTable) -> None:
        self.compiled = compiled
        self.grades = grades
        rules = compiled.static.rulebook.sections
        self._symbols = list(compiled.static.codes.names)
        self._above = _steps_above(list(rules.scales.values()))
        self._demanded = {part for name in compiled.static.demands.names for part in name.split("/")}
        self._own = {rules.merit.language_choice, *rules.merit.excluded}
        self._tests = list(rules.tests.values())
        table, wishes = compiled.static.route_table, list(rules.prerequisites.values())
        self._own |= {
            subject for used in np.unique(table.test[table.test >= 0]) for subject in self._tests[used].subjects
        }
        named = np.unique(table.prerequisite[table.prerequisite >= 0])
        self._own |= {subject for used in named for subject in wishes[used].grades}

    def of(self, applicant: int) -> Iterator[Ladder]:
        """Yield the ladders of one applicant: grades, then tests in the order of the list."""
        yield from self._of_grades(applicant)
        yield from self._of_tests(applicant)

    def _of_grades(self, applicant: int) -> Iterator[Ladder]:
        codes = self.compiled.static.codes
        blocks = self._blocks.get(str(self.compiled.applicants[applicant]), {})
        joint = {part for parts in blocks.values() for part in parts}
        alike: dict[tuple[int, str], list[str]] = {}
        held = dict(zip(self.grades.subjects, self.grades.codes[:, applicant].tolist(), strict=True))
        for subject, code in held.items():
            if code == 0 or subject in joint or not self._above.get(self._symbols[code]):
                continue
            alone = subject in self._own or (not codes.passed[code] and subject in self._demanded)
            alike.setdefault((code, subject if alone else ""), []).append(subject)
        for (code, _), subjects in alike.items():
            old = self._symbols[code]
            yield Ladder(applicant, tuple(subjects), (), -1, old, self._above[old])
        for block, parts in blocks.items():
            code = held.get(parts[0], 0)
            if code and self._above.get(self._symbols[code]):
                old = self._symbols[code]
                yield Ladder(applicant, (block,), parts, -1, old, self._above[old])

    def _of_tests(self, applicant: int) -> Iterator[Ladder]:
        if not self._tests:
            return
        compiled, static = self.compiled, self.compiled.static
        rows = slice(int(compiled.indptr[applicant]), int(compiled.indptr[applicant + 1]))
        for route in compiled.route[rows].tolist():
            number = int(static.route_table.test[route])
            if number < 0 or self._tests[number].rule not in _TESTED:
                continue
            rule = self._tests[number]
            at = np.array([applicant]), np.array([route])
            letters = {letter: int(points) for letter, points in rule.letters.items()}
            raw = int(static.decisions.numbers("test_points", *at)[0])
            raw = max(raw, int(static.decisions.mapped("test_points", letters, *at)[0]) if letters else -1)
            steps = _test_steps(rule, raw)
            if steps:
                yield Ladder(applicant, (), (), route, raw if raw >= 0 else None, steps)

    @cached_property
    def _blocks(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """The block grades (blockbetyg) people hold, and the subjects each stands for as they have no own grade."""
        blocks = self.compiled.static.rulebook.sections.merit.blocks
        held = self.compiled.static.intake.grades
        wanted = held.filter(pl.col("subject").is_in(list(blocks)))
        if not len(wanted):
            return {}
        people = held.join(wanted.select("applicant").unique(), on="applicant", how="semi")
        own: dict[str, set[str]] = {}
        for name, subject in people.select("applicant", "subject").iter_rows():
            own.setdefault(name, set()).add(subject)
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for name, subjects in own.items():
            stands = {block: tuple(p for p in parts if p not in subjects) for block, parts in blocks.items()}
            found[name] = {block: parts for block, parts in stands.items() if block in subjects and parts}
        return found


def _steps_above(scales: list[Scale]) -> dict[str, tuple[str, ...]]:
    """Return for each symbol the grades above it in its scale, lowest first."""
    above: dict[str, tuple[str, ...]] = {}
    for scale in scales:
        ladder = sorted(scale.values, key=lambda grade: int(scale.values[grade]))
        for symbol in (*scale.no_grade, *ladder):
            least = int(scale.values.get(symbol, 0))
            above.setdefault(symbol, tuple(grade for grade in ladder if int(scale.values[grade]) > least))
    return above


def _test_steps(rule: TestRule, raw: int) -> tuple[int, ...]:
    """Return the results above one's own, in hundredths of a point before weighting."""
    if rule.letters:
        return tuple(sorted({int(points) for points in rule.letters.values() if int(points) > raw}))
    highest = -(-int(rule.highest) // rule.weight) if rule.highest else _MOST_POINTS * 100
    first = max(raw // 100 + 1, 1)
    return tuple(points * 100 for points in range(first, -(-highest // 100) + 1))
