"""A finished run folder becomes an intake with verified runs, once, or nothing at all."""

import json

import pytest
from sqlalchemy import func, select

from admissions.intake import read_intake
from api.audit.verify import verify_chain
from api.loading.demo import load_sample
from api.loading.loading import load_run
from api.store.models import Applicant, Intake, Run
from api.store.repositories.importing import load_intake
from tests.api.web.conftest import browser_like, sign_in
from tests.pages_run import make_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("finished"), 300)


def about(folder):
    return json.loads((folder / "run.json").read_text())


def load(service, folder):
    return load_run(service.store, service.app.state.trail, folder, "tests")


def test_what_is_loaded_is_the_intake_and_a_verified_run_for_each_round(service, folder):
    loaded = load(service, folder)
    assert loaded.fresh
    intake_id = about(folder)["id"]
    office = service.as_("office")
    runs = office.get(f"/api/v1/intakes/{intake_id}/runs").json()["data"]
    assert {(one["round"], one["state"]) for one in runs} == {("preliminary", "verified"), ("final", "verified")}
    with service.store.read() as session:
        assert load_intake(session, intake_id, 2023).digest() == about(folder)["intake_sha256"]
        people = session.scalar(select(func.count()).select_from(Applicant))
        assert people == len(read_intake(folder / "intake").applicants)
        assert verify_chain(session, service.app.state.trail.secret, ()).holds


def test_loading_again_changes_nothing(service, folder):
    first = load(service, folder)
    again = load(service, folder)
    assert (again.intake_id, again.fresh) == (first.intake_id, False)
    with service.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 2
        assert session.scalar(select(func.count()).select_from(Intake)) == 1


def test_in_demo_mode_every_ready_account_sees_the_sample_year(service, folder):
    trail = service.app.state.trail
    assert load_sample(service.store, trail, folder).fresh
    assert not load_sample(service.store, trail, folder).fresh
    service.app.state.run_folder = folder
    guest = browser_like(service.app)
    page = guest.get("/demand").text
    assert f"run={about(folder)['id']}" in page
    for subject in ("office", "second-signer", "planner", "analyst", "auditor", "principal", "counsellor"):
        client = browser_like(service.app)
        sign_in(client, subject)
        runs = client.get(f"/api/v1/intakes/{about(folder)['id']}/runs").json()
        assert {one["state"] for one in runs["data"]} == {"published"}, subject
        assert client.get(f"/api/v1/runs/{runs['data'][0]['id']}/demand").json()["total"] > 0, subject
        if subject != "planner":
            decisions = client.get(f"/api/v1/runs/{runs['data'][0]['id']}/decisions").json()
            assert decisions["total"] > 0, subject
    published = guest.get("/api/v1/publications").json()
    assert {one["round"] for one in published} == {"preliminary", "final"}
    assert [one["rows_root"] for one in published] == [about(folder)["roots"][one["round"]] for one in published]
    with service.store.read() as session:
        assert verify_chain(session, trail.secret, ()).holds
