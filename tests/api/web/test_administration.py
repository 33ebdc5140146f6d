"""Accounts, roles, tokens, windows, days, delegations and jobs, form by form."""

import re

import pytest
from sqlalchemy import select

from api.audit import EventKind
from api.store.models import AuditEvent, Grant, Intake, Job, Rulebook, Token
from tests.api import stages


def page_client(service, role):
    client = service.as_(role)
    client.headers["Accept"] = "text/html"
    return client


@pytest.fixture
def filled(at_stage):
    return at_stage(stages.filled)


def events(service, kind):
    with service.store.read() as session:
        return len(list(session.scalars(select(AuditEvent).where(AuditEvent.kind == kind))))


def test_roles_are_given_with_scope_and_days_and_taken(filled):
    office, user = page_client(filled, "office"), filled.user(name="Nina New")
    path = f"/administration/users/{user}"
    assert "Ingen roll än" in office.get(path).text
    form = {
        "version": "1", "role": "principal", "scope_kind": "school", "scope_value": "Stockholms gymnasium 0",
        "valid_from": "2026-04-01", "valid_to": "2026-08-31",
    }  # fmt: skip
    page = office.post(f"{path}/roles", data=form).text
    assert "Rektor, skola Stockholms gymnasium 0, från 2026-04-01, till och med 2026-08-31" in page
    assert "Nina New" in office.get("/administration").text
    assert events(filled, EventKind.USER_CHANGED) == 1
    stale = office.post(f"{path}/roles", data=form, headers={"Accept": "text/html"})
    assert (stale.status_code, "Någon annan hann ändra först" in stale.text) == (409, True)
    taken = {"version": "2", "role": "principal", "scope_kind": "school", "scope_value": "Stockholms gymnasium 0"}
    assert "Ingen roll än" in office.post(f"{path}/roles/take", data=taken).text
    with filled.store.read() as session:
        assert session.scalars(select(Grant).where(Grant.user_id == user)).all() == []


def test_an_account_is_closed_and_opened(filled):
    office, user = page_client(filled, "office"), filled.user("planner", name="Leo Leaver")
    path = f"/administration/users/{user}"
    assert "<dd>stängt" in office.post(f"{path}/state", data={"version": "1", "disabled": "yes"}).text
    assert "<dd>öppet" in office.post(f"{path}/state", data={"version": "2", "disabled": "no"}).text


def test_nobody_changes_the_own_account(filled):
    office = page_client(filled, "office")
    me = office.get("/api/v1/session", headers={"Accept": "application/json"}).json()["id"]
    page = office.get(f"/administration/users/{me}").text
    assert "Det här är ditt eget konto" in page
    assert 'method="post" action="/administration' not in page
    assert office.post(f"/administration/users/{me}/state", data={"version": "1", "disabled": "yes"}).status_code == 403


def test_auditors_see_accounts_and_change_nothing_and_others_see_none(filled):
    user = filled.user("planner", name="Petra")
    auditor = page_client(filled, "auditor")
    assert "Petra" in auditor.get("/administration").text
    for path in ("/administration", f"/administration/users/{user}", "/administration/intakes/i"):
        page = auditor.get(path).text
        assert 'method="post" action="/administration' not in page or path.endswith("/i")
        assert "<button>Spara" not in page
    form = {"version": "1", "role": "office"}
    assert auditor.post(f"/administration/users/{user}/roles", data=form).status_code == 403
    assert auditor.post("/administration/intakes/i/windows", data={"version": "2"}).status_code == 403
    for path in ("/administration", f"/administration/users/{user}", "/administration/intakes/i"):
        assert page_client(filled, "planner").get(path).status_code == 403


def test_the_secret_of_a_token_is_shown_once(filled):
    planner = page_client(filled, "planner")
    made = planner.post("/account/tokens", data={"name": "nightly", "days": "30", "permission": ["account.own"]})
    secret = re.search(r"<code>(adm_[^<]+)</code>", made.text)[1]
    assert "no-store" in made.headers["cache-control"]
    page = planner.get("/account").text
    assert "nightly" in page
    assert secret not in page
    machine = filled.stranger(headers={"Authorization": f"Bearer {secret}"})
    assert machine.get("/api/v1/session").status_code == 200
    with filled.store.read() as session:
        token = session.scalar(select(Token.id).where(Token.name == "nightly"))
    assert "återkallad" in planner.post(f"/account/tokens/{token}/revoke").text
    assert machine.get("/api/v1/session").status_code == 401


def test_a_token_does_no_more_than_its_owner(filled):
    planner = page_client(filled, "planner")
    form = {"name": "x", "days": "30", "permission": ["users.write"]}
    assert planner.post("/account/tokens", data=form).status_code == 403
    assert planner.post("/account/tokens", data=form | {"permission": ["no.such"]}).status_code == 422
    assert planner.post("/account/tokens", data={"name": "x", "days": "30"}).status_code == 422


def test_windows_are_set_and_closed(filled):
    office = page_client(filled, "office")
    path = "/administration/intakes/i"
    form = {"version": "2", "opens": ["2026-04-15", "", ""], "closes": ["2026-05-15", "", ""]}
    assert 'value="2026-04-15"' in office.post(f"{path}/windows", data=form).text
    with filled.store.read() as session:
        assert session.get_one(Intake, "i").windows == {"choices": {"opens": "2026-04-15", "closes": "2026-05-15"}}
    wrong = {"version": "3", "opens": ["2026-06-15", "", ""], "closes": ["2026-05-15", "", ""]}
    assert office.post(f"{path}/windows", data=wrong).status_code == 422
    half = {"version": "3", "opens": ["2026-06-15", "", ""], "closes": ["", "", ""]}
    assert office.post(f"{path}/windows", data=half).status_code == 422
    office.post(f"{path}/windows", data={"version": "3", "opens": ["", "", ""], "closes": ["", "", ""]})
    with filled.store.read() as session:
        assert session.get_one(Intake, "i").windows == {}


def days_of(page):
    return re.findall(r'name="day" type="date" value="([0-9-]+)"', page)


def test_days_are_set_by_a_new_rulebook(filled):
    office = page_client(filled, "office")
    path = "/administration/intakes/i"
    days = days_of(office.get(path).text)
    assert len(days) == 13
    moved = ["2026-01-17", *days[1:]]
    page = office.post(f"{path}/calendar", data={"version": "2", "day": moved}).text
    assert days_of(page) == moved
    assert events(filled, EventKind.RULEBOOK_ADDED) == 2
    with filled.store.read() as session:
        assert len(session.scalars(select(Rulebook)).all()) == 2
    for wrong in (moved[1:], ["2025-01-17", *days[1:]], ["soon", *days[1:]], [days[-1], *days[1:]]):
        assert office.post(f"{path}/calendar", data={"version": "3", "day": wrong}).status_code == 422


def test_one_delegation_is_recorded(filled):
    office = page_client(filled, "office")
    page = office.post("/administration/intakes/i/delegations", data={"organiser": "Nacka", "reference": "KS 1"}).text
    assert "KS 1" in page
    assert "<option>Nacka</option>" not in page


def test_a_job_is_stopped(filled):
    office = page_client(filled, "office")
    assert stages.start(office).status_code == 202
    page = office.get("/administration").text
    assert "Körning av en omgång" in page
    stop = re.search(r'action="(/administration/jobs/\w+/cancel)"', page)[1]
    assert "avbrutet" in office.post(stop).text
    assert office.post(stop).status_code == 409
    with filled.store.read() as session:
        assert session.scalars(select(Job.state)).one() == "cancelled"
