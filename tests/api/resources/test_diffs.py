"""What a correction changed: routes, decisions with their causes, and why a reserve position moved."""

import polars as pl
import pytest
from sqlalchemy import select

from api.run_diffs import CAUSES
from api.store.models import Applicant, Run, Seat
from tests.api import stages
from tests.api.resources.test_answers import decisions, put, reserve
from tests.api.stages import start


@pytest.fixture
def verified(at_stage):
    return at_stage(stages.verified)


@pytest.fixture
def offered(at_stage):
    return at_stage(stages.offered)


def corrected(service):
    """Take three seats of the most sought-after route away, run again; give the old run, the new one and the route."""
    old = stages.the_run(service)
    rows = decisions(service, old)
    route = rows.filter(pl.col("status") == "reserve")["route_id"].mode().sort()[0]
    office = service.as_("office")
    with service.store.read() as session:
        query = select(Seat.id).where(Seat.route_or_pool == route, Seat.round == "preliminary")
        seat_id = session.scalars(query).one()
    seat = office.get(f"/api/v1/intakes/i/seats/{seat_id}")
    fewer = {"seats": seat.json()["seats"] - 3}
    headers = {"If-Match": seat.headers["ETag"]}
    assert office.patch(f"/api/v1/intakes/i/seats/{seat_id}", json=fewer, headers=headers).status_code == 200
    new = start(office, corrects=old).json()["id"]
    service.work()
    return old, new, route


def test_a_correction_shows_what_it_changed_before_it_is_published(verified):
    old, new, route = corrected(verified)
    office = verified.as_("office")
    found = office.get(f"/api/v1/runs/{new}/diff").json()
    assert (found["run_id"], found["compared_with"]) == (new, old)
    assert (found["same_result"], found["same_inputs"], found["same_rulebook"]) == (False, False, True)
    assert found["persons"]["better"] == found["persons"]["placed"] == 0
    assert found["persons"]["worse"] + found["persons"]["without"] >= 3
    routes = office.get(f"/api/v1/runs/{new}/diff/routes").json()
    assert routes["total"] == found["routes"]
    (row,) = [one for one in routes["data"] if one["route_id"] == route]
    assert (row["seats_change"], row["admitted_change"], row["found"]) == (-3, -3, "both")


def test_changed_decisions_are_those_that_differ_each_with_a_cause(verified):
    old, new, route = corrected(verified)
    office = verified.as_("office")
    path = f"/api/v1/runs/{new}/diff/decisions"
    rows = office.get(path, params={"limit": 1000}).json()["data"]
    before, after = decisions(verified, old), decisions(verified, new)
    keys = ["applicant", "route_id", "status", "reserve_position"]
    apart = after.join(before, on=keys, how="anti", nulls_equal=True)
    assert {(row["applicant"], row["route_id"]) for row in rows} == set(apart.select(keys[:2]).rows())
    assert {row["cause"] for row in rows} <= set(CAUSES)
    assert {row["cause"] for row in rows if row["route_id"] == route} == {"seats"}
    assert office.get(path, params={"cause": "seats"}).json()["total"] > 0
    assert office.get(path, params={"format": "csv"}).text.startswith("applicant,route_id")


def test_a_run_beside_itself_differs_in_nothing(verified):
    run = stages.the_run(verified)
    found = verified.as_("office").get(f"/api/v1/runs/{run}/diff", params={"with": run}).json()
    assert (found["same_result"], found["routes"], found["choices"]) == (True, 0, 0)
    assert set(found["persons"].values()) == {0}
    assert verified.as_("office").get(f"/api/v1/runs/{run}/diff").json()["code"] == "nothing_before"


def test_those_outside_see_no_persons_and_nothing_unpublished(verified):
    old, new, _ = corrected(verified)
    planner = verified.as_("planner")
    assert planner.get(f"/api/v1/runs/{new}/diff").status_code == 404
    with verified.store.write() as session:
        for run in session.scalars(select(Run)):
            run.state = "published"
    found = planner.get(f"/api/v1/runs/{new}/diff", params={"with": old}).json()
    assert (found["persons"], found["choices"], found["causes"]) == (None, None, None)
    assert planner.get(f"/api/v1/runs/{new}/diff/routes").json()["total"] > 0
    assert planner.get(f"/api/v1/runs/{new}/diff/decisions").json()["code"] == "forbidden"
    analyst = verified.as_("analyst").get(f"/api/v1/runs/{new}/diff/decisions", params={"limit": 1000}).json()["data"]
    with verified.store.read() as session:
        known = set(session.scalars(select(Applicant.applicant)))
        hidden = session.scalars(select(Applicant.applicant).where(Applicant.protected)).one()
    assert analyst
    assert not known & {row["applicant"] for row in analyst}
    office = verified.as_("office").get(f"/api/v1/runs/{new}/diff/decisions", params={"format": "csv"}).text
    assert hidden not in office


def test_a_reserve_round_is_compared_with_the_round_it_continues(offered):
    seated = decisions(offered).filter(pl.col("status") == "admitted")
    waiting = decisions(offered).filter((pl.col("status") == "reserve") & (pl.col("reserve_position") > 2))
    for one in seated.head(12)["applicant"]:
        put(offered, one, "no")
    final = stages.the_run(offered)
    run = reserve(offered)
    office = offered.as_("office")
    found = office.get(f"/api/v1/runs/{run['id']}/diff").json()
    assert found["compared_with"] == final
    assert found["causes"]["answer"] >= 12
    told = [
        move
        for one in waiting["applicant"].unique().sort().head(8)
        for move in office.get(f"/api/v1/runs/{run['id']}/diff/positions/{one}").json()
    ]
    moved = [one for one in told if one["after"] < one["before"]]
    assert moved
    assert all(one["before"] - one["after"] <= one["left"] for one in moved)
    assert all(one["sv"] and one["en"] for one in moved)
    assert office.get(f"/api/v1/runs/{run['id']}/diff/positions/nobody").status_code == 404
