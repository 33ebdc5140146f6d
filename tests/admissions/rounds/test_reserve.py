from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.errors import AdmissionsError
from admissions.results.statuses import Reason, Status
from admissions.rounds.answers import standing_after, to_notify
from admissions.rounds.checking import check_run
from admissions.rounds.decided import decided
from admissions.rounds.folder import Run, write_run
from admissions.rounds.reserve import run_reserve
from admissions.rounds.run import run_round
from admissions.rounds.tables import decisions_table
from admissions.rules import Rulebook, compile_round, compile_static
from tests.admissions.results.town import LOTTERY, YEAR, rulebook, town

ANSWERS = ("yes", "yes_no_reserve", "no_keep_reserve", "no", None)
METHODS = ("rerun", "call_down", "fewest_moves")


def with_policy(method: str = "rerun", silence: str = "accept_and_reserve", move: str = "automatic") -> Rulebook:
    rules = rulebook()
    sections = replace(
        rules.sections,
        reserve=replace(rules.sections.reserve, method=method, move=move),
        answers=replace(rules.sections.answers, silence=silence),
    )
    return replace(rules, sections=sections)


def final_round(intake, rules):
    static = compile_static(intake, rules)
    return static, run_round(compile_round(static, "final", lottery=LOTTERY), intake)


def answered(intake, answers: dict[str, str], round_name="final"):
    frame = pl.DataFrame(
        [
            {"applicant": who, "round": round_name, "answer": what, "route_id": None, "answered_at": date(YEAR, 7, 10)}
            for who, what in answers.items()
            if what is not None
        ],
        schema=intake.answers.schema,
    )
    return replace(intake, answers=frame)


def year(method, seed, draw_seed, applicants=70, seats=4):
    rules = with_policy(method)
    intake = town(applicants, seed=seed, seats=seats, quota=0.5)
    _, first = final_round(intake, rules)
    draw = np.random.default_rng(draw_seed)
    people = intake.applicants["applicant"].to_list()
    said = {who: ANSWERS[draw.integers(0, len(ANSWERS))] for who in people}
    intake = answered(intake, said)
    static = compile_static(intake, rules)
    return static, first, said, run_reserve(static, "reserve-1", LOTTERY, first)


@given(st.sampled_from(METHODS), st.integers(0, 500), st.integers(0, 500), st.integers(0, 7))
@settings(max_examples=25, deadline=None)
def test_a_reserve_round_takes_a_held_seat_only_for_a_higher_one(method, seed, draw_seed, seats):
    _static, first, said, second = year(method, seed, draw_seed, seats=seats)
    names = first.compiled.applicants
    before = first.decisions.granted_route
    for i, who in enumerate(names):
        held = said[who] not in {"no", "no_keep_reserve"} and before[i] >= 0
        now = second.decisions.granted_route[i]
        ranks = {int(second.compiled.route[r]): r for r in range(*second.compiled.indptr[i : i + 2])}
        if held:
            assert now >= 0
            assert ranks[now] <= ranks[before[i]]
            if said[who] == "yes_no_reserve":
                assert now == before[i]
        elif said[who] == "no":
            assert now == -1
        elif said[who] == "no_keep_reserve" and before[i] >= 0:
            assert now == -1 or ranks[now] < ranks[before[i]]
    taken = np.bincount(second.compiled.market.pool[second.decisions.granted_route[second.decisions.granted >= 0]])
    assert (taken <= second.compiled.seats[: len(taken)]).all()
    claimed = second.certificate.properties["P8"]
    assert claimed == ("holds" if method == "rerun" else "not claimed")
    assert second.certificate.properties["P9"] == "holds"


@given(st.integers(0, 500), st.integers(0, 500))
@settings(max_examples=8, deadline=None)
def test_rerun_is_best_for_everybody_and_calling_down_moves_fewest(seed, draw_seed):
    results = {method: year(method, seed, draw_seed) for method in METHODS}
    routes = {method: result[3].decisions.granted for method, result in results.items()}
    assert (routes["call_down"] == routes["fewest_moves"]).all()
    best, called = routes["rerun"], routes["call_down"]
    assert ((best >= 0) == (called >= 0)).all()  # rural hospitals: the same people are placed
    assert (best <= called)[best >= 0].all()
    before = results["rerun"][1].decisions.granted_route
    moved = {method: np.sum(result[3].decisions.granted_route != before) for method, result in results.items()}
    assert moved["call_down"] <= moved["rerun"]


def test_statuses_after_answers_say_what_became_of_the_row():
    static, first, said, second = year("rerun", 1, 2)
    names = first.compiled.applicants
    seen = set()
    for i, who in enumerate(names):
        row = first.decisions.granted[i]
        if row < 0:
            continue
        status, reason = Status(second.decisions.status[row]), second.decisions.reason[row]
        if said[who] in {"no", "no_keep_reserve"}:
            assert (status, reason) == (Status.DECLINED, Reason.ANSWERED_NO)
        seen.add(said[who])
        if said[who] == "yes_no_reserve":
            above = range(second.compiled.indptr[i], row)
            assert all(Status(second.decisions.status[r]) is not Status.RESERVE for r in above)
    assert seen == set(ANSWERS)
    assert static.intake.answers.height > 0


@pytest.mark.parametrize(
    ("silence", "keeps", "reserve"),
    [("accept_and_reserve", True, True), ("accept_only", True, False), ("forfeit", False, False)],
)
def test_silence_follows_the_policy_and_never_hurts_those_without_a_seat(silence, keeps, reserve):
    intake = town(60, seed=1, seats=2)
    _, first = final_round(intake, rulebook())
    standing = standing_after(decided(first.decisions), intake.answers, silence)
    placed = first.decisions.granted >= 0
    assert ((standing.held >= 0)[placed] == keeps).all()
    assert (standing.reserve[placed] == reserve).all()
    assert standing.reserve[~placed].all()


def test_only_the_latest_answer_to_this_round_and_this_route_counts():
    intake = town(60, seed=1, seats=3)
    _, first = final_round(intake, rulebook())
    placed = [str(first.compiled.applicants[i]) for i in np.flatnonzero(first.decisions.granted >= 0)[:4]]
    row = {"round": "final", "route_id": None, "answered_at": date(YEAR, 7, 1)}
    answers = pl.DataFrame(
        [
            {**row, "applicant": placed[0], "answer": "no"},
            {**row, "applicant": placed[0], "answer": "yes", "answered_at": date(YEAR, 7, 3)},
            {**row, "applicant": placed[1], "answer": "no", "round": "reserve-1"},
            {**row, "applicant": placed[2], "answer": "no", "route_id": "elsewhere"},
            {**row, "applicant": placed[3], "answer": "no"},
        ],
        schema=intake.answers.schema,
    )
    standing = standing_after(decided(first.decisions), answers, "accept_and_reserve")
    held = dict(zip(first.compiled.applicants, standing.held >= 0, strict=True))
    assert [held[who] for who in placed] == [True, True, True, False]


def test_elsewhere_ended_and_closed_are_events_of_their_own():
    intake = town(70, seed=2, seats=4, pooled=False)
    rules = with_policy()
    static, first = final_round(intake, rules)
    names = [str(one) for one in first.compiled.applicants]
    placed = np.flatnonzero(first.decisions.granted >= 0)
    away, left = int(placed[0]), int(placed[1])
    route = next(
        r for r in first.decisions.granted_route[placed[2:]] if r not in first.decisions.granted_route[[away, left]]
    )
    closed = str(first.compiled.routes[route])
    second = run_reserve(
        static, "reserve-1", LOTTERY, first, elsewhere=[names[away]], ended=[names[left]], closed=[closed]
    )
    decisions = second.decisions
    assert Status(decisions.status[first.decisions.granted[away]]) is Status.ADMITTED_ELSEWHERE
    assert Status(decisions.status[first.decisions.granted[left]]) is Status.SEAT_ENDED
    assert decisions.granted[away] == decisions.granted[left] == -1
    assert not (decisions.granted_route == route).any()
    assert (decisions.status[second.compiled.route == route] == Status.ROUTE_CLOSED).any()
    told = to_notify(decisions_table(first.decisions), [closed])
    assert told["route_id"].unique().to_list() == [closed]
    assert told.height == np.sum(first.compiled.route == route)


def test_a_holder_moves_only_after_a_yes_where_the_rules_say_so():
    intake = answered(town(80, seed=3, seats=3), {})
    rules = with_policy(move="needs_acceptance")
    static, first = final_round(intake, rules)
    names = [str(one) for one in first.compiled.applicants]
    placed = np.flatnonzero(first.decisions.granted >= 0)
    gone = [names[i] for i in placed[: len(placed) // 2]]
    still = run_reserve(static, "reserve-1", LOTTERY, first, ended=gone)
    free = run_reserve(static, "reserve-1", LOTTERY, first, ended=gone, accepted=names)
    stay = placed[len(placed) // 2 :]
    assert (still.decisions.granted[stay] == first.decisions.granted[stay]).all()
    assert (free.decisions.granted[stay] != first.decisions.granted[stay]).any()


def test_more_holders_than_seats_keep_theirs():
    intake = town(80, seed=4, seats=5, quota=0)
    rules = with_policy()
    _, first = final_round(intake, rules)
    fewer = intake.seats.with_columns(pl.col("seats") // 2, round=pl.lit("reserve-1"))
    static = compile_static(replace(intake, seats=pl.concat([intake.seats, fewer])), rules)
    second = run_reserve(static, "reserve-1", LOTTERY, first)
    same = first.decisions.granted_route >= 0
    assert (second.decisions.granted[same] >= 0).all()


def test_two_reserve_rounds_in_a_row_are_written_and_checked_from_the_files(tmp_path):
    static, first, said, second = year("call_down", 5, 6, applicants=90)
    third = run_reserve(static, "reserve-2", LOTTERY, second)
    for one, two in pairwise((first, second, third)):
        keeps = np.array([said[who] not in {"no", "no_keep_reserve"} for who in one.compiled.applicants])
        kept = (one.decisions.granted >= 0) & keeps
        assert (two.decisions.granted[kept] <= one.decisions.granted[kept]).all()
    write_run(tmp_path / "run", Run(static.intake, static.rulebook, LOTTERY, (first, second, third)))
    lines = list(check_run(tmp_path / "run"))
    assert sum("P8, best for everybody, is not claimed" in line for line in lines) == 2


def test_a_round_of_another_name_or_too_late_is_refused():
    static, first = final_round(town(20, seed=1), with_policy())
    with pytest.raises(AdmissionsError, match="no reserve round"):
        run_reserve(static, "final", LOTTERY, first)
    rules = static.rulebook
    late = replace(rules, calendar=replace(rules.calendar, handover=date(YEAR, 7, 1)))
    with pytest.raises(AdmissionsError, match="schools take over"):
        run_reserve(replace(static, rulebook=late), "reserve-1", LOTTERY, first)
