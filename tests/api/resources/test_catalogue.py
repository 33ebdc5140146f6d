import io
import threading
from datetime import UTC, datetime

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from api.store.models import Intake
from api.store.repositories.importing import save_intake
from tests.api.intakes import make_intake

NOW = datetime(2026, 2, 1, tzinfo=UTC)
HERE = "/api/v1/intakes/i"
PRINCIPAL = "principal:organiser:Nacka"


@pytest.fixture
def filled(service):
    with service.store.write() as session:
        row = Intake(id="i", name="2026", year=2026, created_by="u", created_at=NOW, windows={})
        session.add(row)
        session.flush()
        save_intake(session, row, make_intake(), "u", NOW)
    return service


def read_sheet(file):
    header, *rows = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    return pl.DataFrame(rows, schema=header, orient="row")


def seat(client, pool="r0001", round_name="final"):
    return client.get(f"{HERE}/seats", params={"pool_id": pool, "round": round_name}).json()["data"][0]


def edit(client, seat_id, at, /, **values):
    return client.patch(f"{HERE}/seats/{seat_id}", json=values, headers={"If-Match": f'"v{at}"'})


def test_routes_are_paged_filtered_sorted_and_searched(filled):
    client = filled.as_("planner")
    whole = client.get(f"{HERE}/routes").json()
    assert (whole["total"], len(whole["data"])) == (8, 8)
    assert [one["school"][0] for one in whole["data"]] == ["J", "J", "N", "N", "S", "S", "Å", "Å"]
    pages = [client.get(f"{HERE}/routes", params={"limit": 3, "offset": at}).json()["data"] for at in (0, 3, 6)]
    assert [row for page in pages for row in page] == whole["data"]
    assert client.get(f"{HERE}/routes", params={"municipality": "Åre"}).json()["total"] == 2
    assert client.get(f"{HERE}/routes", params={"q": "JÄRFÄLLA"}).json()["total"] == 2
    assert client.get(f"{HERE}/routes", params={"q": "%"}).json()["total"] == 0
    turned = client.get(f"{HERE}/routes", params={"sort": "-route_id"}).json()["data"]
    assert [one["route_id"] for one in turned] == sorted((one["route_id"] for one in turned), reverse=True)
    assert client.get(f"{HERE}/routes", params={"sort": "secret"}).json()["code"] == "unknown_column"


@pytest.mark.parametrize("form", ["csv", "csv-sv", "xlsx", "parquet"])
def test_a_file_carries_the_whole_filtered_list(filled, form):
    answer = filled.as_("planner").get(f"{HERE}/routes", params={"format": form, "limit": 1, "municipality": "Åre"})
    assert "attachment" in answer.headers["content-disposition"]
    readers = {
        "csv": pl.read_csv,
        "csv-sv": lambda file: pl.read_csv(file, separator=";"),
        "parquet": pl.read_parquet,
        "xlsx": read_sheet,
    }
    frame = readers[form](io.BytesIO(answer.content))
    assert (len(frame), frame["municipality"].unique().to_list()) == (2, ["Åre"])


def test_the_office_changes_seats_and_the_history_says_so(filled):
    office = filled.as_("office")
    before = seat(office)
    changed = edit(office, before["id"], 1, seats=42, held_outside=2, reason="free_quota")
    assert (changed.status_code, changed.headers["etag"]) == (200, '"v2"')
    assert {name: changed.json()[name] for name in ("seats", "held_outside", "reason", "version")} == {
        "seats": 42,
        "held_outside": 2,
        "reason": "free_quota",
        "version": 2,
    }
    lines = office.get(f"{HERE}/seats/{before['id']}/history").json()["data"]
    assert [line["after"]["seats"] for line in lines] == [before["seats"], 42]
    assert office.get(HERE).json()["revision"] == 2


def test_an_edit_needs_the_newest_version(filled):
    office = filled.as_("office")
    seat_id = seat(office)["id"]
    assert office.patch(f"{HERE}/seats/{seat_id}", json={"seats": 1}).json()["code"] == "precondition_required"
    assert edit(office, seat_id, 1, seats=11).status_code == 200
    stale = edit(office, seat_id, 1, seats=12).json()
    assert (stale["code"], stale["current"]["seats"]) == ("stale_edit", 11)


@pytest.mark.parametrize("parallel", [10, pytest.param(50, marks=pytest.mark.full)])
def test_parallel_edits_lose_no_update(filled, parallel):
    office = filled.as_("office")
    seat_id = seat(office)["id"]
    unexpected = []

    def add_one():
        while True:
            now = office.get(f"{HERE}/seats/{seat_id}").json()
            answer = edit(office, seat_id, now["version"], seats=now["seats"] + 1)
            if answer.status_code == 200:
                return
            if answer.status_code != 409:
                unexpected.append(answer.text)
                return

    start = seat(office)["seats"]
    threads = [threading.Thread(target=add_one) for _ in range(parallel)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert unexpected == []
    now = seat(office)
    assert (now["seats"], now["version"]) == (start + parallel, parallel + 1)


def test_a_principal_changes_the_own_schools_seats_within_the_window(filled):
    office, principal = filled.as_("office"), filled.as_(PRINCIPAL)
    own, other = seat(office, "r0001"), seat(office, "r0000")
    assert edit(principal, own["id"], 1, seats=9).json()["code"] == "window_closed"
    windows = {"windows": {"seats": {"opens": "2026-02-01", "closes": "2026-03-01"}}}
    assert office.patch(HERE, json=windows, headers={"If-Match": '"v1"'}).status_code == 200
    assert edit(principal, own["id"], 1, seats=9).status_code == 200
    assert edit(principal, other["id"], 1, seats=9).json()["code"] == "not_found"
    assert principal.post(f"{HERE}/seats/{own['id']}/confirm").json()["confirmed_at"]
    assert edit(principal, own["id"], 2, seats=10).json()["confirmed_at"] is None
    filled.clock.forward(days=1)
    assert edit(principal, own["id"], 3, seats=11).json()["code"] == "window_closed"
    assert edit(office, own["id"], 3, seats=11).status_code == 200


@pytest.mark.parametrize("body", [{"seats": -1}, {"seats": 1.5}, {"seats": "many"}, {"version": 9}, {"reason": "x"}])
def test_bad_edits_are_refused(filled, body):
    office = filled.as_("office")
    assert edit(office, seat(office)["id"], 1, **body).json()["code"] == "invalid_request"


@pytest.mark.parametrize("role", ["planner", "analyst", "auditor", "counsellor", "second_signer"])
def test_others_read_seats_and_change_none(filled, role):
    client = filled.as_(role)
    assert edit(client, seat(client)["id"], 1, seats=1).json()["code"] == "forbidden"


def test_nothing_is_found_in_another_intake(filled):
    office = filled.as_("office")
    seat_id = seat(office)["id"]
    for path in ("", "/routes", "/seats", f"/seats/{seat_id}", "/rounds", "/imports", f"/seats/{seat_id}/history"):
        assert office.get(f"/api/v1/intakes/other{path}").status_code == 404
