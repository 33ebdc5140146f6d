"""What must not matter, or may only help: from the tables of an intake to the decisions about people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.intake import Intake, read_intake, write_intake
from admissions.matching.score_limits import score_limits
from admissions.rounds.folder import Run, write_run
from admissions.rounds.reserve import run_reserve
from admissions.rounds.run import RoundResult, run_round
from admissions.rules import Lottery, compile_round, compile_static, load_rulebook
from simulations.population import generate_intake
from simulations.replay import replay
from tests.admissions.results.town import LOTTERY, YEAR, rulebook, town
from tests.admissions.year_town import policies

ANSWERS = ("yes", "yes_no_reserve", "no_keep_reserve", "no")
towns = st.builds(
    town, st.integers(20, 70), seed=st.integers(0, 400), seats=st.integers(0, 6), quota=st.sampled_from((0, 0.2, 0.6))
)


def final_of(intake: Intake, preset: str = "storsthlm") -> RoundResult:
    static = compile_static(intake, load_rulebook(preset, YEAR))
    return run_round(compile_round(static, "final", lottery=LOTTERY), intake)


def places(result: RoundResult) -> dict[str, float]:
    """Return the rank of the choice each applicant was given, infinity for none."""
    return {
        str(who): result.compiled.rank[row] if row >= 0 else np.inf
        for who, row in zip(result.compiled.applicants, result.decisions.granted.tolist(), strict=True)
    }


def without(intake: Intake, who: str) -> Intake:
    tables = {
        name: frame.filter(pl.col("applicant") != who)
        for name, frame in intake.tables().items()
        if "applicant" in frame.columns
    }
    return replace(intake, **tables)


@given(towns, st.data())
@settings(max_examples=20, deadline=None)
def test_removing_an_applicant_harms_nobody(intake, data):
    """The choice functions of the pools are substitutable: less competition is never worse (Crawford 1991)."""
    before = places(final_of(intake))
    gone = data.draw(st.sampled_from(sorted(before)))
    after = places(final_of(without(intake, gone)))
    assert set(after) == set(before) - {gone}
    assert all(after[who] <= before[who] for who in after)


@given(towns, st.data())
@settings(max_examples=20, deadline=None)
def test_one_more_seat_harms_nobody(intake, data):
    """Neither an open seat nor one of the free quota (Crawford 1991)."""
    before = places(final_of(intake))
    number = data.draw(st.integers(0, intake.seats.height - 1))
    chosen = pl.int_range(pl.len()) == number
    more = replace(intake, seats=intake.seats.with_columns(seats=pl.col("seats") + chosen.cast(pl.Int64)))
    after = places(final_of(more))
    assert all(after[who] <= before[who] for who in before)
    assert sum(place < np.inf for place in after.values()) <= sum(place < np.inf for place in before.values()) + 1


def year_of(intake: Intake, folder: Path, method: str) -> dict[str, bytes]:
    """Run the rounds of a year, write them and return the files."""
    rules = policies(method)
    static = compile_static(intake, rules)
    rounds = [run_round(compile_round(static, name, lottery=LOTTERY), intake) for name in ("preliminary", "final")]
    for name in ("reserve-1", "reserve-2"):
        rounds.append(run_reserve(static, name, LOTTERY, rounds[-1]))
    write_run(folder, Run(intake, static.rulebook, LOTTERY, rounds))
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("method", ["rerun", "call_down"])
def test_the_order_and_the_format_of_the_tables_never_matter(tmp_path, method):
    """Every table shuffled, or sent through files of another format: the result files are the same bytes."""
    draw = np.random.default_rng(7)
    intake = town(80, seed=11, seats=3, quota=0.4)
    answers = [
        {"applicant": who, "round": "final", "answer": ANSWERS[draw.integers(4)], "answered_at": date(YEAR, 7, 10)}
        for who in intake.applicants["applicant"].sample(40, seed=1)
    ]
    intake = replace(intake, answers=pl.DataFrame(answers))
    expected = year_of(intake, tmp_path / "run", method)
    assert len(expected) > 30
    for seed in (1, 2):
        shuffled = {
            name: frame.sample(fraction=1, shuffle=True, seed=seed + number)
            for number, (name, frame) in enumerate(intake.tables().items())
        }
        assert not shuffled["choices"].equals(intake.choices)
        assert year_of(replace(intake, **shuffled), tmp_path / f"run{seed}", method) == expected
    write_intake(intake, tmp_path / "files", "parquet")
    assert year_of(read_intake(tmp_path / "files"), tmp_path / "read", method) == expected


def test_decisions_that_are_no_ones_business_change_nothing():
    """A new route that nobody lists and a person without choices leave everybody where they are."""
    intake = town(60, seed=5, seats=3)
    before = places(final_of(intake))
    extra = intake.routes.head(1).with_columns(route_id=pl.lit("AA-new"), pool=pl.lit("AA-new"))
    person = intake.applicants.head(1).with_columns(applicant=pl.lit("zz"))
    seats = intake.seats.head(1).with_columns(route_or_pool=pl.lit("AA-new"))
    more = replace(
        intake,
        routes=pl.concat([intake.routes, extra]),
        applicants=pl.concat([intake.applicants, person]),
        seats=pl.concat([intake.seats, seats]),
    )
    assert places(final_of(more)) == before | {"zz": np.inf}


def changed_through_ties(one: RoundResult, other: RoundResult) -> int:
    """Check that two lotteries differ only in, or through, tied groups; return how many people they place differently.

    The people whose place differs are linked where one takes a seat of a pool that another had. Somewhere in every
    linked set two people must be equal on every step before the lottery, one in with the one draw, one with the other.
    And nobody may differ whom no lottery can touch.
    """
    compiled = one.compiled
    assert (compiled.points == other.compiled.points).all()
    first, second = one.decisions.granted, other.decisions.granted
    changed = np.flatnonzero(first != second)
    assert not score_limits(compiled.market).certain[changed].any()
    pool = compiled.market.pool
    left: dict[int, list[int]] = {}
    came: dict[int, list[int]] = {}
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(node: tuple[str, int]) -> tuple[str, int]:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for who in changed.tolist():
        for rows, side in ((first, left), (second, came)):
            if rows[who] >= 0:
                at = int(pool[compiled.route[rows[who]]])
                side.setdefault(at, []).append(int(compiled.points[rows[who]]))
                parent[root(("person", who))] = root(("pool", at))
    tied = {root(("pool", at)) for at in left if set(left[at]) & set(came.get(at, []))}
    assert {root(("person", who)) for who in changed.tolist()} == tied
    return len(changed)


def two_lotteries(intake: Intake) -> list[int]:
    rules = load_rulebook("storsthlm", YEAR)
    one, other = (replay(intake, rules, Lottery(seed, "12 7 33")) for seed in ("snow", "rain"))
    assert one.simulated == other.simulated == ()
    return [changed_through_ties(a, b) for a, b in zip(one.rounds, other.rounds, strict=True)]


def recorded(applicants: int | None, per_seat: int = 1) -> Intake:
    """Return a generated intake with its window recorded, with one seat for every `per_seat` of the catalogue."""
    intake = generate_intake(YEAR, applicants, seed=1)
    seats = intake.seats.with_columns(-(-pl.col("seats") // per_seat), -(-pl.col("held_outside") // per_seat))
    return replay(replace(intake, seats=seats), rulebook(), LOTTERY).intake


def test_another_lottery_changes_only_who_is_tied_or_displaced_through_a_tie():
    assert all(number > 0 for number in two_lotteries(recorded(900, per_seat=40)))


@pytest.mark.full
def test_another_lottery_of_a_whole_region_changes_only_who_is_tied_or_displaced_through_a_tie():
    assert all(number > 0 for number in two_lotteries(recorded(None)))


def test_whom_no_lottery_can_touch_keeps_the_place():
    intake = town(60, seed=3, seats=3)
    static = compile_static(intake, rulebook())
    one, *others = (
        run_round(compile_round(static, "final", lottery=Lottery(seed, "1")), intake)
        for seed in ("snow", "rain", "hail")
    )
    certain = score_limits(one.compiled.market).certain
    assert certain.any()
    assert not certain.all()
    for other in others:
        assert (other.decisions.granted[certain] == one.decisions.granted[certain]).all()
        changed_through_ties(one, other)
