"""The permission matrix: every operation x every role x no scope, another's scope; nothing is left out."""

import re

import pytest
from sqlalchemy import select

from api.access.allow import Allow, Open, declared
from api.access.permissions import ROLES, Role
from api.store.models import Applicant, Seat
from tests.api import stages

SCOPED = {Role.PRINCIPAL: "organiser", Role.COUNSELLOR: "municipality"}
STREAMS = {"/api/v1/jobs/{job_id}/events"}


@pytest.fixture
def backend():
    return "sqlite"  # who may do what does not depend on the database


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def address(path):
    return re.sub(r"\{\w+\}", "0", path)


def call(client, path, method):
    content = {"headers": {"If-Match": '"v1"', "X-Access-Reason": "a reason"}}
    return client.request(method, address(path), **content, follow_redirects=False)


def test_strangers_get_in_where_it_is_declared_and_nowhere_else(published):
    client = published.stranger()
    for (path, method), rule in declared(published.app).items():
        status = call(client, path, method).status_code
        assert (status == 401) == isinstance(rule, Allow), (path, method, status)
        assert status < 500, (path, method, status)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_in_where_the_table_says_and_nowhere_else(published, role):
    client = published.as_(f"{role}:{SCOPED[role]}:nowhere" if role in SCOPED else str(role))
    for (path, method), rule in declared(published.app).items():
        answer = call(client, path, method)
        assert answer.status_code < 500, (path, method, answer.text)
        if isinstance(rule, Allow):
            refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
            assert refused == (rule.permission not in ROLES[role]), (role, path, method, answer.text)


def test_somebody_without_a_role_gets_nowhere(published):
    client = published.as_(name="nobody")
    for (path, method), rule in declared(published.app).items():
        if not isinstance(rule, Open):
            assert call(client, path, method).status_code == 403, (path, method)


def test_a_token_narrowed_to_nothing_gets_nowhere(published):
    client = published.stranger(headers={"Authorization": f"Bearer {published.token(published.user('office'), ())}"})
    for (path, method), rule in declared(published.app).items():
        if not isinstance(rule, Open):
            assert call(client, path, method).status_code == 403, (path, method)


def canary_paths(service):
    with service.store.read() as session:
        seat = session.scalars(select(Seat.id).limit(1)).one()
    run = stages.the_run(service)
    known = {"intake_id": "i", "run_id": run, "route_id": "r0000", "seat_id": seat, "number": "1"}
    for path, method in declared(service.app):
        if method == "GET" and path not in STREAMS:
            yield re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "0"), path)


def test_a_protected_persons_id_is_seen_nowhere(published):
    """The canary: the opaque id, swept through every readable route, list format and role."""
    with published.store.read() as session:
        canary = session.scalars(select(Applicant.applicant).where(Applicant.protected)).one()
    paths = list(canary_paths(published))
    for role in Role:
        client = published.as_(str(role))
        for path in paths:
            for form in ("json", "csv"):
                answer = client.get(path, params={"format": form, "limit": 1000}, follow_redirects=False)
                if path.endswith("/folder") and answer.status_code == 200:
                    continue  # the auditor's run folder, under secrecy
                assert canary not in answer.text, (role, path, form)
        assert canary not in client.get(f"/api/v1/runs/{stages.the_run(published)}/results/{canary}").text
    assert canary not in published.as_("office").get("/metrics").text
