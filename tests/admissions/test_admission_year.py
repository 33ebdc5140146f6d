"""A whole admission year as a state machine: whatever happens in whatever order, the promises of a run hold."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from admissions.results.statuses import Status
from admissions.rounds.answers import to_notify
from admissions.rounds.checking import check_run
from admissions.rounds.folder import Run, write_run
from admissions.rounds.reserve import run_reserve
from admissions.rounds.resumed import open_finished, resume
from admissions.rounds.run import RoundResult, run_round
from admissions.rounds.staging import FolderTakenError
from admissions.rounds.tables import decisions_table
from admissions.rules import compile_round, compile_static
from tests.admissions.year_town import (
    GROUPS,
    LEVELS,
    LOTTERY,
    NEWCOMERS,
    PEOPLE,
    ROUTES,
    YEAR,
    Town,
    folder_digest,
    policies,
)

ROUNDS = ("preliminary", "final", "reserve-1", "reserve-2")
ANSWERS = {
    "yes": (True, True),
    "yes_no_reserve": (True, False),
    "no_keep_reserve": (False, True),
    "no": (False, False),
}
SILENCE = {"accept_and_reserve": (True, True), "accept_only": (True, False), "forfeit": (False, False)}
# the day on which things happen before each round, and the last day it sees
DAYS = (date(YEAR, 2, 1), date(YEAR, 4, 20), date(YEAR, 7, 10), date(YEAR, 8, 3), date(YEAR, 8, 10))
AS_OF = (date(YEAR, 4, 15), date(YEAR, 7, 3), date(YEAR, 7, 30), date(YEAR, 8, 6))
LATE = date(YEAR, 6, 1)

lists = st.lists(st.sampled_from(sorted(ROUTES)), min_size=1, max_size=4, unique=True)
anybody = st.sampled_from(PEOPLE)
somebody = st.sets(anybody, max_size=2)
counts = st.integers(0, 3)


def in_progress(year: AdmissionYear) -> bool:
    """Tell whether a round is still to come."""
    return len(year.results) < len(ROUNDS)


def after_an_offer(year: AdmissionYear) -> bool:
    """Tell whether people hold seats that the next round is to respect."""
    return 2 <= len(year.results) < len(ROUNDS)


class AdmissionYear(RuleBasedStateMachine):
    """The office edits, runs, receives answers; the model remembers in plain words who said what."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.town = Town()
        self.results: list[RoundResult] = []
        self.written: dict[Path, str] = {}
        self.sealed: dict[str, bytes] = {}
        self.late = False
        # the model: what stands of everybody's word, (keeps, stays reserve, day), and what they gave up and when
        self.word: dict[str, tuple[bool, bool, date]] = {}
        self.said: dict[str, tuple[bool, bool, date]] = {}
        self.given_up: dict[tuple[str, str], date] = {}
        self.gone: set[str] = set()
        self.elsewhere: set[str] = set()
        self.ended: set[str] = set()
        self.closing: set[str] = set()

    def teardown(self) -> None:
        for path in self.written:
            with pytest.raises(FolderTakenError):
                write_run(path, self.run)
        self.folder.cleanup()

    @initialize(
        method=st.sampled_from(("rerun", "call_down", "fewest_moves")),
        silence=st.sampled_from(sorted(SILENCE)),
        move=st.sampled_from(("automatic", "automatic", "needs_acceptance")),
        seats=st.tuples(counts, counts, counts, counts, st.integers(0, 2)),
        wishes=st.tuples(*[lists] * len(PEOPLE)),
        levels=st.tuples(*[st.sampled_from(LEVELS)] * len(PEOPLE)),
        quota=somebody,
    )
    def open_application(self, method: str, silence: str, move: str, seats: Any, wishes: Any, levels: Any, quota: Any):
        self.silence = silence
        self.rules = policies(method, silence, move)
        places = [(pool, group) for pool, groups in sorted(GROUPS.items()) for group in groups]
        for (pool, group), number in zip(places, seats, strict=True):
            self.town.seats[pool, "preliminary", group] = (number, 0, 0)
        for who, routes, level in zip(PEOPLE, wishes, levels, strict=True):
            self.town.wish(who, routes, DAYS[0])
            self.town.level[who, "autumn"] = self.town.level[who, "final"] = level
        self.town.quota |= quota

    @property
    def next_round(self) -> str:
        return ROUNDS[len(self.results)]

    @property
    def day(self) -> date:
        return LATE if self.late and len(self.results) == 1 else DAYS[len(self.results)]

    # what people do

    @precondition(in_progress)
    @rule(who=anybody, routes=lists)
    def edit_choices(self, who: str, routes: list[str]) -> None:
        self.town.wish(who, routes, self.day)

    @precondition(lambda self: len(self.results) == 1)
    @rule()
    def close_the_window(self) -> None:
        self.late = True  # what is registered from now on is late

    @precondition(in_progress)
    @rule(who=anybody, data=st.data())
    def withdraw_a_row(self, who: str, data: st.DataObject) -> None:
        own = self.town.active(who, self.day)
        if own:
            own[data.draw(st.sampled_from(sorted(own)))]["withdrawn_at"] = self.day

    @precondition(lambda self: in_progress(self) and self.results)
    @rule(who=st.sampled_from(NEWCOMERS), routes=lists, level=st.sampled_from(LEVELS))
    def newcomer_applies(self, who: str, routes: list[str], level: str) -> None:
        if who not in self.town.people:
            self.town.people.append(who)
        self.town.level[who, "final"] = level
        self.town.wish(who, routes, self.day)

    @precondition(in_progress)
    @rule(who=anybody, level=st.sampled_from(LEVELS))
    def grades_change(self, who: str, level: str) -> None:
        term = "final" if self.results else "autumn"
        self.town.level[who, term] = level

    @precondition(after_an_offer)
    @rule(answers=st.dictionaries(anybody, st.sampled_from(sorted(ANSWERS)), min_size=1), about=st.booleans())
    def answer(self, answers: dict[str, str], about: bool) -> None:
        for who, answer in answers.items():
            self.answer_of(who, answer, about=about)

    def answer_of(self, who: str, answer: str, *, about: bool) -> None:
        """Record an answer, in the tables and in the model."""
        self.town.answer(who, self.results[-1].round, answer, self.day, self.seat(who) if about else None)
        self.said[who] = (*ANSWERS[answer], self.day)

    @precondition(after_an_offer)
    @rule(who=somebody, elsewhere=st.booleans())
    def admitted_elsewhere_or_gone(self, who: set[str], elsewhere: bool) -> None:
        (self.elsewhere if elsewhere else self.ended).update(who)

    # what schools and the office do

    @precondition(lambda self: in_progress(self) and self.results)
    @rule(route=st.sampled_from(sorted(ROUTES)), named=st.booleans())
    def close_a_route(self, route: str, named: bool) -> None:
        if after_an_offer(self):
            told = to_notify(decisions_table(self.results[-1].decisions), [route])
            assert told["applicant"].to_list() == sorted(
                who for who in self.town.people if route in self.town.active(who, AS_OF[len(self.results) - 1])
            )
        if named and after_an_offer(self):
            self.closing.add(route)
        else:
            self.town.closed.setdefault(route, self.day)

    @precondition(in_progress)
    @rule(pool=st.sampled_from(sorted(GROUPS)), data=st.data())
    def change_seats(self, pool: str, data: st.DataObject) -> None:
        for group in GROUPS[pool]:
            row = data.draw(st.tuples(counts, st.integers(0, 1), st.integers(0, 1)))
            self.town.seats[pool, self.next_round, group] = row

    @precondition(in_progress)
    @rule(accepted=st.sets(st.sampled_from(PEOPLE)))
    def run_the_next_round(self, accepted: set[str]) -> None:
        self.run_next(accepted)

    def run_next(self, accepted: set[str]) -> None:
        """Run, check, write and seal the next round."""
        name = self.next_round
        intake = self.town.intake()
        static = compile_static(intake, self.rules)
        stored = None
        if name.startswith("reserve"):
            before = self.results[-1]
            events = {
                "elsewhere": self.elsewhere,
                "ended": self.ended,
                "closed": self.closing,
                "accepted": accepted,
            }
            result = run_reserve(static, name, LOTTERY, before, **events)
            last = Path(self.folder.name) / before.round
            stored = run_reserve(static, name, LOTTERY, resume(last, before.round), **events)
            for route in self.closing:
                self.town.closed.setdefault(route, AS_OF[len(self.results)])
            self.check_reserve(before, result, accepted)
        else:
            result = run_round(compile_round(static, name, lottery=LOTTERY), intake)
            self.word = {}
        self.results.append(result)
        self.check_seats(result)
        self.run = Run(intake, static.rulebook, LOTTERY, tuple(self.results))
        path = Path(self.folder.name) / name
        write_run(path, self.run)
        assert len(list(check_run(path))) >= 2 * len(self.results)
        self.written[path] = folder_digest(path)
        if stored is not None:
            self.check_continued(intake, stored, path)
        self.sealed[name] = result.decisions.status.tobytes() + result.decisions.granted.tobytes()
        self.elsewhere, self.ended, self.closing, self.said = set(), set(), set(), {}

    def check_continued(self, intake: Any, stored: RoundResult, path: Path) -> None:
        """Check that a round continued from the files of the round before is the same, byte for byte."""
        last = Path(self.folder.name) / self.results[-2].round
        again = Path(self.folder.name) / f"{path.name}-continued"
        continued = Run(intake, self.run.rulebook, LOTTERY, (stored,), continues=open_finished(last))
        write_run(again, continued)
        assert folder_digest(again) == folder_digest(path)
        shutil.rmtree(again)

    @precondition(in_progress)
    @rule()
    def run_it_and_let_everybody_move(self) -> None:
        self.run_next(set(PEOPLE))

    @precondition(in_progress)
    @rule()
    def run_it_and_let_nobody_move(self) -> None:
        self.run_next(set())

    @precondition(after_an_offer)
    @rule(who=anybody, accepted=st.booleans())
    def somebody_says_no_and_it_runs(self, who: str, accepted: bool) -> None:
        self.answer_of(who, "no", about=False)
        self.run_next(set(PEOPLE) if accepted else set())

    @precondition(lambda self: not in_progress(self))
    @rule(name=st.sampled_from(ROUNDS))
    def check_again_when_the_year_is_over(self, name: str) -> None:
        list(check_run(Path(self.folder.name) / name))

    # promises

    @invariant()
    def a_written_run_never_changes(self) -> None:
        for path, digest in self.written.items():
            assert folder_digest(path) == digest
        for result in self.results:
            now = result.decisions.status.tobytes() + result.decisions.granted.tobytes()
            assert now == self.sealed[result.round]

    @invariant()
    def nobody_holds_two_seats(self) -> None:
        for result in self.results:
            admitted = result.decisions.owner[result.decisions.status == Status.ADMITTED]
            assert len(admitted) == len(np.unique(admitted))

    def seats_by_name(self, result: RoundResult) -> dict[str, str]:
        compiled = result.compiled
        return {
            str(compiled.applicants[i]): str(compiled.routes[route])
            for i, route in enumerate(result.decisions.granted_route.tolist())
            if route >= 0
        }

    def seat(self, who: str) -> str | None:
        return self.seats_by_name(self.results[-1]).get(who)

    def check_seats(self, result: RoundResult) -> None:
        """No pool above its seats, unless over-intake or the holders say so; nobody at a closed route."""
        day = AS_OF[ROUNDS.index(result.round)]
        seats = self.seats_by_name(result)
        held: dict[str, int] = {}
        if result.holders is not None:
            for who in np.flatnonzero(result.holders >= 0).tolist():
                row = result.compiled.market_row[result.holders[who]]
                pool = ROUTES[str(result.compiled.routes[result.compiled.route[row]])][1]
                held[pool] = held.get(pool, 0) + 1
        for pool in GROUPS:
            taken = sum(ROUTES[route][1] == pool for route in seats.values())
            assert taken <= max(self.town.seats_of(pool, result.round, day), held.get(pool, 0))
        for who, route in seats.items():
            assert route in self.town.active(who, day)
            assert not (route in self.town.closed and self.town.closed[route] <= day)

    def check_reserve(self, before: RoundResult, after: RoundResult, accepted: set[str]) -> None:
        """Check that the matching takes no held seat but for a higher one; that what was given up stays so."""
        day = AS_OF[ROUNDS.index(after.round)]
        offer, now = self.seats_by_name(before), self.seats_by_name(after)
        held_earlier = self.seats_by_name(self.results[-2]) if len(self.results) > 2 else {}
        last_day = AS_OF[ROUNDS.index(before.round)]
        self.gone |= self.elsewhere | self.ended
        waits_for_yes = self.rules.sections.reserve.move == "needs_acceptance"
        for who in self.town.people:
            own = offer.get(who)
            if who in self.said:
                word = self.said[who]
            elif who in self.word and own == held_earlier.get(who) and (own is not None) == self.word[who][0]:
                word = self.word[who]
            elif own is not None:
                word = (*SILENCE[self.silence], last_day)
            else:
                word = self.word.get(who, (False, True, last_day))
            keeps, reserve, since = word
            rows = self.town.active(who, day)
            if own is not None and keeps and own in self.town.closed and self.town.closed[own] <= day:
                keeps, reserve = False, True
            elif own is not None and own not in rows:
                reserve = True  # a withdrawn seat was not answered: what was said of it ends (decision 7)
            elif own is not None and not keeps:
                self.given_up[who, own] = since
            if who in self.elsewhere | self.ended:
                keeps = False
            self.word[who] = (keeps and own is not None, reserve, since)
            order = list(rows)
            got = now.get(who)
            if who in self.gone:
                assert got is None or (who not in self.elsewhere | self.ended and who in self.said)
            elif own is not None and keeps and own in rows:
                assert got is not None, (who, own)
                assert order.index(got) <= order.index(own)
                if got != own:
                    assert reserve or rows[got]["registered_at"] > since
                    assert not waits_for_yes or who in accepted
            elif got is not None and not reserve:
                assert rows[got]["registered_at"] > since
            if got is not None and (who, got) in self.given_up:
                assert rows[got]["registered_at"] > self.given_up[who, got]


def play(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        AdmissionYear,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,  # the same years in every run: a gate must not depend on the day
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_an_admission_year_keeps_its_promises():
    play(12, 24)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_many_admission_years_keep_their_promises():
    play(120, 26)
