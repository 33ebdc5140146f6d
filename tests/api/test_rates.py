"""Rate limits: per identity, else per address; stricter for signing in and for wrong tokens."""

import pytest

from api.app import create_app
from api.settings import DEFAULT_LIMIT, Settings
from tests.api.conftest import Service

SECRETS = {"secret_key": "s" * 40, "identity_key": "i" * 40}


@pytest.fixture
def backend():
    return "sqlite"  # nothing is stored


@pytest.fixture
def limited(store, clock, tmp_path):
    def give(**values):
        settings = Settings(data_dir=tmp_path, requests_per_minute=values.pop("most", 8), **values)
        return Service(create_app(settings, store=store, clock=clock), store, clock)

    return give


def statuses(client, path="/api/v1/session", number=10, **options):
    return [client.get(path, follow_redirects=False, **options).status_code for _ in range(number)]


def test_demo_mode_is_not_limited_unless_it_is_set(tmp_path):
    assert Settings(data_dir=tmp_path).request_limit is None
    assert Settings(data_dir=tmp_path, demo=False, **SECRETS).request_limit == DEFAULT_LIMIT
    assert Settings(data_dir=tmp_path, demo=False, requests_per_minute=7, **SECRETS).request_limit == 7


def test_too_many_requests_are_refused_with_the_seconds_to_wait(limited):
    client = limited().as_("office")
    found = statuses(client, number=12)
    assert found[:8] == [200] * 8
    assert found[-1] == 429
    refused = client.get("/api/v1/session")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "content-security-policy" in refused.headers


def test_one_identity_does_not_use_up_anothers(limited):
    service = limited()
    office, planner = service.as_("office"), service.as_("planner")
    assert 200 in statuses(office, number=1)
    assert statuses(planner, number=1) == [200]
    assert statuses(office, number=12)[-1] == 429
    assert statuses(planner, number=3) == [200] * 3


def test_an_address_without_identity_is_limited_too(limited):
    service = limited()
    assert statuses(service.stranger(), number=9) == [401] * 8 + [429]
    assert statuses(service.stranger(client=("127.0.0.2", 1)), number=1) == [401]


def test_wrong_tokens_are_stopped_soon_and_right_ones_are_not(limited):
    service = limited(most=500, attempts_per_minute=3)
    office = service.as_("office")
    assert statuses(office, number=1) == [200]
    wrong = [
        service.stranger().get("/api/v1/session", headers={"Authorization": f"Bearer {number}"}).status_code
        for number in range(5)
    ]
    assert wrong == [401, 401, 401, 429, 429]
    assert statuses(office, number=5) == [200] * 5


def test_a_token_that_was_revoked_is_wrong_from_then_on(limited):
    service = limited(most=500, attempts_per_minute=2)
    office = service.as_("office")
    mine = office.get("/api/v1/tokens").json()[0]["id"]
    assert office.delete(f"/api/v1/tokens/{mine}").status_code == 204
    assert statuses(office, number=4) == [401, 401, 429, 429]


def test_signing_in_is_stopped_soon(limited):
    service = limited(most=500, attempts_per_minute=3)
    assert statuses(service.stranger(), "/sign-in", 5) == [303, 303, 303, 429, 429]
    assert statuses(service.stranger(), "/", 1) == [200]


def test_health_is_always_answered(limited):
    assert statuses(limited(most=1).stranger(), "/health/live", 5) == [200] * 5
