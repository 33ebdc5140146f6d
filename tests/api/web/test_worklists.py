"""The worklists as pages: counts, lists with filters and files, confirming seats, letters, hand-over."""

import re

import pytest
from sqlalchemy import select

from api.store.models import Applicant, Seat
from tests.api import stages


@pytest.fixture
def filled(at_stage):
    return at_stage(stages.filled)


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def browser(service, role="office"):
    client = service.as_(role)
    client.headers["Accept"] = "text/html"
    return client


def test_the_counts_lead_to_the_lists(filled):
    office = browser(filled)
    page = office.get("/worklists").text
    assert "Arbetslistor: 2026" in page
    assert "Före preliminär antagning" in page
    assert "Ingen körning att följa upp ännu" in page
    links = re.findall(r'href="(/worklists/[^"]*)"', page)
    assert len(links) == 11
    for link in links:
        assert office.get(link.replace("&amp;", "&")).status_code == 200, link
    assert "Worklists: 2026" in office.get("/worklists?lang=en").text
    table = office.get("/worklists?format=csv&table=before&lang=sv").text.splitlines()
    assert len(table) == 12


def test_a_list_is_filtered_in_the_url_and_taken_away_as_shown(filled):
    office = browser(filled)
    whole = office.get("/worklists/seats?format=csv").text.splitlines()
    assert len(whole) == 9
    school = "Nackas gymnasium 1"
    some = office.get("/worklists/seats", params={"responsible": school, "format": "csv"}).text.splitlines()
    assert len(some) == 2
    assert school in some[1]
    page = office.get("/worklists/seats", params={"responsible": school}).text
    assert f'<option value="{school}" selected>' in page
    assert "Listan är tom" in office.get("/worklists/seats?q=nowhere").text
    assert office.get("/worklists/nothing").status_code == 404
    assert office.get("/worklists/declined").status_code == 404  # nothing was run yet
    assert office.get("/worklists?run=nothing").status_code == 404


def test_seats_are_confirmed_from_the_list(filled):
    office = browser(filled)
    page = office.get("/worklists/seats", params={"responsible": "Nackas gymnasium 1"}).text
    action = re.search(r'action="(/worklists/seats/confirm[^"]*)"', page)[1].replace("&amp;", "&")
    assert office.post(action).status_code == 200
    with filled.store.read() as session:
        confirmed = session.scalars(select(Seat).where(Seat.confirmed_at.is_not(None))).all()
        assert len(confirmed) == 1
    assert len(office.get("/worklists/seats?format=csv").text.splitlines()) == 8
    assert browser(filled, "second_signer").post(action).status_code == 403


def test_after_a_run_people_lead_to_their_page_and_nobody_protected_is_there(published):
    office = browser(published)
    page = office.get("/worklists").text
    assert "Efter preliminär antagning" in page
    assert "Före slutantagning" in page
    listed = office.get("/worklists/without_offer").text
    person = re.search(r'href="(/applicants/[^"?]*)', listed)
    assert person is not None
    assert office.get(person[1]).status_code == 200
    with published.store.read() as session:
        canary = session.scalars(select(Applicant.applicant).where(Applicant.protected)).one()
    for name in ("without_offer", "ineligible", "handover"):
        for form in ("", "?format=csv"):
            assert canary not in office.get(f"/worklists/{name}{form}").text


def test_schools_see_the_own_hand_over(published):
    own = browser(published, "principal:organiser:Nacka")
    rows = own.get("/worklists/handover?format=csv").text.splitlines()[1:]
    assert rows
    assert all(row.startswith("Nackas gymnasium") for row in rows)
    assert browser(published, "counsellor:municipality:Nacka").get("/worklists/handover").status_code == 403
    assert "Överlämning" not in browser(published, "counsellor:municipality:Nacka").get("/worklists").text


def test_letters_are_ordered_and_fetched_on_the_page(published):
    office = browser(published)
    run = stages.the_run(published)
    form = {"run_id": run, "by": "home_municipality", "value": "Nacka", "language": "sv"}
    assert "Breven görs" in office.post("/worklists/letters", data=form).text
    published.work()
    page = office.get("/worklists").text
    link = re.search(r'href="(/api/v1/runs/[^"]*letters-[^"]*)"', page)[1]
    assert office.get(link).content.startswith(b"PK")
    assert office.post("/worklists/letters", data={**form, "value": "nowhere"}).status_code == 422
    assert browser(published, "counsellor:municipality:Nacka").post("/worklists/letters", data=form).status_code == 403


def test_the_page_of_the_year_says_what_blocks(published):
    page = browser(published).get("/").text
    assert "Väntar på åtgärd" in page
    assert "Platser ej bekräftade" in page
    assert "/worklists/seats?run=i" in page
    assert "/worklists/seats" not in browser(published, "planner").get("/").text
