from __future__ import annotations

from importlib import resources
from pathlib import Path

import polars as pl
import pytest

from admissions.intake import route_id
from admissions.tables.declared import ROUTES
from sample_data import YEARS, catalogue, figures, municipalities, programmes, published

NATIONAL = ~pl.col("route_code").str.starts_with("IM")


@pytest.mark.parametrize(
    ("year", "routes", "national", "admitted", "vacant", "with_limit"),
    [
        (2020, 1447, 1169, 26108, 3391, 694),
        (2021, 1419, 1152, 26270, 3424, 698),
        (2022, 1477, 1200, 27087, 3150, 748),
        (2023, 1466, 1187, 27360, 3220, 748),
    ],
)
def test_the_published_totals(
    year: int, routes: int, national: int, admitted: int, vacant: int, with_limit: int
) -> None:
    table = published(year)
    assert len(table) == routes
    of = table.filter(NATIONAL)
    found = (len(of), of["admitted"].sum(), of["vacant_seats"].sum(), (of["lowest_merit"] > 0).sum())
    assert found == (national, admitted, vacant, with_limit)


def test_route_ids_are_unique_and_made_of_the_published_key() -> None:
    table = published()
    assert table["route_id"].n_unique() == len(table) == 5809
    row = table.row(17, named=True)
    key = (row[name] for name in ("year", "municipality", "school", "route_code", "route_name"))
    assert row["route_id"] == route_id(*key)


@pytest.mark.parametrize("year", YEARS)
def test_the_catalogue_is_a_sound_table_of_routes(year: int) -> None:
    table = catalogue(year)
    assert table.schema == ROUTES.schema
    assert table["route_id"].is_sorted()
    assert set(table["programme"]) <= set(programmes()["programme"])
    assert table["organiser"].null_count() == table["organiser_form"].null_count() == 0
    assert set(table["municipality"]) <= set(municipalities()["municipality"])
    assert table["pool"].equals(table["route_id"].alias("pool"))


def test_every_municipality_lies_where_it_lies() -> None:
    table = municipalities()
    assert len(table) == 28
    assert table["latitude"].is_between(58.8, 60.0).all()
    assert table["longitude"].is_between(17.2, 18.9).all()
    ordered = table.sort("latitude")["municipality"].to_list()
    assert (ordered[0], ordered[-1]) == ("Nynäshamn", "Norrtälje")
    assert table.null_count().sum_horizontal().item() <= 1  # one share is suppressed by its publisher


def test_every_figure_has_a_source() -> None:
    assert figures()["source"].null_count() == 0
    rechoice = figures().filter(pl.col("topic") == "omval", pl.col("unit") == "percent")
    assert {"80", "82", "90"} <= set(rechoice["value"])


def test_years_without_results_are_refused() -> None:
    with pytest.raises(ValueError, match="2019"):
        published(2019)


def test_the_data_is_small_and_has_its_sources() -> None:
    folder = Path(str(resources.files("sample_data")))
    tables = sorted((folder / "tables").glob("*.csv"))
    assert sum(file.stat().st_size for file in tables) < 1_500_000
    sources = (folder / "SOURCES.md").read_text(encoding="utf-8")
    for file in tables:
        assert f"`{file.name}`" in sources
