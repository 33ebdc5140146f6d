import pytest
from sqlalchemy import select

from api.store.models import Token


def make(client, **values):
    body = {"name": "t", "permissions": ["match.run"], **values}
    return client.post("/api/v1/tokens", json=body)


def test_a_token_speaks_for_its_owner_within_its_permissions(service):
    made = make(service.as_("office"), permissions=["account.own"]).json()
    machine = service.stranger(headers={"Authorization": f"Bearer {made['secret']}"})
    assert machine.get("/api/v1/session").json()["permissions"] == ["account.own"]
    assert machine.get("/metrics").json()["code"] == "forbidden"
    assert make(machine, permissions=["metrics.read"]).status_code == 403


def test_a_token_can_do_no_more_than_its_owner(service):
    assert make(service.as_("planner"), permissions=["runs.publish"]).status_code == 403


def test_a_revoked_or_expired_token_is_refused(service):
    office = service.as_("office")
    first, second = (
        make(office, permissions=["account.own"]).json(),
        make(office, permissions=["account.own"], days=1).json(),
    )
    assert office.delete(f"/api/v1/tokens/{first['id']}").status_code == 204
    service.clock.forward(days=2)
    for made in (first, second):
        machine = service.stranger(headers={"Authorization": f"Bearer {made['secret']}"})
        assert machine.get("/api/v1/session").status_code == 401


def test_secrets_are_stored_as_digests_only(service):
    secret = make(service.as_("office")).json()["secret"]
    with service.store.read() as session:
        rows = session.scalars(select(Token)).all()
    assert all(secret not in str(vars(row)) for row in rows)


def test_nobody_revokes_anothers_token(service):
    made = make(service.as_("office")).json()
    assert service.as_("planner").delete(f"/api/v1/tokens/{made['id']}").status_code == 404


@pytest.mark.parametrize("header", ["Bearer ", "Bearer nonsense", "Basic YTpi", "x"])
def test_bad_credentials_are_refused(service, header):
    answer = service.stranger(headers={"Authorization": header}).get("/api/v1/session")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
