from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from admissions.explanations.facts import facts_of
from admissions.explanations.reserve_moves import move_sentences, reserve_moves
from admissions.rounds.run import run_round
from admissions.rules import compile_round
from tests.admissions.explanations.worlds import known, ran, world
from tests.admissions.rules.small import YEAR, grades, make


def test_the_parts_of_every_move_add_up():
    before = facts_of(ran(world(200, seed=3), round_name="preliminary"))
    after = facts_of(ran(world(200, seed=3)))
    moves = 0
    for name in after.applicants:
        for move in reserve_moves(before, after, name):
            came = move.newcomers + move.seat_lost + move.better_key + move.new_draw
            assert move.after - move.before == came - move.left
            moves += move.before != move.after
            for language in ("sv", "en"):
                said = " ".join(move_sentences(move, language))
                assert str(move.after) in said
                assert not {word for word in said.split() if word in set(after.applicants)}
    assert moves > 20


def test_newcomers_better_grades_and_the_draw_are_told_apart():
    people = {name: {} for name in "abcz"} | {"n": {"grades": grades("A")}}
    choices = [(name, "r0", 1) for name in "abcz"]
    old = make(applicants=people, choices=choices, seats=[("r0", "", 0)])
    new = make(applicants=people, choices=[*choices, ("n", "r0", 1, date(YEAR, 4, 20))], seats=[("r0", "", 0)])
    before, after = facts_of(ran(old)), facts_of(ran(new))
    (move,) = reserve_moves(before, after, "z")
    assert (move.newcomers, move.seat_lost, move.better_key, move.new_draw, move.left) == (1, 0, 0, 0, 0)
    better = replace(
        old,
        grades=old.grades.with_columns(
            pl.when((pl.col("applicant") == "a") & (pl.col("subject") == "BL"))
            .then(pl.lit("A"))
            .otherwise(pl.col("grade"))
            .alias("grade")
        ),
    )
    last = max("abcz", key=lambda name: _place(before, name))
    first = min("abcz", key=lambda name: _place(before, name))
    moves = reserve_moves(before, facts_of(ran(better)), first if first != "a" else "b")
    assert moves[0].better_key + moves[0].left <= 1
    compiled = before.compiled
    turned = len(compiled.applicants) - np.arange(len(compiled.applicants), dtype=np.uint64)
    drawn = facts_of(run_round(compile_round(compiled.static, "final", lottery=turned), compiled.static.intake))
    changed = [reserve_moves(before, drawn, name)[0] for name in (first, last)]
    assert all(one.better_key == one.newcomers == 0 for one in changed)


def _place(facts, name: str) -> int:
    return int(facts.rows.filter(pl.col("applicant") == name)["reserve_position"][0])


def test_a_route_without_a_position_in_both_runs_is_left_out():
    facts = known()
    admitted = facts.rows.filter(pl.col("status") == "admitted")["applicant"][0]
    routes = {move.route_id for move in reserve_moves(facts, facts, admitted)}
    assert routes == set(
        facts.rows.filter((pl.col("applicant") == admitted) & pl.col("reserve_position").is_not_null())["route_id"]
    )
