from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from admissions.explanations.enough import Change, Enough, EnoughSearch, wanting
from admissions.explanations.facts import Facts, facts_of
from admissions.explanations.ladders import Ladder, Ladders
from admissions.explanations.merit_needed import MeritNeeded, attainable_sums
from admissions.intake import Intake
from admissions.matching import Market, SeatGroups, match
from admissions.rounds.run import run_round
from admissions.rules import CompiledRound, Lottery, compile_round, compile_static, load_rulebook
from admissions.rules.compile import _places
from admissions.rules.seat_groups import RoundSeats, build_groups
from tests.admissions.explanations.worlds import known, outcome, own_orders, ran, world

RULES = ("storsthlm", "halland", "kalmarsund")


def answers(facts: Facts) -> list[tuple[int, int, Enough]]:
    """(applicant, row, answer) for every lost choice."""
    search = EnoughSearch(facts)
    wanted = wanting(facts, range(len(facts.applicants)))
    owner = {row: applicant for applicant, rows in wanted.items() for row in rows}
    return [(owner[row], row, answer) for row, answer in search.all(wanted)]


def ladder_of(facts: Facts, applicant: int, change: Change) -> Ladder:
    compiled = facts.compiled
    table = compiled.static.own_grades(compiled.static.term(compiled.round)).grades
    route = list(compiled.routes).index(change.route_id) if change.route_id else -1
    for ladder in Ladders(compiled, table).of(applicant):
        if (ladder.route, ladder.subjects) == (route, change.subjects):
            return ladder
    raise AssertionError(change)


def check(facts: Facts, applicant: int, row: int, change: Change, luck: int) -> None:
    """Check that the change succeeds on a full re-run, and that one attainable step less fails."""
    compiled = facts.compiled
    target = row - int(compiled.indptr[applicant])
    ladder = ladder_of(facts, applicant, change)
    assert ladder.steps[change.steps - 1] == change.new
    assert outcome(compiled, applicant, change, change.new, luck=luck) <= target
    less = ladder.steps[change.steps - 2] if change.steps > 1 else None
    if less is not None or luck > 0:
        assert outcome(compiled, applicant, change, less, luck=luck) > target


@pytest.mark.parametrize("rules", RULES)
def test_what_is_called_enough_succeeds_and_one_step_less_fails(rules: str):
    facts = known(rules)
    found = answers(facts)
    picked = np.random.default_rng(3).permutation(len(found))[:40]
    seen = {"grade": 0, "test": 0, "block": 0, "draw": 0}
    for applicant, row, answer in (found[k] for k in picked.tolist()):
        for changes, luck in ((answer.certain, 1), (answer.best, -1)):
            for change in changes[:2] + tuple(one for one in changes if one.route_id or "NO" in one.subjects)[:1]:
                if luck > 0 or not answer.draw_alone:
                    check(facts, applicant, row, change, luck)
                seen["test" if change.route_id else "block" if "NO" in change.subjects else "grade"] += 1
        alone = outcome(facts.compiled, applicant, Change((), "", None, 0, 0), None, luck=-1)
        assert answer.draw_alone == (alone <= row - facts.indptr[applicant])
        seen["draw"] += answer.draw_alone
    assert min(seen["grade"], seen["test"]) > 0


def test_where_no_single_change_is_named_none_suffices():
    facts = known("halland")
    compiled = facts.compiled
    table = compiled.static.own_grades("final").grades
    none = [(applicant, row) for applicant, row, answer in answers(facts) if not answer.best and not answer.draw_alone]
    assert none
    for applicant, row in none[:12]:
        for ladder in Ladders(compiled, table).of(applicant):
            route = str(compiled.routes[ladder.route]) if ladder.route >= 0 else ""
            change = Change(ladder.subjects, route, ladder.old, ladder.steps[-1], len(ladder.steps))
            assert outcome(compiled, applicant, change, ladder.steps[-1], luck=-1) > row - compiled.indptr[applicant]


def test_subjects_on_one_ladder_are_the_same_to_every_rule():
    facts = known("halland")
    for applicant, row, answer in answers(facts)[:200]:
        target = row - int(facts.indptr[applicant])
        for change in answer.certain[:1]:
            if len(change.subjects) > 1:
                for subject in change.subjects[:3]:
                    one = replace(change, subjects=(subject,))
                    assert outcome(facts.compiled, applicant, one, change.new, luck=1) <= target


def rekeyed(facts: Facts, applicant: int, merit_of_row: int, row: int, luck: int) -> int:
    """Return the place granted when the grade sum is such that `row` has that merit; everything else as it was."""
    from admissions.rules.packing import pack

    compiled = facts.compiled
    mine = np.arange(compiled.indptr[applicant], compiled.indptr[applicant + 1])
    total = merit_of_row - int(compiled.test_points[row])
    points, lottery = compiled.points.copy(), compiled.lottery.astype(np.int64) + 1
    packed = points[mine] >> 57
    steps = {
        "choice_rank": compiled.rank[mine],
        "grade_sum": np.full(len(mine), total),
        "grade_count": compiled.grade_count[mine],
    }
    points[mine] = pack(63 - packed, total + compiled.test_points[mine], facts.chain, steps)
    lottery[mine] = 0 if luck < 0 else lottery.max() + 1
    tried = compiled.market_row
    market = Market.from_points(
        compiled.market.indptr,
        compiled.market.route,
        points[tried],
        lottery[tried].astype(np.uint64),
        compiled.market.seats,
        pool=compiled.market.pool,
        groups=regrouped(compiled, points),
    )
    choice = int(match(market).choice[applicant])
    return 10**6 if choice < 0 else int(tried[choice] - compiled.indptr[applicant])


def regrouped(compiled: CompiledRound, points: np.ndarray) -> SeatGroups | None:
    """Make the seat groups anew for other keys."""
    if compiled.groups is None:
        return None
    tried = compiled.market_row
    foreign = compiled.static.people.foreign_stream[compiled.applicant]
    tier = compiled.tier.astype(np.int64)
    return build_groups(
        RoundSeats(
            compiled.seats,
            tuple(compiled.groups.pool.tolist()),
            compiled.group_names,
            tuple(compiled.groups.seats.tolist()),
        ),
        compiled.static,
        compiled.pool[compiled.route][tried].astype(np.int64),
        compiled.first_hand[tried],
        {
            "foreign_grades": (compiled.free_quota & foreign)[tried],
            "special_circumstances": (compiled.free_quota & ~foreign)[tried],
        },
        (compiled.test_order >= 0)[tried],
        tier[tried],
        compiled.late[tried],
        _places(~points[tried]),
        _places(tier[tried], -compiled.test_order[tried], ~points[tried]),
    )


def without_groups(intake: Intake) -> Intake:
    return replace(intake, seats=intake.seats.filter(intake.seats["group"].fill_null("") == ""))


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("rules", ["storsthlm", "halland"])
def test_the_merit_needed_is_the_least_attainable_one(rules: str, grouped: bool):
    intake = own_orders(6, 160) if grouped else without_groups(world(160, seed=5))
    facts = facts_of(ran(intake, rules))
    assert (facts.market.groups is not None) == grouped
    table = facts.compiled.static.own_grades("final").grades
    needed = MeritNeeded(facts, facts.compiled, table)
    checked = 0
    for applicant, row, answer in answers(facts):
        if facts.market_row[row] < 0 or checked > 80:
            continue
        target, grid = row - int(facts.indptr[applicant]), needed._grid(applicant)
        added = int(facts.compiled.test_points[row])
        for merit, luck in ((answer.merit_certain, 1), (answer.merit_best, -1)):
            highest = rekeyed(facts, applicant, grid[-1] + added, row, luck)
            if merit is None:
                assert highest > target
                continue
            checked += 1
            assert rekeyed(facts, applicant, merit, row, luck) <= target
            at = grid.index(merit - added)
            if at:
                assert rekeyed(facts, applicant, grid[at - 1] + added, row, luck) > target
    assert checked > 40


def test_attainable_sums_are_those_of_whole_lists_of_grades():
    sums = attainable_sums([0, 1000, 1250, 1500, 1750, 2000], 17)
    assert sums[:4] == [0, 1000, 1250, 1500]
    assert sums[-2:] == [33750, 34000]
    assert 34200 not in sums


def test_grades_that_are_not_the_rounds_are_noticed():
    facts = known()
    other = facts.compiled.static.own_grades("autumn")
    static = replace(facts.compiled.static, _graded={"final": other})
    search = EnoughSearch(replace(facts, compiled=replace(facts.compiled, static=static)))
    assert not dict(search.all(wanting(facts, range(len(facts.applicants)))))


@pytest.mark.full
@pytest.mark.timeout(5400)
def test_two_thousand_answers_of_a_full_sample():
    from simulations.population.generate import generate_intake
    from simulations.replay import replay

    played = replay(generate_intake(2023, None, seed=1), load_rulebook("storsthlm"), Lottery("snow", "1"))
    static = compile_static(played.intake, load_rulebook("storsthlm"))
    lottery = static.draw(Lottery("snow", "1"), "final")
    compiled = compile_round(static, "final", lottery=lottery)
    facts = facts_of(run_round(compiled, played.intake))
    rng = np.random.default_rng(11)
    people = rng.permutation(len(facts.applicants))[:6000].tolist()
    wanted = wanting(facts, people)
    owner = {row: applicant for applicant, rows in wanted.items() for row in rows}
    found = [(owner[row], row, one) for row, one in EnoughSearch(facts).all(wanted) if one.certain or one.best]
    checked = 0
    for k in rng.permutation(len(found)).tolist():
        applicant, row, answer = found[k]
        luck = 1 if answer.certain and (answer.draw_alone or rng.random() < 0.5) else -1
        changes = answer.certain if luck > 0 else answer.best
        if not changes or (luck < 0 and answer.draw_alone):
            continue
        check(facts, applicant, row, changes[int(rng.integers(len(changes)))], luck)
        checked += 1
        if checked == 2000:
            return
    raise AssertionError(checked)


def test_the_published_limit_is_not_what_is_needed_where_others_would_move():
    """Without i, j goes to r1 and leaves r0 to k: i needs to beat k, though the cut-off published for r0 is j's."""
    from tests.admissions.rules.small import grades, make

    intake = make(
        routes=({}, {}),
        applicants={"i": {"grades": grades("C")}, "j": {"grades": grades("A")}, "k": {"grades": grades("C", BL="B")}},
        choices=[("i", "r0", 1), ("i", "r1", 2), ("j", "r1", 1), ("j", "r0", 2), ("k", "r0", 1)],
        decisions=[("j", "r1", "hand", "second")],
        seats=[("r0", "", 1), ("r1", "", 1)],
    )
    facts = facts_of(ran(intake))
    assert facts.limits["r0", ""].merit == 32000
    ((_, row, answer),) = [one for one in answers(facts) if one[0] == 0]
    assert (row, answer.merit_best, answer.merit_certain) == (0, 24250, 24500)
    assert [(one.new, len(one.subjects)) for one in answer.certain] == [("A", 16)]
    assert [(one.new, len(one.subjects)) for one in answer.best] == [("B", 16)]
    check(facts, 0, 0, answer.certain[0], 1)
    check(facts, 0, 0, answer.best[0], -1)
