"""The re-choice window as arrays: what `simulations.behaviour.window` does to tables, without tables.

The behaviour models are the same; only the bookkeeping differs, because a sweep goes through the window thousands of
times. Ranks are counted without gaps, so that a list is the same whether or not a row was withdrawn before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from admissions.matching.kernels import kernel
from admissions.rules.choices import NEVER, ChoiceHistory, day_number
from simulations.behaviour.newcomers import join
from simulations.behaviour.rechoice import Relisted, rechoose
from simulations.behaviour.situation import Situation
from simulations.behaviour.window import lists_of
from simulations.streams import Keys, uniform

if TYPE_CHECKING:
    import polars as pl

    from admissions.matching import Matching
    from admissions.rules import CompiledRound
    from admissions.rules.decisions import Decisions
    from simulations.behaviour.parameters import Behaviour

Ints = npt.NDArray[np.int64]
_DAY = 60
_OUT_OF_REACH = 10_000_000
"""Hundredths of a point nobody has: what a closed route asks for, so that nobody turns to it."""


@dataclass(frozen=True, eq=False)
class Window:
    """The window of one intake.

    Attributes
    ----------
    compiled
        The preliminary round; its lottery plays no part.
    situation
        What applicants know, but for the year's keys, preliminary result and cut-offs.
    registered
        int32[n, k]: day of each choice of the lists.
    column
        int64[E]: place in its list of each compiled row.
    closed
        bool[routes]: routes that will not start.
    opens, closes, limit
        Days of the window, and the last on which a choice is in time.
    donor_key, donor
        Test results to take over: int64 ``route << 32 | points``, sorted, and who has that result.
    """

    compiled: CompiledRound
    situation: Situation
    registered: npt.NDArray[np.int32]
    column: Ints
    closed: npt.NDArray[np.bool_]
    opens: int
    closes: int
    limit: int
    donor_key: Ints
    donor: Ints

    @classmethod
    def of(cls, compiled: CompiledRound, routes: pl.DataFrame) -> Window:
        """Prepare the window after a compiled preliminary round; `routes` is the intake's table."""
        static = compiled.static
        count = len(compiled.applicants)
        person, column, route, test, tried = lists_of(compiled)
        registered = np.zeros(route.shape, dtype=np.int32)
        active = static.history.active(compiled.day)
        registered[person, column] = static.history.registered[active]
        table = routes.sort("route_id")
        schools = (table["municipality"] + "|" + table["school"]).to_numpy().astype(str)
        calendar = static.rulebook.calendar
        holder, place = np.nonzero(test > 0)
        donor_key = route[holder, place].astype(np.int64) << 32 | test[holder, place]
        donor_key, first = np.unique(donor_key, return_index=True)
        situation = Situation(
            keys=np.zeros(count, np.uint64),
            route=route,
            test=test,
            tried=tried,
            rank=np.full(count, -1, np.int64),
            merit=static.own_grades(static.term("preliminary")).merit.grade_sum.astype(np.int64),
            home=static.people.home.astype(np.int64),
            needed=np.zeros(len(compiled.routes), np.int64),
            programme=_codes(table["programme"].to_numpy().astype(str)),
            school=_codes(schools),
            introduction=table["programme"].str.starts_with("IM").to_numpy(),
        )
        opening = day_number(calendar.rechoice_opens)
        return cls(
            compiled=compiled,
            situation=situation,
            registered=registered,
            column=column,
            closed=static.route_table.closed_day <= opening,
            opens=opening,
            closes=day_number(calendar.rechoice_closes),
            limit=day_number(calendar.late_cutoff),
            donor_key=donor_key,
            donor=holder[first],
        )

    def after(self, preliminary: Matching, keys: Keys, behaviour: Behaviour) -> tuple[Situation, Relisted]:
        """Return what everybody knew and the lists when the window closes."""
        compiled, count = self.compiled, len(self.compiled.applicants)
        rank = np.full(count, -1, dtype=np.int64)
        seated = np.flatnonzero(preliminary.choice >= 0)
        granted = compiled.market_row[preliminary.choice[seated]]
        rank[seated] = self.column[granted]
        situation = replace(self.situation, keys=keys, rank=rank, needed=self._needed(granted))
        return situation, join(situation, rechoose(situation, behaviour.rechoice), behaviour.newcomers)

    def _needed(self, granted: Ints) -> Ints:
        """Return the merit of the last admitted of each route whose pool is full, else 0; closed routes: no chance."""
        compiled = self.compiled
        pool = compiled.static.route_table.pool
        taken = np.zeros(len(compiled.seats), np.int64)
        lowest = np.full(len(compiled.seats), np.iinfo(np.int64).max)
        _lowest(pool[compiled.route[granted]], compiled.merit[granted], taken, lowest)
        full = (taken >= compiled.seats) & (taken > 0)
        needed = np.where(full, lowest, 0)[pool]
        return np.where(self.closed, _OUT_OF_REACH, needed)

    def history(self, keys: Keys, lists: Relisted) -> ChoiceHistory:
        """Return the choices with the window recorded, as far as the final round looks at them."""
        day = np.empty(len(keys), np.int32)
        _days(keys, self.opens, self.closes - self.opens + 1, day)
        kept = self.situation.route == lists.route
        person, column = np.nonzero(lists.route >= 0)
        registered = np.where(kept[person, column], self.registered[person, column], day[person])
        parts = [
            person.astype(np.int32),
            lists.route[person, column],
            (column + 1).astype(np.int32),
            registered.astype(np.int32),
            np.full(len(person), NEVER, np.int32),
        ]
        if self.limit < self.closes:  # some of the window is late: what was withdrawn says which rows were moved
            person, column = np.nonzero(~kept & (self.situation.route >= 0))
            gone = [
                person,
                self.situation.route[person, column],
                column + 1,
                self.registered[person, column],
                day[person],
            ]
            parts = [np.concatenate([new, old]).astype(np.int32) for new, old in zip(parts, gone, strict=True)]
            order = np.lexsort((parts[3], parts[2], parts[0]))
            parts = [part[order] for part in parts]
        applicant, route, rank, since, until = parts
        return ChoiceHistory(applicant, route, rank, since, until, n_routes=len(self.compiled.routes))

    def decisions(self, lists: Relisted, known: Decisions) -> Decisions:
        """Return the known decisions with the test results new choices take over from the person they follow."""
        new = (lists.test > 0) & (self.situation.route != lists.route)
        person, column = np.nonzero(new)
        if not len(person) or not len(self.donor_key):
            return known
        route = lists.route[person, column].astype(np.int64)
        key = route << 32 | lists.test[person, column]
        at = np.minimum(np.searchsorted(self.donor_key, key), len(self.donor_key) - 1)
        found = self.donor_key[at] == key
        return known.copied(
            "test_points", person[found].astype(np.int64), route[found], self.donor[at[found]], route[found]
        )


def _codes(names: npt.NDArray[Any]) -> Ints:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


@kernel
def _lowest(pool: Any, merit: Any, taken: Any, lowest: Any) -> None:
    for row in range(len(pool)):
        taken[pool[row]] += 1
        lowest[pool[row]] = min(lowest[pool[row]], merit[row])


@kernel
def _days(keys: Any, opens: int, length: int, day: Any) -> None:
    for person in range(len(keys)):
        day[person] = opens + int(uniform(keys[person], _DAY) * length)
