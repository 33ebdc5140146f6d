import dataclasses
import io
import zipfile

import polars as pl
import pytest
from sqlalchemy import func, select

from admissions.intake import write_intake
from api.store.models import Applicant, AuditEvent, Choice, Route
from tests.api.intakes import make_intake


def zipped(intake, tmp_path, fmt="csv"):
    write_intake(intake, tmp_path / "in", fmt)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for file in sorted((tmp_path / "in").iterdir()):
            archive.write(file, f"folder/{file.name}")
    return whole.getvalue()


@pytest.fixture
def office(service):
    return service.as_("office")


@pytest.fixture
def intake_id(office):
    return office.post("/api/v1/intakes", json={"name": "2026", "year": 2026}).json()["id"]


def upload(client, intake_id, content, name="in.zip", **headers):
    return client.post(f"/api/v1/intakes/{intake_id}/imports", files={"file": (name, content)}, headers=headers)


def rows(service, model):
    with service.store.read() as session:
        return session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize("fmt", ["csv", "parquet", "swedish-csv", "xlsx"])
def test_an_intake_is_checked_shown_and_committed(service, office, intake_id, tmp_path, fmt):
    intake = make_intake(20, 5, 3)
    checked = upload(office, intake_id, zipped(intake, tmp_path, fmt))
    assert checked.status_code == 201
    found = checked.json()
    assert (found["state"], found["problem_count"]) == ("checked", 0)
    assert found["content_digest"] == intake.digest()
    assert found["difference"]["applicants"]["added"] == 20
    assert rows(service, Applicant) == 0
    committed = office.post(checked.headers["location"] + "/commit")
    assert committed.json()["state"] == "committed"
    assert (rows(service, Applicant), rows(service, Route), rows(service, Choice)) == (20, 5, 60)
    assert office.get(f"/api/v1/intakes/{intake_id}").json()["revision"] == 1
    assert office.post(checked.headers["location"] + "/commit").status_code == 200
    assert office.get(f"/api/v1/intakes/{intake_id}").json()["revision"] == 1
    assert [one["name"] for one in office.get(f"/api/v1/intakes/{intake_id}/rounds").json()["data"]] == [
        "preliminary",
        "final",
    ]


def test_every_problem_is_listed_with_its_place_and_nothing_is_stored(service, office, intake_id, tmp_path):
    intake = make_intake(20, 5, 3)
    broken = intake.choices.with_row_index().with_columns(
        pl.when(pl.col("index").is_in([50, 51, 52])).then(pl.lit("nowhere")).otherwise("route_id").alias("route_id")
    )
    refused = upload(
        office, intake_id, zipped(dataclasses.replace(intake, choices=broken.drop("index")), tmp_path)
    ).json()
    assert refused["state"] == "refused"
    assert refused["problem_count"] >= 3
    where = f"/api/v1/intakes/{intake_id}/imports/{refused['id']}"
    problems = office.get(where + "/problems").json()["data"]
    assert len(problems) == refused["problem_count"]
    unknown = [(one["file"], one["row"], one["column"]) for one in problems if one["rule"] == "unknown_route"]
    assert unknown == [("choices.csv", row, "route_id") for row in (52, 53, 54)]
    assert all(one["remedy"] for one in problems)
    assert office.get(where + "/problems", params={"format": "csv-sv"}).content.startswith(b"\xef\xbb\xbffile;")
    assert office.post(where + "/commit").json()["code"] == "not_checked"
    assert rows(service, Route) == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.zip", b"no zip"),
        ("in.zip", b""),
        ("x.csv", b"a,b\n"),
        ("in.xlsx", b"no workbook"),
        ("../../x.zip", b"PK\x05\x06"),
    ],
)
def test_unreadable_files_are_refused(office, intake_id, name, content):
    answer = upload(office, intake_id, content, name)
    assert answer.status_code == 422 or answer.json()["state"] == "refused"


def test_a_zip_with_the_same_table_twice_is_refused(office, intake_id):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a/routes.csv", "x")
        archive.writestr("b/routes.csv", "y")
    assert upload(office, intake_id, whole.getvalue()).json()["code"] == "unreadable_file"


def test_an_import_of_another_year_is_refused(office, intake_id, tmp_path):
    found = upload(office, intake_id, zipped(make_intake(10, 4, 2, year=2025), tmp_path)).json()
    assert found["state"] == "refused"


def test_an_import_checked_against_an_older_state_is_refused(office, intake_id, tmp_path):
    content = zipped(make_intake(20, 5, 3), tmp_path)
    first, second = (upload(office, intake_id, content).headers["location"] for _ in range(2))
    assert office.post(first + "/commit").status_code == 200
    assert office.post(second + "/commit").json()["code"] == "intake_changed"
    assert office.delete(second).status_code == 204
    assert office.delete(first).json()["code"] == "committed"


def test_the_same_upload_with_one_key_is_one_import(service, office, intake_id, tmp_path):
    content = zipped(make_intake(20, 5, 3), tmp_path)
    key = {"Idempotency-Key": "k"}
    ids = {upload(office, intake_id, content, **key).json()["id"] for _ in range(3)}
    assert len(ids) == 1
    other = zipped(make_intake(20, 5, 3, seed=9), tmp_path)
    assert upload(office, intake_id, other, **key).json()["code"] == "idempotency_key_reused"


def test_one_event_a_write(service, office, intake_id, tmp_path):
    def events():
        with service.store.read() as session:
            return session.scalars(select(AuditEvent.kind).order_by(AuditEvent.number)).all()

    where = upload(office, intake_id, zipped(make_intake(20, 5, 3), tmp_path)).headers["location"]
    office.post(where + "/commit")
    office.post(where + "/commit")
    assert events() == ["intake.created", "import.checked", "import.committed"]


@pytest.mark.parametrize("role", ["planner", "analyst", "auditor", "principal:school:x", "counsellor:school:x"])
def test_others_cannot_import(service, intake_id, role):
    assert upload(service.as_(role), intake_id, b"x").json()["code"] == "forbidden"
