"""A corpus of broken files: each is refused cleanly, with the rule broken and, where there is one, the true row."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from admissions.errors import InputError
from admissions.tables import Problem, read_table, write_table
from admissions.tables.archive import inspect_archive
from admissions.tables.declared import CHOICES
from admissions.tables.raw import RefusedError, Source

HEAD = "applicant,route_id,rank,registered_at,withdrawn_at\n"
GOOD = "a1,r1,1,2023-02-01,\n"
SHEET = [
    ["applicant", "route_id", "rank", "registered_at"],
    ["a1", "r1", 1, "2023-02-01"],
    ["a2", "r1", 1, "2023-02-01"],
]

# each with its content, the rule it breaks and the row
CSV_FILES: dict[str, tuple[str | bytes, str, int | None]] = {
    "empty": (b"", "empty_file", None),
    "only white space": (" \n\t\n\n", "empty_file", None),
    "only a byte-order mark": (b"\xef\xbb\xbf", "empty_file", None),
    "only a separator hint": ("sep=;\n", "empty_file", None),
    "only a header": (HEAD, "empty_table", None),
    "header and empty rows": (HEAD + ",,,,\n\n,,,,\n", "empty_table", None),
    "nul byte": (HEAD.encode() + b"a1,r1,1,2023-02-01,\na\x002,r1,1,2023-02-01,\n", "nul_byte", 3),
    "nothing but nul bytes": (b"\x00" * 5000, "nul_byte", 1),
    "binary": (bytes(range(256)) * 20, "nul_byte", 1),
    "latin-1 pasted into utf-8": (HEAD.encode() + "å1,r1,1,2023-02-01,\n".encode() + b"\xe51,r1", "encoding", 3),
    "utf-8 cut inside a letter": (HEAD.encode() + "å".encode() + GOOD.encode() + b"\xc3", "encoding", 3),
    "bytes no encoding knows": (HEAD.encode() + b"a\x81,r1,1,2023-02-01,\n", "encoding", 2),
    "utf-16 cut in two": (("\ufeff" + HEAD + GOOD).encode("utf-16-le")[:-1], "encoding", None),
    "utf-16 without mark": ((HEAD + GOOD).encode("utf-16-le"), "nul_byte", 1),
    "utf-8 read as latin-1 once": (HEAD + "Ã¥1,r1,1,2023-02-01,\n", "mojibake", 2),
    "replacement characters": (HEAD + "a\ufffd,r1,1,2023-02-01,\n", "mojibake", 2),
    "open quote": (HEAD + GOOD + '"a2,r1,1,2023-02-01,\n' + GOOD, "open_quote", 3),
    "quote inside a text": (HEAD + 'a"1,r1,1,2023-02-01,\na"2,r1,1,2023-02-01,\n', "stray_quote", 2),
    "single stray quote": (HEAD + GOOD + 'a"2,r1,1,2023-02-01,\n', "open_quote", 3),
    "text after a closing quote": (HEAD + '"a1"x,r1,1,2023-02-01,\n', "stray_quote", 2),
    "too few cells": (HEAD + GOOD + "a2,r1,1\n" + GOOD.replace("a1", "a3"), "row_width", 3),
    "too many cells": (HEAD + "a1,r1,1,2023-02-01,,\n", "row_width", 2),
    "cut off": (HEAD + GOOD + "a2,r1", "row_width", 3),
    "decimal comma unquoted": (HEAD + "a1,r1,1,5,2023-02-01,\n", "row_width", 2),
    "header twice the same": (HEAD.replace("withdrawn_at", "rank") + GOOD, "duplicate_column", 1),
    "header missing": (GOOD * 3, "missing_column", 1),
    "header of another table": ("term,grade\nfinal,A\n", "missing_column", 1),
    "column missing": ("applicant,route_id,rank\na1,r1,1\n", "missing_column", 1),
    "column misspelt": (HEAD.replace("registered_at", "registred_at") + GOOD, "unknown_column", 1),
    "column nobody knows": (HEAD.replace("\n", ",shoe size\n") + "a1,r1,1,2023-02-01,,43\n", "unknown_column", 1),
    "column without a name": (HEAD.replace("\n", ",\n") + "a1,r1,1,2023-02-01,,x\n", "nameless_column", 2),
    "wrong separator": (HEAD.replace(",", "|") + GOOD.replace(",", "|"), "missing_column", 1),
    "separators mixed": (HEAD.replace(",", ";") + GOOD, "row_width", 2),
    "html page": ("<!DOCTYPE html>\n<html><body>Not found</body></html>\n", "missing_column", 1),
    "json": ('{"applicant": "a1"}\n', "missing_column", 1),
    "workbook named csv": (b"PK\x03\x04" + b"x" * 100, "wrong_format", None),
    "a million columns": (",".join(f"c{i}" for i in range(1_000_000)) + "\n", "too_large", 1),
    "three hundred columns": (",".join(f"c{i}" for i in range(300)) + "\n" + "," * 299, "too_large", None),
    "a long cell": (HEAD + f"{'x' * 20_000},r1,1,2023-02-01,\n", "too_long", 2),
    "a very long row": (HEAD + f"{'x' * 300_000},r1,1,2023-02-01,\n", "too_large", 2),
    "line break in an id": (HEAD + GOOD + '"a\n2",r1,1,2023-02-01,\nx y,r1,1,2023-02-01,\n', "control_character", 3),
    "tab in an id": (HEAD + "a\t1,r1,1,2023-02-01,\n", "control_character", 2),
    "bell": (HEAD + "a\a,r1,1,2023-02-01,\n", "control_character", 2),
    "rank missing": (HEAD + "a1,r1,,2023-02-01,\n", "empty", 2),
    "rank not a number": (HEAD + "a1,r1,first,2023-02-01,\n", "number", 2),
    "rank with decimals": (HEAD + 'a1,r1,"1,5",2023-02-01,\n', "whole_number", 2),
    "rank in exponents": (HEAD + "a1,r1,1E+00,2023-02-01,\n", "number", 2),
    "rank not finite": (HEAD + "a1,r1,NaN,2023-02-01,\n", "number", 2),
    "rank too large for any integer": (HEAD + f"a1,r1,{'9' * 40},2023-02-01,\n", "number", 2),
    "rank zero": (HEAD + "a1,r1,0,2023-02-01,\n", "minimum", 2),
    "rank with a typographic minus": (HEAD + "a1,r1,\u22121,2023-02-01,\n", "minimum", 2),
    "excel error": (HEAD + "a1,r1,#REF!,2023-02-01,\n", "number", 2),
    "day as number": (HEAD + "a1,r1,1,44958,\n", "spreadsheet_date", 2),
    "day in another order": (HEAD + "a1,r1,1,01/02/2023,\n", "date", 2),
    "day of two digits": (HEAD + "a1,r1,1,23-02-01,\n", "date", 2),
    "no such day": (HEAD + "a1,r1,1,2023-02-29,\n", "date", 2),
    "day with a time": (HEAD + "a1,r1,1,2023-02-01 12:30,\n", "date", 2),
    "id in exponents": (HEAD + 'a1,"1,23457E+11",1,2023-02-01,\n', "id_as_number", 2),
    "id with spaces": (HEAD + "a1,r 1,1,2023-02-01,\n", "pattern", 2),
    "old line ends with a fault": ((HEAD + GOOD + GOOD + "a3,r1,x,2023-02-01,\n").replace("\n", "\r"), "number", 4),
    "mixed line ends with a fault": (HEAD + GOOD[:-1] + "\r\n" + GOOD + "a3,r1,x,2023-02-01,\r\n", "number", 4),
    "empty rows before a fault": ("\n\n" + HEAD + "\n,,,,\n" + GOOD + "\na3,r1,x,2023-02-01,\n", "number", 8),
    "separator hint before a fault": ("sep=,\n" + HEAD + "a3,r1,x,2023-02-01,\n", "number", 3),
}


def problems_of(path: Path) -> tuple[Problem, ...]:
    started = time.perf_counter()
    with pytest.raises(InputError) as refused:
        read_table(path, CHOICES)
    assert time.perf_counter() - started < 10
    problems = refused.value.problems
    assert all(isinstance(problem, Problem) and problem.message and problem.remedy for problem in problems)
    assert all(len(problem.value or "") <= 80 for problem in problems if isinstance(problem, Problem))
    return problems  # type: ignore[return-value]


@pytest.mark.parametrize("name", CSV_FILES)
def test_broken_csv(tmp_path: Path, name: str) -> None:
    content, rule, row = CSV_FILES[name]
    path = tmp_path / "choices.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = [(problem.rule, problem.row) for problem in problems_of(path)]
    assert (rule, row) in found, found
    assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())


def book(path: Path, change: Callable[[xlsxwriter.Workbook, object], None] | None = None) -> Path:
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet("choices")
    for i, row in enumerate(SHEET):
        sheet.write_row(i, 0, row)
    if change is not None:
        change(made, sheet)
    made.close()
    return path


def repacked(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Rewrite every part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {item.filename: change(item.filename, archive.read(item)) for item in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def in_sheet(old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        repacked(path, lambda name, data: data.replace(old, new) if "worksheets/sheet" in name else data)

    return change


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-300])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        item = archive.getinfo("xl/worksheets/sheet1.xml")
    at = item.header_offset + 30 + len(item.filename) + item.compress_size // 2
    data[at : at + 8] = b"\xff" * 8
    path.write_bytes(bytes(data))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.xml", b"0" * 60_000_000)


def lying_bomb(path: Path) -> None:
    """Add a part that says it is small and is not."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"<x/>" * 5_000_000)
    size = (4 * 5_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (1000).to_bytes(4, "little")))


def many_parts(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        for i in range(600):
            archive.writestr(f"xl/extra/{i}.xml", b"<x/>")


BOOKS: dict[str, tuple[Callable[[Path], object], str, int | None]] = {
    "empty": (lambda path: path.write_bytes(b""), "empty_file", None),
    "no workbook": (lambda path: path.write_text("applicant;route_id"), "damaged_workbook", None),
    "cut off": (truncate, "damaged_workbook", None),
    "bits flipped": (flip, "damaged_workbook", None),
    "old binary format": (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 2000), "damaged_workbook", None),
    "zip of something else": (
        lambda path: path.write_bytes(b"") or zipfile.ZipFile(path, "w").writestr("a.txt", "a"),
        "damaged_workbook",
        None,
    ),
    "zip bomb": (bomb, "zip_bomb", None),
    "bomb that lies": (lying_bomb, "damaged_workbook", None),
    "hundreds of parts": (many_parts, "too_large", None),
    "entities": (in_sheet(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'), "entities", None),
    "broken xml": (in_sheet(b"</row>", b"<row>"), "damaged_workbook", None),
    "formula": (lambda path: book(path, lambda _, s: s.write_formula(2, 2, "=1+1", None, 2)), "formula", 3),
    "merged cells": (lambda path: book(path, lambda _, s: s.merge_range(3, 0, 4, 1, "a3")), "merged_cells", 4),
    "cell far to the right": (lambda path: book(path, lambda _, s: s.write(0, 16_383, "x")), "far_cell", None),
    "cell far out in both ways": (lambda path: book(path, lambda _, s: s.write(1_048_575, 20, "x")), "too_large", None),
    "no rows": (in_sheet(b"<sheetData>", b"<sheetData></sheetData><x>"), "damaged_workbook", None),
    "day as number": (lambda path: book(path, lambda _, s: s.write_number(2, 3, 44958)), "spreadsheet_date", 3),
    "fraction": (lambda path: book(path, lambda _, s: s.write_number(2, 2, 1.5)), "whole_number", 3),
    "truth value": (lambda path: book(path, lambda _, s: s.write_row(2, 2, [True])), "number", 3),
    "empty rows before a fault": (lambda p: book(p, lambda _, s: s.write_row(9, 0, ["a", "r1", "x"])), "number", 10),
    "title above the header": (lambda p: book(p, lambda _, s: s.write_row(0, 0, ["Val"] * 4)), "missing_column", 1),
    "column without a name": (lambda path: book(path, lambda _, s: s.write(1, 4, "note")), "nameless_column", 2),
}  # fmt: skip


@pytest.mark.parametrize("name", BOOKS)
def test_broken_workbook(tmp_path: Path, name: str) -> None:
    spoil, rule, row = BOOKS[name]
    path = book(tmp_path / "choices.xlsx")
    spoil(path)
    found = [(problem.rule, problem.row) for problem in problems_of(path)]
    assert (rule, row) in found, found


def test_the_unspoilt_workbook_is_fine(tmp_path: Path) -> None:
    assert len(read_table(book(tmp_path / "choices.xlsx"), CHOICES)) == 2


def ods(path: Path, rows: str) -> Path:
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="choices">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    return path


def ods_row(*cells: str, more: str = "") -> str:
    made = "".join(
        f'<table:table-cell {more} office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f"<table:table-row>{made}</table:table-row>"


ODS_HEAD = ods_row("applicant", "route_id", "rank", "registered_at")


def test_an_ods_sheet_is_read(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="16000"/>'
    padding = f'<table:table-row table:number-rows-repeated="1048000">{cell}</table:table-row>'
    path = ods(tmp_path / "choices.ods", ODS_HEAD + ods_row("a1", "r1", "1", "2023-02-01") + padding)
    assert read_table(path, CHOICES).row(0)[:3] == ("a1", "r1", 1)


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        (ODS_HEAD + ods_row("a1", more='table:formula="of:=1"'), "formula"),
        (ODS_HEAD + ods_row("a1", more='table:number-columns-spanned="2"'), "merged_cells"),
        (ODS_HEAD + ods_row("a1", more='table:number-columns-repeated="900000000"'), "too_large"),
        ("", "empty_file"),
    ],
)
def test_broken_ods(tmp_path: Path, rows: str, rule: str) -> None:
    assert {problem.rule for problem in problems_of(ods(tmp_path / "choices.ods", rows))} == {rule}


def parquet(**columns: object) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


ONE = {"applicant": ["a1"], "route_id": ["r1"], "rank": [1], "registered_at": ["2023-02-01"]}
PARQUETS: dict[str, tuple[bytes, str, int | None]] = {
    "empty": (b"", "empty_file", None),
    "no parquet": (b"PAR1 and nothing else", "damaged_file", None),
    "cut off": (parquet(**ONE)[:-40], "damaged_file", None),
    "lists": (parquet(**(ONE | {"rank": [[1, 2]]})), "no_plain_value", None),
    "bytes": (parquet(**(ONE | {"applicant": [b"a1"]})), "no_plain_value", None),
    "fraction": (parquet(**(ONE | {"rank": [1.5]})), "whole_number", 1),
    "not finite": (parquet(**(ONE | {"rank": [float("nan")]})), "number", 1),
    "missing": (parquet(**(ONE | {"rank": pl.Series([None], dtype=pl.Int64)})), "empty", 1),
    "no rows": (parquet(**{name: pl.Series([], dtype=pl.String) for name in ONE}), "empty_table", None),
    "wrong type": (parquet(**(ONE | {"rank": [True]})), "number", 1),
    "too many rows": (parquet(a=pl.repeat("x", 6_000_000, eager=True)), "too_large", None),
}


@pytest.mark.parametrize("name", PARQUETS)
def test_broken_parquet(tmp_path: Path, name: str) -> None:
    content, rule, row = PARQUETS[name]
    path = tmp_path / "choices.parquet"
    path.write_bytes(content)
    found = [(problem.rule, problem.row) for problem in problems_of(path)]
    assert (rule, row) in found, found


def test_the_corpus_has_sixty_files_and_more() -> None:
    assert len(CSV_FILES) + len(BOOKS) + len(PARQUETS) >= 60


def test_other_endings_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "choices.doc").write_text("x")
    (tmp_path / "choices.csv").mkdir()
    for name, rule in [("choices.doc", "unknown_format"), ("choices.csv", "missing_file"), ("no.csv", "missing_file")]:
        assert [problem.rule for problem in problems_of(tmp_path / name)] == [rule]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak memory from /proc")
def test_a_cell_of_a_hundred_megabytes_costs_neither_time_nor_memory(tmp_path: Path) -> None:
    path = tmp_path / "choices.csv"
    path.write_bytes(HEAD.encode() + b"x" * 100_000_000 + b",r1,1,2023-02-01,\n")
    script = (
        "import sys; from pathlib import Path; from admissions.tables import read_table;"
        "from admissions.tables.declared import CHOICES; from admissions.errors import InputError\n"
        "try: read_table(Path(sys.argv[1]), CHOICES)\n"
        "except InputError as error: print(error.problems[0].rule)\n"
        "status = Path('/proc/self/status').read_text()\n"  # not ru_maxrss: a child inherits its parent's
        "print(next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith('VmHWM')))"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    rule, megabytes = done.stdout.split()
    assert rule == "too_large"
    assert int(megabytes) <= 500
    assert time.perf_counter() - started < 10


def test_more_bytes_than_any_intake_are_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "choices.csv"
    with path.open("wb") as stream:
        stream.truncate(3 << 30)  # a hole: no disk is used
    tracemalloc.start()
    assert {problem.rule for problem in problems_of(path)} == {"too_large"}
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_five_thousand_faults_are_five_thousand_rows(tmp_path: Path) -> None:
    path = tmp_path / "choices.csv"
    rows = "".join(f"a{i},r1,{'x' if i % 2 else 1},2023-02-01,\n" for i in range(10_000))
    path.write_text(HEAD + rows)
    problems = problems_of(path)
    assert [problem.row for problem in problems] == list(range(3, 10_002, 2))
    assert len(str(InputError(problems)).splitlines()) < 60


def test_a_million_faults_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "choices.csv"
    frame = pl.DataFrame({"applicant": [f"a{i}" for i in range(200_000)], "route_id": "r1", "rank": "x"})
    write_table(frame.with_columns(registered_at=pl.lit("2023-02-01")), path)
    problems = problems_of(path)
    assert len(problems) == 10_001
    assert "190,000 more" in problems[-1].message


def test_a_cell_far_down_is_seen_before_the_reader_reserves_the_rectangle(tmp_path: Path) -> None:
    path = book(tmp_path / "choices.xlsx", lambda _, s: s.write(1_048_575, 20, "x"))
    with pytest.raises(RefusedError, match="cells up to the last one"):
        inspect_archive(path, Source("choices.xlsx"))
