"""The planners' jobs: stopped at once, killed without a trace, done once whoever is slow, and no starved queries."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from api.jobs.handlers import handlers
from api.jobs.kinds import FIND_PACKAGE, RUN_SCENARIO, VALUE_SEATS
from api.jobs.queue import claim
from api.jobs.standing import threads_of
from api.jobs.worker import Worker
from api.settings import Settings
from api.store.models import Analysis, AnalysisTable, Job
from tests.api import stages
from tests.api.stages import the_run

API = "/api/v1"


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def start(service, kind, **asked):
    planner, run_id = service.as_("planner"), the_run(service)
    if kind == RUN_SCENARIO:
        made = planner.post(f"{API}/scenarios", json={"run_id": run_id, "name": "x"})
        answer = planner.post(f"{made.headers['location']}/results", json=asked)
    else:
        noun = {VALUE_SEATS: "seat-values", FIND_PACKAGE: "packages"}[kind]
        answer = planner.post(f"{API}/{noun}", json={"run_id": run_id, **asked})
    assert answer.status_code == 202, answer.text
    return answer.headers["location"], answer.json()["job_id"]


def worker(service, **changed):
    state = service.app.state
    return Worker(service.store, {**handlers(), **changed}, state.trail, state.settings, service.clock)


def tables(service):
    with service.store.read() as session:
        return session.scalar(select(func.count()).select_from(AnalysisTable))


@pytest.mark.parametrize(
    ("kind", "asked"), [(RUN_SCENARIO, {"years": 200}), (VALUE_SEATS, {"lotteries": 10_000, "years": 500})]
)
def test_a_running_job_stops_within_seconds_and_writes_nothing(published, kind, asked):
    path, job_id = start(published, kind, **asked)
    thread = threading.Thread(target=worker(published).run_once)
    thread.start()
    planner = published.as_("planner")
    while planner.get(f"{API}/jobs/{job_id}").json()["progress_done"] < 6:
        assert thread.is_alive()
        time.sleep(0.02)
    asked_at = time.perf_counter()
    assert planner.post(f"{API}/jobs/{job_id}/cancel").status_code == 200
    thread.join(20)
    assert time.perf_counter() - asked_at < 10
    assert planner.get(path).json()["state"] == "cancelled"
    assert tables(published) == 0


def test_a_killed_workers_job_is_done_by_another_from_the_start(published):
    path, job_id = start(published, RUN_SCENARIO, years=3)

    def killed(work):
        work.progress(50, 100, "baseline")
        raise SystemExit

    with pytest.raises(SystemExit):
        worker(published, **{RUN_SCENARIO: killed}).run_once()
    assert tables(published) == 0
    assert published.as_("planner").get(path).json()["state"] == "running"
    published.clock.forward(seconds=120)
    published.work()
    shown = published.as_("planner").get(path).json()
    assert (shown["state"], len(shown["tables"])) == ("done", 7)
    with published.store.read() as session:
        assert session.get(Job, job_id).attempts == 2


def test_a_worker_that_lost_its_job_writes_nothing_beside_the_other(published):
    path, _ = start(published, FIND_PACKAGE, seats=2, seconds=1)
    real = handlers()[FIND_PACKAGE]

    def slow(work):
        outcome = real(work)
        published.clock.forward(seconds=120)
        published.work()  # another worker takes over and finishes first
        return outcome

    assert worker(published, **{FIND_PACKAGE: slow}).run_once()
    shown = published.as_("planner").get(path).json()
    assert shown["state"] == "done"
    assert tables(published) == len(shown["tables"])


def test_a_deleted_scenario_cannot_be_run_to_its_end(published):
    path, job_id = start(published, RUN_SCENARIO, years=1)
    scenario = path.partition("/results")[0]
    planner = published.as_("planner")
    assert planner.delete(scenario, headers={"If-Match": '"v1"'}).json()["code"] == "job_running"
    planner.post(f"{API}/jobs/{job_id}/cancel")
    assert planner.delete(scenario, headers={"If-Match": '"v1"'}).status_code == 204
    published.work()
    with published.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Analysis)) == 0


def test_a_job_leaves_a_core_to_those_who_wait(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert threads_of(Settings()) == 7
    assert threads_of(Settings(worker_threads=3)) == 3
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert threads_of(Settings()) == 1


def test_the_office_comes_before_the_planners(published):
    start(published, RUN_SCENARIO, years=1)
    published.clock.forward(seconds=5)
    assert stages.start(published.as_("office")).status_code == 202
    with published.store.write() as session:
        assert claim(session, "w", published.clock(), timedelta(seconds=30)).kind == "run_round"
