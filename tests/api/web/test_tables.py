"""The figures themselves, their order, and what is downloaded."""

import io
import re

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from api.sorting import sort_key
from api.web.demand_charts import labels
from api.web.levels import WHOLE_ONLY, rolled_up
from api.web.replay_tables import STANDINGS, changed_lists, limits, passages, programmes, standings
from api.web.route_tables import history, merits, moves, refused
from api.web.texts import Texts

WORDS = {"none": "none", "absent": "absent", "rest": "rest"}


@pytest.mark.parametrize("level", ["programme", "municipality", "organiser", "school"])
def test_rolling_up_every_route_gives_the_level_itself(picture, level):
    whole = picture.levels[level]
    made = rolled_up(picture.routes, level, picture.decisions, picture.rows)
    columns = [name for name in whole.columns if name in made.columns]
    assert len(columns) > 15
    assert not set(WHOLE_ONLY) & set(columns)
    keys = [name for name in ("programme", "municipality", "organiser", "school") if name in columns]
    assert_frame_equal(made.select(columns).sort(keys), whole.select(columns).sort(keys), check_dtypes=False)


def test_levels_agree_with_the_reports_of_the_run(picture, run_folder):
    told = pl.read_csv(
        run_folder / "report" / "final-programme.csv", separator=";", decimal_comma=True, null_values=[""],
        schema_overrides={"median": pl.Float64, "median_grades": pl.Float64, "first_share": pl.Float64},
    )  # fmt: skip
    ours = picture.levels["programme"].sort("programme")
    told = told.sort(told.columns[0])
    for name in ("seats", "first_choices", "admitted", "reserves", "clearing_number", "routes_with_limit"):
        assert ours[name].to_list() == told[name].to_list()
    assert [value and value / 100 for value in ours["median"]] == told["median"].to_list()


def test_a_download_is_what_the_page_shows(guest, picture):
    query = "level=route&municipality=Stockholm&sort=-reserves&col=reserves&col=limit"
    page = guest.get(f"/demand?{query}").text
    table = pl.read_csv(io.BytesIO(guest.get(f"/demand?{query}&format=csv").content))
    assert table.columns == ["route_name", "reserves", "limit"]
    assert table["reserves"].to_list() == sorted(table["reserves"].to_list(), reverse=True)
    assert len(table) == picture.routes.filter(pl.col("municipality") == "Stockholm").height
    shown = re.findall(r"<tr><th scope=\"row\"><a[^>]*>(.*?)</a></th>", page)
    assert shown == [name.replace("&", "&amp;") for name in table["route_name"].to_list()[:100]]
    limit = picture.routes.filter(pl.col("limit") > 0)["limit"].max() / 100
    assert table["limit"].max() <= limit


def test_the_file_for_excel_is_in_the_language_of_the_page(guest):
    swedish = guest.get("/demand?format=csv-sv").content
    assert swedish.startswith("\ufeffProgram;Platser;Förstahandsval;".encode())
    assert guest.get("/demand?format=csv-sv&lang=en").content.decode("utf-8-sig").startswith("Programme;Seats;")
    assert guest.get("/demand?format=xlsx").content[:2] == b"PK"


def test_names_are_in_swedish_order(guest):
    table = pl.read_csv(io.BytesIO(guest.get("/demand?level=municipality&sort=municipality&format=csv").content))
    names = table["municipality"].to_list()
    assert names == sorted(names, key=sort_key)
    assert names[-1].startswith(("Ä", "Ö", "V"))
    assert names.index("Österåker") > names.index("Värmdö")


def test_filters_narrow_and_are_named(guest, picture):
    text = guest.get("/demand?level=route&programme=NA&q=stockholm").text
    assert re.search(r"av 1\s466|1\xa0466 utan urval", text)
    assert "klareringstal" not in guest.get("/demand?programme=NA").text.lower().split("<h2>")[0].split("<table")[1]


def test_passages_count_everybody_once_and_agree_with_the_run(picture, before, run_folder):
    table = passages([before, picture])
    people = pl.concat([before.persons.select("applicant"), picture.persons.select("applicant")]).n_unique()
    assert table["persons"].sum() == people
    after = dict(standings(picture).group_by("standing").len().iter_rows())
    for name in STANDINGS[:-1]:
        assert table.filter(pl.col("after") == name)["persons"].sum() == after.get(name, 0)
    told = dict(pl.read_csv(run_folder / "final" / "moves.csv").iter_rows())
    placed = pl.col("before").is_in(["first", "lower"]), pl.col("after").is_in(["first", "lower"])
    assert table.filter(*placed)["persons"].sum() == told["same_route"] + told["other_route"]


def test_programmes_in_the_replay_add_up(picture, before):
    table = programmes(before, picture)
    stays = table["same_route"] + table["other_route"]
    assert (stays + table["came"]).to_list() == table["admitted_after"].to_list()
    assert (stays + table["went"]).to_list() == table["admitted_before"].to_list()
    both = limits(before, picture)
    assert table["limits_new"].sum() == both.filter((pl.col("limit") == 0) & (pl.col("limit_after") > 0)).height


def test_changed_lists_are_those_that_differ(picture, before):
    counts = changed_lists(before, before)
    assert counts == {"changed": 0, "new": 0, "gone": 0}
    assert changed_lists(before, picture)["new"] == len(
        set(picture.persons["applicant"]) - set(before.persons["applicant"])
    )


def test_a_route_accounts_for_everybody(picture, before, route):
    row = picture.routes.filter(pl.col("route_id") == route).row(0, named=True)
    table = merits(picture, route, exact=True)
    assert table["admitted"].sum() == row["admitted"]
    assert table["reserve"].sum() == row["reserves"]
    assert table.select("admitted", "struck", "reserve").sum_horizontal().sum() == row["all_choices"]
    assert refused(picture, route, WORDS, exact=True)["persons"].sum() == row["reserves"]
    stayed, came = moves(picture, before, route, WORDS, exact=True)
    assert stayed + came["persons"].sum() == row["admitted"]


def test_history_is_that_of_the_route(picture):
    one = picture.routes.filter(pl.col("route_code") == "NANAT", pl.col("school") == "Norra Real").to_dicts()
    table = history(one[0] if one else picture.routes.row(0, named=True))
    assert table["year"].to_list() == sorted(table["year"].to_list())
    assert not table["year"].is_duplicated().any()


def test_no_two_rows_of_a_chart_are_called_the_same():
    profile = {"school": "Nyköpings enskilda", "route_code": "NANAT", "municipality": "Nyköping"}
    rows = [
        {**profile, "route_name": "NA - Natur", "route_id": "a"},
        {**profile, "route_name": "NA - Natur, hav", "route_id": "b"},
        {**profile, "route_name": "NA - Natur, hav", "route_id": "c"},
        {**profile, "route_code": "EKJUR", "route_name": "EK - Juridik", "route_id": "d"},
    ]
    names = labels(rows, "route", Texts("sv"))
    assert len(set(names)) == 4
    assert names[0] == "Nyköpings enskilda, NA - Natur"
    assert names[3] == "Nyköpings enskilda, EKJUR"
    towns = [{"school": "Centralskolan", "municipality": "Täby"}, {"school": "Centralskolan", "municipality": "Nacka"}]
    assert labels(towns, "school", Texts("sv")) == ["Centralskolan, Täby", "Centralskolan, Nacka"]
