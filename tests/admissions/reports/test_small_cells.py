from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from admissions.reports.content import report_of
from admissions.reports.files import write_reports
from admissions.reports.html import html_report
from admissions.reports.published_layout import read_published
from admissions.reports.small_cells import hidden, hide_homes
from admissions.reports.terminal import print_report
from admissions.rounds.folder import Run, write_run
from admissions.rounds.run import run_round
from admissions.rules import compile_round, compile_static
from tests.admissions.results.town import LOTTERY, rulebook, town

LEAST = 5
COUNTS = ("first_choices", "admitted", "reserves", "reserve_persons", "without_seat", "all_choices")


def hiding(least: int):
    rules = rulebook()
    publication = replace(rules.sections.publication, smallest_cell=least)
    return replace(rules, sections=replace(rules.sections, publication=publication))


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    intake = town(120, seed=3, seats=4, quota=0.5)
    made = {}
    for least in (0, LEAST):
        static = compile_static(intake, rulebook())
        static = replace(static, rulebook=hiding(least))
        rounds = [run_round(compile_round(static, name, lottery=LOTTERY), intake) for name in ("preliminary", "final")]
        run = Run(intake, static.rulebook, LOTTERY, rounds)
        about = write_run(tmp_path_factory.mktemp("run") / "run", run)
        made[least] = report_of(run, about)
    return made, intake


counts = st.lists(st.integers(0, 30), min_size=1, max_size=12)


@given(counts, st.integers(2, 8), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_no_sum_tells_a_hidden_count(values, least, random):
    array = np.array(values, dtype=np.int64)
    cells = np.arange(len(array))
    lines = [(cells, None)]
    lines += [(np.array(sorted(random.sample(range(len(array)), random.randint(1, len(array))))), None) for _ in "ab"]
    mask = hidden(array, lines, least)
    assert mask[(array > 0) & (array < least)].all()
    assert not mask[array == 0].any()
    for line, _ in lines:
        inside = line[mask[line]]
        if len(inside) and (~mask[line] & (array[line] > 0)).any():  # else there was nothing left to hide
            assert len(inside) > 1
            assert array[inside].sum() >= least
    if not ((array > 0) & (array < least)).any():
        assert not mask.any()


def test_nothing_is_hidden_unless_the_rulebook_says_so(reports):
    made, _ = reports
    plain = made[0]
    assert plain.smallest == 0
    assert all(
        plain.last.levels[level].select(COUNTS).null_count().sum_horizontal().item() == 0 for level in plain.last.levels
    )
    assert "är dolda" not in html_report(plain)


def test_small_counts_and_what_tells_them_are_hidden_at_every_level(reports):
    made, _ = reports
    known, few = made[0], made[LEAST]
    found = 0
    for one, other in zip(known.rounds, few.rounds, strict=True):
        for level, table in one.levels.items():
            shown = other.levels[level]
            for name in COUNTS:
                small = (table[name] > 0) & (table[name] < LEAST)
                assert shown[name].filter(small).null_count() == small.sum()
                found += int(small.sum())
                same = shown[name].is_not_null()
                assert shown[name].filter(same).equals(table[name].filter(same))
                if level == "route" and shown[name].null_count() and shown[name].drop_nulls().sum():
                    assert shown[name].null_count() > 1
            gone = shown["admitted"].is_null()
            for name in ("median", "vacancies", "first_share"):
                assert shown[name].filter(gone).null_count() == gone.sum()
    assert found > 20


def test_the_published_layout_is_as_it_was_and_every_face_says_what_is_hidden(reports, tmp_path):
    made, intake = reports
    for least, report in made.items():
        write_reports(report, intake, tmp_path / str(least))
    whole, few = (read_published(tmp_path / str(least) / "final-published.xlsx") for least in (0, LEAST))
    assert whole.equals(few)
    page = (tmp_path / str(LEAST) / "report.html").read_text(encoding="utf-8")
    assert "färre än 5 personer är dolda" in page
    assert "fewer than 5 persons are hidden" in html_report(made[LEAST], "en")
    table = (tmp_path / str(LEAST) / "final-route.csv").read_text(encoding="utf-8-sig")
    assert re.search(r";;", table)
    console = Console(width=150, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    print_report(made[LEAST], console)
    assert "är dolda" in console.export_text()


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_no_row_or_column_of_homes_tells_a_hidden_count(rows):
    kinds = ("a", "b", "c")
    wide = pl.DataFrame(rows, schema=dict.fromkeys(kinds, pl.Int64), orient="row").with_columns(
        pl.sum_horizontal(kinds).alias("all")
    )
    shown = hide_homes(wide, kinds, LEAST)
    for line, before in zip(shown.iter_rows(), wide.iter_rows(), strict=True):
        for value, true in zip(line, before, strict=True):
            assert value is None or value == true
            assert value is None or not 0 < true < LEAST
        assert sum(value is None for value in line) != 1
    assert hide_homes(wide, kinds, 0).equals(wide)
