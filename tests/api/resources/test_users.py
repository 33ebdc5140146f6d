import pytest

from api.access.roles_claim import parse_role


def test_the_office_gives_and_takes_roles(service):
    office, user_id = service.as_("office"), service.user(name="new")
    path = f"/api/v1/users/{user_id}"
    assert office.get(path).json()["roles"] == []
    role = {"role": "planner", "scope_kind": "municipality", "scope_value": "Nacka"}
    roles = [{**role, "valid_from": None, "valid_to": None}]
    given = office.patch(path, json={"roles": roles}, headers={"If-Match": '"v1"'})
    assert given.json()["roles"] == roles
    assert office.patch(path, json={"roles": []}, headers={"If-Match": '"v1"'}).json()["code"] == "stale_edit"


def test_a_role_of_the_whole_region_takes_no_scope(service):
    office, user_id = service.as_("office"), service.user(name="narrow")
    for role in ("office", "second_signer", "auditor"):
        narrow = {"role": role, "scope_kind": "municipality", "scope_value": "Nacka"}
        given = office.patch(f"/api/v1/users/{user_id}", json={"roles": [narrow]}, headers={"If-Match": '"v1"'})
        assert (given.status_code, "whole region" in given.text) == (422, True)
        with pytest.raises(ValueError, match="whole region"):
            parse_role(f"{role}:municipality:Nacka")
    assert office.get(f"/api/v1/users/{user_id}").json()["roles"] == []


def test_a_role_holds_from_its_first_day_to_its_last(service):
    office, user_id = service.as_("office"), service.user(name="summer help")
    helper = service.stranger(headers={"Authorization": f"Bearer {service.token(user_id)}"})
    days = {"valid_from": "2026-03-02", "valid_to": "2026-03-03"}
    role = {"role": "office", "scope_kind": "all", "scope_value": "", **days}
    given = office.patch(f"/api/v1/users/{user_id}", json={"roles": [role]}, headers={"If-Match": '"v1"'})
    assert given.status_code == 200, given.text
    assert given.json()["roles"] == [role]
    seen = []
    for _ in range(4):  # noon of the first to the fourth of March
        seen.append(helper.get("/api/v1/users").status_code)
        service.clock.forward(days=1)
    assert seen == [403, 200, 200, 403]


def test_a_closed_account_is_out_at_once(service):
    office, user_id = service.as_("office"), service.user("planner", name="leaver")
    leaver = service.stranger(headers={"Authorization": f"Bearer {service.token(user_id)}"})
    assert leaver.get("/api/v1/session").status_code == 200
    closed = office.patch(f"/api/v1/users/{user_id}", json={"disabled": True}, headers={"If-Match": '"v1"'})
    assert closed.json()["disabled_at"]
    assert leaver.get("/api/v1/session").status_code == 401


def test_nobody_changes_the_own_roles(service):
    office = service.as_("office")
    me = office.get("/api/v1/session").json()["id"]
    assert (
        office.patch(f"/api/v1/users/{me}", json={"roles": []}, headers={"If-Match": '"v1"'}).json()["code"]
        == "own_account"
    )


def test_a_scope_needs_its_value(service):
    office, user_id = service.as_("office"), service.user(name="new")
    for role in (
        {"role": "planner", "scope_kind": "school"},
        {"role": "planner", "scope_value": "x"},
        {"role": "king"},
        {"role": "planner", "valid_from": "2026-03-02", "valid_to": "2026-03-01"},
    ):
        answer = office.patch(f"/api/v1/users/{user_id}", json={"roles": [role]}, headers={"If-Match": '"v1"'})
        assert answer.json()["code"] == "invalid_request"
