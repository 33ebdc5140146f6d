from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from admissions.errors import InputError
from simulations.forecast import by_year, read_history, read_inputs
from tests.simulations.forecast.histories import RESULTS, catalogue, invented, of


@pytest.fixture
def frame() -> pl.DataFrame:
    return invented(range(2020, 2024), 0.0, routes=12)


def written(folder: Path, name: str, frame: pl.DataFrame) -> Path:
    path = folder / f"{name}.csv"
    frame.write_csv(path)
    return path


def rules(refusal: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [problem.rule for problem in refusal.value.problems]  # type: ignore[attr-defined]


def test_history_and_catalogue_are_read_with_and_without_the_optional_columns(frame: pl.DataFrame, tmp_path: Path):
    for drop in ([], ["skolenhetskod"], ["organiser", "skolenhetskod"]):
        years, routes = read_inputs(
            written(tmp_path, "history", of(frame, 2020, 2021).drop(drop)),
            written(tmp_path, "catalogue", catalogue(frame, 2022).drop(drop)),
        )
        assert [year.year for year in years] == [2020, 2021]
        assert len(routes) == 12


def test_a_catalogue_with_results_is_read_without_them(frame: pl.DataFrame, tmp_path: Path):
    history = written(tmp_path, "history", of(frame, 2020, 2021))
    _, routes = read_inputs(history, written(tmp_path, "catalogue", of(frame, 2022)))
    assert not set(RESULTS) & set(routes.columns)


def test_a_missing_year_is_refused(frame: pl.DataFrame, tmp_path: Path):
    with pytest.raises(InputError, match="the year 2021 is missing between 2020 and 2022") as refusal:
        read_inputs(
            written(tmp_path, "history", of(frame, 2020, 2022)), written(tmp_path, "catalogue", of(frame, 2023))
        )
    assert rules(refusal) == ["missing_year"]


@pytest.mark.parametrize(
    ("year", "text"), [(2021, "is not after the history"), (2023, "the years between are missing")]
)
def test_a_catalogue_that_does_not_follow_the_history_is_refused(
    frame: pl.DataFrame, tmp_path: Path, year: int, text: str
):
    with pytest.raises(InputError, match=text) as refusal:
        read_inputs(
            written(tmp_path, "history", of(frame, 2020, 2021)), written(tmp_path, "catalogue", of(frame, year))
        )
    assert rules(refusal) == ["catalogue_year"]


def test_all_problems_of_both_files_come_at_once(frame: pl.DataFrame, tmp_path: Path):
    history = of(frame, 2020, 2022).with_columns(seats=-pl.col("seats")).drop("median_merit")
    coming = of(frame, 2021).with_columns(seats=pl.lit("many")).drop("route_code")
    with pytest.raises(InputError) as refusal:
        read_inputs(written(tmp_path, "history", history), written(tmp_path, "catalogue", coming))
    assert set(rules(refusal)) >= {"missing_column", "minimum", "number", "missing_year", "catalogue_year"}
    assert {problem.file for problem in refusal.value.problems} == {"history.csv", "catalogue.csv"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("column", ["seats", *RESULTS])
def test_negative_numbers_are_refused_with_their_place(frame: pl.DataFrame, tmp_path: Path, column: str):
    spoilt = of(frame, 2020, 2021).with_columns(
        pl.when(pl.int_range(pl.len()) == 4).then(-1).otherwise(pl.col(column)).cast(frame.schema[column]).alias(column)
    )
    with pytest.raises(InputError, match=f"row 6, column {column}") as refusal:
        read_inputs(written(tmp_path, "history", spoilt), written(tmp_path, "catalogue", catalogue(frame, 2022)))
    assert rules(refusal) == ["minimum"]


def test_unpublished_merits_are_read_as_unknown(frame: pl.DataFrame, tmp_path: Path):
    open_cells = of(frame, 2020).with_columns(lowest_merit=pl.lit(None, dtype=pl.Float64))
    years, _ = read_inputs(
        written(tmp_path, "history", open_cells), written(tmp_path, "catalogue", catalogue(frame, 2021))
    )
    assert (years[0].competition != years[0].competition).all()  # NaN everywhere


def test_two_rows_of_one_name_are_parallel_classes(frame: pl.DataFrame, tmp_path: Path):
    twice = pl.concat([of(frame, 2020), of(frame, 2020).with_columns(lowest_merit=pl.lit(100.0))])
    years, _ = read_inputs(written(tmp_path, "history", twice), written(tmp_path, "catalogue", catalogue(frame, 2021)))
    assert len(years[0].keys) == 24


def test_a_backtest_needs_two_years(frame: pl.DataFrame, tmp_path: Path):
    with pytest.raises(InputError, match="at least two years"):
        read_history(written(tmp_path, "history", of(frame, 2020)))
    assert len(read_history(written(tmp_path, "both", of(frame, 2020, 2021)))) == 24


def test_a_file_that_is_not_there_is_a_refusal(frame: pl.DataFrame, tmp_path: Path):
    with pytest.raises(InputError, match="no such file"):
        read_inputs(tmp_path / "nowhere.csv", written(tmp_path, "catalogue", of(frame, 2020)))


def test_rows_are_held_in_the_order_of_their_contents(frame: pl.DataFrame):
    one = by_year(of(frame, 2020))[0]
    other = by_year(of(frame, 2020).reverse())[0]
    assert one.keys == other.keys
    assert (one.lowest_merit == other.lowest_merit).all()
