"""Answers and departures: checked against what was offered, one by one and as tables; reserve rounds follow them."""

import polars as pl
import pytest
from sqlalchemy import func, select

from api.store.models import Answer, Applicant, AuditEvent, Departure
from tests.api import stages
from tests.api.stages import LOTTERY, publish, start

ANSWERS = "/api/v1/intakes/i/answers"
DEPARTURES = "/api/v1/intakes/i/departures"


@pytest.fixture
def offered(at_stage):
    return at_stage(stages.offered)


def decisions(service, run_id=None):
    run_id = run_id or stages.the_run(service)
    rows = service.as_("office").get(f"/api/v1/runs/{run_id}/decisions", params={"limit": 1000}).json()["data"]
    return pl.DataFrame(rows, infer_schema_length=None)


def admitted(service, number=0, **where):
    """Give somebody with a seat in the only run there is."""
    found = decisions(service).filter(pl.col("status") == "admitted")
    for name, value in where.items():
        found = found.filter(pl.col(name) == value)
    return found.row(number, named=True)


def without_seat(service):
    rows = decisions(service)
    seated = rows.filter(pl.col("status") == "admitted")["applicant"].implode()
    return rows.filter((pl.col("status") == "reserve") & ~pl.col("applicant").is_in(seated))["applicant"][0]


def put(service, applicant, answer, round_name="final", **more):
    headers = more.pop("headers", {})
    path = f"{ANSWERS}/{round_name}/{applicant}"
    return service.as_("office").put(path, json={"answer": answer, **more}, headers=headers)


def test_an_answer_is_recorded_read_and_changed_once(offered):
    one = admitted(offered)
    first = put(offered, one["applicant"], "yes")
    assert first.json() == {
        "applicant": one["applicant"], "round": "final", "answer": "yes", "route_id": one["route_id"],
        "answered_at": "2026-03-01",
    }  # fmt: skip
    assert put(offered, one["applicant"], "no").status_code == 428
    tag = offered.as_("office").get(f"{ANSWERS}/final/{one['applicant']}").headers["ETag"]
    assert tag == first.headers["ETag"]
    changed = put(offered, one["applicant"], "no", answered_at="2026-07-10", headers={"If-Match": tag})
    assert (changed.json()["answer"], changed.json()["answered_at"]) == ("no", "2026-07-10")
    stale = put(offered, one["applicant"], "yes", headers={"If-Match": tag}).json()
    assert (stale["code"], stale["current"]["answer"]) == ("stale_edit", "no")
    with offered.store.read() as session:
        kinds = select(func.count()).select_from(AuditEvent).where(AuditEvent.kind == "answer.recorded")
        assert session.scalar(kinds) == 2


def test_an_answer_is_withdrawn(offered):
    one = admitted(offered)["applicant"]
    tag = put(offered, one, "no").headers["ETag"]
    office = offered.as_("office")
    assert office.delete(f"{ANSWERS}/final/{one}").status_code == 428
    assert office.delete(f"{ANSWERS}/final/{one}", headers={"If-Match": tag}).status_code == 204
    assert office.get(f"{ANSWERS}/final/{one}").status_code == 404


@pytest.mark.parametrize(
    ("who", "answer", "more", "status", "code"),
    [
        ("seated", "yes", {"route_id": "elsewhere"}, 422, "other_route"),
        ("waiting", "yes", {}, 422, "nothing_offered"),
        ("waiting", "no", {}, 200, None),
        ("nobody", "yes", {}, 404, "not_found"),
        ("seated", "perhaps", {}, 422, "invalid_request"),
    ],
)
def test_an_answer_fits_the_offer(offered, who, answer, more, status, code):
    name = {"seated": admitted(offered)["applicant"], "waiting": without_seat(offered), "nobody": "nobody"}[who]
    found = put(offered, name, answer, **more)
    assert found.status_code == status, found.text
    assert code is None or found.json()["code"] == code


def test_rounds_that_offer_nothing_are_not_answered(offered):
    one = admitted(offered)["applicant"]
    assert put(offered, one, "yes", "reserve-1").json()["code"] == "no_offers"
    assert put(offered, one, "yes", "preliminary").status_code == 422


def test_a_protected_person_answers_under_the_alias_for_a_reason(offered):
    with offered.store.read() as session:
        person = session.scalars(select(Applicant).where(Applicant.protected)).one()
    assert put(offered, person.applicant, "no").status_code == 404
    assert put(offered, person.alias, "no").json()["code"] == "reason_needed"
    found = put(offered, person.alias, "no", headers={"X-Access-Reason": "called by the guardian"})
    assert found.json()["applicant"] == person.alias, found.text
    listed = offered.as_("office").get(ANSWERS, params={"format": "csv"}).text
    assert person.applicant not in listed
    assert person.alias not in listed


def test_the_list_holds_offers_with_and_without_an_answer_within_scope(offered):
    one = admitted(offered, organiser="Nacka")
    put(offered, one["applicant"], "yes")
    office = offered.as_("office")
    whole = office.get(ANSWERS, params={"limit": 1000}).json()
    seats = decisions(offered).filter(pl.col("status") == "admitted").height
    assert whole["total"] == seats
    assert office.get(ANSWERS, params={"answer": "none"}).json()["total"] == seats - 1
    (said,) = office.get(ANSWERS, params={"answer": "yes"}).json()["data"]
    assert (said["applicant"], said["school"]) == (one["applicant"], one["school"])
    own = offered.as_("principal:organiser:Nacka").get(ANSWERS, params={"limit": 1000}).json()["data"]
    assert {row["organiser"] for row in own} == {"Nacka"}
    assert offered.as_("planner").get(ANSWERS).json()["code"] == "forbidden"
    known = {row["applicant"] for row in whole["data"]}
    assert not known & {row["applicant"] for row in offered.as_("analyst").get(ANSWERS).json()["data"]}


def table(rows, header="applicant,round,answer,route_id,answered_at"):
    return {"file": ("answers.csv", "\n".join([header, *rows]).encode(), "text/csv")}


def test_a_table_of_answers_is_taken_whole(offered):
    rows = decisions(offered).filter(pl.col("status") == "admitted").head(5)
    people = rows["applicant"].to_list()
    tag = put(offered, people[0], "no").headers["ETag"]
    lines = [f"{one},final,yes,,2026-07-0{number + 1}" for number, one in enumerate(people)]
    office = offered.as_("office")
    taken = office.post(ANSWERS, files=table(lines))
    assert taken.json() == {"rows": 5, "new": 4, "changed": 1}, taken.text
    assert office.get(f"{ANSWERS}/final/{people[0]}").headers["ETag"] != tag
    assert office.post(ANSWERS, files=table(lines)).json() == {"rows": 5, "new": 0, "changed": 0}
    with offered.store.read() as session:
        assert set(session.scalars(select(Answer.route_id))) == set(rows["route_id"].to_list())


def test_a_bad_table_changes_nothing_and_names_every_problem(offered):
    one = admitted(offered)["applicant"]
    waiting = without_seat(offered)
    lines = [
        f"{one},final,yes,,", "nobody,final,yes,,", f"{waiting},final,yes,,", f"{one},final,no,,",
        f"{one},reserve-1,yes,,", f"{one},final,maybe,,", f"{admitted(offered, 1)['applicant']},final,yes,r9999,",
    ]  # fmt: skip
    refused = offered.as_("office").post(ANSWERS, files=table(lines)).json()
    assert refused["code"] == "invalid_rows"
    found = {(problem["row"], problem["code"]) for problem in refused["problems"]}
    expected = {
        (3, "unknown_applicant"),
        (4, "nothing_offered"),
        (5, "duplicate"),
        (6, "no_offers"),
        (8, "other_route"),
    }
    assert expected <= found
    assert any(row == 7 for row, _ in found)
    with offered.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Answer)) == 0


def test_files_that_are_no_tables_are_refused(offered):
    office = offered.as_("office")
    for content in (b"", b"\x00\x01\x02", b"a,b\n1,2\n", b"applicant,round,answer\n"):
        answer = office.post(ANSWERS, files={"file": ("x.csv", content)})
        assert answer.status_code == 422, answer.text
        assert answer.json()["problems"]


def test_a_departure_frees_a_seat_and_only_a_held_one(offered):
    office = offered.as_("office")
    one = admitted(offered)
    noted = office.put(f"{DEPARTURES}/{one['applicant']}", json={"kind": "no_show"})
    assert (noted.json()["route_id"], noted.json()["version"]) == (one["route_id"], 1)
    assert office.put(f"{DEPARTURES}/{one['applicant']}", json={"kind": "left"}).status_code == 428
    tag = noted.headers["ETag"]
    again = office.put(f"{DEPARTURES}/{one['applicant']}", json={"kind": "left"}, headers={"If-Match": tag})
    assert again.json()["version"] == 2
    waiting = without_seat(offered)
    assert office.put(f"{DEPARTURES}/{waiting}", json={"kind": "no_show"}).json()["code"] == "no_seat"
    assert office.put(f"{DEPARTURES}/{waiting}", json={"kind": "elsewhere"}).status_code == 200
    assert office.get(DEPARTURES).json()["total"] == 2
    assert office.get(DEPARTURES, params={"kind": "elsewhere"}).json()["total"] == 1
    tag = office.get(f"{DEPARTURES}/{waiting}").headers["ETag"]
    assert office.delete(f"{DEPARTURES}/{waiting}", headers={"If-Match": tag}).status_code == 204
    with offered.store.read() as session:
        assert session.scalars(select(Departure.kind)).all() == ["left"]


def test_a_principal_notes_departures_from_own_seats_only(offered):
    principal = offered.as_("principal:organiser:Nacka")
    own, other = admitted(offered, organiser="Nacka"), admitted(offered, organiser="Stockholm")
    assert principal.put(f"{DEPARTURES}/{own['applicant']}", json={"kind": "left"}).status_code == 200
    assert principal.put(f"{DEPARTURES}/{other['applicant']}", json={"kind": "left"}).status_code == 404
    offered.as_("office").put(f"{DEPARTURES}/{other['applicant']}", json={"kind": "left"})
    assert principal.get(DEPARTURES).json()["total"] == 1


def reserve(service, name="reserve-1", **more):
    started = service.as_("office").post("/api/v1/intakes/i/runs", json={"round": name, **more})
    assert started.status_code == 202, started.text
    service.work()
    run = service.as_("office").get(f"/api/v1/runs/{started.json()['id']}").json()
    assert run["state"] == "verified", service.as_("office").get(f"/api/v1/jobs/{run['job_id']}").text
    return run


def status_of(frame, applicant, route_id):
    return frame.filter((pl.col("applicant") == applicant) & (pl.col("route_id") == route_id))["status"][0]


def test_a_reserve_round_follows_answers_and_departures(offered):
    final = stages.the_run(offered)
    rows = decisions(offered).filter(pl.col("status") == "admitted")
    no, left, elsewhere = rows.row(0, named=True), rows.row(5, named=True), rows.row(9, named=True)
    put(offered, no["applicant"], "no")
    office = offered.as_("office")
    office.put(f"{DEPARTURES}/{left['applicant']}", json={"kind": "left"})
    office.put(f"{DEPARTURES}/{elsewhere['applicant']}", json={"kind": "elsewhere"})
    run = reserve(offered)
    assert (run["continues"], run["round"]) == (final, "reserve-1")
    assert run["certificate"]["properties"]["P9"] == "holds"
    after = decisions(offered, run["id"])
    assert status_of(after, no["applicant"], no["route_id"]) == "declined"
    assert status_of(after, left["applicant"], left["route_id"]) == "seat_ended"
    assert status_of(after, elsewhere["applicant"], elsewhere["route_id"]) == "admitted_elsewhere"
    kept = rows.join(after.filter(pl.col("status") == "admitted"), on=["applicant", "route_id"], how="inner")
    moved = rows.filter(~pl.col("applicant").is_in(kept["applicant"].implode()))
    higher = moved.join(after.filter(pl.col("status") == "admitted"), on="applicant", suffix="_now")
    assert (higher["rank_now"] < higher["rank"]).all()
    assert len(moved) - len(higher) == 3


def test_reserve_rounds_are_chained_and_a_no_stays_a_no(offered):
    one = admitted(offered)
    put(offered, one["applicant"], "no")
    first = reserve(offered)
    publish(offered, first["id"])
    second = reserve(offered, "reserve-2")
    assert second["continues"] == first["id"]
    assert status_of(decisions(offered, second["id"]), one["applicant"], one["route_id"]) == "declined"
    late = put(offered, one["applicant"], "no_keep_reserve", "final")
    assert late.json()["code"] == "round_passed"


def test_a_reserve_round_needs_a_round_before_and_keeps_its_lottery(at_stage):
    service = at_stage(stages.filled)
    office = service.as_("office")
    assert office.post("/api/v1/intakes/i/runs", json={"round": "reserve-1"}).json()["code"] == "no_round_before"
    assert office.post("/api/v1/intakes/i/runs", json={"round": "final"}).json()["code"] == "no_lottery"
    assert start(office, "final").status_code == 202
    service.work()
    other = {"seed_phrase": "rain", "public_value": "1"}
    body = {"round": "reserve-1", "lottery": other}
    assert office.post("/api/v1/intakes/i/runs", json=body).json()["code"] == "other_lottery"
    assert office.post("/api/v1/intakes/i/runs", json={**body, "lottery": LOTTERY}).status_code == 202


def test_people_go_by_the_published_run_until_the_next_is_published(offered):
    first = stages.the_run(offered)
    office = offered.as_("office")
    offered.clock.forward(days=1)
    newer = start(office, "final", corrects=first).json()["id"]
    offered.work()
    assert office.get(f"/api/v1/runs/{newer}").json()["state"] == "verified"
    started = office.post("/api/v1/intakes/i/runs", json={"round": "reserve-1"}).json()
    assert started["continues"] == first
    offered.work()
    publish(offered, newer)
    again = office.post("/api/v1/intakes/i/runs", json={"round": "reserve-1"}).json()
    assert again["continues"] == newer
