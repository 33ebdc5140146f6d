"""Applicants as they would have been: each single change compiled by the rules themselves and held against the bars.

The bars come from the matching without the applicant and do not depend on the applicant's own keys (design: Enough), so
that a changed applicant gets the first of the own rows, in order, whose new key is enough. The changed applicants are
compiled beside the real ones by the same code that compiled the round: a grade changes merit on every row, eligibility,
grade sum and number of grades, and nothing of that is repeated here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.matching.book import SLOT
from admissions.matching.thresholds import ANY_KEY, NO_KEY, Thresholds
from admissions.rules.choices import ChoiceHistory
from admissions.rules.coding import Names
from admissions.rules.compile import compile_round
from admissions.rules.compiled import CompiledRound
from admissions.rules.decisions import Decisions
from admissions.rules.grades import GradeTable
from admissions.rules.static import People, Static

Ints = npt.NDArray[np.int64]
NOWHERE = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Changed:
    """Changed applicants.

    Parameters
    ----------
    applicant
        int64[K]: whom each stands for.
    cells
        The grades set: (int64[C] changed applicant, int64[C] subject as a row of the table, uint8[C] code).
    test_route, test_points
        int64[K] each: the route whose test result is set, -1 for none, and the result in hundredths.
    """

    applicant: Ints
    cells: tuple[Ints, Ints, npt.NDArray[np.uint8]]
    test_route: Ints
    test_points: Ints

    def doubled(self) -> Changed:
        """Return everybody twice, the second time after all the first: for the best and the worst draw."""
        who, subject, code = self.cells
        return Changed(
            np.tile(self.applicant, 2),
            (np.concatenate([who, who + len(self.applicant)]), np.tile(subject, 2), np.tile(code, 2)),
            np.tile(self.test_route, 2),
            np.tile(self.test_points, 2),
        )


class _Standing(Decisions):
    """The decisions, looked up for those who stand for somebody, with the changed test results."""

    def __init__(self, decisions: Decisions, person: Ints, test_route: Ints, test_points: Ints) -> None:
        self._real, self._person = decisions, person
        self._route, self._points = test_route, test_points

    def __contains__(self, kind: str) -> bool:
        return kind in self._real or (kind == "test_points" and bool((self._route >= 0).any()))

    def words(self, kind: str, applicant: Ints, route: Ints) -> npt.NDArray[np.uint8]:
        return self._real.words(kind, self._person[applicant], route)

    def numbers(self, kind: str, applicant: Ints, route: Ints) -> Ints:
        found = self._real.numbers(kind, self._person[applicant], route)
        changed = self._changed(kind, applicant, route)
        return np.where(changed, self._points[applicant], found)

    def mapped(self, kind: str, values: dict[str, int], applicant: Ints, route: Ints) -> Ints:
        found = self._real.mapped(kind, values, self._person[applicant], route)
        return np.where(self._changed(kind, applicant, route), -1, found)

    def _changed(self, kind: str, applicant: Ints, route: Ints) -> npt.NDArray[np.bool_]:
        return np.asarray((self._route[applicant] == route) & (kind == "test_points"))


def beside(compiled: CompiledRound, grades: GradeTable, changed: Changed, order: Sequence[int]) -> CompiledRound:
    """Compile the round with changed applicants after the real ones.

    Parameters
    ----------
    compiled
        The round.
    grades
        The grades it was compiled from.
    changed
        The changed applicants.
    order
        -1 or 1 for each of them: before or after everybody else in every draw.
    """
    static, n, k = compiled.static, len(compiled.applicants), len(changed.applicant)
    person = np.concatenate([np.arange(n), changed.applicant])
    codes = grades.codes[:, person]
    who, subject, code = changed.cells
    codes[subject, n + who] = code
    test_route = np.concatenate([np.full(n, -1, np.int64), changed.test_route])
    test_points = np.concatenate([np.full(n, -1, np.int64), changed.test_points])
    people = People(*(getattr(static.people, item.name)[person] for item in fields(People)))
    names = pl.concat([static.applicants.series, pl.Series([f"|{one}" for one in range(k)], dtype=pl.String)])
    several = replace(
        static,
        applicants=Names("applicant", names),
        people=people,
        decisions=_Standing(static.decisions, person, test_route, test_points),
        history=_repeated(static, person),
        _graded={},
        _draws={},
    )
    first = np.asarray(order) < 0
    lottery = np.empty(n + k, np.uint64)
    lottery[:n] = np.arange(k, k + n)
    lottery[n:] = np.where(first, np.arange(k), k + n + np.arange(k))
    return compile_round(
        several, compiled.round, lottery=lottery, grades=GradeTable(codes, grades.subjects), as_of=compiled.day
    )


def _repeated(static: Static, person: Ints) -> ChoiceHistory:
    """Return everybody's choices, those of repeated persons repeated."""
    history = static.history
    count = np.bincount(history.applicant, minlength=len(static.applicants))
    start = np.concatenate([[0], np.cumsum(count)])
    length = count[person]
    ends = np.cumsum(length)
    rows = (
        np.arange(int(ends[-1]) if len(ends) else 0)
        - np.repeat(ends - length, length)
        + np.repeat(start[person], length)
    )
    return ChoiceHistory(
        np.repeat(np.arange(len(person), dtype=np.int32), length),
        history.route[rows],
        history.rank[rows],
        history.registered[rows],
        history.withdrawn[rows],
        history.n_routes,
    )


def same_rows(compiled: CompiledRound, wider: CompiledRound) -> bool:
    """Tell whether the real applicants' rows came out as they were: the grades at hand are the round's own."""
    rows, tried = len(compiled.route), len(compiled.market_row)
    return bool(
        np.array_equal(compiled.route, wider.route[:rows])
        and np.array_equal(compiled.status, wider.status[:rows])
        and np.array_equal(compiled.points, wider.points[:rows])
        and np.array_equal(compiled.market_row, wider.market_row[:tried])
        and np.array_equal(compiled.market.classes.group, wider.market.classes.group)
        and np.array_equal(compiled.market.classes.pool, wider.market.classes.pool)
    )


def first_within_reach(needed: Thresholds, wider: CompiledRound, changed: Changed) -> Ints:
    """Return for each changed applicant the place in the list, from 0, of the choice then granted; `NOWHERE` if none.

    Parameters
    ----------
    needed
        The bars of the real market.
    wider
        From `beside`.
    changed
        The same changed applicants.
    """
    real, book = needed.market.book, wider.market.book
    n = len(real.indptr) - 1
    first = int(book.indptr[n])
    copies = np.arange(first, len(book.at))
    owner = book.owner[copies].astype(np.int64)
    seat_class = (book.record[copies] >> 32) & SLOT
    beat = needed.copies_to_beat(changed.applicant[owner - n], seat_class)
    # the real applicants' copies are numbered alike in both markets, so a bar's place here is that of its copy here
    place = book.record & SLOT
    ahead = place[copies] < place[np.maximum(beat, 0)]
    within = (beat == ANY_KEY) | ((beat != NO_KEY) & (beat >= 0) & ahead)
    row = book.row[copies] if book.row.size else copies
    offset = wider.market_row[row[within]] - wider.indptr[owner[within]]
    found = np.full(len(changed.applicant), NOWHERE, np.int64)
    np.minimum.at(found, owner[within] - n, offset)
    return found
