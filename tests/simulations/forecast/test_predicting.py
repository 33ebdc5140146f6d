from __future__ import annotations

from functools import cache

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from simulations.forecast import by_year, forecast_table
from simulations.forecast.published import KEY
from tests.simulations.forecast.histories import RESULTS, catalogue, invented, of, shipped

QUANTITIES = ("lowest_merit", "admitted", "reserves", "vacant_seats")


@cache
def predicted(year: int) -> pl.DataFrame:
    frame = shipped()
    return forecast_table(by_year(frame.filter(pl.col("year") < year)), catalogue(frame, year))


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_every_route_of_the_catalogue_gets_one_row_in_its_order(year: int):
    columns = ["year", *KEY, "seats"]
    assert_frame_equal(predicted(year).select(columns), catalogue(shipped(), year).select(columns))
    assert predicted(year).null_count().sum_horizontal().item() == 0


@pytest.mark.parametrize("year", [2021, 2022, 2023])
@pytest.mark.parametrize("name", QUANTITIES)
def test_intervals_are_ordered_and_hold_the_point(year: int, name: str):
    low, point, high = (predicted(year)[name + end] for end in ("_low", "", "_high"))
    assert (low >= 0).all()
    assert (low <= point).all()
    assert (point <= high).all()


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_persons_and_seats_are_whole_and_fit_into_the_seats(year: int):
    frame = predicted(year)
    for name in ("admitted", "reserves", "vacant_seats"):
        assert frame[name].dtype == pl.Int64
    assert (frame["admitted_high"] <= frame["seats"]).all()
    assert (frame["vacant_seats_high"] <= frame["seats"]).all()
    assert (frame["admitted"] + frame["vacant_seats"] <= frame["seats"]).all()
    # As in the published tables: a route with a vacant seat has turned nobody down.
    assert (frame.filter(pl.col("vacant_seats") > 0)["no_competition_probability"] >= 0.5).all()


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_cutoffs_are_merit_values_and_zero_only_where_no_competition_is_likelier(year: int):
    frame = predicted(year)
    assert (frame["lowest_merit"] % 2.5 == 0).all()
    none = frame.filter(pl.col("lowest_merit") == 0)
    assert (none["no_competition_probability"] >= 0.5).all()  # rounded to four places
    assert frame["no_competition_probability"].is_between(0, 1).all()


def test_a_route_with_a_cut_off_last_year_is_given_one_again():
    last = of(shipped(), 2022).filter(pl.col("lowest_merit") > 0)
    again = predicted(2023).join(last, on=KEY, how="semi")
    assert len(again) > 600
    assert (again["lowest_merit"] > 0).all()


def test_the_order_of_the_rows_changes_nothing():
    frame = shipped()
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=5)
    mixed = forecast_table(by_year(of(shuffled, 2021, 2022)), catalogue(shuffled, 2023))
    plain = forecast_table(by_year(of(frame, 2021, 2022)), catalogue(frame, 2023))
    order = [*KEY, "seats"]
    assert_frame_equal(mixed.sort(order), plain.sort(order), check_exact=True)


def test_the_same_input_gives_the_same_forecast():
    frame = shipped()
    assert_frame_equal(
        forecast_table(by_year(of(frame, 2020, 2021, 2022)), catalogue(frame, 2023)), predicted(2023), check_exact=True
    )


def test_results_of_the_judged_year_are_never_read():
    frame = shipped()
    year = of(frame, 2023)
    upside_down = year.with_columns(pl.lit(1).cast(year.schema[name]).alias(name) for name in RESULTS)
    history = by_year(of(frame, 2020, 2021, 2022))
    assert_frame_equal(forecast_table(history, upside_down), predicted(2023), check_exact=True)


@pytest.mark.parametrize("years", [(2022,), (2021, 2022), (2020, 2021, 2022)])
def test_any_number_of_years_will_do(years: tuple[int, ...]):
    frame = forecast_table(by_year(of(shipped(), *years)), catalogue(shipped(), 2023))
    assert len(frame) == 1466
    assert frame["lowest_merit"].max() <= 1020  # type: ignore[operator]


@pytest.mark.parametrize("routes", [1, 2, 30])
def test_a_very_small_region_is_forecast_from_the_priors(routes: int):
    frame = shipped().filter(pl.col("year") >= 2022)
    small = forecast_table(by_year(of(frame, 2022).head(routes)), catalogue(frame, 2023).head(routes))
    assert len(small) == routes


def test_a_catalogue_of_only_new_schools_is_forecast_from_programmes():
    frame = shipped()
    new = catalogue(frame, 2023).with_columns(
        school=pl.lit("Helt ny skola ") + pl.col("school").str.reverse(), skolenhetskod=pl.lit("")
    )
    guess = forecast_table(by_year(of(frame, 2021, 2022)), new)
    wide = (guess["reserves_high"] - guess["reserves_low"]).mean()
    known = predicted(2023)
    assert wide > (known["reserves_high"] - known["reserves_low"]).mean() * 0.5  # type: ignore[operator]
    assert (guess["lowest_merit"] <= 340).mean() > 0.9  # type: ignore[operator]


def test_parallel_classes_with_one_name_each_get_a_row():
    frame = invented(range(2020, 2023), 0.0)
    twice = pl.concat([frame, frame.with_columns(seats=pl.col("seats") + 5)])
    out = forecast_table(by_year(of(twice, 2020, 2021)), catalogue(twice, 2022))
    assert len(out) == 240
    assert out["seats"].to_list() == of(twice, 2022)["seats"].to_list()


def test_a_route_without_seats_turns_nobody_down_and_admits_nobody():
    frame = shipped()
    closed = catalogue(frame, 2023).with_columns(seats=pl.lit(0, dtype=pl.Int64))
    out = forecast_table(by_year(of(frame, 2021, 2022)), closed)
    assert out["admitted_high"].max() == 0
    assert out["vacant_seats_high"].max() == 0


@pytest.mark.parametrize("years", [(2022,), (2020, 2021, 2022)])
def test_fewer_seats_raise_the_cut_off_and_more_seats_lower_it(years: tuple[int, ...]):
    frame = shipped()
    history = by_year(of(frame, *years))
    year = catalogue(frame, 2023)
    base = forecast_table(history, year)
    fewer = forecast_table(history, year.with_columns(seats=(pl.col("seats") * 0.7).ceil().cast(pl.Int64)))
    more = forecast_table(history, year.with_columns(seats=(pl.col("seats") * 1.3).ceil().cast(pl.Int64)))
    rows = base["lowest_merit"].is_between(100, 330) & (base["seats"] >= 20)
    means = [frame.filter(rows)["lowest_merit"].mean() for frame in (fewer, base, more)]
    assert means[0] > means[1] > means[2]  # type: ignore[operator]
    chances = [frame.filter(rows)["no_competition_probability"].mean() for frame in (fewer, base, more)]
    assert chances[0] < chances[1] < chances[2]  # type: ignore[operator]
