"""What would have been enough: the least attainable single change that gives a choice or a higher one.

Said twice where they differ: *certain*, whatever the applicant's own lottery number, and *best*, with the best draw.
The draws of others are as they were. Several ladders may suffice (one a subject or test); each is answered by its least
step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from admissions.explanations.facts import Facts
from admissions.explanations.ladders import Ladder, Ladders
from admissions.explanations.merit_needed import MeritNeeded
from admissions.explanations.variants import Changed, beside, first_within_reach, same_rows
from admissions.results.statuses import KEPT_OUT, reason_name
from admissions.rules.compiled import CompiledRound
from admissions.rules.rows import RowReason

_BATCH = 200_000
"""Changed applicants compiled at a time: bounds the memory, not the answer."""

_BY_GRADES = frozenset(
    reason_name(KEPT_OUT + reason)
    for reason in (RowReason.MISSING_SUBJECTS, RowReason.PREREQUISITE, RowReason.NO_TEST, RowReason.TEST_NOT_PASSED)
)


@dataclass(frozen=True)
class Change:
    """One change that would have been enough.

    Parameters
    ----------
    subjects
        Subjects any *one* of which changes; empty for a test.
    route_id
        Route of the test; empty for grades.
    old, new
        Grades, or results of the test in hundredths; ``old`` is None for no result.
    steps
        Number of attainable steps from ``old`` to ``new``.
    """

    subjects: tuple[str, ...]
    route_id: str
    old: str | int | None
    new: str | int
    steps: int


@dataclass(frozen=True)
class Enough:
    """What would have been enough for one choice or a higher one.

    Parameters
    ----------
    draw_alone
        The best draw alone, with nothing else changed.
    certain, best
        The least sufficient step of every ladder, fewest steps first: whatever the own draw, and with the best one.
    merit_certain, merit_best
        The least attainable merit value of this choice, hundredths, everything else unchanged; None where none
        suffices or merit does not decide.
    """

    draw_alone: bool
    certain: tuple[Change, ...]
    best: tuple[Change, ...]
    merit_certain: int | None
    merit_best: int | None


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What each step of an applicant's ladders would have given: places in the list from 0, or `NOWHERE`."""

    draw: int
    ladders: tuple[tuple[Ladder, tuple[int, ...], tuple[int, ...]], ...]


def wanting(facts: Facts, applicants: Iterable[int]) -> dict[int, list[int]]:
    """Return those of the applicants who lost a choice above what they got, and the rows of those choices.

    Only rows that grades, tests or the draw can change; rows out for other reasons have no "enough".
    """
    status, reason = facts.rows["status"], facts.rows["reason"]
    found: dict[int, list[int]] = {}
    for applicant in applicants:
        for row in range(int(facts.indptr[applicant]), int(facts.indptr[applicant + 1])):
            if status[row] == "admitted":
                break
            if status[row] == "reserve" or reason[row] in _BY_GRADES:
                found.setdefault(applicant, []).append(row)
    return found


class EnoughSearch:
    """Finds what would have been enough.

    Parameters
    ----------
    facts
        The round; it needs its compiled form.

    Raises
    ------
    ValueError
        If the facts do not know the intake.
    """

    def __init__(self, facts: Facts) -> None:
        if facts.compiled is None:
            raise ValueError("what would have been enough needs the intake")
        self.facts = facts
        self.compiled: CompiledRound = facts.compiled
        static = self.compiled.static
        self.grades = static.own_grades(static.term(self.compiled.round)).grades
        self._ladders = Ladders(self.compiled, self.grades)
        self._merit = MeritNeeded(facts, self.compiled, self.grades)

    def all(self, wanted: dict[int, list[int]]) -> Iterator[tuple[int, Enough]]:
        """Yield the answer for every wanted row (see `wanting`); none if the grades at hand are not the round's."""
        batch: list[int] = []
        size = 0
        for applicant in wanted:
            batch.append(applicant)
            size += 90
            if size >= _BATCH // 2:
                yield from self._answers(batch, wanted)
                batch, size = [], 0
        if batch:
            yield from self._answers(batch, wanted)

    def _answers(self, applicants: Sequence[int], wanted: dict[int, list[int]]) -> Iterator[tuple[int, Enough]]:
        found = self.outcomes(applicants)
        for applicant, outcomes in found.items():
            first = int(self.compiled.indptr[applicant])
            for row in wanted[applicant]:
                yield row, self._answer(outcomes, row, row - first)

    def outcomes(self, applicants: Sequence[int]) -> dict[int, Outcomes]:
        """Return what every single change of these applicants would have given."""
        ladders = [tuple(self._ladders.of(applicant)) for applicant in applicants]
        flat = [ladder for own in ladders for ladder in own]
        changed = self._changed(applicants, flat)
        doubled, half = changed.doubled(), len(changed.applicant)
        wider = beside(self.compiled, self.grades, doubled, np.repeat([-1, 1], half).tolist())
        if not same_rows(self.compiled, wider):
            return {}
        reached = first_within_reach(self.facts.thresholds, wider, doubled)
        best, worst = reached[:half].tolist(), reached[half:].tolist()
        at = len(applicants)
        found = {}
        for number, applicant in enumerate(applicants):
            parts = []
            for ladder in ladders[number]:
                end = at + len(ladder.steps)
                parts.append((ladder, tuple(best[at:end]), tuple(worst[at:end])))
                at = end
            found[applicant] = Outcomes(best[number], tuple(parts))
        return found

    def _changed(self, applicants: Sequence[int], ladders: Sequence[Ladder]) -> Changed:
        """Return everybody unchanged, then one changed applicant for each step of each ladder."""
        codes = self.compiled.static.codes.names
        row_of = {subject: row for row, subject in enumerate(self.grades.subjects)}
        owner = list(applicants)
        cells: tuple[list[int], list[int], list[int]] = ([], [], [])
        test_route, test_points = [-1] * len(owner), [-1] * len(owner)
        for ladder in ladders:
            subjects = [row_of[subject] for subject in ladder.set_subjects]
            for step in ladder.steps:
                for subject in subjects:
                    cells[0].append(len(owner))
                    cells[1].append(subject)
                    cells[2].append(codes.get(str(step)))
                owner.append(ladder.applicant)
                test_route.append(ladder.route)
                test_points.append(int(step) if ladder.route >= 0 else -1)
        return Changed(
            np.array(owner, np.int64),
            (np.array(cells[0], np.int64), np.array(cells[1], np.int64), np.array(cells[2], np.uint8)),
            np.array(test_route, np.int64),
            np.array(test_points, np.int64),
        )

    def _answer(self, outcomes: Outcomes, row: int, place: int) -> Enough:
        certain = self._least(((ladder, worst) for ladder, _, worst in outcomes.ladders), place)
        best = self._least(((ladder, lucky) for ladder, lucky, _ in outcomes.ladders), place)
        merit = self._merit.of(row)
        return Enough(outcomes.draw <= place, certain, best, *merit)

    def _least(self, reached: Iterable[tuple[Ladder, tuple[int, ...]]], place: int) -> tuple[Change, ...]:
        changes = []
        for ladder, places in reached:
            step = next((number for number, at in enumerate(places) if at <= place), -1)
            if step >= 0:
                route = str(self.compiled.routes[ladder.route]) if ladder.route >= 0 else ""
                changes.append(Change(ladder.subjects, route, ladder.old, ladder.steps[step], step + 1))
        return tuple(sorted(changes, key=lambda one: (one.route_id != "", one.steps, -len(one.subjects), one.subjects)))
