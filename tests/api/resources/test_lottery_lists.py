import pytest
from sqlalchemy import select

from admissions.rules.lottery import Lottery
from api.store.models import Applicant
from tests.api import stages

HERE = "/api/v1/intakes/i/lottery-lists"
SEED = {"seed_phrase": "snow"}


@pytest.fixture
def filled(at_stage):
    return at_stage(stages.filled)


def ids(service):
    with service.store.read() as session:
        return set(session.scalars(select(Applicant.applicant)))


def test_late_ids_are_a_second_list_under_the_same_seed(filled):
    office, first = filled.as_("office"), ids(filled)
    made = office.post(HERE, json=SEED)
    assert made.json()["commitment"] == Lottery("snow", "").commitment(first)
    assert (made.json()["number"], made.json()["ids"]) == (1, len(first))
    assert office.post(HERE, json=SEED).json()["code"] == "no_new_ids"
    late = [
        office.post("/api/v1/intakes/i/applicants", json={"home_municipality": "Nacka", "birth_year": 2010}).json()
        for _ in range(2)
    ]
    assert office.post(HERE, json={"seed_phrase": "rain"}).json()["code"] == "other_seed"
    second = office.post(HERE, json=SEED).json()
    added = {one["applicant"] for one in late}
    assert second["commitment"] == Lottery("snow", "").commitment(added)
    listed = office.get(f"{HERE}/2/ids").json()["data"]
    assert {one["applicant"] for one in listed} == added
    assert "snow" not in office.get("/api/v1/audit/events").text


def test_an_erased_or_protected_id_stays_in_the_commitment_and_out_of_the_list(filled):
    office = filled.as_("office")
    office.post(HERE, json=SEED)
    total = office.get(f"{HERE}/1").json()["ids"]
    assert office.get(f"{HERE}/1/ids").json()["total"] == total - 1  # one is protected
    gone = office.get(f"{HERE}/1/ids").json()["data"][0]["applicant"]
    assert office.delete(f"/api/v1/intakes/i/applicants/{gone}").status_code == 204
    assert office.get(f"{HERE}/1/ids").json()["total"] == total - 2
    assert office.get(f"{HERE}/1").json()["ids"] == total
    assert filled.as_("planner").get(HERE).json()["total"] == 1
    assert filled.as_("planner").get(f"{HERE}/1/ids").status_code == 403
    assert office.get(f"{HERE}/9").status_code == 404
