"""Stages of an admission year, as functions that bring an empty service there."""

from sqlalchemy import select

from api.store.models import Intake, Run
from api.store.repositories.importing import save_intake
from tests.api.intakes import PLACES, make_intake

LOTTERY = {"seed_phrase": "snow", "public_value": "12 7 33"}


def filled(service):
    """Make an intake "i" with a rulebook."""
    with service.store.write() as session:
        row = Intake(id="i", name="2026", year=2026, created_by="u", created_at=service.clock(), windows={})
        session.add(row)
        session.flush()
        save_intake(session, row, make_intake(200, 8, 4), "u", service.clock())
    office = service.as_("office")
    rulebook = office.post("/api/v1/rulebooks", json={"preset": "storsthlm", "year": 2026})
    edit = {"rulebook_id": rulebook.json()["id"]}
    assert office.patch("/api/v1/intakes/i", json=edit, headers={"If-Match": '"v1"'}).status_code == 200


def start(client, round_name="preliminary", **more):
    return client.post("/api/v1/intakes/i/runs", json={"round": round_name, "lottery": LOTTERY, **more})


def the_run(service):
    with service.store.read() as session:
        return session.scalars(select(Run.id)).one()


def verified(service):
    """Add a verified preliminary round."""
    filled(service)
    assert start(service.as_("office")).status_code == 202
    service.work()


def delegate(service):
    body = {"organisers": [organiser for _, organiser in PLACES], "reference": "KS 2025/1"}
    assert service.as_("office").put("/api/v1/intakes/i/delegations", json=body).status_code == 200


def published(service):
    """Sign it off and publish it."""
    verified(service)
    delegate(service)
    run = f"/api/v1/runs/{the_run(service)}"
    digest = service.as_("office").get(run).json()["result_digest"]
    signed = service.as_("second_signer").post(f"{run}/sign", json={"result_digest": digest})
    assert signed.json()["state"] == "signed_off"
    assert service.as_("office").post(f"{run}/publish").json()["state"] == "published"


def offered(service):
    """Publish a final round: people hold seats and may answer."""
    filled(service)
    assert start(service.as_("office"), "final").status_code == 202
    service.work()
    delegate(service)
    publish(service, the_run(service))


def publish(service, run_id):
    run = f"/api/v1/runs/{run_id}"
    digest = service.as_("office").get(run).json()["result_digest"]
    assert service.as_("second_signer").post(f"{run}/sign", json={"result_digest": digest}).status_code == 200
    assert service.as_("office").post(f"{run}/publish").json()["state"] == "published"
