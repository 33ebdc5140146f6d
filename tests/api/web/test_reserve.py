"""The office's way through a reserve round, form by form: answers, departures, calls, the next machine round."""

import html
import io
import re

import polars as pl
import pytest
from sqlalchemy import select

from api.store.models import Answer, Applicant, CallEntry, Departure, Run
from tests.api import stages
from tests.api.resources.test_answers import decisions
from tests.api.resources.test_calls import emptied
from tests.api.web.test_pages import Page, no_other_language, nothing_inline


@pytest.fixture
def offered(at_stage):
    return at_stage(stages.offered)


def browser(service, *roles):
    client = service.as_(*roles)
    client.headers["Accept"] = "text/html"
    return client


def hidden(page, action):
    """Give the hidden fields of the form that goes to an address."""
    form = re.search(rf'<form method="post" action="({action}[^"]*)".*?</form>', page, re.DOTALL)
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0])
    return html.unescape(form[1]), {name: html.unescape(value) for name, value in fields}


def test_an_empty_seat_is_called_noted_and_logged(offered):
    route, queue = emptied(offered)
    office = browser(offered, "office")
    page = office.get("/reserve").text
    assert f"at={route}" in page
    page = office.get(f"/reserve?at={route}").text
    assert "Reservplats 1 i omgångens kö" in page
    action, fields = hidden(page, "/reserve/calls")
    assert fields["applicant"] == queue["applicant"][0]
    called = office.post(action, data={**fields, "hours": "48"}).text
    assert "Svar senast 2026-03-03 13.00" in called
    action, fields = hidden(called, "/reserve/calls/")
    done = office.post(action, data={**fields, "outcome": "declined"}).text
    assert "tackade nej" in done
    assert "Inga öppna uppringningar" in done
    assert office.post(action, data={**fields, "outcome": "accepted"}).status_code == 409
    with offered.store.read() as session:
        assert session.scalars(select(CallEntry.outcome)).all() == ["declined"]


def test_an_answer_and_a_departure_are_recorded_for_whom_the_page_shows(offered):
    one = decisions(offered).filter(pl.col("status") == "admitted").row(0, named=True)
    office = browser(offered, "office")
    page = office.get("/reserve", params={"applicant": one["applicant"]}).text
    assert f'Har plats på <a href="/routes/{one["route_id"]}' in page
    action, fields = hidden(page, "/reserve/answers")
    page = office.post(action, data={**fields, "answer": "no"}).text
    assert "Har svarat: <strong>nej till allt</strong>" in page
    assert office.post(action, data={**fields, "answer": "yes"}).status_code == 428
    action, fields = hidden(page, "/reserve/answers")
    assert "ja, står kvar som reserv</strong>" in office.post(action, data={**fields, "answer": "yes"}).text
    action, fields = hidden(page, "/reserve/departures")
    assert "<strong>kom inte</strong>" in office.post(action, data={**fields, "kind": "no_show"}).text
    with offered.store.read() as session:
        assert session.scalars(select(Answer.answer)).all() == ["yes"]
        assert session.scalars(select(Departure.kind)).all() == ["no_show"]
    assert "ingen sådan sökande" in office.get("/reserve", params={"applicant": "nobody"}).text


def test_a_protected_person_is_answered_for_by_alias_with_a_reason(offered):
    with offered.store.read() as session:
        person = session.scalars(select(Applicant).where(Applicant.protected)).one()
    office = browser(offered, "office")
    data = {"intake_id": "i", "round": "final", "applicant": person.alias, "answer": "no"}
    assert office.post("/reserve/answers", data=data).status_code == 428
    assert office.post("/reserve/answers", data={**data, "reason": "guardian called"}).status_code == 200
    assert "ingen sådan sökande" in office.get("/reserve", params={"applicant": person.applicant}).text


def test_a_refused_table_shows_every_problem_and_a_good_one_is_taken(offered):
    office = browser(offered, "office")
    people = decisions(offered).filter(pl.col("status") == "admitted")["applicant"][:2].to_list()
    bad = f"applicant,round,answer\nnobody,final,yes\n{people[0]},reserve-1,yes\n".encode()
    page = office.post("/reserve/answers/table", data={"intake_id": "i"}, files={"file": ("a.csv", bad)})
    assert page.status_code == 422
    assert "2 fel i tabellen" in page.text
    assert "row 2, column applicant" in page.text
    good = "applicant,round,answer\n" + "".join(f"{one},final,yes\n" for one in people)
    page = office.post("/reserve/answers/table", data={"intake_id": "i"}, files={"file": ("a.csv", good.encode())})
    assert page.status_code == 200
    table = pl.read_csv(io.BytesIO(office.get("/reserve?format=csv&table=answers").content))
    assert table["persons"].to_list()[1] == 2


def test_the_next_machine_round_is_started_from_the_page(offered):
    office = browser(offered, "office")
    action, fields = hidden(office.get("/reserve").text, "/reserve/runs")
    assert fields["round"] == "reserve-1"
    assert office.post(action, data=fields).status_code == 200
    offered.work()
    with offered.store.read() as session:
        assert session.scalars(select(Run.state).where(Run.round == "reserve-1")).one() == "verified"
    page = office.get("/reserve").text
    assert "Reserver rings upp när omgången är publicerad" in page
    assert "Starta" in page


def test_others_see_seats_and_their_own_people_and_no_forms(offered):
    route, queue = emptied(offered)
    offered.as_("office").post(f"/api/v1/runs/{stages.the_run(offered)}/calls", json={"route_id": route})
    auditor = browser(offered, "auditor").get("/reserve").text
    assert 'method="post" action="/reserve' not in auditor
    assert queue["applicant"][0] not in auditor
    assert "table-calls" not in auditor
    principal = browser(offered, "principal:organiser:Nacka").get("/reserve").text
    assert 'method="post" action="/reserve' not in principal
    assert browser(offered, "planner").get("/reserve").status_code == 403


def test_the_preliminary_round_gives_no_seats(at_stage):
    service = at_stage(stages.verified)
    assert "ger inga platser" in browser(service, "office").get("/reserve").text


def test_the_page_with_calls_stands_in_both_languages(offered):
    route, _ = emptied(offered, 2)
    one = decisions(offered).filter(pl.col("status") == "admitted").row(3, named=True)["applicant"]
    offered.as_("office").post(f"/api/v1/runs/{stages.the_run(offered)}/calls", json={"route_id": route})
    office = browser(offered, "office")
    for language in ("sv", "en"):
        page = Page(office.get(f"/reserve?at={route}&applicant={one}&lang={language}").text)
        names = [value for _, attributes in page.tags for name, value in attributes.items() if name == "id"]
        assert len(names) == len(set(names))
        nothing_inline(page, language)
        no_other_language(page, language, "/reserve")
