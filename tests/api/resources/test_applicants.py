import re

import pytest
from sqlalchemy import select

from api.store.models import Applicant, ApplicantIdentity, AuditEvent, AuditPayload, Choice, Intake
from tests.api import stages

HERE = "/api/v1/intakes/i"
NUMBER, TEMPORARY = "20100230-0000", "20100230-TF01"
NEW = {"home_municipality": "Nacka", "birth_year": 2010, "sending_school": "Ekskolan"}


@pytest.fixture
def filled(at_stage):
    return at_stage(stages.filled)


def people(service, **of):
    with service.store.read() as session:
        rows = session.scalars(select(Applicant).order_by(Applicant.applicant))
        return [row for row in rows if all(getattr(row, name) == value for name, value in of.items())]


def events(service, kind):
    with service.store.read() as session:
        found = session.execute(
            select(AuditEvent, AuditPayload)
            .join(AuditPayload, AuditPayload.number == AuditEvent.number)
            .where(AuditEvent.kind == kind)
        )
        return [(event.object_id, payload.body) for event, payload in found]


def add(service, **more):
    answer = service.as_("office").post(f"{HERE}/applicants", json=NEW | more)
    assert answer.status_code == 201, answer.text
    return answer


def put(client, path, body):
    tag = client.get(path).headers["etag"]
    return client.put(path, json=body, headers={"If-Match": tag})


def test_everybody_sees_the_own_people_and_nobody_a_protected_one(filled):
    everybody = people(filled)
    protected = {row.applicant for row in everybody if row.protected}
    office = filled.as_("office").get(f"{HERE}/applicants", params={"limit": 1000}).json()
    assert {row["applicant"] for row in office["data"]} == {row.applicant for row in everybody} - protected
    counsellor = filled.as_("counsellor:municipality:Nacka").get(f"{HERE}/applicants", params={"limit": 1000}).json()
    assert {row["applicant"] for row in counsellor["data"]} == {
        row.applicant for row in everybody if row.home_municipality == "Nacka" and not row.protected
    }
    assert filled.as_("counsellor:municipality:nowhere").get(f"{HERE}/applicants").json()["total"] == 0
    for role in ("planner", "analyst"):
        assert filled.as_(role).get(f"{HERE}/applicants").status_code == 403


def test_auditors_meet_pseudonyms(filled):
    client = filled.as_("auditor")
    found = client.get(f"{HERE}/applicants", params={"limit": 1000}).json()["data"]
    ids = {row.applicant for row in people(filled)}
    assert len(found) == len(ids) - 1
    assert not ids & {row["applicant"] for row in found}
    assert client.get(f"{HERE}/applicants/{min(ids)}").status_code == 404


def test_the_search_is_by_opaque_id(filled):
    wanted = people(filled, protected=False)[0].applicant
    client = filled.as_("office")
    assert client.get(f"{HERE}/applicants", params={"applicant": wanted}).json()["total"] == 1
    assert client.get(f"{HERE}/applicants", params={"applicant": "%"}).json()["total"] == 0
    assert client.get(f"{HERE}/applicants", params={"sending_school": "Ekskolan"}).json()["total"] == 0
    add(filled)
    assert client.get(f"{HERE}/applicants", params={"sending_school": "Ekskolan"}).json()["total"] == 1
    assert filled.as_("counsellor:school:Ekskolan").get(f"{HERE}/applicants").json()["total"] == 1


def test_a_new_applicant_gets_a_random_id_once_per_key(filled):
    client = filled.as_("office")
    answers = [client.post(f"{HERE}/applicants", json=NEW, headers={"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert re.fullmatch(r"[2-9a-z]{12}", answers[0]["applicant"])
    assert len(people(filled, sending_school="Ekskolan")) == 1
    assert [one for one, _ in events(filled, "applicant.added")] == [answers[0]["applicant"]]
    wrong = client.post(f"{HERE}/applicants", json=NEW | {"flags": "tall clever"})
    assert wrong.status_code == 422
    assert wrong.json()["problems"][0]["place"] == "body.0.flags"


def test_a_number_is_sealed_and_opened_for_a_recorded_reason_only(filled):
    made = add(filled, identity_number=TEMPORARY)
    who = made.json()["applicant"]
    assert made.json()["identity"] == "temporary"
    plain = TEMPORARY.replace("-", "")
    with filled.store.read() as session:
        assert plain.encode() not in session.scalars(select(ApplicantIdentity)).one().sealed
    office = filled.as_("office")
    assert office.post(f"{HERE}/applicants/{who}/identity", json={}).status_code == 422
    opened = office.post(f"{HERE}/applicants/{who}/identity", json={"reason": "a call from home"})
    assert opened.json() == {"applicant": who, "kind": "temporary", "number": plain}
    ((whom, payload),) = events(filled, "identity.viewed")
    assert whom == who
    assert "a call from home" in payload
    assert plain not in payload
    for role in ("counsellor:municipality:Nacka", "principal:organiser:Nacka", "auditor", "second_signer"):
        refused = filled.as_(role).post(f"{HERE}/applicants/{who}/identity", json={"reason": "curious"})
        assert refused.status_code == 403, role


def test_a_full_number_takes_the_place_of_a_temporary_one_and_the_id_stays(filled):
    who = add(filled, identity_number=TEMPORARY).json()["applicant"]
    office = filled.as_("office")
    where = f"{HERE}/applicants/{who}"
    assert office.put(f"{where}/identity", json={"number": NUMBER}).status_code == 204
    assert office.get(where).json()["identity"] == "full"
    assert office.get(where).json()["applicant"] == who
    back = office.put(f"{where}/identity", json={"number": TEMPORARY})
    assert back.json()["code"] == "full_number_known"
    other = add(filled).json()["applicant"]
    taken = office.put(f"{HERE}/applicants/{other}/identity", json={"number": NUMBER})
    assert (taken.status_code, taken.json()["code"]) == (409, "identity_known")
    assert who not in taken.text
    none = office.post(f"{HERE}/applicants/{other}/identity", json={"reason": "a reason"})
    assert none.json()["code"] == "no_identity"


def test_an_edit_needs_the_newest_version(filled):
    who = add(filled).json()["applicant"]
    office, where = filled.as_("office"), f"{HERE}/applicants/{who}"
    tag = office.get(where).headers["etag"]
    assert office.patch(where, json={"flags": "newly_arrived"}).status_code == 428
    changed = office.patch(where, json={"flags": "newly_arrived"}, headers={"If-Match": tag})
    assert changed.json()["flags"] == "newly_arrived"
    stale = office.patch(where, json={"flags": ""}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["current"]["flags"]) == (409, "newly_arrived")
    assert office.patch(where, json={"flags": "x"}, headers={"If-Match": changed.headers["etag"]}).status_code == 422
    revision = filled.store
    with revision.read() as session:
        assert session.get_one(Intake, "i").revision == 3  # import, registration, one change


def test_a_person_who_becomes_protected_goes_on_under_an_alias(filled):
    who = add(filled).json()["applicant"]
    office, where = filled.as_("office"), f"{HERE}/applicants/{who}"
    tag = office.get(where).headers["etag"]
    alias = office.patch(where, json={"flags": "protected"}, headers={"If-Match": tag}).json()["applicant"]
    assert alias.startswith("alias-")
    assert office.get(where).status_code == 404
    assert office.get(f"{HERE}/applicants/{alias}").json()["code"] == "reason_needed"
    why = {"X-Access-Reason": "a call from home"}
    seen = office.get(f"{HERE}/applicants/{alias}", headers=why)
    assert seen.json()["applicant"] == alias
    assert events(filled, "protected.viewed")[-1][0] == alias
    assert who not in str(events(filled, "applicant.changed"))
    for part in ("grades", "choices"):
        assert office.get(f"{HERE}/applicants/{alias}/{part}", headers=why).status_code == 200
    for role in ("counsellor:municipality:Nacka", "second_signer"):
        assert filled.as_(role).get(f"{HERE}/applicants/{alias}", headers=why).status_code == 404


def test_erasing_takes_everything_along_until_a_result_names_the_person(filled, at_stage):
    who = people(filled, protected=False)[0].applicant
    office = filled.as_("office")
    assert office.delete(f"{HERE}/applicants/{who}").status_code == 204
    assert office.get(f"{HERE}/applicants/{who}").status_code == 404
    with filled.store.read() as session:
        assert session.scalars(select(Choice).where(Choice.applicant == who)).all() == []
    later = at_stage(stages.verified)
    refused = later.as_("office").delete(f"{HERE}/applicants/{who}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_results")


def test_grades_are_changed_as_a_sheet_and_checked_as_an_import_would(filled):
    who = people(filled, protected=False)[0].applicant
    office, where = filled.as_("office"), f"{HERE}/applicants/{who}/grades/final"
    before = office.get(where).json()["grades"]
    after = before | {"MA": "A"}
    changed = put(office, where, {"grades": after})
    assert changed.json()["grades"] == after
    assert office.put(where, json={"grades": before}, headers={"If-Match": '"old"'}).status_code == 409
    wrong = put(office, where, {"grades": {"MA": "Q", "XX": "A", "EN": "B"}})
    assert wrong.status_code == 422
    assert {one["value"] for one in wrong.json()["problems"]} == {"Q", "XX"}
    assert office.get(where).json()["grades"] == after
    assert put(office, where, {"grades": {}}).json()["grades"] == {}
    sheets = office.get(where.rpartition("/")[0]).json()["sheets"]
    assert [one["term"] for one in sheets] == ["autumn", "final", "summer"]
    assert office.get(where.replace("final", "never")).status_code == 422


def test_grades_are_for_those_at_home_and_at_the_office(filled):
    row = people(filled, protected=False)[0]
    where = f"{HERE}/applicants/{row.applicant}/grades/final"
    assert filled.as_(f"counsellor:municipality:{row.home_municipality}").get(where).status_code == 200
    assert filled.as_("counsellor:municipality:nowhere").get(where).status_code == 404
    assert filled.as_("principal:organiser:Nacka").get(where).status_code == 403
    assert filled.as_("auditor").get(where).status_code == 403


def test_a_moved_choice_is_withdrawn_and_registered_again(filled):
    who = people(filled, protected=False)[0].applicant
    office, where = filled.as_("office"), f"{HERE}/applicants/{who}/choices"
    first, second, *rest = office.get(where).json()["routes"]
    changed = put(office, where, {"routes": [second, first, *rest]}).json()
    assert changed["routes"] == [second, first, *rest]
    moved = [row for row in changed["history"] if row["route_id"] in {first, second}]
    assert [(row["withdrawn_at"] or "", row["registered_at"]) for row in moved] == [
        ("2026-03-01", "2026-01-20"), ("2026-03-01", "2026-01-20"), ("", "2026-03-01"), ("", "2026-03-01"),
    ]  # fmt: skip
    kept = [row for row in changed["history"] if row["route_id"] in rest]
    assert all(row["registered_at"] == "2026-01-20" and row["withdrawn_at"] is None for row in kept)
    undone = put(office, where, {"routes": [first, second, *rest]}).json()
    assert all(row["withdrawn_at"] is None and row["registered_at"] == "2026-01-20" for row in undone["history"])
    filled.clock.forward(days=1)
    put(office, where, {"routes": [first]})
    put(office, where, {"routes": [first, second]})
    assert office.get(where).json()["routes"] == [first, second]
    assert len(events(filled, "choices.changed")) == 4


def test_every_problem_of_a_list_is_told_and_nothing_written(filled):
    who = people(filled, protected=False)[0].applicant
    office, where = filled.as_("office"), f"{HERE}/applicants/{who}/choices"
    before = office.get(where).json()
    wrong = put(office, where, {"routes": ["r0001", "nothing", "r0001"]})
    assert wrong.status_code == 422
    told = {(one["place"], one["code"]) for one in wrong.json()["problems"]}
    assert ("body.routes.1", "unknown_route") in told
    assert any(code == "same_route" for _, code in told)
    assert office.get(where).json() == before
    assert office.put(where, json={"routes": []}).status_code == 428
    assert put(office, where, {"routes": []}).json()["routes"] == []


def test_a_counsellor_changes_the_own_pupils_list_within_the_window(filled):
    row = people(filled, protected=False)[0]
    where = f"{HERE}/applicants/{row.applicant}/choices"
    counsellor = filled.as_(f"counsellor:municipality:{row.home_municipality}")
    routes = counsellor.get(where).json()["routes"]
    shut = put(counsellor, where, {"routes": routes[:1]})
    assert (shut.status_code, shut.json()["code"]) == (403, "window_closed")
    windows = {"windows": {"choices": {"opens": "2026-02-20", "closes": "2026-03-10"}}}
    office = filled.as_("office")
    tag = office.get(HERE).headers["etag"]
    assert office.patch(HERE, json=windows, headers={"If-Match": tag}).status_code == 200
    assert put(counsellor, where, {"routes": routes[:1]}).json()["routes"] == routes[:1]
    other = filled.as_("counsellor:municipality:nowhere")
    assert other.put(where, json={"routes": routes}, headers={"If-Match": '"x"'}).status_code == 404
    filled.clock.forward(days=30)
    assert put(counsellor, where, {"routes": routes}).status_code == 403
    assert put(office, where, {"routes": routes}).status_code == 200


def test_a_receiving_principal_sees_the_rows_of_the_own_routes(filled):
    client = filled.as_("principal:organiser:Nacka")
    who = client.get(f"{HERE}/applicants").json()["data"][0]["applicant"]
    shown = client.get(f"{HERE}/applicants/{who}/choices").json()["routes"]
    whole = filled.as_("office").get(f"{HERE}/applicants/{who}/choices").json()["routes"]
    own = {row["route_id"] for row in client.get(f"{HERE}/routes", params={"organiser": "Nacka"}).json()["data"]}
    assert shown == [route for route in whole if route in own]
    assert shown != whole
