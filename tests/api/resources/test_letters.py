import io
import zipfile

import pytest
from sqlalchemy import select

from api.store.models import Applicant
from tests.api import stages


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def make(service, **body):
    office = service.as_("office")
    run = f"/api/v1/runs/{stages.the_run(service)}"
    started = office.post(f"{run}/letters", json=body)
    assert started.status_code == 202, started.text
    service.work()
    return office, run, office.get(started.headers["location"]).json()


def test_a_batch_holds_a_pdf_for_each_municipality_and_nobody_protected(published):
    office, run, job = make(published, by="home_municipality")
    assert job["state"] == "done", job
    with published.store.read() as session:
        people = session.execute(select(Applicant.home_municipality).where(Applicant.protected.is_(False))).all()
    assert job["result"]["letters"] == len(people)
    content = office.get(f"{run}/letters/{job['result']['name']}")
    assert content.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(content.content)) as packed:
        assert len(packed.namelist()) == len({one.home_municipality for one in people}) == job["result"]["parts"]
        assert all(packed.read(name).startswith(b"%PDF-") for name in packed.namelist())
    listed = office.get(f"{run}/letters").json()["data"]
    assert [(one["name"], one["bytes"]) for one in listed] == [(job["result"]["name"], len(content.content))]


def test_the_same_batch_made_again_is_the_same(published):
    digests = [
        make(published, by="home_municipality", value="Nacka", language="en")[2]["result"]["digest"] for _ in range(2)
    ]
    assert digests[0] == digests[1]


def test_a_batch_of_nobody_is_refused_and_one_key_makes_one(published):
    office = published.as_("office")
    run = f"/api/v1/runs/{stages.the_run(published)}"
    empty = office.post(f"{run}/letters", json={"by": "sending_school", "value": "no school"})
    assert (empty.status_code, empty.json()["code"]) == (422, "size_of_batch")
    body, key = {"by": "home_municipality"}, {"Idempotency-Key": "k"}
    first, again = (office.post(f"{run}/letters", json=body, headers=key).json() for _ in range(2))
    assert first["id"] == again["id"]
    assert office.post(f"{run}/letters", json=body).json()["code"] == "job_running"
    assert office.get(f"{run}/letters/run.zip").status_code == 404
    assert published.as_("counsellor:municipality:Nacka").post(f"{run}/letters", json=body).status_code == 403
