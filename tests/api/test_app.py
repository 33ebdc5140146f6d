import json
import threading

import pytest
import structlog
from sqlalchemy import func, select

from api.app import create_app
from api.settings import Settings
from api.store.models import AuditEvent, Token
from tests.api.conftest import Service


def test_strangers_see_health_and_the_document_only(service):
    client = service.stranger()
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok"}
    assert client.get("/openapi.json").json()["openapi"].startswith("3.")
    for path in ("/metrics", "/api/v1/session", "/api/v1/tokens"):
        assert client.get(path).json()["code"] == "unauthorised"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/nowhere", "/api/v1/nothing"])
def test_unknown_paths_are_problem_documents(service, path):
    answer = service.stranger().get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "detail", "code", "place", "remedy"}


def test_every_answer_carries_the_protecting_headers(service):
    for path in ("/health/live", "/nowhere", "/metrics"):
        headers = service.stranger().get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]


def test_an_invalid_body_names_its_parts_and_repeats_no_value(service):
    answer = service.as_("office").post("/api/v1/tokens", json={"name": 5, "permissions": ["20100101-1234"]})
    assert answer.status_code == 422
    assert {problem["place"] for problem in answer.json()["problems"]} == {"body.name", "body.permissions.0"}
    assert "20100101" not in answer.text


def test_an_error_of_our_own_tells_nothing_and_logs_no_text(service, monkeypatch):
    def fail(*args, **kwargs):
        raise ValueError("20100101-1234")

    monkeypatch.setattr("api.resources.tokens.view", fail)
    with structlog.testing.capture_logs() as lines:
        answer = service.as_("office").post("/api/v1/tokens", json={"name": "n", "permissions": ["match.run"]})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "20100101" not in answer.text + json.dumps(lines, default=str)


def test_logs_and_metrics_name_the_template_and_not_the_path(service):
    with structlog.testing.capture_logs() as lines:
        service.as_("office").delete("/api/v1/tokens/secret-id?q=secret-query")
    assert [line["route"] for line in lines] == ["/api/v1/tokens/{token_id}"]
    text = service.as_("office").get("/metrics").text
    assert 'route="/api/v1/tokens/{token_id}"' in text
    assert "secret" not in str(lines) + text


@pytest.mark.parametrize(
    ("client", "host", "status"),
    [
        (("127.0.0.1", 1), "127.0.0.1:8000", 200),
        (("::1", 1), "[::1]:8000", 200),
        (("127.0.0.1", 1), "localhost", 200),
        (("192.0.2.7", 1), "127.0.0.1:8000", 403),
        (("127.0.0.1", 1), "rebound.example", 403),
    ],
)
def test_demo_mode_serves_this_machine_only(service, client, host, status):
    assert service.stranger(client=client).get("/health/live", headers={"Host": host}).status_code == status


def test_outside_demo_mode_there_are_no_ready_accounts(store, tmp_path, clock):
    settings = Settings(data_dir=tmp_path, demo=False, secret_key="a" * 32, identity_key="b" * 32)
    client = Service(create_app(settings, store=store, clock=clock), store, clock).stranger()
    assert client.get("/sign-in").json()["code"] == "no_provider"
    query = {"state": "s", "nonce": "n", "code_challenge": "c", "redirect_uri": "r"}
    assert client.get("/sign-in/local", params=query).status_code == 404
    assert "max-age" in client.get("/health/live").headers["strict-transport-security"]


def test_twenty_equal_posts_with_one_key_have_one_effect(service):
    office = service.as_("office")
    body = {"name": "t", "permissions": ["match.run"]}
    answers = []

    def post():
        answers.append(office.post("/api/v1/tokens", json=body, headers={"Idempotency-Key": "k"}))

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum(answer.headers.get("idempotency-replayed") == "true" for answer in answers) == 19
    assert sorted(bool(answer.json()["secret"]) for answer in answers) == [False] * 19 + [True]
    with service.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Token).where(Token.name == "t")) == 1
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 1


def test_a_key_reused_for_another_request_is_refused(service):
    office = service.as_("office")
    for name, status in (("one", 201), ("two", 409)):
        body = {"name": name, "permissions": ["match.run"]}
        assert office.post("/api/v1/tokens", json=body, headers={"Idempotency-Key": "k"}).status_code == status


def test_keys_of_different_people_never_meet(service):
    body = {"name": "one", "permissions": ["match.run"]}
    ids = {
        service.as_(role).post("/api/v1/tokens", json=body, headers={"Idempotency-Key": "k"}).json()["id"]
        for role in ("office", "planner")
    }
    assert len(ids) == 2
