"""Receipts over the API: for the own people, checked by anybody."""

import pytest
from sqlalchemy import select

from api.receipts import complaint
from api.store.models import Applicant, Choice, Route
from tests.api import stages


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def somebody(service, *where):
    with service.store.read() as session:
        people = select(Applicant.applicant).where(Applicant.protected.is_(False), *where).order_by(Applicant.applicant)
        return session.scalars(people).first()


def test_a_receipt_holds_against_the_published_root(published):
    run, applicant = stages.the_run(published), somebody(published)
    root = published.stranger().get("/api/v1/publications").json()[0]["rows_root"]
    receipt = published.as_("office").get(f"/api/v1/runs/{run}/receipts/{applicant}").json()
    assert receipt["applicant"] == applicant
    assert receipt["root"] == root
    check = published.stranger().post("/api/v1/receipts/check", json={"receipt": receipt, "root": root})
    assert check.json() == {"holds": True, "reason": ""}


def test_whatever_is_changed_is_refused(published):
    run, applicant = stages.the_run(published), somebody(published)
    receipt = published.as_("office").get(f"/api/v1/runs/{run}/receipts/{applicant}").json()
    root = receipt["root"]
    turned = [["left" if side == "right" else "right", other] for side, other in receipt["path"]]
    for wrong in (
        receipt | {"applicant": "somebody"},
        receipt | {"round": "final"},
        receipt | {"path": turned},
        receipt | {"rows": receipt["rows"][1:]},
        receipt | {"rows": ["text"]},
        receipt | {"rows": {}},
        receipt
        | {"decisions": [line | {"status": "admitted", "reserve_position": ""} for line in receipt["decisions"]]},
        {},
        {"path": 1},
    ):
        answer = published.stranger().post("/api/v1/receipts/check", json={"receipt": wrong, "root": root})
        told = answer.json()
        assert told["holds"] is (wrong == receipt), wrong
        assert bool(told["reason"]) is not told["holds"]
    assert complaint(receipt, "0" * 64)
    assert complaint(None, root)


def test_only_those_responsible_get_a_receipt(published):
    run = stages.the_run(published)
    nacka = somebody(published, Applicant.home_municipality == "Nacka")
    path = f"/api/v1/runs/{run}/receipts/{nacka}"
    assert published.as_("counsellor:municipality:Nacka").get(path).status_code == 200
    assert published.as_("counsellor:municipality:Solna").get(path).status_code == 404
    assert published.as_("analyst").get(path).status_code == 404
    assert published.stranger().get(path).status_code == 401
    with published.store.read() as session:
        school = session.scalars(
            select(Route.school).join(Choice, (Choice.route_id == Route.route_id)).where(Choice.applicant == nacka)
        ).first()
    assert published.as_(f"principal:school:{school}").get(path).status_code == 200
    assert published.as_("principal:school:nowhere").get(path).status_code == 404


def test_nobody_gets_a_protected_persons_receipt_by_id(published):
    with published.store.read() as session:
        canary = session.scalars(select(Applicant.applicant).where(Applicant.protected)).first()
    path = f"/api/v1/runs/{stages.the_run(published)}/receipts/{canary}"
    assert published.as_("office").get(path).status_code == 404
