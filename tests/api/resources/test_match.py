MARKET = {
    "applicants": {"a1": ["p", "q"], "a2": ["p"]},
    "programmes": {"p": {"capacity": 1, "priority": ["a2", "a1"]}, "q": {"capacity": 1, "priority": ["a1"]}},
}


def test_a_market_is_matched_and_checked(service):
    found = service.as_("planner").post("/api/v1/match", json=MARKET).json()
    assert found["assignment"] == {"a1": "q", "a2": "p"}
    assert found["properties"]["P6"] == "holds"


def test_another_mechanism_is_not_claimed_stable(service):
    path = "/api/v1/match?mechanism=immediate-acceptance"
    assert service.as_("planner").post(path, json=MARKET).json()["properties"] is None


def test_a_bad_market_names_its_places(service):
    bad = {**MARKET, "programmes": {"p": {"capacity": -1, "priority": []}}}
    refused = service.as_("planner").post("/api/v1/match", json=bad).json()
    assert refused["code"] == "invalid_market"
    assert refused["problems"]


def test_strangers_do_not_match(service):
    assert service.stranger().post("/api/v1/match", json=MARKET).status_code == 401
