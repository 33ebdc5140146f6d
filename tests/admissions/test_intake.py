from __future__ import annotations

import csv
import hashlib
import unicodedata
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admissions.errors import AdmissionsError, InputError
from admissions.intake import Intake, check_intake, read_intake, route_id, write_intake
from admissions.tables.applicant_rules import choices as choice_rules
from admissions.tables.declared import INTAKE_TABLES, SUBJECTS
from tests.admissions.tables.examples import DAY, small_intake

FORMATS = ("csv", "swedish-csv", "parquet", "xlsx")


def same(one: Intake, other: Intake) -> bool:
    return all(frame.equals(other.tables()[name]) for name, frame in one.tables().items()) and one.year == other.year


def test_route_id_is_the_start_of_the_published_keys_digest() -> None:
    key = "2023|Järfälla|Åsö gymnasium|NANAT|Naturvetenskap"
    expected = hashlib.sha256(key.encode()).hexdigest()[:10]
    assert route_id(2023, "Järfälla", "Åsö gymnasium", "NANAT", "Naturvetenskap") == expected


def test_missing_columns_and_tables_stand_for_their_defaults() -> None:
    whole = small_intake()
    bare = Intake(
        whole.routes.drop("organiser_form", "pool", "test_rule", "reception", "prerequisite", "closed_at"),
        whole.seats.select("route_or_pool", "round", "seats"),
        whole.applicants.drop("flags"),
        whole.grades,
        whole.choices.drop("withdrawn_at"),
    )
    assert bare.year == 2023
    assert bare.routes["pool"].to_list() == bare.routes["route_id"].to_list()
    assert bare.routes["reception"].unique().to_list() == ["region"]
    assert bare.seats.select("group", "held_outside", "over_intake").unique().rows() == [("", 0, 0)]
    assert bare.applicants["flags"].unique().to_list() == [""]
    for table in INTAKE_TABLES:
        assert bare.tables()[table.name].schema == table.schema
    assert len(bare.decisions) == len(bare.answers) == 0


@pytest.mark.parametrize("fmt", FORMATS)
def test_what_is_written_reads_back_the_same(tmp_path: Path, fmt: str) -> None:
    intake = small_intake()
    write_intake(intake, tmp_path / "intake", fmt)  # type: ignore[arg-type]
    back = read_intake(tmp_path / "intake")
    assert same(intake, back)
    assert intake.digest() == back.digest()


def test_one_workbook_reads_back_the_same(tmp_path: Path) -> None:
    intake = small_intake()
    write_intake(intake, tmp_path / "intake.xlsx", "xlsx")
    assert same(intake, read_intake(tmp_path / "intake.xlsx"))


@pytest.mark.parametrize("fmt", FORMATS)
def test_writing_twice_gives_the_same_bytes(tmp_path: Path, fmt: str) -> None:
    for name in ("one", "two"):
        write_intake(small_intake(), tmp_path / name, fmt)  # type: ignore[arg-type]
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_the_digest_does_not_depend_on_the_order_of_rows_but_on_every_cell() -> None:
    intake = small_intake()
    tables = intake.tables()
    assert Intake(**{name: frame.reverse() for name, frame in tables.items()}).digest() == intake.digest()  # type: ignore[arg-type]
    digests = {intake.digest()}
    for name, frame in tables.items():
        for column in frame.columns:
            value = {pl.String: "zz", pl.Int64: 77, pl.Date: DAY(2001, 1, 1)}[frame.schema[column]]  # type: ignore[index]
            rows = pl.int_range(len(frame), eager=True)
            spoilt = frame.with_columns(pl.when(rows == 0).then(pl.lit(value)).otherwise(pl.col(column)).alias(column))
            digests.add(Intake(**(tables | {name: spoilt}), year=2023).digest())  # type: ignore[arg-type]
        digests.add(Intake(**(tables | {name: pl.concat([frame, frame.head(1)])})).digest())  # type: ignore[arg-type]
    assert len(digests) == 1 + sum(frame.width + 1 for frame in tables.values())


def test_a_folder_with_other_things_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "home"
    target.mkdir()
    (target / "thesis.txt").write_text("mine")
    with pytest.raises(AdmissionsError, match=r"thesis\.txt"):
        write_intake(small_intake(), target)
    assert [item.name for item in tmp_path.iterdir()] == ["home"]
    assert [item.name for item in target.iterdir()] == ["thesis.txt"]


def test_an_intake_is_replaced_whole_and_a_failure_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "intake"
    write_intake(small_intake(), target, "parquet")
    write_intake(small_intake(), target, "csv")
    assert {item.suffix for item in target.iterdir()} == {".csv"}
    with pytest.raises(AdmissionsError):
        write_intake(small_intake(), target, "sql")  # type: ignore[arg-type]
    assert same(read_intake(target), small_intake())
    assert [item.name for item in tmp_path.iterdir()] == ["intake"]


def spoil(folder: Path, table: str, row: int, column: str, value: str) -> None:
    """Put a value into a cell of the written CSV; row is the line of the file."""
    path = folder / f"{table}.csv"
    rows = list(csv.reader(path.read_text().splitlines()))
    rows[row - 1][rows[0].index(column)] = value
    with path.open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


SINGLE_FAULTS = [
    ("routes", 3, "route_id", "r1", "duplicate"),
    ("routes", 2, "route_id", "r 1", "pattern"),
    ("routes", 2, "year", "2022", "mixed_years"),
    ("routes", 2, "year", "soon", "number"),
    ("routes", 2, "municipality", "", "empty"),
    ("routes", 2, "school_unit_code", "1234567", "pattern"),
    ("routes", 2, "organiser_form", "kommunal", "choice"),
    ("routes", 2, "programme", "na", "pattern"),
    ("routes", 2, "mode", "Merit", "choice"),
    ("routes", 2, "closed_at", "45031", "spreadsheet_date"),
    ("routes", 2, "closed_at", "20/5 2023", "date"),
    ("routes", 2, "closed_at", "2023-02-30", "date"),
    ("routes", 2, "school", "Ã…sÃ¶ gymnasium", "mojibake"),
    ("routes", 2, "pool", "elsewhere", "no_seats"),
    ("routes", 2, "route_id", "1,23E+12", "id_as_number"),
    ("seats", 2, "seats", "-1", "minimum"),
    ("seats", 2, "seats", "12,5", "whole_number"),
    ("seats", 2, "seats", "999999", "maximum"),
    ("seats", 2, "round", "spring", "pattern"),
    ("seats", 2, "route_or_pool", "nowhere", "unknown_pool"),
    ("seats", 4, "route_or_pool", "r2", "route_of_a_pool"),
    ("seats", 3, "held_outside", "33", "held_above_seats"),
    ("seats", 3, "reason", "", "reason_missing"),
    ("seats", 3, "round", "preliminary", "duplicate"),
    ("applicants", 3, "applicant", "a1", "duplicate"),
    ("applicants", 2, "birth_year", "1899", "minimum"),
    ("applicants", 2, "flags", "forein_grades", "choice"),
    ("applicants", 2, "home_municipality", " ", "empty"),
    ("grades", 3, "subject", "M2", "duplicate"),
    ("grades", 2, "grade", "a", "choice"),
    ("grades", 2, "grade", "H", "choice"),
    ("grades", 2, "subject", "MATTE", "choice"),
    ("grades", 2, "term", "spring", "choice"),
    ("grades", 2, "applicant", "nobody", "unknown_applicant"),
    ("choices", 2, "applicant", "nobody", "unknown_applicant"),
    ("choices", 2, "route_id", "r9", "unknown_route"),
    ("choices", 2, "rank", "2", "same_rank"),
    ("choices", 2, "rank", "0", "minimum"),
    ("choices", 2, "withdrawn_at", "2023-05-04", "same_route"),
    ("choices", 2, "withdrawn_at", "2023-01-31", "withdrawn_before_registered"),
    ("choices", 2, "registered_at", "", "empty"),
    ("decisions", 2, "kind", "dispens", "choice"),
    ("decisions", 2, "value", "many", "value"),
    ("decisions", 3, "value", "12", "value"),
    ("decisions", 2, "route_id", "", "route_missing"),
    ("decisions", 2, "route_id", "r3", "not_chosen"),
    ("answers", 2, "answer", "ja", "choice"),
    ("answers", 2, "round", "reserve-0", "pattern"),
    ("answers", 2, "route_id", "r3", "not_chosen"),
    ("answers", 2, "applicant", "a9", "unknown_applicant"),
]


@pytest.mark.parametrize(("table", "row", "column", "value", "rule"), SINGLE_FAULTS)
def test_each_fault_is_found_at_its_place(
    tmp_path: Path, table: str, row: int, column: str, value: str, rule: str
) -> None:
    write_intake(small_intake(), tmp_path / "intake")
    spoil(tmp_path / "intake", table, row, column, value)
    problems = check_intake(tmp_path / "intake")
    mine = [problem for problem in problems if problem.rule == rule]
    assert mine, problems
    assert {problem.file for problem in mine} == {f"{table}.csv"}
    assert all(problem.remedy and problem.message for problem in problems)
    if rule not in {"duplicate", "same_rank", "same_route"}:  # those point at the later of the two rows
        assert [(problem.row, problem.column) for problem in mine] == [(row, column)] or rule == "no_seats"
    with pytest.raises(InputError) as refused:
        read_intake(tmp_path / "intake")
    assert list(refused.value.problems) == problems


def test_fifty_different_faults_are_fifty_rows(tmp_path: Path) -> None:
    cells = [(table.name, column) for table in INTAKE_TABLES for column in table.columns]
    write_intake(small_intake(), tmp_path / "intake")
    frames = {name: frame.cast(pl.String).fill_null("") for name, frame in small_intake().tables().items()}
    expected = set()
    spoilt: dict[str, list[list[str]]] = {name: [list(row) for row in frame.rows()] for name, frame in frames.items()}
    bad = {"text": "\a", "integer": "x", "date": "yesterday", "choice": "?", "words": "?"}
    for repetition in range(3):
        for name, column in cells:
            if len(expected) == 50 or column.kind == "text" or repetition >= len(frames[name]):
                continue
            spoilt[name][repetition][frames[name].columns.index(column.name)] = bad[column.kind]
            expected.add((f"{name}.csv", repetition + 2, column.name, bad[column.kind]))
    for name, column in cells:
        at = frames[name].columns.index(column.name)
        if len(expected) < 50 and column.kind == "text" and not column.identifies and column.name != "value":
            spoilt[name][0][at] = "bad\aword"
            expected.add((f"{name}.csv", 2, column.name, "bad\aword"))
    for name, rows in spoilt.items():
        pl.DataFrame(rows, schema=frames[name].schema, orient="row").write_csv(tmp_path / "intake" / f"{name}.csv")
    before = {file.name: file.read_bytes() for file in (tmp_path / "intake").iterdir()}
    problems = check_intake(tmp_path / "intake")
    assert len(expected) == 50
    assert {(p.file, p.row, p.column, p.value) for p in problems} == expected
    assert len(problems) == 50
    assert before == {file.name: file.read_bytes() for file in (tmp_path / "intake").iterdir()}


def test_a_missing_table_is_named_and_nothing_else_is_claimed(tmp_path: Path) -> None:
    write_intake(small_intake(), tmp_path / "intake")
    (tmp_path / "intake" / "applicants.csv").unlink()
    (tmp_path / "intake" / "decisions.csv").unlink()
    problems = check_intake(tmp_path / "intake")
    assert [(problem.rule, problem.value) for problem in problems] == [("missing_table", "applicants")]


def test_two_files_of_one_table_and_misspelt_names_are_refused(tmp_path: Path) -> None:
    write_intake(small_intake(), tmp_path / "intake")
    folder = tmp_path / "intake"
    small_intake().seats.write_parquet(folder / "seats.parquet")
    (folder / "answers.csv").rename(folder / "answer.csv")
    rules = {problem.rule for problem in check_intake(folder)}
    assert rules == {"two_files", "unknown_file"}


def test_an_identity_number_is_refused_and_never_repeated(tmp_path: Path) -> None:
    write_intake(small_intake(), tmp_path / "intake")
    digits = "20000101999"  # a day of birth and three digits; the checksum below completes a number nobody has
    number = next(f"{digits}{i}" for i in range(10) if _luhn(f"{digits}{i}"[-10:]))
    for table in ("applicants", "grades"):
        spoil(tmp_path / "intake", table, 2, "applicant", number)
    problems = check_intake(tmp_path / "intake")
    assert "identity_number" in {problem.rule for problem in problems}
    assert number not in "".join(map(str, problems))


def _luhn(digits: str) -> bool:
    total = 0
    for i, digit in enumerate(digits):
        value = int(digit) * (2 if i % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def test_histories_may_touch_but_not_overlap(tmp_path: Path) -> None:
    intake = small_intake()
    rows = [
        ("a2", "r1", 1, DAY(2023, 2, 1), DAY(2023, 3, 1)),
        ("a2", "r2", 1, DAY(2023, 3, 1), DAY(2023, 4, 1)),
        ("a2", "r3", 1, DAY(2023, 3, 1), DAY(2023, 3, 1)),  # taken back the same day: never active
        ("a2", "r1", 1, DAY(2023, 4, 1), None),
        ("a2", "r2", 2, DAY(2023, 3, 31), None),  # r2 still held on rank 1 that day
    ]
    choices = pl.DataFrame(rows, schema=intake.choices.schema, orient="row")
    tables = intake.tables() | {"choices": choices, "decisions": intake.decisions.clear()}
    tables["answers"] = intake.answers.clear()
    write_intake(Intake(**tables), tmp_path / "intake")  # type: ignore[arg-type]
    problems = check_intake(tmp_path / "intake")
    assert [(problem.rule, problem.row) for problem in problems] == [("same_route", 6)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_overlaps_agree_with_a_day_by_day_check(data: st.DataObject) -> None:
    day = st.integers(1, 6)
    row = st.tuples(st.sampled_from("ab"), st.sampled_from(["r", "s"]), st.integers(1, 2), day, st.none() | day)
    rows = [
        (who, route, rank, DAY(2023, 1, start), None if end is None else DAY(2023, 1, max(start, end)))
        for who, route, rank, start, end in data.draw(st.lists(row, max_size=7))
    ]
    frame = pl.DataFrame(rows, schema=small_intake().choices.schema, orient="row")
    found = {finding.rule: bool(finding.bad.any()) for finding in choice_rules({"choices": frame})}
    days = [DAY(2023, 1, i) for i in range(1, 8)]
    active = [[r for r in rows if r[3] <= d and (r[4] is None or r[4] > d)] for d in days]
    assert found["same_rank"] == any(len({(r[0], r[2]) for r in now}) < len(now) for now in active)
    assert found["same_route"] == any(len({(r[0], r[1]) for r in now}) < len(now) for now in active)


TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=12
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(FORMATS))
def test_any_sound_text_survives_every_format(tmp_path: Path, data: st.DataObject, fmt: str) -> None:
    text = TEXT.map(lambda value: unicodedata.normalize("NFC", value).strip()).filter(
        lambda value: value and "Ã" not in value
    )
    intake = small_intake()
    names = [data.draw(text) for _ in range(3)]
    homes = [
        data.draw(st.sampled_from(["=1+1", "-2", "@x", "'=x", "''", "+", "a,b", 'c"d', "Å"]) | text) for _ in "1234"
    ]
    tables = intake.tables() | {
        "routes": intake.routes.with_columns(school=pl.Series(names)),
        "applicants": intake.applicants.with_columns(home_municipality=pl.Series(homes)),
    }
    written = Intake(**tables)  # type: ignore[arg-type]
    write_intake(written, tmp_path / "intake", fmt)  # type: ignore[arg-type]
    back = read_intake(tmp_path / "intake")
    assert same(written, back)
    assert written.digest() == back.digest()


def test_every_subject_has_a_number_of_its_own_in_the_duplicate_check() -> None:
    assert len(SUBJECTS) * 2 <= 64  # the packing of applicant, subject and term into one number


def test_a_row_missing_elsewhere_is_said_once_not_a_thousand_times(tmp_path: Path) -> None:
    intake = small_intake()
    crowd = pl.DataFrame(
        {"applicant": [f"c{i}" for i in range(1000)], "home_municipality": "Salem", "birth_year": 2007, "flags": ""}
    )
    choices = crowd.select("applicant", route_id=pl.lit("gone"), rank=1, registered_at=pl.lit(DAY(2023, 2, 1)))
    tables = intake.tables() | {
        "applicants": pl.concat([intake.applicants, crowd.cast(intake.applicants.schema)]),  # type: ignore[arg-type]
        "choices": pl.concat([intake.choices, choices], how="diagonal_relaxed"),
    }
    write_intake(Intake(**tables), tmp_path / "intake")  # type: ignore[arg-type]
    problems = check_intake(tmp_path / "intake")
    assert [(p.rule, p.row, p.value) for p in problems] == [("unknown_route", 8, "gone")]
    assert "1,000 rows" in problems[0].message
