from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.errors import VerificationError
from admissions.rounds.checking import check_run
from admissions.rounds.folder import Run, write_run
from admissions.rounds.run import run_round
from admissions.rounds.withdrawn import withdrawn_table
from admissions.rules import compile_round, compile_static, load_rulebook
from tests.admissions.rules.small import LOTTERY, YEAR, compiled, make

ROUTES = [{"route_id": f"r{number}"} for number in range(3)]
FEBRUARY, MARCH, MAY, JUNE = (date(YEAR, month, 1) for month in (2, 3, 5, 6))


def withdrawn(choices, round_name="final"):
    table = withdrawn_table(compiled(make(ROUTES, {"a": {}, "b": {}}, choices), round_name=round_name))
    return [] if table is None else list(table.drop("status", "reason").iter_rows())


def test_each_kind_of_row():
    gone = ("a", "r0", 1, FEBRUARY, MAY)
    stays = ("a", "r1", 2, FEBRUARY)
    assert withdrawn([gone, stays]) == [("a", "r0", 1, MAY)]
    assert withdrawn([gone, stays], "preliminary") == []  # withdrawn later
    assert withdrawn([stays, ("b", "r0", 1, FEBRUARY)]) == []
    moved = [("a", "r0", 1, FEBRUARY, MAY), ("a", "r0", 2, MAY), ("a", "r1", 1, MAY)]
    assert withdrawn(moved) == []
    moved_and_gone = [("a", "r0", 1, FEBRUARY, MARCH), ("a", "r0", 2, MARCH, MAY), ("a", "r1", 1, MARCH)]
    assert withdrawn(moved_and_gone) == [("a", "r0", 2, MAY)]
    again = [("a", "r0", 1, FEBRUARY, MARCH), ("a", "r0", 1, date(YEAR, 8, 1)), ("a", "r1", 2, FEBRUARY)]
    assert withdrawn(again) == [("a", "r0", 1, MARCH)]
    assert withdrawn([gone]) == [("a", "r0", 1, MAY)]  # somebody without any choice left


days = st.sampled_from((FEBRUARY, MARCH, MAY, JUNE))
rows = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 2), st.integers(1, 3), days, days | st.none()), max_size=8
)


@given(rows)
@settings(max_examples=60, deadline=None)
def test_every_row_registered_by_the_day_is_active_or_withdrawn_once(drawn):
    history, active = [], set()
    for who, route, rank, registered, gone in drawn:
        if gone is not None and gone < registered:
            continue
        if gone is None and ({(who, "route", route), (who, "rank", rank)} & active):
            continue
        if gone is None:
            active |= {(who, "route", route), (who, "rank", rank)}
        history.append((who, f"r{route}", rank, registered, gone))
    # rows that overlap in time would be refused at the intake; only the last state counts here
    intake = make(ROUTES, {"a": {}, "b": {}}, history or [("a", "r0", 1)])
    one = compiled(intake)
    table = withdrawn_table(one)
    listed = [] if table is None else list(table.select("applicant", "route_id").iter_rows())
    tried = [(str(one.applicants[i]), str(one.routes[r])) for i, r in zip(one.applicant, one.route, strict=True)]
    assert sorted(listed + tried) == sorted({(row[0], row[1]) for row in history} or {("a", "r0")})


def test_the_table_is_sealed_and_enters_nothing_else(tmp_path):
    choices = [("a", "r0", 1, FEBRUARY, MAY), ("a", "r1", 2, FEBRUARY), ("b", "r0", 1, FEBRUARY)]
    intake = make(ROUTES, {"a": {}, "b": {}}, choices)
    rules = load_rulebook("storsthlm", YEAR)
    result = run_round(compile_round(compile_static(intake, rules), "final", lottery=LOTTERY), intake)
    write_run(tmp_path / "run", Run(intake, rules, LOTTERY, [result]))
    folder = tmp_path / "run" / "final"
    line = pl.read_csv(folder / "withdrawn.csv").row(0, named=True)
    assert (line["status"], line["reason"], line["withdrawn_at"]) == ("withdrawn", "by_applicant", str(MAY))
    assert len(pl.read_csv(folder / "decisions.csv")) == len(pl.read_csv(folder / "rows.csv")) == 2
    list(check_run(tmp_path / "run"))
    (folder / "withdrawn.csv").unlink()
    with pytest.raises(VerificationError, match=r"withdrawn\.csv"):
        list(check_run(tmp_path / "run"))
