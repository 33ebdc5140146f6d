"""Ties: every chain, the key's bits, the lottery and its commitments."""

from __future__ import annotations

import hashlib
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.errors import AdmissionsError
from admissions.matching import match
from admissions.rules import Lottery, ids_digest
from admissions.rules.packing import pack
from tests.admissions.rules.small import LOTTERY, compiled, grades, make, rulebook

CHAINS = [c for n in range(4) for c in permutations(("choice_rank", "grade_sum", "grade_count"), n)]
rows = st.tuples(
    st.integers(0, 63),
    st.integers(0, (1 << 20) - 1),
    st.integers(0, 1023),
    st.integers(0, (1 << 17) - 1),
    st.integers(0, 63),
)


@settings(max_examples=200)
@given(st.lists(rows, min_size=2, max_size=6), st.sampled_from(CHAINS))
def test_packing_keeps_the_order_of_every_chain(values, chain):
    tier, merit, rank, total, count = (np.array(column) for column in zip(*values, strict=True))
    key = pack(tier, merit, (*chain, "lottery"), {"choice_rank": rank, "grade_sum": total, "grade_count": count})
    sign = {"choice_rank": (-1, 2), "grade_sum": (1, 3), "grade_count": (1, 4)}
    plain = [(-v[0], v[1], *(sign[s][0] * v[sign[s][1]] for s in chain)) for v in values]
    for i, a in enumerate(plain):
        for j, b in enumerate(plain):
            assert (key[i] > key[j]) == (a > b)
            assert (key[i] == key[j]) == (a == b)
    assert (key >= 0).all()


@pytest.mark.parametrize(
    ("tier", "merit", "rank", "what"),
    [(64, 0, 1, "tier 64"), (0, 1 << 20, 1, "merit 1048576"), (0, 0, 1024, "choice_rank 1024"), (0, -1, 1, "merit -1")],
)
def test_what_does_not_fit_is_refused(tier, merit, rank, what):
    with pytest.raises(AdmissionsError, match=what):
        pack(np.array([tier]), np.array([merit]), ("choice_rank", "lottery"), {"choice_rank": np.array([rank])})


def test_choice_rank_goes_before_grade_sum_in_halland_and_the_lottery_alone_decides_in_storsthlm():
    # b has the same merit with test points, a higher grade sum, but ranks the route second
    routes = [{"test_rule": "varberg_arts"}, {}]
    intake = make(
        routes,
        {"a": {"grades": grades("C", SL="E")}, "b": {"grades": grades("C")}},
        [("a", "r0", 1), ("b", "r1", 1), ("b", "r0", 2)],
        [("a", "r0", "test_points", "E")],
        seats=[("r0", "", 1), ("r1", "", 0)],
    )
    halland = compiled(intake, "halland")
    assert halland.merit.tolist() == [24000, 24000, 24000]
    assert match(halland.market).route.tolist() == [0, -1]
    assert match(compiled(intake, "ostergotland").market).route.tolist() == [0, -1]
    storsthlm = compiled(intake)
    assert storsthlm.points[0] == storsthlm.points[2]
    winner = int(storsthlm.lottery[[0, 2]].argmin())
    assert match(storsthlm.market).route.tolist() == [[0, -1], [-1, 0]][winner]


def test_then_grade_sum_then_number_of_grades():
    same_rank = make(
        [{"test_rule": "varberg_arts"}],
        {"a": {"grades": grades("C", SL="E")}, "b": {"grades": grades("C")}},
        decisions=[("a", "r0", "test_points", "E")],
        seats=[("r0", "", 1)],
    )
    assert match(compiled(same_rank, "halland").market).route.tolist() == [-1, 0]
    counts = make(
        applicants={"a": {"grades": grades("C", SL="F")}, "b": {"grades": grades("C", drop="SL")}},
        seats=[("r0", "", 1)],
    )
    assert match(compiled(counts, "halland").market).route.tolist() == [0, -1]
    row = compiled(counts, "ostergotland")
    assert row.points[0] == row.points[1]


def test_lottery_golden_numbers():
    """Published numbers never change: written down once, computed here by the plain formula."""
    plain = hashlib.sha256(b"snow|12 7 33|final|k7m2q9x4").hexdigest()
    assert Lottery("snow", "12 7 33").numbers(["k7m2q9x4"], "final") == [plain]
    per_row = hashlib.sha256(b"snow|12 7 33|preliminary|k7m2q9x4|r1").hexdigest()
    assert Lottery("snow", "12 7 33").numbers(["k7m2q9x4"], "preliminary", ["r1"]) == [per_row]
    assert Lottery("å", "ö").numbers(["é"], "final") == [hashlib.sha256("å|ö|final|é".encode()).hexdigest()]


def test_the_dense_rank_is_the_order_of_the_hexadecimal_numbers():
    ids = [f"id{i}" for i in range(500)]
    numbers = LOTTERY.numbers(ids, "final")
    by_number = sorted(range(500), key=numbers.__getitem__)
    assert LOTTERY.dense(ids, "final").argsort().tolist() == by_number
    assert LOTTERY.dense(ids, "final").dtype == np.uint64
    assert LOTTERY.dense(ids, "preliminary").tolist() != LOTTERY.dense(ids, "final").tolist()
    assert LOTTERY.dense([], "final").tolist() == []


def test_numbers_with_equal_beginnings_are_still_ordered():
    from admissions.rules.lottery import _order

    raw = [b"\x01" * 8 + b"\x09" * 24, b"\x01" * 8 + b"\x02" * 24, b"\x00" * 32, b"\x01" * 31 + b"\x00"]
    assert _order(raw).tolist() == sorted(range(4), key=raw.__getitem__)


def test_a_number_does_not_depend_on_who_else_applies():
    assert LOTTERY.numbers(["a", "b"], "final")[1] == LOTTERY.numbers(["b"], "final")[0]


def test_the_lottery_is_uniform():
    """Chi-square of 20,000 numbers over 64 cells stays below the 99.9 % quantile of 63 degrees of freedom."""
    numbers = LOTTERY.numbers([f"x{i}" for i in range(20_000)], "final")
    cells = np.bincount([int(number[:2], 16) >> 2 for number in numbers], minlength=64)
    expected = 20_000 / 64
    assert ((cells - expected) ** 2 / expected).sum() < 103.4


def test_commitments():
    digest = hashlib.sha256(b"a\nb\n").hexdigest()
    assert ids_digest(["b", "a"]) == digest
    assert LOTTERY.commitment(["b", "a"]) == hashlib.sha256(f"test seed|{digest}".encode()).hexdigest()
    assert LOTTERY.commitment(["late"]) != LOTTERY.commitment(["a", "b"])


@pytest.mark.parametrize("bad", ["a|b", "a\nb"])
def test_parts_that_could_be_confused_are_refused(bad):
    with pytest.raises(AdmissionsError, match="must not contain"):
        Lottery(bad, "x")
    with pytest.raises(AdmissionsError, match="must not contain"):
        Lottery("x", bad)


def test_an_unknown_draw_is_refused():
    with pytest.raises(AdmissionsError, match="no draw 'reserve-1'"):
        LOTTERY.numbers(["a"], "reserve-1")


def test_one_number_for_all_choices_or_one_for_each(tmp_path):
    people = {f"a{i}": {} for i in range(30)}
    choices = [(name, route, rank) for name in people for rank, route in ((1, "r0"), (2, "r1"))]
    intake = make([{}, {}], people, choices)
    one = compiled(intake).lottery.reshape(-1, 2)
    assert (one[:, 0] == one[:, 1]).all()
    each = compiled(intake, rulebook(tmp_path, '[ties]\nlottery = "row"\n')).lottery
    assert len(set(each.tolist())) == 60
    numbers = LOTTERY.numbers(["a0", "a0"], "final", ["r0", "r1"])
    assert (each[0] < each[1]) == (numbers[0] < numbers[1])


def test_reserve_rounds_keep_the_draw_of_the_final_round():
    intake = make(applicants={f"a{i}": {} for i in range(30)})
    draws = {name: compiled(intake, round_name=name).lottery.tolist() for name in ("preliminary", "final", "reserve-2")}
    assert draws["final"] == draws["reserve-2"] != draws["preliminary"]


def test_changing_an_application_never_redraws_it():
    people = {f"a{i}": {} for i in range(20)}
    first = compiled(make([{}, {}], people, [(name, "r0", 1) for name in people]))
    second = compiled(make([{}, {}], people, [(name, "r1", 1) for name in people]))
    assert first.lottery.tolist() == second.lottery.tolist()
