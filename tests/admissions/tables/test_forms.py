from __future__ import annotations

from pathlib import Path

import pytest

from admissions.tables.forms import detected_forms

HEADER = "applicant{0}home_municipality{0}birth_year{0}flags\na1{0}Järfälla{0}2007{0}\n"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "windows-1252"), ("utf-16", "utf-16")],
)
def test_encoding_and_separator_are_found(tmp_path: Path, separator: str, encoding: str, name: str) -> None:
    (tmp_path / "applicants.csv").write_bytes(HEADER.format(separator).encode(encoding))
    assert [(one.kind, one.encoding, one.separator) for one in detected_forms(tmp_path)] == [("csv", name, separator)]


def test_a_first_line_that_names_the_separator_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "routes.csv").write_text("sep=;\nroute_id;year\n")
    assert detected_forms(tmp_path)[0].separator == ";"


def test_what_is_no_text_has_neither(tmp_path: Path) -> None:
    (tmp_path / "routes.parquet").write_bytes(b"PAR1")
    (tmp_path / "seats.csv").write_bytes(b"PK\x03\x04")
    (tmp_path / "grades.csv").write_bytes(b"")
    (tmp_path / "notes.docx").write_bytes(b"x")
    found = {one.file: (one.kind, one.separator) for one in detected_forms(tmp_path)}
    assert found == {"routes.parquet": ("parquet", ""), "seats.csv": ("csv", ""), "grades.csv": ("csv", "")}


def test_a_long_file_is_judged_by_its_start(tmp_path: Path) -> None:
    line = "a1;Åäö;2007;\n"
    (tmp_path / "applicants.csv").write_bytes(("applicant;x\n" + line * 100_000).encode("utf-16"))
    assert detected_forms(tmp_path)[0] == detected_forms(tmp_path / "applicants.csv")[0]
    assert detected_forms(tmp_path)[0].separator == ";"
