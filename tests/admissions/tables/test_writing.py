from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from admissions.errors import AdmissionsError
from admissions.tables import write_swedish_csv, write_table, write_xlsx

FRAME = pl.DataFrame(
    {
        "name": ["Åsa, Öst", 'a "b"', "=1+1", "-", None, ""],
        "points": [217.5, 220.0, None, -1.25, 0.0, 1.0],
        "seats": [1, 2, 3, None, -5, 6],
        "day": [dt.date(2023, 4, 15), None, None, None, None, None],
    }
)


def test_machine_csv(tmp_path: Path) -> None:
    write_table(FRAME, tmp_path / "t.csv")
    expected = [
        "name,points,seats,day",
        '"Åsa, Öst",217.5,1,2023-04-15',
        '"a ""b""",220.0,2,',
        "=1+1,,3,",
        "-,-1.25,,",
        ",0.0,-5,",
        ",1.0,6,",
        "",
    ]
    assert (tmp_path / "t.csv").read_bytes() == "\n".join(expected).encode()


def test_swedish_csv(tmp_path: Path) -> None:
    write_swedish_csv(FRAME, tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_bytes().removeprefix(b"\xef\xbb\xbf").decode().split("\r\n")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert lines[:4] == ["name;points;seats;day", "Åsa, Öst;217,5;1;2023-04-15", '"a ""b""";220,0;2;', "'=1+1;;3;"]
    assert lines[4:] == ["-;-1,25;;", ";0,0;-5;", ";1,0;6;", ""]


@pytest.mark.parametrize("text", ["=1+1", "+46 8", "-2+3", "@SUM(A1)", "'=x", "=cmd|' /C calc'!A0"])
def test_nothing_a_spreadsheet_would_compute_leaves_unshielded(tmp_path: Path, text: str) -> None:
    write_swedish_csv(pl.DataFrame({"a": [text]}), tmp_path / "t.csv")
    cell = (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert cell.lstrip('"').startswith("'")


def test_xlsx_holds_real_numbers_days_and_a_frozen_header(tmp_path: Path) -> None:
    write_xlsx({"one": FRAME, "two": FRAME.head(1)}, tmp_path / "t.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "t.xlsx"))
    assert book.sheet_names == ["one", "two"]
    rows = book.get_sheet_by_name("one").to_python()
    assert rows[1] == ["Åsa, Öst", 217.5, 1.0, dt.date(2023, 4, 15)]
    assert rows[3][0] == "=1+1"  # a text, not a formula
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b'state="frozen"' in sheet
    assert b"<f>" not in sheet


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_table(FRAME, path)
    before = path.read_bytes()
    with pytest.raises(pl.exceptions.PolarsError):
        write_table(pl.DataFrame({"a": [[1, 2]]}), path)
    with pytest.raises(AdmissionsError, match="ods"):
        write_table(FRAME, tmp_path / "t.ods")
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["t.csv"]


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AdmissionsError, match="1,048,575"):
        write_table(pl.DataFrame({"a": pl.repeat(1, 1_048_576, eager=True)}), tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())
