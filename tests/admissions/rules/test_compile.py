"""Compiling: order of the tables does not matter, changed parts can be handed in, markets hold the tried rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from admissions.errors import AdmissionsError, InputError
from admissions.rules import ChoiceHistory, compile_round, compile_static, load_rulebook
from tests.admissions.rules.small import LOTTERY, YEAR, compiled, grades, make, only

PEOPLE = {
    "c": {"grades": grades("A")},
    "a": {"grades": grades("B"), "home": "Kiruna"},
    "b": {"grades": only("SV")},
    "d": {"grades": grades("C"), "autumn": grades("E")},
}
INTAKE = make(
    [{}, {"programme": "BA", "route_code": "BA"}, {"pool": "p"}, {"pool": "p"}],
    PEOPLE,
    [("c", "r1", 2), ("c", "r0", 1), ("a", "r2", 1), ("a", "r3", 2), ("b", "r0", 1), ("d", "r3", 1)],
)
COLUMNS = (
    "indptr",
    "route",
    "rank",
    "status",
    "reason",
    "missing",
    "tier",
    "merit",
    "grade_sum",
    "late",
    "points",
    "lottery",
)


def test_rows_by_applicant_and_rank():
    row = compiled(INTAKE)
    assert row.applicants.tolist() == ["a", "b", "c", "d"]
    assert row.indptr.tolist() == [0, 2, 3, 5, 6]
    assert [row.routes[r] for r in row.route] == ["r2", "r3", "r0", "r0", "r1", "r3"]
    assert row.hand.tolist() == [2, 2, 1, 1, 1, 1]
    assert row.applicant.tolist() == [0, 0, 1, 2, 2, 3]
    assert row.pools.tolist() == ["p", "r0", "r1"]
    assert row.market_row.tolist() == [0, 1, 3, 4, 5]
    assert row.market.route.tolist() == [2, 3, 0, 1, 3]
    assert row.market.n_applicants == 4


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_tables_does_not_matter(seed):
    shuffled = replace(
        INTAKE, **{name: frame.sample(fraction=1, shuffle=True, seed=seed) for name, frame in INTAKE.tables().items()}
    )
    one, two = compiled(INTAKE), compiled(shuffled)
    for name in COLUMNS:
        assert getattr(one, name).tolist() == getattr(two, name).tolist(), name


def test_changed_parts_handed_in_equal_a_changed_intake():
    static = compile_static(INTAKE, load_rulebook("storsthlm"))
    better = INTAKE.grades.with_columns(grade=pl.lit("A"))
    moved = INTAKE.choices.with_columns(rank=3 - pl.col("rank"))
    fewer = INTAKE.seats.with_columns(seats=pl.lit(1))
    got = compile_round(static, "final", lottery=LOTTERY, grades=better, choices=moved, seats=fewer)
    wanted = compiled(replace(INTAKE, grades=better, choices=moved, seats=fewer))
    for name in (*COLUMNS, "seats"):
        assert getattr(got, name).tolist() == getattr(wanted, name).tolist(), name
    table = static.grade_table(better, "final")
    history = ChoiceHistory.of(moved, static.applicants, static.routes)
    again = compile_round(static, "final", lottery=LOTTERY, grades=table, choices=history, seats=fewer)
    assert again.points.tolist() == got.points.tolist()


def test_a_lottery_as_ranks():
    static = compile_static(INTAKE, load_rulebook("storsthlm"))
    ranks = static.draw(LOTTERY, "final")
    assert compile_round(static, "final", lottery=ranks).lottery.tolist() == compiled(INTAKE).lottery.tolist()


def test_unknown_applicants_and_routes_are_named():
    rules = load_rulebook("storsthlm")
    static = compile_static(INTAKE, rules)
    stranger = INTAKE.choices.with_columns(applicant=pl.lit("z"))
    with pytest.raises(InputError, match="unknown applicant 'z'"):
        compile_round(static, "final", lottery=LOTTERY, choices=stranger)
    with pytest.raises(InputError, match="unknown grade 'X'"):
        compile_round(static, "final", lottery=LOTTERY, grades=INTAKE.grades.with_columns(grade=pl.lit("X")))
    with pytest.raises(AdmissionsError, match="no round 'spring'"):
        compile_round(static, "spring", lottery=LOTTERY)


def test_nobody_and_nothing():
    empty = make(choices=[("a", "r0", 1, date(YEAR, 12, 1))])
    row = compiled(empty)
    assert len(row.route) == 0
    assert row.market.n_choices == 0
    assert np.diff(row.indptr).tolist() == [0]


def test_every_preset_compiles_every_round():
    from admissions.rules import preset_names

    for name in preset_names():
        for round_name in ("preliminary", "final", "reserve-1", "reserve-2", "reserve-3"):
            compiled(INTAKE, name, round_name)
