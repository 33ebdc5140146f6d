import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from api.suppression import hidden, suppressed_table, with_margins

TABLES = st.integers(1, 5).flatmap(
    lambda rows: st.integers(1, 5).flatmap(
        lambda columns: st.lists(
            st.lists(st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 40)), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


def bounds(counts, mask):
    """Give what an attacker who knows the sums can say of each hidden cell: its least and greatest value."""
    cells = np.argwhere(mask)
    equations, constants = [], []
    for axis in (0, 1):
        lines = counts if axis == 0 else counts.T
        hides = mask if axis == 0 else mask.T
        for number, (values, hide) in enumerate(zip(lines, hides, strict=True)):
            signs = np.ones(len(values))
            signs[-1] = -1
            equations.append([signs[cell[1 - axis]] if cell[axis] == number else 0 for cell in cells])
            constants.append(-(signs * values)[~hide].sum())
    for at in range(len(cells)):
        goal = np.zeros(len(cells))
        goal[at] = 1
        found = [linprog(sign * goal, A_eq=equations, b_eq=constants, bounds=(0, None)) for sign in (1, -1)]
        assert found[0].status == 0
        high = np.inf if found[1].status == 3 else -found[1].fun
        yield tuple(cells[at]), found[0].fun, high


@given(TABLES)
@settings(max_examples=60, deadline=None)
def test_no_small_count_can_be_worked_out(table):
    counts = with_margins(np.array(table, dtype=np.int64))
    mask = hidden(counts)
    assert mask[(counts > 0) & (counts < 5)].all()
    for cell, low, high in bounds(counts, mask):
        assert low + 0.5 < high, (cell, low, high)


@given(TABLES)
@settings(max_examples=300, deadline=None)
def test_no_two_shown_answers_one_filter_apart_differ_by_a_small_count(table):
    counts = with_margins(np.array(table, dtype=np.int64))
    mask = hidden(counts)
    for values, hide in (*zip(counts, mask, strict=True), *zip(counts.T, mask.T, strict=True)):
        if not hide[-1]:
            apart = values[-1] - values[:-1][~hide[:-1]]
            assert not ((apart > 0) & (apart < 5)).any()


def test_large_counts_are_all_shown():
    assert not hidden(with_margins(np.full((4, 4), 9))).any()


def test_a_real_sized_table_is_hidden_in_a_moment():
    random = np.random.default_rng(1)
    counts = with_margins(random.poisson(6, (30, 20)))
    assert hidden(counts).mean() < 0.9


def test_the_declared_table_has_its_margins():
    frame = pl.DataFrame({"home": ["A", "A", "B", "B"], "programme": ["X", "Y", "X", "Y"], "n": [9, 2, 8, 20]})
    table = suppressed_table(frame, "home", "programme", "n")
    assert table.filter((pl.col("home") == "") & (pl.col("programme") == ""))["n"].item() == 39
    assert table["hidden"].sum() == 4


@pytest.mark.parametrize("rows", [0, 1])
def test_an_empty_table_is_no_trouble(rows):
    frame = pl.DataFrame({"a": ["x"][:rows], "b": ["y"][:rows], "n": [3][:rows]}, schema={"a": str, "b": str, "n": int})
    assert suppressed_table(frame, "a", "b", "n")["n"].drop_nulls().to_list() in ([], [0])
