"""Who sees which page, and what the forms do."""

import json

import polars as pl
import pytest
from sqlalchemy import select

from api.store.models import Applicant
from tests.api import stages
from tests.api.web.conftest import browser_like, sign_in


@pytest.fixture
def verified(at_stage):
    return at_stage(stages.verified)


def page_client(service, role):
    client = service.as_(role)
    client.headers["Accept"] = "text/html"
    return client


def test_strangers_are_sent_to_sign_in_and_back(verified):
    client = browser_like(verified.app)
    answer = client.get("/demand?level=route", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?return_to=%2Fdemand%3Flevel%3Droute"
    assert client.get("/").status_code == 200
    assert client.get("/public").status_code == 200
    assert sign_in(client, "planner").url.path == "/"


def test_signing_out_ends_the_session(office):
    assert office.get("/applicants").status_code == 200
    answer = office.post("/sign-out", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Olga Office" not in office.get("/").text


def test_guests_see_figures_and_no_person(guest, applicant, route):
    assert guest.get("/demand").status_code == 200
    assert guest.get(f"/applicants/{applicant}", follow_redirects=False).status_code in {303, 403}
    assert applicant not in guest.get(f"/routes/{route}").text


def test_planners_and_strangers_see_no_run_before_it_is_published(verified):
    assert "Det finns ingen körning att visa än" in page_client(verified, "planner").get("/").text
    assert page_client(verified, "planner").get("/demand").status_code == 404
    assert page_client(verified, "office").get("/demand").status_code == 200


def test_the_office_finds_an_applicant_and_reads_why(office, applicant):
    found = office.get("/applicants", params={"id": applicant})
    assert found.url.path == f"/applicants/{applicant}"
    assert "Varför, och vad som hade räckt" in found.text
    assert office.get("/applicants?id=nobody").text.count("Det finns ingen sådan sökande") == 1


def test_the_applicants_page_tells_history_menu_and_what_was_enough(office, applicant, picture):
    page = office.get(f"/applicants/{applicant}").text
    for words in ("Inom räckhåll", "Så kom valen till", "Hade räckt", "registrerat"):
        assert words in page
    rows = office.get(f"/applicants/{applicant}?format=csv&table=choices").text.splitlines()
    assert len(rows) == 1 + picture.decisions.filter(pl.col("applicant") == applicant).height


def test_the_page_as_the_applicant_sees_it_and_the_letter(office, guest, applicant):
    shown = office.get(f"/applicants/{applicant}?view=applicant").text
    for words in ("Så här ser beskedet ut", "Så svarar du", "Vem som har beslutat"):
        assert words in shown
    assert "Inom räckhåll" not in shown
    for language in ("sv", "en"):
        letter = office.get(f"/applicants/{applicant}/letter.pdf?lang={language}")
        assert letter.headers["content-type"] == "application/pdf"
        assert letter.content.startswith(b"%PDF")
    assert guest.get(f"/applicants/{applicant}/letter.pdf", follow_redirects=False).status_code in {303, 403}
    assert office.get("/applicants/nobody/letter.pdf").status_code == 404


def test_protected_persons_are_on_no_page(office, picture, app):
    for one in sorted(picture.protected)[:3]:
        for path in ("", "?view=applicant", "?format=receipt", "/letter.pdf"):
            assert office.get(f"/applicants/{one}{path}").status_code == 404


def test_a_receipt_holds_until_it_is_changed(office, applicant, picture):
    text = office.get(f"/applicants/{applicant}?format=receipt").text
    body = {"receipt": text, "root": picture.root}
    assert "Kvittot stämmer med rotsumman" in office.post("/public/receipt", data=body).text
    changed = json.loads(text)
    changed["decisions"][0]["status"] = "admitted" if changed["decisions"][0]["status"] != "admitted" else "reserve"
    for wrong in (json.dumps(changed), "{}", "[]", "no receipt", "[" * 100_000):
        assert "Kvittot stämmer inte" in office.post("/public/receipt", data=body | {"receipt": wrong}).text


def test_a_second_person_signs_and_the_office_publishes(verified):
    stages.delegate(verified)
    run = stages.the_run(verified)
    office, signer = page_client(verified, "office"), page_client(verified, "second_signer")
    assert "Skriv under" not in office.get("/round").text
    page = signer.get("/round").text
    digest = page.split('name="digest" value="')[1].split('"')[0]
    wrong = signer.post("/round/sign", data={"run_id": run, "digest": "0" * 64}, follow_redirects=False)
    assert wrong.status_code == 409
    signed = signer.post("/round/sign", data={"run_id": run, "digest": digest}, follow_redirects=False)
    assert signed.status_code == 303
    assert "undertecknad" in signer.get("/round").text
    assert office.post("/round/publish", data={"run_id": run}, follow_redirects=False).status_code == 303
    stranger = browser_like(verified.app)
    assert "publicerad" in stranger.get("/").text
    assert "r0000" not in stranger.get("/public").text
    assert "Stockholms gymnasium 0" in stranger.get("/public").text
    assert page_client(verified, "planner").get("/demand").status_code == 200


def test_a_missing_delegation_is_told_and_blocks(verified):
    page = page_client(verified, "second_signer").get("/round").text
    assert "saknar registrerad delegation" in page
    assert "<button>Skriv under</button>" not in page


def test_the_store_explains_with_its_own_intake(verified):
    office = page_client(verified, "office")
    with verified.store.read() as session:
        known = session.scalars(select(Applicant.applicant).where(~Applicant.protected)).first()
        hidden = session.scalars(select(Applicant.applicant).where(Applicant.protected)).one()
    page = office.get(f"/applicants/{known}")
    assert page.status_code == 200
    assert "Meritvärde" in page.text
    assert office.get(f"/applicants/{hidden}").status_code == 404
    for route in range(8):
        assert hidden not in office.get(f"/routes/r{route:04d}").text
    assert page_client(verified, "analyst").get(f"/applicants/{known}").status_code == 404


def test_the_ranked_list_is_for_the_office_and_the_own_school(at_stage):
    service = at_stage(stages.published)
    pages = {
        role: [page_client(service, role).get(f"/routes/{route}").text for route in ("r0000", "r0001")]
        for role in ("office", "principal:organiser:Nacka", "planner", "analyst", "counsellor:municipality:Nacka")
    }
    seen = {role: ["Rangordnad lista" in text for text in texts] for role, texts in pages.items()}
    assert seen == {
        "office": [True, True],
        "principal:organiser:Nacka": [False, True],
        "planner": [False, False],
        "analyst": [False, False],
        "counsellor:municipality:Nacka": [False, False],
    }


def test_runs_that_are_not_published_are_listed_for_insiders_only(at_stage):
    service = at_stage(stages.published)
    service.clock.forward(hours=1)
    assert stages.start(service.as_("office")).status_code == 202
    service.work()
    assert page_client(service, "office").get("/round").text.count("kontrollerad, ej beslutad") == 2
    assert "kontrollerad, ej beslutad" not in page_client(service, "planner").get("/round").text
