"""The data package describes itself truly: every file, column and value is what the description says."""

import csv
import hashlib
import io
import json
import re
import zipfile

import pytest
from typer.testing import CliRunner

from admissions.rounds.stored import read_run
from api.commands import publish_data
from api.exchange.package_fields import RESOURCES
from tests.api import stages
from tests.pages_run import make_run

CASTS = {"string": str, "integer": int, "number": float, "boolean": {"true": True, "false": False}.__getitem__}


def checked(files):
    """Check a package against its own description and what Data Package and Table Schema 1 demand; give its tables."""
    package = json.loads(files["datapackage.json"])
    assert package["profile"] == "tabular-data-package"
    assert re.fullmatch(r"[-a-z0-9._/]+", package["name"])
    assert package["resources"]
    assert all({"name"} <= set(one) or {"path"} <= set(one) for one in package["licenses"])
    assert all(one["title"] for one in package["sources"])
    tables = {}
    for one in package["resources"]:
        assert re.fullmatch(r"[-a-z0-9._]+", one["name"])
        assert not one["path"].startswith(("/", "."))
        content = files[one["path"]]
        assert one["bytes"] == len(content)
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        tables[one["name"]] = rows_of(one, content.decode(one["encoding"]))
    assert len({one["name"] for one in package["resources"]}) == len(package["resources"])
    assert set(files) == {"datapackage.json", *(one["path"] for one in package["resources"])}
    return package, tables


def rows_of(resource, text):
    fields = resource["schema"]["fields"]
    dialect = resource["dialect"]
    header, *lines = csv.reader(io.StringIO(text, newline=""), delimiter=dialect["delimiter"])
    assert header == [one["name"] for one in fields]
    assert all(one["description"] for one in fields)
    rows = [[value_of(one, cell, resource) for one, cell in zip(fields, line, strict=True)] for line in lines]
    table = [dict(zip(header, row, strict=True)) for row in rows]
    keys = [tuple(row[name] for name in resource["schema"]["primaryKey"]) for row in table]
    assert len(set(keys)) == len(keys)
    assert not any(None in key for key in keys)  # a primary key has no missing values
    return table


def value_of(field, cell, resource):
    limits = field.get("constraints", {})
    if cell in resource["schema"]["missingValues"]:
        assert not limits.get("required"), (resource["name"], field["name"])
        return None
    value = CASTS[field["type"]](cell)
    assert "minimum" not in limits or value >= limits["minimum"]
    assert "pattern" not in limits or re.fullmatch(limits["pattern"], cell)
    return value


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("finished"), 400)


@pytest.fixture(scope="module")
def files(folder, tmp_path_factory):
    import typer

    app = typer.Typer()
    publish_data.register(app)
    out = tmp_path_factory.mktemp("package") / "data"
    told = CliRunner().invoke(app, [str(folder), "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert CliRunner().invoke(app, [str(folder), "--out", str(out)]).exit_code != 0  # nothing is overwritten
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_the_package_of_a_run_folder_is_what_it_says(files, folder):
    package, tables = checked(files)
    assert package["name"] == "admission-2023-final"
    assert "demonstration" in package["description"]
    assert set(tables) == {one.name for one in RESOURCES}
    routes = read_run(folder).round("final").table("routes")
    assert [row["route_id"] for row in tables["routes"]] == routes["route_id"].sort().to_list()
    assert (
        sum(row["admitted"] for row in tables["routes"]) == routes["admitted"].sum() == tables["region"][0]["admitted"]
    )
    assert round(max(row["limit"] for row in tables["routes"]) * 100) == routes["limit"].max()


def test_municipalities_carry_their_codes(files):
    _, tables = checked(files)
    codes = {row["municipality"]: row["municipality_code"] for row in tables["municipalities"]}
    assert codes["Stockholm"] == "0180"
    assert all(codes.values())


def test_no_small_count_of_people_is_told(files):
    _, tables = checked(files)
    people = tables["people_without_seat"]
    assert not any(0 < row["persons"] < 5 for row in people if row["persons"] is not None)
    assert all((row["persons"] is None) == row["hidden"] for row in people)
    assert {"without_seat", "reserve_persons", "residents_without_seat"}.isdisjoint(tables["municipalities"][0])


def test_strangers_get_the_package_of_a_published_run_and_of_no_other(at_stage):
    service = at_stage(stages.published)
    run = stages.the_run(service)
    answer = service.stranger().get(f"/api/v1/publications/{run}/data-package")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        package, tables = checked({name: archive.read(name) for name in archive.namelist()})
    assert package["id"] == run
    assert len(tables["routes"]) == 8
    assert service.stranger().get("/api/v1/publications/0/data-package").status_code == 404
    page = service.stranger(headers={"Accept": "text/html"}).get("/public").text
    assert f"/api/v1/publications/{run}/data-package" in page


def test_an_unpublished_run_has_no_package(at_stage):
    service = at_stage(stages.verified)
    assert service.stranger().get(f"/api/v1/publications/{stages.the_run(service)}/data-package").status_code == 404
