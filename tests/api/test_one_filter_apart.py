"""Over the declared tables about people: no two answers one filter apart tell a count from 1 to 4.

Source: issue 6 of the plan, "People"; the tables are declared in api/jobs/result_tables.py (the API) and in api/web
(the pages). Asked as somebody who sees published figures only.
"""

import io
import itertools

import polars as pl
import pytest
from sqlalchemy import select

from api.jobs.result_tables import PEOPLE_TABLE
from api.store.models import RunArtifact
from tests.api import stages
from tests.api.intakes import PLACES
from tests.api.world import World

SMALL = range(1, 5)
ALL = ""


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def service(at_stage):
    return at_stage(stages.published)


def answers(client, path, dimensions, values, column):
    """Ask with every choice of filters; give the count that each answer tells of each cell, None where it is hidden."""
    found = {}
    for chosen in itertools.product(*((None, *values[name]) for name in dimensions)):
        asked = {name: value for name, value in zip(dimensions, chosen, strict=True) if value is not None}
        rows = client.get(path, params={**asked, "limit": 1000}).json()["data"]
        found[chosen] = {tuple(row[name] for name in dimensions): row[column] for row in rows}
    return found


def told(cells):
    """Give every count that an answer tells of a group of people, by cell."""
    return {cell: count for cell, count in cells.items() if count is not None}


def test_no_pair_of_answers_of_the_api_reveals_a_small_count(service):
    planner, world = service.as_("planner"), World(service)
    path = f"/api/v1/runs/{stages.the_run(service)}/people/without-seat"
    assert world.document["paths"]["/api/v1/runs/{run_id}/people/without-seat"]
    everything = planner.get(path, params={"limit": 1000}).json()["data"]
    dimensions = ("home_municipality", "programme")
    values = {name: sorted({row[name] for row in everything}) for name in dimensions}
    assert len(everything) > 4
    by_filter = answers(planner, path, dimensions, values, "persons")
    whole = told(by_filter[None, None])
    for cells in by_filter.values():
        assert all(whole.get(cell) == count for cell, count in told(cells).items())  # a filter only chooses
    assert not set(whole.values()) & set(SMALL)
    for place, kept in itertools.product(range(2), range(2)):
        for value in values[dimensions[kept]]:
            line = {cell[place]: count for cell, count in whole.items() if cell[kept] == value and place != kept}
            total = line.pop(ALL, None)
            if total is not None:  # the answer without the filter, beside those with it
                apart = [total - count for count in line.values()]
                assert not {*apart, total - sum(line.values())} & set(SMALL), (dimensions[kept], value, line, total)


def test_every_table_with_a_home_municipality_is_declared(service):
    """A new table of a run that counts people by home must come through here, not beside it."""
    run = stages.the_run(service)
    with service.store.read() as session:
        rows = session.execute(select(RunArtifact.name, RunArtifact.content).where(RunArtifact.run_id == run)).all()
    homes = {PLACE for PLACE, _ in PLACES}
    with_homes = set()
    for name, content in rows:
        if name.endswith(".parquet"):
            frame = pl.read_parquet(io.BytesIO(content))
            if "home_municipality" in frame.columns and homes & set(frame["home_municipality"].drop_nulls()):
                with_homes.add(name)
    assert with_homes == {"decisions.parquet", f"{PEOPLE_TABLE}.parquet"}


@pytest.mark.parametrize("path", ["demand", "shortfalls", "cutoffs", "decisions"])
def test_other_lists_take_no_filter_by_home(service, path):
    """Crossings of people that are not declared are refused or not there: an unknown filter changes nothing."""
    client = service.as_("planner" if path != "decisions" else "analyst")
    base = f"/api/v1/runs/{stages.the_run(service)}/{path}"
    plain = client.get(base).json()
    narrowed = client.get(base, params={"home_municipality": "Nacka"})
    assert narrowed.status_code == 422 or narrowed.json() == plain
    for row in plain["data"]:
        assert not {"home_municipality", "residents_without_seat", "birth_year", "sending_school"} & set(row)


def test_people_columns_are_not_grouped_by_on_the_pages(service):
    """The pages by home take no filter at all: every address gives the same figures."""
    client = service.as_("planner")
    for page in ("/homes", "/flows"):
        plain = client.get(page, params={"run": "i", "round": "preliminary", "format": "csv"}).text
        for name, value in (("programme", "NA"), ("municipality", "Nacka"), ("school", "x"), ("organiser", "Nacka")):
            asked = {"run": "i", "round": "preliminary", "format": "csv", name: value}
            assert client.get(page, params=asked).text == plain, (page, name)


@pytest.mark.parametrize(("page", "more"), [("/homes", {}), ("/flows", {}), ("/flows", {"kind": "first"})])
def test_no_sum_on_a_page_gives_a_small_count_away(service, page, more):
    client = service.as_("planner")
    asked = {"run": "i", "round": "preliminary", "format": "csv", **more}
    frame = pl.read_csv(io.BytesIO(client.get(page, params=asked).content), infer_schema_length=None)
    counts = frame.drop(frame.columns[0])
    lines = [list(row) for row in counts.rows()] + [counts[name].to_list() for name in counts.columns]
    for line in lines:
        numbers = [None if cell is None or not str(cell).isdigit() else int(cell) for cell in line]
        assert not {count for count in numbers if count is not None} & set(SMALL), line
        *inner, total = numbers
        hidden = sum(one is None for one in inner)
        if total is not None and hidden:
            assert hidden != 1, line
