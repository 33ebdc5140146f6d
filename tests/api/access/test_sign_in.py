"""Signing in: the code flow with PKCE, sessions and their end, browsers sent by other sites."""

from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from api.access.local_provider import code_challenge
from api.access.provider import RemoteProvider
from api.app import create_app
from api.problems import Problem
from tests.api.conftest import Service


def sign_in(client, subject="office", return_to="/api/v1/session"):
    away = client.get("/sign-in", params={"return_to": return_to}, follow_redirects=False)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
    assert client.get(away.headers["location"]).status_code == 200
    back = client.post("/sign-in/local", data={**asked, "subject": subject}, follow_redirects=False)
    return back.headers["location"]


def test_a_demo_account_signs_in_and_out(service):
    client = service.stranger()
    callback = sign_in(client)
    first = client.get(callback, follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (303, "/api/v1/session")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert [role["role"] for role in client.get("/api/v1/session").json()["roles"]] == ["office"]
    secret = client.cookies["admissions"]
    assert client.delete("/api/v1/session", headers={"Origin": "http://127.0.0.1:8000"}).status_code == 204
    client.cookies.set("admissions", secret)
    assert client.get("/api/v1/session").json()["code"] == "unauthorised"


def test_a_callback_works_once(service):
    client = service.stranger()
    callback = sign_in(client)
    token = client.cookies["admissions-sign-in"]
    assert client.get(callback, follow_redirects=False).status_code == 303
    client.cookies.set("admissions-sign-in", token, path="/sign-in")
    assert client.get(callback, follow_redirects=False).json()["code"] == "sign_in_refused"


def test_a_callback_in_another_browser_is_refused(service):
    callback = sign_in(service.stranger())
    assert service.stranger().get(callback, follow_redirects=False).json()["code"] == "sign_in_refused"


def test_an_attempt_that_took_too_long_is_refused(service):
    client = service.stranger()
    callback = sign_in(client)
    service.clock.forward(minutes=11)
    assert client.get(callback, follow_redirects=False).status_code == 403


@pytest.mark.parametrize("path", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "x"])
def test_nobody_is_sent_elsewhere(service, path):
    client = service.stranger()
    assert client.get(sign_in(client, return_to=path), follow_redirects=False).headers["location"] == "/"


@pytest.mark.parametrize(("steps", "alive"), [([29, 29, 29], True), ([31], False), ([29] * 17, False)])
def test_sessions_end_idle_after_30_minutes_and_after_8_hours(service, steps, alive):
    client = service.stranger()
    client.get(sign_in(client), follow_redirects=False)
    for minutes in steps:
        service.clock.forward(minutes=minutes)
        status = client.get("/api/v1/session").status_code
    assert (status == 200) == alive


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "http://127.0.0.1:8000"}, 201),
    ],
)
def test_a_browser_writes_only_from_our_own_pages(service, headers, status):
    client = service.stranger()
    client.get(sign_in(client), follow_redirects=False)
    body = {"name": "t", "permissions": ["match.run"]}
    assert client.post("/api/v1/tokens", json=body, headers=headers).status_code == status


class Remote:
    """A provider on the network that a test can bend."""

    def __init__(self, clock):
        self.clock, self.key, self.nonce = clock, ECKey.generate_key("P-256", {"kid": "k"}), ""
        self.bend, self.posted = {}, []

    def fetch(self, url, form):
        if url.endswith("openid-configuration"):
            base = "https://idp.example"
            return {
                "issuer": base,
                "authorization_endpoint": base + "/a",
                "token_endpoint": base + "/t",
                "jwks_uri": base + "/k",
            }
        if url.endswith("/k"):
            return {"keys": [self.key.as_dict(private=False)]}
        self.posted.append(form)
        now = int(self.clock().timestamp())
        claims = {
            "iss": "https://idp.example",
            "sub": "s1",
            "aud": "me",
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 60,
        }
        claims |= {"roles": ["planner", "other:system"]}
        key = self.bend.pop("key", self.key)
        return {"id_token": jwt.encode({"alg": "ES256", "kid": "k"}, claims | self.bend, key)}


@pytest.fixture
def remote(clock):
    return Remote(clock)


@pytest.fixture
def away(store, settings, clock, remote):
    provider = RemoteProvider("https://idp.example", "me", "", clock, remote.fetch)
    chosen = settings.model_copy(update={"oidc_roles_claim": "roles"})
    return Service(create_app(chosen, store=store, clock=clock, provider=provider), store, clock)


def come_back(away, remote):
    client = away.stranger()
    location = client.get("/sign-in", follow_redirects=False).headers["location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    remote.nonce = asked["nonce"]
    answer = client.get("/sign-in/callback", params={"state": asked["state"], "code": "c"}, follow_redirects=False)
    return client, asked, answer


def test_a_remote_providers_person_gets_the_claimed_roles(away, remote):
    client, asked, answer = come_back(away, remote)
    assert answer.status_code == 303
    assert [role["role"] for role in client.get("/api/v1/session").json()["roles"]] == ["planner"]
    assert asked["code_challenge_method"] == "S256"
    assert code_challenge(remote.posted[0]["code_verifier"]) == asked["code_challenge"]


@pytest.mark.parametrize(
    "bend",
    [
        {"iss": "https://other.example"},
        {"aud": "other"},
        {"aud": ["me", "other"]},
        {"nonce": "other"},
        {"exp": 0},
        {"iat": 4_000_000_000},
        {"key": ECKey.generate_key("P-256", {"kid": "k"})},
    ],
    ids=["issuer", "audience", "shared audience", "nonce", "expired", "future", "signature"],
)
def test_a_bad_identity_token_is_refused(away, remote, bend):
    remote.bend = dict(bend)
    assert come_back(away, remote)[2].json()["code"] == "sign_in_refused"


def test_a_clock_skew_of_half_a_minute_is_borne(away, remote, clock):
    now = int(clock().timestamp())
    remote.bend = {"iat": now + 30, "exp": now - 30}
    assert come_back(away, remote)[2].status_code == 303


def test_a_provider_under_another_name_is_refused(clock):
    provider = RemoteProvider("https://idp.example", "me", "", clock, lambda *_: {"issuer": "https://evil.example"})
    with pytest.raises(Problem, match="another name"):
        provider.authorization_url(state="s", nonce="n", challenge="c", redirect_uri="r")
