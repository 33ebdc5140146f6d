"""Which rows take part in a round, row by row: eligibility, reception, approvals, ranks, tests, lateness.

Source: SkolL 15:6, 16:30-36, 16:43-47, 17:10-12, 18:4-5; GyF 5:26, 5:30, 7:1, 7:12; the offices' manuals on ranks,
sport and special-needs groups (rows without a rank are not tried; both gates of a sport are needed).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.rules.calendar import round_number
from admissions.rules.choices import day_number
from admissions.rules.decisions import Word
from admissions.rules.reception import Hand
from admissions.rules.rows import RowReason, RowStatus, Verdicts
from admissions.rules.skill_tests import TestResults
from admissions.rules.static import MODES, Graded, Static

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
RANK, SPORT, SPECIAL_NEEDS, MANUAL = (MODES.index(mode) for mode in ("rank", "sport", "special_needs", "manual"))


@dataclass(frozen=True, eq=False)
class Rows:
    """The active rows of a round, int64[E] each; ``position`` counts the choices of a list from 1."""

    applicant: Ints
    route: Ints
    kind: Ints
    mode: Ints
    position: Ints


@dataclass(frozen=True, eq=False)
class Standing:
    """Where rows stand: ``first`` hand, ``late``, approved ``quota``; ``rank`` by school or organiser, 0 for none.

    ``hand`` is a `Hand`: why a row stands in the hand it does.
    """

    first: Bools
    hand: npt.NDArray[np.uint8]
    late: Bools
    quota: Bools
    rank: Ints


@dataclass(frozen=True, eq=False)
class Lacking:
    """What each row lacks by grades: ``mask`` int64[E] and ``others`` int8[E], see `Missing`."""

    mask: Ints
    others: npt.NDArray[np.int8]


def standing(static: Static, rows: Rows, late: Bools, round_name: str) -> Standing:
    """Return hand, lateness, free quota and ranks of the rows."""
    rules, decisions = static.rulebook.sections, static.decisions
    hand = _hand(static, rows, round_name)
    first = hand != Hand.SECOND
    quota = decisions.words("free_quota", rows.applicant, rows.route) == Word.APPROVED
    if quota.any():
        foreign = static.people.foreign_stream[rows.applicant]
        quota &= np.where(
            foreign,
            "foreign_grades" in rules.free_quota.streams,
            "special_circumstances" in rules.free_quota.streams,
        )
    if round_number(round_name) < round_number(rules.free_quota.from_round):
        quota = np.zeros(len(quota), np.bool_)
    rank = np.zeros(len(rows.route), np.int64)
    by_school = rows.mode == RANK
    if by_school.any():
        rank[by_school] = decisions.numbers("school_rank", rows.applicant[by_school], rows.route[by_school]) // 100
        rank = np.maximum(rank, 0)
    if rules.reception.second_hand == "named":
        named = ~first & ~by_school
        rank[named] = np.maximum(decisions.numbers("named", rows.applicant[named], rows.route[named]) // 100, 0)
    return Standing(first, hand, late, quota, rank)


def _hand(static: Static, rows: Rows, round_name: str) -> npt.NDArray[np.uint8]:
    """Return the hand of every row and why: by home, by what home does not offer; a decision goes before both."""
    home = static.people.home[rows.applicant]
    hand = np.where(static.reception.first[rows.route, home], np.uint8(Hand.AREA), np.uint8(Hand.SECOND))
    offer = static.reception.offer
    if offer is not None and (offer.known[home] & (hand == Hand.SECOND)).any():
        closed = static.route_table.closed_day <= day_number(static.rulebook.calendar.as_of(round_name))
        hand[(hand == Hand.SECOND) & offer.lacking(closed)[rows.route, home]] = Hand.NOT_OFFERED
    said = {
        kind: static.decisions.words(kind, rows.applicant, rows.route)
        for kind in ("reception", "hand", "special_grounds")
    }
    first = hand != Hand.SECOND
    decided = (first | (said["special_grounds"] == Word.APPROVED)) & (said["reception"] != Word.SECOND)
    decided = (decided | (said["reception"] == Word.FIRST)) & (said["hand"] != Word.SECOND)
    decided |= said["hand"] == Word.FIRST
    hand[decided & ~first] = Hand.DECISION
    hand[~decided] = Hand.SECOND
    return hand


def judge(
    static: Static, rows: Rows, graded: Graded, tests: TestResults, where: Standing, round_name: str, day: int
) -> tuple[Verdicts, Lacking]:
    """Return status and reason of every row, and what it lacks by grades."""
    verdicts = Verdicts(len(rows.route))
    table = static.route_table
    verdicts.refuse(table.closed_day[rows.route] <= day, RowStatus.ROUTE_CLOSED, RowReason.CLOSED)
    lacking = _eligibility(static, rows, graded, verdicts)
    _prerequisites(static, rows, graded, verdicts)
    _reception(static, rows, verdicts)
    _modes(static, rows, where, verdicts)
    verdicts.refuse(tests.not_passed, RowStatus.NOT_ELIGIBLE, RowReason.TEST_NOT_PASSED)
    verdicts.refuse(tests.pending, RowStatus.DECISION_PENDING, RowReason.PENDING_DECISION)
    verdicts.refuse(tests.not_tried, RowStatus.NOT_TRIED, RowReason.NO_TEST)
    _rounds(static, rows, where, round_name, verdicts)
    return verdicts, lacking


def _eligibility(static: Static, rows: Rows, graded: Graded, verdicts: Verdicts) -> Lacking:
    rule, people, decisions = static.rulebook.sections.eligibility, static.people, static.decisions
    kinds = static.kinds
    reception = decisions.words("reception", rows.applicant, rows.route)
    agreed = (reception == Word.APPROVED) & rule.over_age_agreement
    limit = np.array([kind.starts_before_age for kind in kinds], np.int64)[rows.kind]
    age = people.age[rows.applicant]
    verdicts.refuse((limit > 0) & (age >= limit) & ~agreed, RowStatus.NOT_ELIGIBLE, RowReason.AGE)
    asylum = people.asylum[rows.applicant] & ~agreed
    verdicts.refuse(asylum & (age > rule.asylum_before_age), RowStatus.NOT_ELIGIBLE, RowReason.AGE)
    bars = np.array([kind.completed_bars for kind in kinds], np.bool_)[rows.kind]
    verdicts.refuse(bars & people.completed[rows.applicant], RowStatus.NOT_ELIGIBLE, RowReason.COMPLETED)

    mask = graded.missing.mask[rows.kind, rows.applicant]
    others = graded.missing.others[rows.kind, rows.applicant]
    # Equivalent knowledge (SkolL 16:33): assessed when the free quota for grades that cannot be compared was approved.
    equivalent = people.equivalent[rows.applicant]
    if equivalent.any():
        approved = decisions.words("free_quota", rows.applicant, rows.route) == Word.APPROVED
        mask = np.where(equivalent & approved, 0, mask)
        others = np.where(equivalent & approved, np.int8(0), others)
    lacks = (mask != 0) | (others != 0)
    if "english_dispens" in decisions:
        english = np.int64(static.demands.bit("EN"))
        open_to = np.array([kind.english_dispens for kind in kinds], np.bool_)[rows.kind]
        only_english = lacks & (mask == english) & (others == 0) & open_to
        said = decisions.words("english_dispens", rows.applicant, rows.route)
        lacks &= ~(only_english & (said == Word.APPROVED))
        waits = only_english & (said == Word.PENDING)
        verdicts.refuse(waits, RowStatus.DECISION_PENDING, RowReason.PENDING_DISPENS)
    verdicts.refuse(lacks, RowStatus.NOT_ELIGIBLE, RowReason.MISSING_SUBJECTS)

    closed_to = static.route_table.closed_to[rows.route]
    guarded = closed_to >= 0
    if guarded.any():
        special = decisions.words("special_grounds", rows.applicant, rows.route) == Word.APPROVED
        already = graded.missing.eligible[np.maximum(closed_to, 0), rows.applicant] & guarded & ~special
        verdicts.refuse(already, RowStatus.NOT_ELIGIBLE, RowReason.ALREADY_ELIGIBLE)
    verdicts.refuse(asylum & (age == rule.asylum_before_age), RowStatus.DECISION_PENDING, RowReason.PENDING_AGE)
    return Lacking(np.where(lacks, mask, 0), np.where(lacks, others, np.int8(0)))


def _prerequisites(static: Static, rows: Rows, graded: Graded, verdicts: Verdicts) -> None:
    for number, kind in enumerate(static.kinds):
        if kind.decision_needed != "none":
            reason = RowReason.TARGET_GROUP if kind.decision_needed == "target_group" else RowReason.PREREQUISITE
            _decided(static, rows, rows.kind == number, kind.decision_needed, reason, verdicts)
    wished = static.route_table.prerequisite[rows.route]
    for number, wish in enumerate(static.rulebook.sections.prerequisites.values()):
        mine = wished == number
        if not mine.any():
            continue
        short = graded.merit.grade_sum[rows.applicant] < int(wish.lowest_merit)
        for subject, grade in wish.grades.items():
            least = static.codes.points[static.codes.names.get(grade)]
            short |= static.codes.points[graded.grades.row(subject)[rows.applicant]] < least
        verdicts.refuse(mine & short, RowStatus.NOT_ELIGIBLE, RowReason.PREREQUISITE)
        if wish.decision:
            _decided(static, rows, mine, "prerequisite", RowReason.PREREQUISITE, verdicts)


def _decided(static: Static, rows: Rows, mine: Bools, kind: str, reason: RowReason, verdicts: Verdicts) -> None:
    """Refuse rows with a rejection; rows without a decision wait."""
    if mine.any():
        said = static.decisions.words(kind, rows.applicant, rows.route)
        verdicts.refuse(mine & (said == Word.REJECTED), RowStatus.NOT_ELIGIBLE, reason)
        verdicts.refuse(mine & (said != Word.APPROVED), RowStatus.DECISION_PENDING, RowReason.PENDING_DECISION)


def _reception(static: Static, rows: Rows, verdicts: Verdicts) -> None:
    if "reception" in static.decisions:
        said = static.decisions.words("reception", rows.applicant, rows.route)
        verdicts.refuse(said == Word.REJECTED, RowStatus.NOT_RECEIVED, RowReason.NOT_RECEIVED)
        verdicts.refuse(said == Word.PENDING, RowStatus.DECISION_PENDING, RowReason.PENDING_DECISION)


def _modes(static: Static, rows: Rows, where: Standing, verdicts: Verdicts) -> None:
    verdicts.refuse(rows.mode == MANUAL, RowStatus.NOT_TRIED, RowReason.MANUAL)
    gates = (
        (SPORT, "sport", RowStatus.NOT_TRIED, RowReason.SPORT),
        (SPECIAL_NEEDS, "target_group", RowStatus.NOT_RECEIVED, RowReason.TARGET_GROUP),
    )
    for mode, kind, status, reason in gates:
        mine = rows.mode == mode
        if mine.any():
            said = static.decisions.words(kind, rows.applicant, rows.route)
            verdicts.refuse(mine & (said == Word.REJECTED), status, reason)
            verdicts.refuse(mine & (said != Word.APPROVED), RowStatus.DECISION_PENDING, RowReason.PENDING_DECISION)
    verdicts.refuse((rows.mode == RANK) & (where.rank == 0), RowStatus.NOT_TRIED, RowReason.NO_RANK)


def _rounds(static: Static, rows: Rows, where: Standing, round_name: str, verdicts: Verdicts) -> None:
    rules, number = static.rulebook.sections, round_number(round_name)
    if rules.reception.second_hand == "named":
        named = static.decisions.words("named", rows.applicant, rows.route) != Word.NONE
        verdicts.refuse(~where.first & ~named, RowStatus.NOT_TRIED, RowReason.NOT_NAMED)
    if number == 0:
        skipped = static.route_table.no_preliminary[rows.route]
        verdicts.refuse(skipped, RowStatus.NOT_TRIED, RowReason.NO_PRELIMINARY)
    if max(number, 1) < round_number(rules.reception.second_hand_from):
        verdicts.refuse(~where.first, RowStatus.NOT_TRIED, RowReason.LATER_SECOND_HAND)
    if number < round_number(rules.late.from_round):
        verdicts.refuse(where.late, RowStatus.NOT_TRIED, RowReason.LATER_LATE)
    highest = rules.choices.highest_number
    if highest:
        verdicts.refuse(rows.position > highest, RowStatus.NOT_TRIED, RowReason.TOO_MANY)
