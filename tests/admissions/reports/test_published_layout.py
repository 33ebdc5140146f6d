from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from admissions.errors import AdmissionsError, InputError
from admissions.reports.published_layout import (
    KEY,
    LAYOUT,
    SHEET,
    compare_published,
    published_schema,
    read_published,
    write_published,
)
from sample_data import published

OURS = published(2023).select(published_schema().names())


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_whole_year_survives_being_written_and_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"result{suffix}"
    write_published(OURS, path)
    back = read_published(path)
    assert back.drop("marks").equals(OURS.sort(KEY))
    assert set(back["marks"]) == {""}


def test_the_header_is_spelled_as_published(tmp_path: Path) -> None:
    write_published(OURS, tmp_path / "r.csv")
    header = (tmp_path / "r.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header == (
        "År;Kommun;Skola;Organistionsform;StudieVagKod;Studievag;Antagningsgrans;Median;"
        "AntalPlatser;AntalAntagna;AntalReserver;AntalLedigaPlatser"
    )


def odd_file(path: Path, rows: list[list[object]], sheet: str = SHEET) -> Path:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    for i, row in enumerate([list(LAYOUT), *rows]):
        page.write_row(i, 0, row)
    book.close()
    return path


def test_the_oddities_of_published_files_are_understood(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["2026", "Täby", "Åva", "K", "NANAT", "Natur", "217,5", "P", "32", "-", "1 200", 0],
        [2026, "Täby", "Åva", "F", "NANAT", "Natur, profil", 316, "–", 32.0, 31, "", 1],
    ]
    first, second = read_published(odd_file(tmp_path / "r.xlsx", rows, "Blad1")).rows(named=True)
    assert (first["year"], first["organiser_form"], second["organiser_form"]) == (2026, "municipal", "independent")
    assert (first["lowest_merit"], first["median_merit"], first["marks"]) == (217.5, None, "median_merit=P")
    assert (first["seats"], first["admitted"], first["reserves"], first["vacant_seats"]) == (32, None, 1200, 0)
    assert (second["lowest_merit"], second["median_merit"], second["reserves"], second["marks"]) == (
        316.0,
        None,
        None,
        "",
    )


def test_what_is_no_number_is_refused_with_its_row(tmp_path: Path) -> None:
    good: list[object] = [2026, "Täby", "Åva", "K", "NANAT", "Natur", 0, 200, 30, 20, 0, 10]
    rows = [good, [*good[:5], "Natur 2", "okänt", *good[7:]], [*good[:5], "Natur 3", *good[6:8], 30.5, *good[9:]], good]
    with pytest.raises(InputError) as refused:
        read_published(odd_file(tmp_path / "r.xlsx", rows))
    found = [(problem.rule, problem.row, problem.column) for problem in refused.value.problems]  # type: ignore[attr-defined]
    assert found == [("number", 3, "Antagningsgrans"), ("number", 4, "AntalPlatser"), ("duplicate", 5, "Studievag")]


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a;b\n1;2\n")
    with pytest.raises(InputError, match="Antagningsgrans"):
        read_published(tmp_path / "r.csv")


def test_laid_side_by_side() -> None:
    theirs = OURS.sort(KEY).slice(1).with_columns(admitted=pl.col("admitted") + 2)
    result = compare_published(OURS.sort(KEY).head(-1), theirs)
    assert result.select(KEY).equals(result.select(KEY).sort(KEY))
    assert result["found"].to_list() == ["ours", *["both"] * (len(OURS) - 2), "theirs"]
    assert set(result["admitted_difference"].drop_nulls()) == {-2}
    assert set(result["lowest_merit_difference"].drop_nulls()) == {0.0}
    assert result["competition"].value_counts()["count"].sum() == len(OURS)
    assert set(result.filter(pl.col("found") == "both")["competition"]) == {"both", "neither"}


def test_a_route_standing_twice_is_refused() -> None:
    with pytest.raises(AdmissionsError, match="theirs"):
        compare_published(OURS, pl.concat([OURS, OURS.head(1)]))
