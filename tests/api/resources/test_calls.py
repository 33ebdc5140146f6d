"""Calling reserves by hand: in order, one open call a seat, nobody twice, and what a move frees."""

import threading

import polars as pl
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from api.store.models import Applicant, CallEntry
from tests.api import stages
from tests.api.resources.test_answers import DEPARTURES, admitted, decisions, put


@pytest.fixture
def offered(at_stage):
    return at_stage(stages.offered)


def path(service, tail="calls"):
    return f"/api/v1/runs/{stages.the_run(service)}/{tail}"


def emptied(service, number=1):
    """Free seats of the route with the longest queue; give the route and its queue in order."""
    rows = decisions(service)
    queue = rows.filter(pl.col("status") == "reserve").sort("reserve_position", "rank")
    route = queue["route_id"].mode().sort()[0]
    seated = rows.filter((pl.col("status") == "admitted") & (pl.col("route_id") == route))["applicant"]
    for one in seated.sort()[:number]:
        service.as_("office").put(f"{DEPARTURES}/{one}", json={"kind": "no_show"})
    return route, queue.filter(pl.col("route_id") == route)


def call(service, route, **more):
    return service.as_("office").post(path(service), json={"route_id": route, **more})


def note(service, made, outcome, tag='"v1"'):
    client = service.as_("office")
    return client.post(
        path(service, f"calls/{made['id']}/outcome"), json={"outcome": outcome}, headers={"If-Match": tag}
    )


def test_an_empty_seat_is_called_in_order_and_only_once_at_a_time(offered):
    route, queue = emptied(offered)
    office = offered.as_("office")
    (row,) = office.get(path(offered, "vacancies"), params={"sort": "-waiting", "limit": 1}).json()["data"]
    assert (row["free"], row["open_calls"], row["waiting"] > 0) == (1, 0, True)
    coming = office.get(path(offered, "calls/next"), params={"route_id": route}).json()
    assert coming["applicant"] == queue["applicant"][0]
    made = call(offered, route, applicant=coming["applicant"])
    assert made.status_code == 201, made.text
    assert (made.json()["seat"], made.json()["deadline"]) == (1, "2026-03-02T12:00:00Z")
    assert call(offered, route).json()["code"] == "nobody_to_call"
    assert office.get(path(offered, "calls/next"), params={"route_id": route}).json()["applicant"] is None
    (logged,) = office.get(path(offered)).json()["data"]
    assert (logged["outcome"], logged["applicant"], logged["overdue"]) == ("open", coming["applicant"], False)


def test_who_declines_is_not_called_again_and_the_next_is(offered):
    route, queue = emptied(offered)
    for number, outcome in enumerate(("declined", "no_answer", "declined")[: len(queue)]):
        made = call(offered, route).json()
        assert made["applicant"] == queue["applicant"][number]
        assert note(offered, made, outcome).json()["outcome"] == outcome
    rest = call(offered, route)
    assert rest.json()["code"] == "nobody_to_call" if len(queue) <= 3 else rest.status_code == 201


def test_whoever_accepts_leaves_a_seat_as_was_foretold(offered):
    route, queue = emptied(offered)
    office = offered.as_("office")
    holders = decisions(offered).filter(pl.col("status") == "admitted")["applicant"].implode()
    first = queue.with_columns(pl.col("applicant").is_in(holders).alias("holds"))
    for one in first.iter_rows(named=True):
        coming = office.get(path(offered, "calls/next"), params={"route_id": route}).json()
        made = call(offered, route).json()
        assert made["applicant"] == one["applicant"]
        if not one["holds"]:
            assert coming["chain"] == [{"applicant": one["applicant"], "route_id": route, "left": None}]
            note(offered, made, "declined")
            continue
        left = coming["chain"][0]["left"]
        assert left == admitted(offered, applicant=one["applicant"])["route_id"]
        assert note(offered, made, "accepted").status_code == 200
        after = office.get(path(offered, "calls/next"), params={"route_id": left}).json()
        assert after["free"] >= 1
        told = coming["chain"][1]["applicant"] if len(coming["chain"]) > 1 else None
        assert after["applicant"] == told
        break
    else:
        pytest.fail("nobody in the queue held a seat")
    assert office.get(path(offered, "vacancies"), params={"sort": "-free"}).json()["total"] >= 1


def test_a_call_past_its_time_expires_when_the_seat_is_called_again(offered):
    route, queue = emptied(offered)
    made = call(offered, route).json()
    offered.clock.forward(hours=25)
    office = offered.as_("office")
    assert office.get(path(offered, f"calls/{made['id']}")).json()["overdue"]
    (row,) = [one for one in office.get(path(offered, "vacancies")).json()["data"] if one["pool"] == made["pool"]]
    assert (row["open_calls"], row["overdue"]) == (0, 1)
    assert call(offered, route).json()["applicant"] == queue["applicant"][1]
    assert office.get(path(offered, f"calls/{made['id']}")).json()["outcome"] == "expired"
    assert note(offered, made, "accepted", '"v2"').json()["code"] == "call_closed"


def test_a_call_made_by_mistake_is_withdrawn_and_the_person_called_again(offered):
    route, queue = emptied(offered)
    made = call(offered, route).json()
    assert note(offered, made, "withdrawn").status_code == 200
    assert call(offered, route).json()["applicant"] == queue["applicant"][0]


def test_stale_outcomes_and_other_expectations_are_refused(offered):
    route, queue = emptied(offered, 2)
    assert call(offered, route, applicant=queue["applicant"][1]).json()["code"] == "not_next"
    assert call(offered, route, deadline="2026-02-01T00:00:00Z").json()["code"] == "deadline_past"
    made = call(offered, route).json()
    office = offered.as_("office")
    outcome = path(offered, f"calls/{made['id']}/outcome")
    assert office.post(outcome, json={"outcome": "declined"}).status_code == 428
    assert note(offered, made, "declined", '"v0"').json()["code"] == "stale_edit"
    assert office.post(outcome, json={"outcome": "expired"}, headers={"If-Match": '"v1"'}).status_code == 422


def test_answers_take_people_out_of_the_queues_and_free_seats(offered):
    route, queue = emptied(offered, 0)
    rows = decisions(offered)
    first = queue["applicant"][0]
    seat = rows.filter((pl.col("status") == "admitted") & (pl.col("applicant") == first))
    put(offered, first, "yes_no_reserve" if len(seat) else "no")
    held = rows.filter((pl.col("status") == "admitted") & (pl.col("route_id") == route))["applicant"].sort()[0]
    put(offered, held, "no")
    coming = offered.as_("office").get(path(offered, "calls/next"), params={"route_id": route}).json()
    assert coming["applicant"] == queue["applicant"][1]


def test_twenty_callers_at_once_call_each_seat_once(offered):
    route, _ = emptied(offered, 3)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(call(offered, route).status_code)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] * 3 + [409] * 17
    with offered.store.read() as session:
        assert sorted(session.scalars(select(CallEntry.seat))) == [1, 2, 3]


def test_the_database_itself_keeps_one_open_call_a_seat(offered):
    route, _ = emptied(offered, 1)
    made = call(offered, route).json()
    with offered.store.read() as session:
        kept = session.get(CallEntry, made["id"])
        values = {name: getattr(kept, name) for name in ("run_id", "route_id", "pool", "seat", "called_at", "deadline")}
    for more in ({"applicant": "somebody else"}, {"applicant": kept.applicant, "seat": 2}):
        with pytest.raises(IntegrityError), offered.store.write() as session:
            session.add(CallEntry(**{**values, **more}, called_by="u"))
    with offered.store.read() as session:
        assert session.scalar(select(func.count()).select_from(CallEntry)) == 1


def test_a_protected_person_is_called_by_alias_and_stands_in_no_list(offered):
    with offered.store.write() as session:
        for person in session.scalars(select(Applicant).where(Applicant.protected)):
            person.protected = False
    route, queue = emptied(offered)
    with offered.store.write() as session:
        person = session.scalars(select(Applicant).where(Applicant.applicant == queue["applicant"][0])).one()
        person.protected, person.alias = True, "alias-0123456789ab"
    hide(offered, person.applicant)
    made = call(offered, route)
    assert made.json()["applicant"] == person.alias
    office = offered.as_("office")
    assert office.get(path(offered)).json()["total"] == 0
    shown = office.get(path(offered, f"calls/{made.json()['id']}"))
    assert shown.json()["applicant"] == person.alias
    for answer in (made, shown, office.get(path(offered), params={"format": "csv"})):
        assert person.applicant not in answer.text


def hide(service, applicant):
    """Let the run know that somebody is protected, as it would have at its time."""
    results = service.app.state.results
    with service.store.read() as session:
        frame = results.get(session, stages.the_run(service), "decisions")
    hidden = frame.with_columns(pl.col("protected") | (pl.col("applicant") == applicant))
    results._tables[stages.the_run(service), "decisions"] = hidden


def test_calling_is_for_the_office_and_reading_for_schools(offered):
    route, _ = emptied(offered)
    made = call(offered, route).json()
    row = decisions(offered).filter(pl.col("route_id") == route).row(0, named=True)
    other = next(name for name in ("Nacka", "Stockholm") if name != row["organiser"])
    assert offered.as_(f"principal:organiser:{row['organiser']}").get(path(offered)).json()["total"] == 1
    assert offered.as_(f"principal:organiser:{other}").get(path(offered)).json()["total"] == 0
    analyst = offered.as_("analyst").get(path(offered)).json()["data"]
    assert analyst[0]["applicant"] != made["applicant"]
    for role in ("second_signer", "planner", "counsellor:municipality:Nacka"):
        assert offered.as_(role).post(path(offered), json={"route_id": route}).json()["code"] == "forbidden"


def test_calls_need_a_published_run_and_end_machine_rounds(at_stage):
    service = at_stage(stages.verified)
    assert call(service, "r0000").json()["code"] == "not_published"


def test_no_machine_round_after_seats_were_given_by_hand(offered):
    route, _ = emptied(offered)
    made = call(offered, route).json()
    assert note(offered, made, "accepted").status_code == 200
    again = offered.as_("office").post("/api/v1/intakes/i/runs", json={"round": "reserve-1"})
    assert again.json()["code"] == "called_by_hand"
