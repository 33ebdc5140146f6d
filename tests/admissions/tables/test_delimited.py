from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admissions.errors import InputError
from admissions.tables import read_table
from admissions.tables.declared import APPLICANTS
from admissions.tables.delimited import read_delimited
from admissions.tables.raw import RefusedError, Source

ROWS = [("a1", "Järfälla", 2007, ""), ("a2", "Täby; norra", 2006, "protected"), ("a3", 'Ö"st, väst', 2007, "")]
EXPECTED = pl.DataFrame(ROWS, schema=APPLICANTS.schema, orient="row")


def text(separator: str, end: str = "\n") -> str:
    lines = [separator.join(APPLICANTS.names)]
    for who, home, year, flags in ROWS:
        quoted = '"' + home.replace('"', '""') + '"'
        lines.append(separator.join([who, quoted, str(year), flags]))
    return end.join(lines) + end


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
def test_every_usual_form_reads_the_same(tmp_path: Path, separator: str, end: str, encoding: str) -> None:
    path = tmp_path / "applicants.csv"
    path.write_bytes(text(separator, end).encode(encoding))
    assert read_table(path, APPLICANTS).equals(EXPECTED)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.rstrip("\n"),  # no line end at the end
        lambda t: "sep=,\n" + t,
        lambda t: "\n\n" + t.replace("\n", "\n\n"),
        lambda t: t + ",,,\n , , , \n",
        lambda t: t.replace("\n", ",,\n"),  # formatted but empty columns
        lambda t: t.replace("applicant,", " Applicant ,").replace("birth_year", "BIRTH_YEAR"),
        lambda t: t.replace("a1,", '"a1",').replace("2007", " 2007 "),
        lambda t: t.replace("a1", "\u00a0a1 "),
    ],
)
def test_harmless_differences_are_forgiven(tmp_path: Path, change: object) -> None:
    path = tmp_path / "applicants.csv"
    path.write_text(change(text(",")), newline="")  # type: ignore[operator]
    assert read_table(path, APPLICANTS).equals(EXPECTED)


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "applicants.csv"
    path.write_text("flags;birth_year;applicant;home_municipality\n;2007;a1;Salem\n")
    assert read_table(path, APPLICANTS).rows() == [("a1", "Salem", 2007, "")]


def test_rows_are_counted_as_an_editor_counts_lines(tmp_path: Path) -> None:
    path = tmp_path / "applicants.csv"
    lines = [",".join(APPLICANTS.names), "a1,Salem,2007,", "", 'a2,"Sa', 'lem",2007,', ",,,", "a3,Salem,x,", "a4,Salem"]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as refused:
        read_table(path, APPLICANTS)
    found = {(problem.rule, problem.row) for problem in refused.value.problems}  # type: ignore[attr-defined]
    assert found == {("control_character", 4), ("number", 7), ("row_width", 8)}


CELL = st.text(st.sampled_from('ab";,\n\t å='), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(",;\t"))
def test_quoted_tables_are_read_as_the_standard_library_reads_them(
    tmp_path: Path, data: st.DataObject, separator: str
) -> None:
    rows = data.draw(st.lists(st.lists(CELL, min_size=2, max_size=2), max_size=6))
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["x", "y"], *rows])
    path = tmp_path / "t.csv"
    path.write_text(buffer.getvalue(), newline="")
    raw = read_delimited(path, Source("t.csv"), ("x", "y"))
    lines = 1
    expected, numbers = [], []
    for row in [["x", "y"], *rows]:
        if any(cell.strip() for cell in row):
            expected.append(row)
            numbers.append(lines)
        lines += 1 + "".join(row).count("\n")
    found = [list(row) for row in zip(*(column.to_list() for column in raw.columns), strict=True)]
    assert found == expected[1:]
    assert raw.rows.tolist() == numbers[1:]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(st.sampled_from('ab",;\n\t\r'), max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_never_an_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with contextlib.suppress(RefusedError):
        raw = read_delimited(path, Source("t.csv"), ("x", "y"))
        assert all(len(column) == len(raw.rows) for column in raw.columns)
