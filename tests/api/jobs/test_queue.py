import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from admissions.errors import AdmissionsError
from api.audit import Trail
from api.jobs.queue import cancel, claim, enqueue
from api.jobs.worker import Worker
from api.problems import Problem
from api.settings import Settings
from api.store.models import Intake, Job

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Hand:
    """A clock that a test moves."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Hand()


@pytest.fixture
def make_worker(store, clock, tmp_path):
    def make(**handlers):
        return Worker(store, handlers, Trail(b"k", clock), Settings(data_dir=tmp_path, lease_seconds=30), clock)

    return make


def queue(store, kind="add", lock_key=None, **parameters):
    with store.write() as session:
        return enqueue(session, kind, parameters, actor="u", now=START, lock_key=lock_key).id


def job(store, job_id):
    with store.read() as session:
        return session.get(Job, job_id)


def add_intake(work):
    work.progress(1, 2, "half")

    def outcome(session):
        session.add(Intake(id="i", name="n", year=2026, created_by=work.actor, created_at=START))
        return {"added": 1}

    return outcome


def test_a_job_is_done_once(store, make_worker):
    job_id = queue(store)
    worker = make_worker(add=add_intake)
    assert worker.run_once()
    assert not worker.run_once()
    done = job(store, job_id)
    assert (done.state, done.result, done.progress_note) == ("done", {"added": 1}, "half")


def test_a_hundred_attempts_at_one_lock_make_one_job(store):
    outcomes = []

    def attempt():
        try:
            queue(store, lock_key="round:i:final")
            outcomes.append("queued")
        except Problem as problem:
            outcomes.append(problem.document.code)

    threads = [threading.Thread(target=attempt) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["job_running"] * 99 + ["queued"]


def test_the_lock_is_free_when_the_job_has_ended(store, make_worker):
    queue(store, lock_key="k")
    make_worker(add=add_intake).run_once()
    queue(store, lock_key="k")


def test_two_workers_never_take_the_same_job(store):
    for _ in range(10):
        queue(store)
    taken = []

    def take(name):
        for _ in range(5):
            with store.write() as session:
                found = claim(session, name, START, timedelta(seconds=30))
                if found:
                    taken.append(found.id)

    threads = [threading.Thread(target=take, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 10


def test_a_silent_workers_job_is_taken_over_and_the_old_one_writes_nothing(store, make_worker, clock):
    job_id = queue(store)
    second = make_worker(add=add_intake)

    def sleep_through_the_lease(work):
        clock.now += timedelta(seconds=60)
        assert second.run_once()

        def outcome(session):
            session.add(Intake(id="late", name="late", year=2026, created_by="u", created_at=START))
            return {"late": True}

        return outcome

    make_worker(add=sleep_through_the_lease).run_once()
    assert job(store, job_id).result == {"added": 1}
    with store.read() as session:
        assert session.scalars(select(Intake.id)).all() == ["i"]


def test_a_job_whose_workers_always_die_fails_cleanly(store, clock):
    job_id = queue(store, lock_key="k")
    for _ in range(4):
        with store.write() as session:
            claim(session, "w", clock(), timedelta(seconds=30))
        clock.now += timedelta(seconds=60)
    assert (job(store, job_id).state, job(store, job_id).problem["code"]) == ("failed", "worker_lost")
    queue(store, lock_key="k")


@pytest.mark.parametrize(
    ("error", "code", "shown"),
    [
        (AdmissionsError("row 5"), "refused_by_engine", True),
        (ValueError("20100101-0000"), "job_failed", False),
        (KeyError("x"), "job_failed", False),
    ],
)
def test_a_failed_job_says_why_and_leaves_nothing(store, make_worker, error, code, shown):
    job_id = queue(store)

    def fail(work):
        def outcome(session):
            session.add(Intake(id="i", name="n", year=2026, created_by="u", created_at=START))
            session.flush()
            raise error

        return outcome

    make_worker(add=fail).run_once()
    failed = job(store, job_id)
    assert (failed.state, failed.problem["code"]) == ("failed", code)
    assert (str(error) in str(failed.problem)) == shown
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Intake)) == 0


def test_a_cancelled_job_stops_at_its_next_step(store, make_worker):
    job_id = queue(store)

    def work_long(work):
        with store.write() as session:
            cancel(session.get(Job, job_id), START)
        work.progress(2, 2)
        raise AssertionError("not reached")

    make_worker(add=work_long).run_once()
    assert job(store, job_id).state == "cancelled"


def test_a_waiting_job_is_cancelled_at_once_and_an_ended_one_not_at_all(store):
    job_id = queue(store)
    with store.write() as session:
        cancel(session.get(Job, job_id), START)
    with pytest.raises(Problem, match="already cancelled"), store.write() as session:
        cancel(session.get(Job, job_id), START)


def test_an_unknown_kind_fails_with_a_remedy(store, make_worker):
    job_id = queue(store, kind="unheard-of")
    make_worker().run_once()
    assert job(store, job_id).problem["code"] == "unknown_job"
