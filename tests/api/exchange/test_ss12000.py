"""Codes, and organisations, programmes, persons and grades in the shape of SS 12000."""

import pytest
from sqlalchemy import select

from api.store.models import Answer, Applicant, Route
from tests.api import stages

NAMES = {
    "organisations": {"displayName", "organisationType", "parentOrganisation", "schoolUnitCode", "municipalityCode"},
    "programmes": {"name", "type", "schoolType", "code", "parentProgramme"},
    "persons": {"externalIdentifiers", "personStatus", "securityMarking", "enrolments"},
    "grades": {"student", "gradeValue", "finalGrade", "subjectCode", "semester", "year"},
}


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def everything(client, what, limit=37, **query):
    found, token = [], ""
    while token is not None:
        page = client.get(f"/api/v1/intakes/i/ss12000/{what}", params={"limit": limit, "pageToken": token, **query})
        assert page.status_code == 200, page.text
        assert len(page.json()["data"]) <= limit
        found += page.json()["data"]
        token = page.json()["pageToken"]
    return found


@pytest.mark.parametrize("what", sorted(NAMES))
def test_pages_hold_each_entity_once_whatever_their_size(published, what):
    office = published.as_("office")
    whole = everything(office, what, 1000)
    assert everything(office, what, 37) == whole
    ids = [one["id"] for one in whole]
    assert len(set(ids)) == len(ids) > 0
    assert NAMES[what] <= set(whole[0])
    assert set(whole[0]["meta"]) == {"created", "modified"}
    assert [one["id"] for one in everything(office, what, 1000)] == ids


def test_school_units_hang_on_their_organisers_and_carry_codes(published):
    found = everything(published.as_("planner"), "organisations")
    owners = {one["id"] for one in found if one["organisationType"] == "Huvudman"}
    units = [one for one in found if one["organisationType"] == "Skolenhet"]
    assert all(one["parentOrganisation"]["id"] in owners for one in units)
    assert all(len(one["schoolUnitCode"]) == 8 for one in units)
    assert {one["municipalityCode"] for one in units} == {"0180", "0182", "0123", None}


def test_persons_are_those_admitted_and_never_a_protected_one(published):
    with published.store.read() as session:
        protected = session.scalars(select(Applicant.applicant).where(Applicant.protected)).one()
    run = stages.the_run(published)
    office = published.as_("office")
    persons = everything(office, "persons")
    admitted = office.get(f"/api/v1/runs/{run}/decisions", params={"status": "admitted"}).json()
    assert len(persons) == admitted["total"]
    assert protected not in str(persons)
    assert protected not in str(everything(office, "grades", 1000))
    one = persons[0]["enrolments"][0]
    assert (one["schoolType"], one["cancelled"]) == ("GY", False)
    codes = {programme["code"] for programme in everything(office, "programmes")}
    assert {person["enrolments"][0]["educationCode"] for person in persons} <= codes


def test_a_school_takes_over_those_admitted_to_it(published):
    with published.store.read() as session:
        school = session.scalars(select(Route.school)).first()
    own = everything(published.as_(f"principal:school:{school}"), "persons")
    assert own
    assert {person["enrolments"][0]["enroledAt"]["displayName"] for person in own} == {school}
    assert everything(published.as_("principal:school:nowhere"), "persons") == []
    assert published.as_("analyst").get("/api/v1/intakes/i/ss12000/persons").status_code == 404


def test_who_declined_is_cancelled(published):
    office = published.as_("office")
    who = everything(office, "persons")[3]["externalIdentifiers"][0]["value"]
    with published.store.write() as session:
        session.add(Answer(intake_id="i", applicant=who, round="preliminary", answer="no"))
    cancelled = [person for person in everything(office, "persons") if person["enrolments"][0]["cancelled"]]
    assert [person["externalIdentifiers"][0]["value"] for person in cancelled] == [who]


def test_grades_are_of_the_own_pupils(published):
    grades = everything(published.as_("counsellor:municipality:Nacka"), "grades", 1000)
    with published.store.read() as session:
        mine = select(Applicant.applicant).where(Applicant.home_municipality == "Nacka", Applicant.protected.is_(False))
        assert {one["student"]["displayName"] for one in grades} == set(session.scalars(mine))
    assert {(one["semester"], one["year"], one["finalGrade"]) for one in grades} == {
        ("HT", 2025, False),
        ("VT", 2026, True),
    }
    assert published.as_("principal:school:nowhere").get("/api/v1/intakes/i/ss12000/grades").status_code == 403


def test_an_unpublished_run_is_handed_over_to_nobody(at_stage):
    service = at_stage(stages.verified)
    assert service.as_("principal:organiser:Nacka").get("/api/v1/intakes/i/ss12000/persons").status_code == 404


@pytest.mark.parametrize("token", ["x", "bnVsbA==", "WzFd" * 3, "Wy0xXQ==", "WyJhIl0=", "é"])
def test_a_token_of_elsewhere_is_refused(published, token):
    for what in NAMES:
        answer = published.as_("office").get(f"/api/v1/intakes/i/ss12000/{what}", params={"pageToken": token})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_page_token")


def test_codes_are_listed_and_exported(published):
    planner = published.as_("planner")
    codes = planner.get("/api/v1/codes/municipalities", params={"limit": 100}).json()["data"]
    assert {one["code"]: one["municipality"] for one in codes}["0180"] == "Stockholm"
    assert sum(one["county"] == "Stockholms län" for one in codes) == 26
    text = planner.get("/api/v1/codes/programmes?format=csv").text
    assert text.startswith("code,name_sv,name_en,kind")
    units = planner.get("/api/v1/intakes/i/school-units").json()["data"]
    assert sum(one["study_routes"] for one in units) == 8
