import hashlib
import io
import threading
import zipfile

import pytest
from sqlalchemy import func, select

from api.store.models import Applicant, AuditEvent, Job, Rulebook, Run, RunArtifact, RunResult
from tests.api import stages
from tests.api.stages import LOTTERY, delegate, start, the_run


@pytest.fixture
def filled(at_stage):
    return at_stage(stages.filled)


@pytest.fixture
def verified(at_stage):
    return at_stage(stages.verified)


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def test_a_run_is_started_done_and_verified(filled):
    office = filled.as_("office")
    started = start(office)
    assert (started.status_code, started.json()["state"]) == (202, "draft")
    run_id = started.json()["id"]
    assert office.get(f"/api/v1/runs/{run_id}/demand").json()["code"] == "run_not_finished"
    filled.work()
    run = office.get(f"/api/v1/runs/{run_id}").json()
    assert run["state"] == "verified", office.get(f"/api/v1/jobs/{run['job_id']}").text
    assert run["certificate"]["properties"]["P6"] == "holds"
    assert "lottery" not in run
    job = office.get(f"/api/v1/jobs/{run['job_id']}").json()
    assert (job["state"], job["result"]["run_id"], job["progress_done"]) == ("done", run_id, 100)


def test_the_same_inputs_give_the_same_result(verified):
    service, run_id = verified, the_run(verified)
    office = service.as_("office")
    again = start(office, corrects=run_id).json()["id"]
    service.work()
    first, second = (office.get(f"/api/v1/runs/{one}").json() for one in (run_id, again))
    assert first["result_digest"] == second["result_digest"]
    assert second["corrects"] == run_id


def test_a_hundred_attempts_to_start_a_round_are_one_run(filled):
    office = filled.as_("office")
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(start(office).status_code)) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [202] + [409] * 99
    with filled.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 1
        assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_a_refused_run_stays_a_draft_and_its_job_says_why(filled):
    office = filled.as_("office")
    run = start(office).json()
    with filled.store.write() as session:
        session.get(Rulebook, run["rulebook_id"]).text = "name = 5"
    filled.work()
    job = office.get(f"/api/v1/jobs/{run['job_id']}").json()
    assert (job["state"], job["problem"]["code"]) == ("failed", "refused_by_engine")
    assert office.get(f"/api/v1/runs/{run['id']}").json()["state"] == "draft"
    assert start(office).status_code == 202


def test_a_second_person_signs_what_was_looked_at(verified):
    service, run_id = verified, the_run(verified)
    office, signer = service.as_("office"), service.as_("second_signer")
    digest = office.get(f"/api/v1/runs/{run_id}").json()["result_digest"]
    path = f"/api/v1/runs/{run_id}/sign"
    assert office.post(path, json={"result_digest": digest}).json()["code"] == "forbidden"
    missing = signer.post(path, json={"result_digest": digest}).json()
    assert (missing["code"], len(missing["problems"])) == ("delegation_missing", 4)
    delegate(service)
    assert signer.post(path, json={"result_digest": "0" * 64}).json()["code"] == "other_result"
    assert office.post(f"/api/v1/runs/{run_id}/publish").json()["code"] == "wrong_state"
    assert signer.post(path, json={"result_digest": digest}).json()["state"] == "signed_off"
    assert signer.post(path, json={"result_digest": digest}).json()["code"] == "wrong_state"


def test_nobody_signs_the_own_run(filled):
    both = filled.as_("office", "second_signer")
    run_id = start(both).json()["id"]
    filled.work()
    delegate(filled)
    digest = both.get(f"/api/v1/runs/{run_id}").json()["result_digest"]
    assert both.post(f"/api/v1/runs/{run_id}/sign", json={"result_digest": digest}).json()["code"] == "second_person"


def test_a_principal_delegates_for_the_own_organiser_only(filled):
    principal = filled.as_("principal:organiser:Nacka")
    path = "/api/v1/intakes/i/delegations"
    assert principal.put(path, json={"organisers": ["Nacka"], "reference": "r"}).status_code == 200
    assert principal.put(path, json={"organisers": ["Stockholm"], "reference": "r"}).status_code == 404


def test_a_publication_can_be_checked_by_strangers(published):
    service, run_id = published, the_run(published)
    stranger = service.stranger()
    (one,) = stranger.get("/api/v1/publications").json()
    assert (one["run_id"], one["lottery"]) == (run_id, LOTTERY)
    with service.store.read() as session:
        assert one["audit_head"] in set(session.scalars(select(AuditEvent.digest)))
    routes = stranger.get(f"/api/v1/publications/{run_id}/routes").json()
    assert routes["total"] == 8
    assert "applicant" not in str(routes)
    assert service.as_("auditor").get("/api/v1/audit/verification").json()["holds"]


def test_before_publication_outsiders_know_of_no_run(verified):
    service, run_id = verified, the_run(verified)
    assert service.stranger().get("/api/v1/publications").json() == []
    assert service.stranger().get(f"/api/v1/publications/{run_id}/routes").status_code == 404
    for role in ("planner", "analyst", "principal:organiser:Nacka", "counsellor:municipality:Nacka"):
        client = service.as_(role)
        assert client.get("/api/v1/intakes/i/runs").json()["total"] == 0
        for path in ("", "/demand", "/cutoffs", "/shortfalls"):
            assert client.get(f"/api/v1/runs/{run_id}{path}").status_code == 404


def test_demand_adds_up(published):
    service, run_id = published, the_run(published)
    client = service.as_("planner")
    path = f"/api/v1/runs/{run_id}/demand"
    routes = client.get(path).json()["data"]
    towns = client.get(path, params={"group_by": "municipality"}).json()["data"]
    assert [town["municipality"] for town in towns] == ["Järfälla", "Nacka", "Stockholm", "Åre"]
    for name in ("seats", "admitted", "first_choices", "vacancies"):
        assert sum(row[name] for row in routes) == sum(town[name] for town in towns)
    crossed = client.get(path, params={"group_by": ["municipality", "programme"]}).json()
    assert crossed["total"] == 8
    one = client.get(path, params={"programme": "NA", "sort": "-seats"}).json()["data"]
    assert {row["programme"] for row in one} == {"NA"}


@pytest.mark.parametrize("level", ["route", "programme", "school", "municipality", "organiser", "region"])
def test_shortfalls_come_on_every_level(published, level):
    service, run_id = published, the_run(published)
    answer = service.as_("planner").get(f"/api/v1/runs/{run_id}/shortfalls", params={"group_by": level})
    assert answer.json()["total"] >= 1
    assert all("clearing_number" in row and "residents_without_seat" not in row for row in answer.json()["data"])


def test_shortfalls_refuse_a_filter_they_do_not_have(published):
    service, run_id = published, the_run(published)
    path = f"/api/v1/runs/{run_id}/shortfalls"
    client = service.as_("planner")
    assert client.get(path, params={"programme": "NA"}).json()["total"] == 2
    refused = client.get(path, params={"group_by": "municipality", "programme": "NA"}).json()
    assert refused["code"] == "unknown_filter"


def test_every_table_comes_as_a_file(published):
    service, run_id = published, the_run(published)
    for name in ("demand", "cutoffs", "shortfalls", "decisions"):
        for form in ("csv", "csv-sv", "xlsx", "parquet"):
            answer = service.as_("office").get(f"/api/v1/runs/{run_id}/{name}", params={"format": form})
            assert answer.status_code == 200
            assert len(answer.content) > 100


def protected_of(filled):
    with filled.store.read() as session:
        return session.execute(select(Applicant.applicant, Applicant.alias).where(Applicant.protected)).one()


def test_people_are_seen_within_scope(published):
    service, run_id = published, the_run(published)
    path = f"/api/v1/runs/{run_id}/decisions"
    everything = service.as_("office").get(path, params={"limit": 1000}).json()
    assert everything["total"] == 199 * 4
    own = service.as_("principal:organiser:Nacka").get(path, params={"limit": 1000}).json()
    assert {row["organiser"] for row in own["data"]} == {"Nacka"}
    with service.store.read() as session:
        homes = dict(tuple(row) for row in session.execute(select(Applicant.applicant, Applicant.home_municipality)))
    pupils = service.as_("counsellor:municipality:Nacka").get(path, params={"limit": 1000}).json()["data"]
    assert pupils
    assert {homes[row["applicant"]] for row in pupils} == {"Nacka"}
    assert service.as_("counsellor:school:elsewhere").get(path).json()["total"] == 0
    assert service.as_("planner").get(path).json()["code"] == "forbidden"


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_analysts_and_auditors_meet_pseudonyms(published, role):
    service, run_id = published, the_run(published)
    path = f"/api/v1/runs/{run_id}/decisions"
    rows = service.as_(role).get(path, params={"limit": 1000}).json()["data"]
    with service.store.read() as session:
        known = set(session.scalars(select(Applicant.applicant)))
    assert not known & {row["applicant"] for row in rows}
    assert len({row["applicant"] for row in rows}) == 199
    assert service.as_(role).get(f"/api/v1/runs/{run_id}/results/{min(known)}").status_code == 404


def test_an_applicants_outcome_is_one_look_up_within_scope(published):
    service, run_id = published, the_run(published)
    with service.store.read() as session:
        people = session.scalars(select(Applicant).where(Applicant.protected.is_(False))).all()
    one = next(person for person in people if person.home_municipality == "Nacka")
    path = f"/api/v1/runs/{run_id}/results/{one.applicant}"
    told = service.as_("office").get(path).json()
    assert [choice["rank"] for choice in told["choices"]] == [1, 2, 3, 4]
    assert service.as_("counsellor:municipality:Nacka").get(path).json() == told
    assert service.as_("counsellor:municipality:Åre").get(path).status_code == 404
    assert service.as_("office").get(f"/api/v1/runs/{run_id}/results/nobody").status_code == 404


def test_a_protected_person_is_in_no_list_and_seen_with_a_reason_only(published):
    service, run_id = published, the_run(published)
    applicant, alias = protected_of(service)
    office = service.as_("office")
    for name in ("decisions", "demand", "cutoffs", "shortfalls"):
        whole = office.get(f"/api/v1/runs/{run_id}/{name}", params={"format": "csv"}).text
        assert applicant not in whole
        assert alias not in whole
    assert office.get(f"/api/v1/runs/{run_id}/results/{applicant}").status_code == 404
    path = f"/api/v1/runs/{run_id}/protected/{alias}"
    assert office.get(path).json()["code"] == "invalid_request"
    seen = office.get(path, headers={"X-Access-Reason": "phone call from guardian"})
    assert (seen.json()["applicant"], len(seen.json()["choices"])) == (alias, 4)
    assert applicant not in seen.text
    assert service.as_("second_signer").get(path, headers={"X-Access-Reason": "curious"}).status_code == 403
    events = service.as_("auditor").get("/api/v1/audit", params={"kind": "protected.viewed"}).json()
    assert [event["object_id"] for event in events["data"]] == [alias]


def test_the_run_folder_is_for_auditors(published):
    service, run_id = published, the_run(published)
    answer = service.as_("auditor").get(f"/api/v1/runs/{run_id}/folder")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"run.json", "preliminary/rows.csv", "preliminary/certificate.json"} <= set(archive.namelist())
    assert service.as_("planner").get(f"/api/v1/runs/{run_id}/folder").status_code == 403


def test_stored_artifacts_carry_their_digest(published):
    service = published
    with service.store.read() as session:
        for artifact in session.scalars(select(RunArtifact)):
            assert hashlib.sha256(artifact.content).hexdigest() == artifact.digest
        assert session.scalar(select(func.count()).select_from(RunResult)) == 200


def test_progress_is_streamed_until_the_end(verified):
    service, run_id = verified, the_run(verified)
    office = service.as_("office")
    job_id = office.get(f"/api/v1/runs/{run_id}").json()["job_id"]
    events = office.get(f"/api/v1/jobs/{job_id}/events")
    assert events.headers["content-type"].startswith("text/event-stream")
    assert events.text.startswith("event: job\ndata: {")
    assert '"state":"done"' in events.text
    assert service.as_("planner").get(f"/api/v1/jobs/{job_id}/events").status_code == 404


def test_a_waiting_run_is_cancelled(filled):
    office = filled.as_("office")
    job_id = start(office).json()["job_id"]
    assert office.post(f"/api/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    assert office.post(f"/api/v1/jobs/{job_id}/cancel").json()["code"] == "job_ended"
    assert start(office).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        {"preset": "nowhere"},
        {"text": 'extends = "../../../etc/passwd.toml"'},
        {"text": "name ="},
        {"text": "x", "preset": "storsthlm"},
        {},
    ],
)
def test_bad_rulebooks_are_refused_with_their_problems(filled, body):
    assert filled.as_("office").post("/api/v1/rulebooks", json=body).json()["code"] == "invalid_rulebook"


def test_a_rulebook_is_kept_once(filled):
    office = filled.as_("office")
    ids = {office.post("/api/v1/rulebooks", json={"preset": "storsthlm", "year": 2026}).json()["id"] for _ in range(2)}
    assert len(ids) == 1
    assert office.get(f"/api/v1/rulebooks/{ids.pop()}").json()["text"]


def test_tables_about_people_come_with_small_counts_hidden(published):
    service, run_id = published, the_run(published)
    path = f"/api/v1/runs/{run_id}/people/without-seat"
    cells = service.as_("planner").get(path, params={"limit": 1000}).json()["data"]
    assert any(cell["hidden"] for cell in cells)
    assert all(cell["persons"] is None if cell["hidden"] else not 0 < cell["persons"] < 5 for cell in cells)
    own = service.as_("planner").get(path, params={"home_municipality": "Nacka"}).json()["data"]
    assert own == [cell for cell in cells if cell["home_municipality"] == "Nacka"]
