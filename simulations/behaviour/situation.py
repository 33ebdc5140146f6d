"""What an applicant knows when the re-choice window (omval) opens: own list, preliminary result, cut-offs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simulations.streams import Keys

Ints = npt.NDArray[np.int64]
NOT_ELIGIBLE, NO_SEAT, LOWER_CHOICE, NARROW_SEAT, SAFE_SEAT = range(5)
_ABLE_MERIT = 13_000


@dataclass(frozen=True, eq=False)
class Situation:
    """The arrays the re-choice models work on; n applicants sorted by id, m routes sorted by id.

    Attributes
    ----------
    keys
        One random key a person (`simulations.streams.person_keys`).
    route, test
        int32[n, k] list, -1 after the last choice; int64[n, k] test points of each choice, hundredths.
    tried
        bool[n, k]: the choice took part in the preliminary round.
    rank
        int64[n]: rank granted preliminarily from 0; -1 for none.
    merit
        int64[n]: merit value in hundredths, as of the preliminary round.
    home
        int64[n]: code of the home municipality.
    needed
        int64[m]: points of the last admitted where the preliminary round filled the route, else 0.
    programme, school
        int64[m]: codes.
    introduction
        bool[m]: introduction programmes.
    """

    keys: Keys
    route: npt.NDArray[np.int32]
    test: Ints
    tried: npt.NDArray[np.bool_]
    rank: Ints
    merit: Ints
    home: Ints
    needed: Ints
    programme: Ints
    school: Ints
    introduction: npt.NDArray[np.bool_]

    @cached_property
    def applied(self) -> npt.NDArray[np.bool_]:
        """Who has a list."""
        return np.asarray(self.route[:, 0] >= 0)

    @cached_property
    def first(self) -> npt.NDArray[np.int64]:
        """First choice, 0 where there is none."""
        return np.maximum(self.route[:, 0], 0).astype(np.int64)

    @cached_property
    def kin(self) -> Ints:
        """Who is alike in what is open to them: 2 introduction programmes, 1 eligible for something, 0 for nothing."""
        able = np.where(self.applied, self.tried.any(axis=1), self.merit >= _ABLE_MERIT)
        return np.where(self.applied & self.introduction[self.first], 2, able).astype(np.int64)

    def standing(self, narrow: float) -> npt.NDArray[np.int64]:
        """Return what the preliminary round told each applicant, one of the five standings of this module."""
        rank = np.maximum(self.rank, 0)[:, None]
        granted = np.take_along_axis(self.route, rank, axis=1)[:, 0]
        points = self.merit + np.take_along_axis(self.test, rank, axis=1)[:, 0]
        needed = self.needed[np.maximum(granted, 0)]
        on_first = np.where((needed > 0) & (points - needed < narrow * 100), NARROW_SEAT, SAFE_SEAT)
        seated = np.where(self.rank == 0, on_first, LOWER_CHOICE)
        unseated = np.where(self.tried.any(axis=1), NO_SEAT, NOT_ELIGIBLE)
        return np.where(self.rank >= 0, seated, unseated)


@dataclass(frozen=True, eq=False)
class Circle:
    """People alike, as a circle of neighbours.

    Attributes
    ----------
    order
        int64: persons, those alike side by side.
    place
        int64[n]: an applicant's own place in ``order``.
    start, end
        int64[n]: the part of ``order`` an applicant's neighbours are in.
    """

    order: Ints
    place: Ints
    start: Ints
    end: Ints


def circle(situation: Situation, *group: Ints) -> Circle:
    """Return the circle of applicants with a list: grouped by ``group[0]`` and kin, ordered by the rest and merit."""
    persons = np.flatnonzero(situation.applied)
    head = group[0] * 4 + situation.kin
    keys = [situation.merit, *reversed(group[1:]), head]
    order = persons[np.lexsort([part[persons] for part in keys])]
    place, start, end = _places(order, head, len(situation.merit))
    missing = np.flatnonzero(~situation.applied)
    if len(missing) and len(order):
        # those without a list stand where they would belong
        joint = np.lexsort(keys)
        before: Ints = np.cumsum(situation.applied[joint]) - situation.applied[joint]
        where = np.empty(len(head), dtype=np.int64)
        where[joint] = before
        place[missing] = where[missing]
        heads = head[order]
        start[missing] = np.searchsorted(heads, head[missing], side="left")
        end[missing] = np.searchsorted(heads, head[missing], side="right")
    return Circle(order, place, start, end)


def _places(order: Ints, head: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    place = np.zeros(count, dtype=np.int64)
    start = np.zeros(count, dtype=np.int64)
    end = np.zeros(count, dtype=np.int64)
    heads = head[order]
    place[order] = np.arange(len(order))
    start[order] = np.searchsorted(heads, heads, side="left")
    end[order] = np.searchsorted(heads, heads, side="right")
    return place, start, end
