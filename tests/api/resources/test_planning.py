"""Scenarios, seat values, packages and forecasts over the API: made, refused, run, read, cancelled."""

import io

import polars as pl
import pytest
from sqlalchemy import func, select

from api.store.models import Analysis, AnalysisTable, AuditEvent, Choice, Job
from tests.api import stages
from tests.api.stages import the_run

API = "/api/v1"


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


@pytest.fixture
def verified(at_stage):
    return at_stage(stages.verified)


def make(client, run_id, overlay=None, name="More seats"):
    return client.post(f"{API}/scenarios", json={"run_id": run_id, "name": name, "overlay": overlay or {}})


SEATS = {"seats": [{"route": "r0000", "change": 5}, {"route": "r0003", "change": 3}]}


def test_a_scenario_is_made_edited_and_deleted_with_its_version(published):
    planner, run_id = published.as_("planner"), the_run(published)
    made = make(planner, run_id, SEATS)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    assert (made.headers["etag"], made.json()["stamp"], made.json()["shared"]) == ('"v1"', "working material", False)
    edit = planner.patch(path, json={"name": "Other"}, headers={"If-Match": '"v1"'})
    assert (edit.json()["name"], edit.json()["overlay"], edit.headers["etag"]) == ("Other", SEATS, '"v2"')
    stale = planner.patch(path, json={"name": "Third"}, headers={"If-Match": '"v1"'})
    assert (stale.status_code, stale.json()["current"]["name"]) == (409, "Other")
    assert planner.patch(path, json={"name": "x"}).status_code == 428
    assert planner.delete(path, headers={"If-Match": '"v2"'}).status_code == 204
    assert planner.get(path).status_code == 404
    with published.store.read() as session:
        kinds = session.scalars(select(AuditEvent.kind).where(AuditEvent.object_type == "scenario")).all()
    assert kinds == ["scenario.changed"] * 3


def test_every_problem_of_a_scenario_is_told(published):
    overlay = {
        "seats": [
            {"route": "nowhere", "change": 1},
            {"route": "r0001", "change": -9999},
            {"route": "r0002"},
            {"route": "r0003", "change": "many"},
        ],
        "closed_route": [{"route": "gone"}],
        "cohort": [{"municipality": "Atlantis", "growth": 0.1}, {"municipality": "Nacka", "growth": 900}],
        "rules": {"rulebook": "/etc/passwd"},
        "surprise": 1,
    }
    refused = make(published.as_("planner"), the_run(published), overlay)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_scenario")
    told = " | ".join(one["message"] for one in refused.json()["problems"])
    for part in ("nowhere", "r0001", "seats 3", "many", "gone", "Atlantis", "900", "/etc/passwd", "surprise"):
        assert part in told
    assert len(refused.json()["problems"]) == 9


@pytest.mark.parametrize(
    "part",
    [
        '{"cohort": [{"municipality": "Nacka", "growth": NaN}]}',
        '{"cohort": [{"municipality": "Nacka", "growth": Infinity}]}',
        '{"seats": [{"route": "r0001", "change": 100000000000000000000000000}]}',
        '{"seats": [{"route": "\\u0000", "change": 1}]}',
        '{"merged_municipalities": [{"municipalities": ["Nacka", "Stockholm"], "name": ""}]}',
        '{"behaviour": {"rechoice": {"no_seat": "x"}}}',
        '{"behaviour": 5}',
        '{"seats": {"route": "r0001"}}',
    ],
)
def test_strange_parts_are_refused_and_break_nothing(published, part):
    body = f'{{"run_id": "{the_run(published)}", "name": "x", "overlay": {part}}}'
    answer = published.as_("planner").post(
        f"{API}/scenarios", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in {201, 422}, answer.text
    assert answer.status_code == 422 or "merged" in part


def test_scenarios_of_others_are_read_when_shared_and_never_changed(published):
    run_id = the_run(published)
    mine, other = published.as_("planner", name="a"), published.as_("planner", name="b")
    office = published.as_("office")
    path = make(mine, run_id, SEATS).headers["location"]
    assert other.get(path).status_code == 404
    assert other.get(f"{API}/scenarios").json()["total"] == 0
    assert mine.patch(path, json={"shared": True}, headers={"If-Match": '"v1"'}).json()["shared"]
    assert other.get(path).status_code == 200
    assert other.get(f"{API}/scenarios").json()["total"] == 1
    assert other.get(f"{API}/scenarios?mine=true").json()["total"] == 0
    refused = other.patch(path, json={"name": "x"}, headers={"If-Match": '"v2"'})
    assert refused.json()["code"] == "not_yours"
    assert other.post(f"{path}/results", json={}).json()["code"] == "not_yours"
    copy = other.post(f"{path}/duplicate", json={"name": "Copy"})
    assert (copy.json()["overlay"], copy.json()["shared"]) == (SEATS, False)
    assert office.patch(path, json={"name": "By the office"}, headers={"If-Match": '"v2"'}).status_code == 200


def test_nobody_plans_on_a_run_they_may_not_see(verified):
    run_id, planner = the_run(verified), verified.as_("planner")
    assert make(planner, run_id).status_code == 404
    assert planner.post(f"{API}/seat-values", json={"run_id": run_id}).status_code == 404
    path = make(verified.as_("office"), run_id).headers["location"]
    assert verified.as_("office").patch(path, json={"shared": True}, headers={"If-Match": '"v1"'}).status_code == 200
    assert planner.get(path).status_code == 404
    assert planner.get(f"{API}/scenarios").json()["total"] == 0


def test_a_scenario_is_run_beside_its_baseline(published):
    planner, run_id = published.as_("planner"), the_run(published)
    path = make(planner, run_id, SEATS).headers["location"]
    started = planner.post(f"{path}/results", json={"years": 8})
    assert (started.status_code, started.json()["state"]) == (202, "queued")
    assert planner.post(f"{path}/results", json={"years": 8}).json()["code"] == "job_running"
    result = started.headers["location"]
    assert planner.get(f"{result}/tables/totals").json()["code"] == "not_finished"
    published.work()
    shown = planner.get(result).json()
    assert shown["state"] == "done", shown["problem"]
    assert (shown["about"]["years"], shown["about"]["seeds" if "seeds" in shown["about"] else "seed_lottery"]) == (8, 1)
    names = [one["name"] for one in shown["tables"]]
    assert names[:4] == ["totals", "homes", "programmes", "routes"]
    totals = {row["measure"]: row for row in planner.get(f"{result}/tables/totals").json()["data"]}
    assert totals["seats"]["difference"] == 8
    assert totals["without_seat"]["difference"] <= 0
    assert totals["without_seat"]["difference_low"] <= totals["without_seat"]["difference_high"]
    routes = planner.get(f"{result}/tables/routes?sort=route_id").json()["data"]
    assert {row["route_id"]: row["seats_difference"] for row in routes if row["seats_difference"]} == {
        "r0000": 5, "r0003": 3,
    }  # fmt: skip
    for form in ("csv", "csv-sv", "xlsx", "parquet"):
        file = planner.get(f"{result}/tables/programmes?format={form}")
        assert file.status_code == 200
        assert "working-material" in file.headers["content-disposition"]
    table = pl.read_parquet(io.BytesIO(file.content))
    assert set(table["stamp"]) == {f"working material, More seats, run {shown['about']['run']}"}
    assert planner.get(f"{result}/tables/nothing").status_code == 404


def test_the_same_seeds_give_the_same_result_and_an_empty_scenario_none(published):
    planner, run_id = published.as_("planner"), the_run(published)
    path = make(planner, run_id).headers["location"]
    digests = []
    for _ in range(2):
        started = planner.post(f"{path}/results", json={"years": 3, "seed_lottery": 7})
        published.work()
        with published.store.read() as session:
            rows = select(AnalysisTable.digest).where(AnalysisTable.analysis_id == started.json()["id"])
            digests.append(session.scalars(rows.order_by(AnalysisTable.name)).all())
        totals = planner.get(f"{started.headers['location']}/tables/totals").json()["data"]
        assert all(row["difference_low"] == row["difference_high"] == 0 for row in totals)
    assert digests[0] == digests[1] != []


def test_no_table_of_people_tells_a_small_count(published):
    planner, run_id = published.as_("planner"), the_run(published)
    path = make(planner, run_id, SEATS).headers["location"]
    result = planner.post(f"{path}/results", json={"years": 5}).headers["location"]
    published.work()
    hidden = 0
    for name in ("homes", "movers"):
        for row in planner.get(f"{result}/tables/{name}").json()["data"]:
            for key, value in row.items():
                if isinstance(value, int | float) and "difference" not in key:
                    assert value == 0 or value >= 5 or value < 0, (name, key, value)
                hidden += value is None
    assert hidden
    for name in ("flows_programme", "flows_municipality"):
        assert all(row["persons"] >= 5 or (row["persons_high"] or 5) >= 5 for row in
                   planner.get(f"{result}/tables/{name}").json()["data"])  # fmt: skip


def test_seat_values_have_intervals_and_chains_are_for_insiders(published):
    planner, run_id = published.as_("planner"), the_run(published)
    asked = {"run_id": run_id, "lotteries": 20, "top": 3, "years": 2}
    started = planner.post(f"{API}/seat-values", json=asked)
    assert started.status_code == 202, started.text
    published.work()
    path = started.headers["location"]
    shown = planner.get(path).json()
    assert shown["state"] == "done", shown["problem"]
    assert [one["name"] for one in shown["tables"]] == ["values", "values_years", "curves", "moves"]
    values = planner.get(f"{path}/tables/values").json()["data"]
    assert len(values) == 8
    for row in values:
        assert row["better_off_low"] <= row["better_off_middle"] <= row["better_off_high"]
        assert row["newly_placed_high"] <= 1
    curves = planner.get(f"{path}/tables/curves").json()["data"]
    assert [row["seats"] for row in curves[:5]] == [1, 2, 5, 10, 30]
    assert planner.get(f"{path}/tables/chains").status_code == 404
    assert published.as_("office").get(f"{path}/tables/chains").status_code == 200
    assert planner.get(f"{API}/seat-values?run_id={run_id}").json()["total"] == 1


def test_a_package_has_a_gap_and_says_what_it_would_change(published):
    planner, run_id = published.as_("planner"), the_run(published)
    started = planner.post(f"{API}/packages", json={"run_id": run_id, "seats": 6, "seconds": 5})
    published.work()
    shown = planner.get(started.headers["location"]).json()
    assert shown["state"] == "done", shown["problem"]
    about = shown["about"]
    assert about["extra_seats"] <= 6
    assert about["better_off"] >= about["newly_placed"] >= about["greedy_newly_placed"]
    assert about["gap"] >= 0
    table = planner.get(f"{started.headers['location']}/tables/package").json()["data"]
    assert sum(row["extra_seats"] for row in table) == about["extra_seats"]
    totals = {
        row["measure"]: row["difference"]
        for row in planner.get(f"{started.headers['location']}/tables/totals").json()["data"]
    }
    assert (totals["seats"], -totals["without_seat"]) == (about["extra_seats"], about["newly_placed"])


def test_a_package_of_money_needs_prices(published):
    planner, run_id = published.as_("planner"), the_run(published)
    assert planner.post(f"{API}/packages", json={"run_id": run_id}).status_code == 422
    assert planner.post(f"{API}/packages", json={"run_id": run_id, "money_ore": 5}).status_code == 422
    price = [{"programme": "NA", "per_seat_ore": 100, "per_pupil_ore": 900}]
    asked = {"run_id": run_id, "money_ore": 2_000, "prices": price, "routes": ["r0000"]}
    started = planner.post(f"{API}/packages", json=asked)
    published.work()
    job = planner.get(started.headers["location"]).json()
    assert (job["state"], job["problem"]["code"]) == ("failed", "price_missing")
    price += [{**price[0], "programme": code} for code in ("EK", "SA", "TE", "BF", "EE")]
    started = planner.post(f"{API}/packages", json={**asked, "prices": price})
    published.work()
    assert planner.get(started.headers["location"]).json()["about"]["cost_ore"] <= 2_000


def test_a_changed_intake_is_no_longer_the_runs(published):
    planner, run_id = published.as_("planner"), the_run(published)
    with published.store.write() as session:
        for row in session.scalars(select(Choice).order_by(Choice.applicant, Choice.number).limit(20)):
            session.delete(row)
    started = planner.post(f"{API}/seat-values", json={"run_id": run_id, "lotteries": 5})
    published.work()
    shown = planner.get(started.headers["location"]).json()
    assert (shown["state"], shown["problem"]["code"]) == ("failed", "intake_changed")
    assert shown["tables"] == []


def forecast_files(**changes):
    from sample_data.catalogue import published as results

    years = (
        results()
        .rename({"school_unit_code": "skolenhetskod"})
        .filter(pl.col("municipality") == "Nacka")
        .drop("route_id", "organiser_form", "programme")
    )
    past = years.filter(pl.col("year") < 2023)
    coming = years.filter(pl.col("year") == 2023).drop(
        "admitted", "lowest_merit", "median_merit", "reserves", "vacant_seats"
    )
    files = {"history": past, "catalogue": coming, **changes}
    return {name: (f"{name}.csv", frame.write_csv().encode(), "text/csv") for name, frame in files.items()}


def test_a_forecast_from_uploaded_tables(published):
    planner = published.as_("planner")
    started = planner.post(f"{API}/forecasts", files=forecast_files())
    assert started.status_code == 202, started.text
    published.work()
    path = started.headers["location"]
    shown = planner.get(path).json()
    assert shown["state"] == "done", shown["problem"]
    assert (shown["about"]["year"], shown["about"]["history_from"]) == (2023, 2020)
    rows = planner.get(f"{path}/tables/forecast?limit=1000").json()["data"]
    assert len(rows) == planner.get(f"{path}/tables/catalogue").json()["total"] > 10
    assert all(row["admitted_low"] <= row["admitted"] <= row["admitted_high"] for row in rows)


def test_the_problems_of_both_tables_are_told_and_nothing_is_queued(published):
    files = forecast_files()
    broken = (files["catalogue"][1].replace(b"2023", b"2031"), files["history"][1].replace(b"2021,", b"20x1,", 1))
    refused = published.as_("planner").post(
        f"{API}/forecasts", files={"catalogue": ("c.csv", broken[0]), "history": ("h.csv", broken[1])}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_tables")
    assert {one["file"] for one in refused.json()["problems"]} == {"catalogue.csv", "history.csv"}
    with published.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Analysis)) == 0


def test_a_forecast_of_an_intakes_own_catalogue(published):
    planner = published.as_("planner")
    history = (
        forecast_files()["history"][1]
        .decode()
        .replace("2022,", "2025,")
        .replace("2021,", "2024,")
        .replace("2020,", "2023,")
    )
    started = planner.post(f"{API}/forecasts", data={"intake_id": "i"}, files={"history": ("h.csv", history.encode())})
    assert started.status_code == 202, started.text
    published.work()
    rows = planner.get(f"{started.headers['location']}/tables/forecast").json()
    assert rows["total"] == 8
    assert planner.post(f"{API}/forecasts", data={"intake_id": "i"}, files=forecast_files()).status_code == 422


def test_starting_twice_with_one_key_is_one_job(published):
    planner, run_id = published.as_("planner"), the_run(published)
    answers = [
        planner.post(f"{API}/packages", json={"run_id": run_id, "seats": 2}, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    with published.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == "find_package")) == 1
