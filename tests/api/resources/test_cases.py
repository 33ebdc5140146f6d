import io

import polars as pl
import pytest
from sqlalchemy import select

from api.store.models import Applicant, CaseDecision, Choice, Route
from tests.api import stages
from tests.api.resources.test_applicants import events

HERE = "/api/v1/intakes/i"
CASES = f"{HERE}/cases"


@pytest.fixture
def filled(at_stage):
    return at_stage(stages.filled)


def pairs(service, organiser="Nacka", *, protected=False):
    """Give who chose a route of an organiser, and which, without a decision on it."""
    with service.store.read() as session:
        decided = {one.applicant for one in session.scalars(select(CaseDecision))}
        found = session.execute(
            select(Choice.applicant, Choice.route_id)
            .join(Route, (Route.intake_id == Choice.intake_id) & (Route.route_id == Choice.route_id))
            .join(Applicant, (Applicant.intake_id == Choice.intake_id) & (Applicant.applicant == Choice.applicant))
            .where(Route.organiser == organiser, Applicant.protected.is_(protected))
            .order_by(Choice.applicant, Choice.route_id)
        )
        return [(one.applicant, one.route_id) for one in found if one.applicant not in decided]


def open_window(service, name="cases"):
    office = service.as_("office")
    tag = office.get(HERE).headers["etag"]
    windows = {"windows": {name: {"opens": "2026-02-20", "closes": "2026-03-10"}}}
    assert office.patch(HERE, json=windows, headers={"If-Match": tag}).status_code == 200


def record(client, applicant, route_id, kind="free_quota", value="pending", **headers):
    body = {"applicant": applicant, "route_id": route_id, "kind": kind, "value": value}
    return client.post(CASES, json=body, headers=headers)


def hand_in(client, route_id, frame, kind="school_rank", name="ranks.csv", **headers):
    content = frame if isinstance(frame, str) else frame.write_csv()
    asked = {"route_id": route_id, "kind": kind}
    files = {"file": (name, io.BytesIO(content.encode()))}
    return client.post(f"{CASES}/tables", params=asked, files=files, headers=headers)


def test_a_principal_decides_for_the_own_routes_within_the_window(filled):
    applicant, route = pairs(filled)[0]
    principal = filled.as_("principal:organiser:Nacka")
    shut = record(principal, applicant, route)
    assert (shut.status_code, shut.json()["code"]) == (403, "window_closed")
    open_window(filled)
    made = record(principal, applicant, route)
    assert made.status_code == 201, made.text
    where = made.headers["location"]
    assert principal.get(where).json() == made.json()
    changed = principal.patch(where, json={"value": "approved"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.json()["value"], changed.json()["version"]) == ("approved", 2)
    stale = principal.patch(where, json={"value": "rejected"}, headers={"If-Match": made.headers["etag"]})
    assert (stale.status_code, stale.json()["current"]["value"]) == (409, "approved")
    assert principal.delete(where).status_code == 428
    assert principal.delete(where, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    assert principal.get(where).status_code == 404
    assert len(events(filled, "case.decided")) == 2
    assert len(events(filled, "case.withdrawn")) == 1


def test_nobody_decides_for_another_school_or_about_a_person_as_such_but_the_office(filled):
    open_window(filled)
    applicant, route = pairs(filled)[0]
    other = filled.as_("principal:organiser:Stockholm")
    assert record(other, applicant, route).status_code == 404
    assert record(other, applicant, None, "english_dispens").status_code == 404
    office = filled.as_("office")
    made = record(office, applicant, None, "english_dispens")
    assert made.status_code == 201
    assert other.patch(made.headers["location"], json={"value": "approved"}).status_code == 404
    assert filled.as_("counsellor:municipality:Nacka").post(CASES, json={}).status_code == 403


def test_there_is_one_decision_of_a_kind_on_a_choice(filled):
    applicant, route = pairs(filled)[0]
    office = filled.as_("office")
    key = {"Idempotency-Key": "same"}
    first, again = (record(office, applicant, route, **key) for _ in range(2))
    assert first.json() == again.json()
    assert record(office, applicant, route).json()["code"] == "case_exists"
    assert record(office, applicant, route, "hand", "first").status_code == 201


@pytest.mark.parametrize(
    ("kind", "value", "rule"),
    [("free_quota", "maybe", "value"), ("school_rank", "0", "value"), ("test_points", "many", "value")],
)
def test_values_are_those_of_the_kind(filled, kind, value, rule):
    applicant, route = pairs(filled)[0]
    answer = record(filled.as_("office"), applicant, route, kind, value)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["code"] == rule
    missing = record(filled.as_("office"), applicant, None, "school_rank", "1")
    assert missing.json()["problems"][0]["code"] == "route_missing"


def test_only_a_chosen_route_is_decided_on(filled):
    (applicant, _), chosen = pairs(filled)[0], {route for _, route in pairs(filled)}
    mine = {route for one, route in pairs(filled) if one == applicant}
    other = sorted(chosen - mine)
    if other:
        answer = record(filled.as_("office"), applicant, other[0])
        assert answer.json()["problems"][0]["code"] == "not_chosen"
    unknown = record(filled.as_("office"), applicant, "nothing")
    assert unknown.json()["problems"][0]["code"] == "unknown_route"


def test_lists_are_filtered_and_within_scope(filled):
    office = filled.as_("office")
    applicant, route = pairs(filled)[0]
    record(office, applicant, route)
    everything = office.get(CASES).json()
    assert everything["total"] >= 2
    assert office.get(CASES, params={"route_id": route, "kind": "free_quota"}).json()["total"] == 1
    assert office.get(CASES, params={"value": "pending"}).json()["total"] == 1
    own = filled.as_("principal:organiser:Nacka").get(CASES).json()["data"]
    assert applicant in {one["applicant"] for one in own}
    assert all(one["route_id"] for one in own)
    assert filled.as_("principal:organiser:nowhere").get(CASES).json()["total"] == 0
    with filled.store.read() as session:
        home = session.get_one(Applicant, ("i", applicant)).home_municipality
    seen = filled.as_(f"counsellor:municipality:{home}").get(CASES).json()["data"]
    assert applicant in {one["applicant"] for one in seen}
    assert filled.as_("planner").get(CASES).status_code == 403


def test_a_protected_person_is_decided_on_by_alias(filled):
    open_window(filled)
    with filled.store.read() as session:
        person = session.scalars(select(Applicant).where(Applicant.protected)).one()
        route = session.scalars(select(Choice.route_id).where(Choice.applicant == person.applicant)).first()
    office, why = filled.as_("office"), {"X-Access-Reason": "the school called"}
    assert record(office, person.applicant, route).status_code == 404
    assert record(office, person.alias, route).json()["code"] == "reason_needed"
    made = record(office, person.alias, route, **why)
    assert made.json()["applicant"] == person.alias
    assert person.applicant not in made.text
    assert office.get(made.headers["location"], headers=why).status_code == 200
    assert person.alias not in office.get(CASES).text
    assert person.applicant not in office.get(CASES).text


def test_a_table_of_ranks_goes_in_as_a_whole(filled):
    open_window(filled)
    principal = filled.as_("principal:organiser:Nacka")
    route = pairs(filled)[0][1]
    people = [one for one, of in pairs(filled) if of == route]
    ranks = pl.DataFrame({"applicant": people, "value": [str(at) for at in range(1, len(people) + 1)]})
    answer = hand_in(principal, route, ranks)
    assert answer.status_code == 201, answer.text
    assert answer.json()["added"] == len(people)
    assert principal.get(CASES, params={"route_id": route, "kind": "school_rank"}).json()["total"] == len(people)
    swapped = ranks.with_columns(value=pl.Series([*ranks["value"][1:], "1"]))
    assert hand_in(principal, route, swapped).json()["changed"] == len(people)
    again = hand_in(principal, route, swapped)
    assert (again.json()["added"], again.json()["changed"]) == (0, 0)
    assert hand_in(filled.as_("principal:organiser:Stockholm"), route, ranks).status_code == 404
    assert len(events(filled, "case.imported")) == 3


def test_every_problem_of_a_table_is_told_at_its_row_and_nothing_written(filled):
    office = filled.as_("office")
    route = pairs(filled)[0][1]
    people = [one for one, of in pairs(filled) if of == route]
    text = f"applicant,value\n{people[0]},1\n{people[1]},first\nnobody,3\n{people[0]},4\n"
    answer = hand_in(office, route, text)
    assert answer.status_code == 422
    told = {(one["place"], one["code"]) for one in answer.json()["problems"]}
    assert {
        ("row 3, column value", "value"), ("row 4, column applicant", "unknown_applicant"),
        ("row 5, column kind", "duplicate"),
    } <= told  # fmt: skip
    assert office.get(CASES, params={"route_id": route, "kind": "school_rank"}).json()["total"] == 0
    assert hand_in(office, route, "who,rank\na,1\n").status_code == 422
    assert hand_in(office, route, "x", name="ranks.pdf").json()["code"] == "unreadable_file"
    assert hand_in(office, route, "").status_code == 422
