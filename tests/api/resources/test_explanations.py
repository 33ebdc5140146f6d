import pytest
from sqlalchemy import select

from api.store.models import Applicant
from tests.api import stages


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def a_reserve(service):
    office = service.as_("office")
    run = f"/api/v1/runs/{stages.the_run(service)}"
    return run, office.get(f"{run}/decisions", params={"status": "reserve"}).json()["data"][0]


def test_a_result_is_explained_in_both_languages(published):
    run, row = a_reserve(published)
    office = published.as_("office")
    told = {
        lang: office.get(f"{run}/explanations/{row['applicant']}", params={"lang": lang}).json()
        for lang in ("sv", "en")
    }
    assert told["sv"]["choices"] == told["en"]["choices"]
    assert told["sv"]["text"] != told["en"]["text"]
    assert told["sv"]["enough_unknown"] == ""
    (choice,) = [one for one in told["sv"]["choices"] if one["route_id"] == row["route_id"]]
    assert choice["status"] == "reserve"
    assert choice["position"] == row["reserve_position"]
    assert choice["enough"] is not None
    letter = office.get(f"{run}/explanations/{row['applicant']}/letter")
    assert letter.headers["content-type"] == "application/pdf"
    assert letter.content.startswith(b"%PDF-")
    assert office.get(f"{run}/explanations/{row['applicant']}/letter").content == letter.content


def test_it_is_for_those_who_see_the_result(published):
    run, row = a_reserve(published)
    where = f"{run}/explanations/{row['applicant']}"
    with published.store.read() as session:
        home = session.get_one(Applicant, ("i", row["applicant"])).home_municipality
        canary = session.scalars(select(Applicant.applicant).where(Applicant.protected)).one()
    assert published.as_(f"counsellor:municipality:{home}").get(where).status_code == 200
    for role in ("counsellor:municipality:nowhere", "analyst", "auditor"):
        assert published.as_(role).get(where).status_code == 404, role
        assert published.as_(role).get(f"{where}/letter").status_code == 404, role
    assert published.as_("planner").get(where).status_code == 403
    assert published.as_("office").get(f"{run}/explanations/{canary}").status_code == 404
    assert published.as_("office").get(f"{run}/explanations/nobody").status_code == 404
    assert published.as_("office").get(f"/api/v1/runs/none/explanations/{row['applicant']}").status_code == 404


def test_what_was_enough_is_left_out_when_the_intake_went_on(published):
    run, row = a_reserve(published)
    office = published.as_("office")
    where = f"/api/v1/intakes/i/applicants/{row['applicant']}/grades/autumn"
    tag = office.get(where).headers["etag"]
    assert office.put(where, json={"grades": {"MA": "E"}}, headers={"If-Match": tag}).status_code == 200
    told = office.get(f"{run}/explanations/{row['applicant']}").json()
    assert told["enough_unknown"] == "other_intake"
    assert all(one["enough"] is None for one in told["choices"])


def test_a_reserve_round_is_explained_without_what_would_have_been_enough(at_stage):
    service = at_stage(stages.offered)
    office = service.as_("office")
    started = office.post("/api/v1/intakes/i/runs", json={"round": "reserve-1"})
    service.work()
    run = f"/api/v1/runs/{started.json()['id']}"
    row = office.get(f"{run}/decisions", params={"status": "reserve"}).json()["data"][0]
    told = office.get(f"{run}/explanations/{row['applicant']}").json()
    assert (told["round"], told["enough_unknown"]) == ("reserve-1", "reserve_round")
    assert office.get(f"{run}/explanations/{row['applicant']}/letter").content.startswith(b"%PDF-")
    for part in ("worklists", "worklists/no_answer", "handover"):
        assert office.get(f"{run}/{part}").status_code == 200, part
