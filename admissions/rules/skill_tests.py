"""Tests and subject points, row by row (färdighetsprov): what they add, and whether a pass is needed.

Source: GyF 7:5 (skills in the arts may be tested), 5:7-8 and 5:15-17 (tests of special variants and nationwide
education); the scales are the schools' own and stand in the rulebook.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.rules.decisions import Decisions, Word
from admissions.rules.grades import GradeCodes, GradeTable
from admissions.rules.schema import TestRule

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TestResults:
    """Per row: ``points`` int64 added to the merit, ``order`` int64 for seats by test (both hundredths).

    ``has_result``, ``not_passed``, ``not_tried``, ``pending``: bool[E].
    """

    __test__ = False

    points: Ints
    order: Ints
    has_result: Bools
    not_passed: Bools
    not_tried: Bools
    pending: Bools


def test_results(
    rules: list[TestRule],
    rule_of_row: npt.NDArray[np.int32],
    applicant: Ints,
    route: Ints,
    decisions: Decisions,
    grades: GradeTable,
    codes: GradeCodes,
) -> TestResults:
    """Return what the tests say of every row; rows whose rule is -1 have no test."""
    rows = len(rule_of_row)
    results = TestResults(
        np.zeros(rows, np.int64), np.zeros(rows, np.int64), *(np.zeros(rows, np.bool_) for _ in range(4))
    )
    if not rules or rows == 0:
        return results
    tested = np.flatnonzero(rule_of_row >= 0)
    for number, rule in enumerate(rules):
        at = tested[rule_of_row[tested] == number]
        if len(at):
            _one_rule(rule, at, applicant[at], route[at], decisions, grades, codes, results)
    return results


test_results.__test__ = False  # type: ignore[attr-defined]  # not a test of ours, whatever pytest thinks of the name


def _one_rule(
    rule: TestRule,
    at: Ints,
    applicant: Ints,
    route: Ints,
    decisions: Decisions,
    grades: GradeTable,
    codes: GradeCodes,
    results: TestResults,
) -> None:
    if rule.rule == "subject_weight":
        results.points[at] = _capped(rule, _subject_points(rule, applicant, grades, codes))
        results.has_result[at] = True
        return
    raw = decisions.numbers("test_points", applicant, route)
    if rule.letters:
        letters = {letter: int(points) for letter, points in rule.letters.items()}
        raw = np.maximum(raw, decisions.mapped("test_points", letters, applicant, route))
    passed = decisions.words("test_passed", applicant, route)
    refused = passed == Word.REJECTED
    if rule.not_passed:
        barred = dict.fromkeys(rule.not_passed, 1)
        refused |= decisions.mapped("test_points", barred, applicant, route) == 1
        if rule.letters:  # the same mark given as its points
            worst = max(int(rule.letters[letter]) for letter in rule.not_passed)
            refused |= (raw >= 0) & (raw <= worst)
    known = (raw >= 0) | (passed == Word.APPROVED) | refused
    waits = (passed == Word.PENDING) & ~refused
    points = _capped(rule, np.maximum(raw, 0) * rule.weight)
    results.has_result[at] = known
    results.pending[at] = waits if rule.rule in {"add_and_pass", "pass_only"} else False
    if rule.rule in {"add_and_pass", "pass_only"}:
        results.not_passed[at] = refused
        results.not_tried[at] = ~known & ~waits & (rule.missing == "not_tried")
    elif rule.missing == "not_tried":
        results.not_tried[at] = ~known
    if rule.rule in {"add", "add_and_pass"}:
        results.points[at] = points
    if rule.rule == "split":
        results.order[at] = points


def _capped(rule: TestRule, points: Ints) -> Ints:
    return np.minimum(points, int(rule.highest)) if rule.highest else points


def _subject_points(rule: TestRule, applicant: Ints, grades: GradeTable, codes: GradeCodes) -> Ints:
    total = np.zeros(len(applicant), np.int64)
    for subject, worth in rule.subjects.items():
        by_code = np.array([int(worth.get(symbol, 0)) for symbol in codes.names], np.int64)
        total += by_code[grades.row(subject)[applicant]]
    return total
