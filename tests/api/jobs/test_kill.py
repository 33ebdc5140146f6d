"""Killed at random points (SIGKILL), on both databases: all of it is there or nothing, and the work is done later."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import httpx2
import pytest
from sqlalchemy import func, select

from api.audit.verify import verify_chain
from api.store.models import Applicant, ImportBatch, Intake, Job, Run, RunArtifact, RunResult
from api.store.repositories.importing import load_intake
from tests.api import stages
from tests.api.intakes import make_intake
from tests.api.world import packed

LEASE = 2
PATIENCE = 120


def command(module, service, url, **more):
    """Start a process on the same database."""
    settings = service.app.state.settings
    environment = os.environ | {
        "ADMISSIONS_DATABASE_URL": url,
        "ADMISSIONS_DATA_DIR": str(settings.data_dir),
        "ADMISSIONS_LEASE_SECONDS": str(LEASE),
        **more,
    }
    program = [sys.executable, "-c", f"from {module} import main; main()"]
    if module == "api.commands.worker":
        program = [sys.executable, "-m", module]
    else:
        program += ["serve", "--no-worker"]
    return subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def until(seen, patience=PATIENCE):
    """Wait until something is seen; give it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if found := seen():
            return found
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def url_of(service):
    return service.store.engine.url.render_as_string(hide_password=False)


def the_job(service):
    with service.store.read() as session:
        return session.scalars(select(Job).where(Job.kind == "run_round").order_by(Job.created_at.desc())).first()


def nothing_or_all(service):
    """See that the run has everything or nothing; give its state."""
    with service.store.read() as session:
        run = session.scalars(select(Run)).one()
        parts = [
            session.scalar(select(func.count()).select_from(table).where(table.run_id == run.id))
            for table in (RunArtifact, RunResult)
        ]
        trail = service.app.state.trail
        assert verify_chain(session, trail.secret).holds
    if run.state == "draft":
        assert (parts, run.result_digest) == ([0, 0], None)
    else:
        assert run.state == "verified"
        assert min(parts) > 0
        assert run.result_digest
    return run.state


def kill_a_worker(service, seed, kills):
    """Kill workers at random moments of the job, then let one finish it."""
    choose = random.Random(seed)
    started = stages.start(service.as_("office"))
    assert started.status_code == 202
    for _ in range(kills):
        if the_job(service).state not in {"queued", "running"}:
            break
        worker = command("api.commands.worker", service, url_of(service))
        try:
            until(lambda: the_job(service).state in {"running", "done"})
            time.sleep(choose.random() ** 2 * 3)
        finally:
            kill(worker)
        nothing_or_all(service)
    worker = command("api.commands.worker", service, url_of(service))
    try:
        job = until(lambda: (one := the_job(service)).state in {"done", "failed"} and one)
    finally:
        kill(worker)
    assert job.state == "done", job.problem
    assert nothing_or_all(service) == "verified"


@pytest.fixture
def digest(at_stage):
    """Give what an undisturbed run comes to."""
    service = at_stage(stages.verified)
    with service.store.read() as session:
        return session.scalars(select(Run.result_digest)).one()


def test_a_killed_workers_round_is_finished_by_another(at_stage, digest):
    service = at_stage(stages.filled)
    kill_a_worker(service, seed=1, kills=1)
    with service.store.read() as session:
        assert session.scalars(select(Run.result_digest)).one() == digest


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(12))
def test_workers_killed_at_many_points(at_stage, digest, seed):
    service = at_stage(stages.filled)
    kill_a_worker(service, seed, kills=2)
    with service.store.read() as session:
        assert session.scalars(select(Run.result_digest)).one() == digest


def test_a_round_that_kills_every_worker_fails_cleanly(at_stage):
    service = at_stage(stages.filled)
    stages.start(service.as_("office"))
    for _ in range(3):
        with service.store.write() as session:  # what a worker does before it dies
            from datetime import timedelta

            from api.jobs.queue import claim

            claim(session, "dying", service.clock(), timedelta(seconds=LEASE))
        service.clock.forward(seconds=LEASE + 1)
    service.work()
    assert (the_job(service).state, the_job(service).problem["code"]) == ("failed", "worker_lost")
    assert nothing_or_all(service) == "draft"
    assert stages.start(service.as_("office")).status_code == 202


@contextmanager
def serving(service):
    """Serve the same database by a process that can be killed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = command("api.commands.main", service, url_of(service), ADMISSIONS_PORT=str(port))
    base = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(base))
        yield process, base
    finally:
        kill(process)


def answers(base):
    try:
        return httpx2.get(f"{base}/health/ready").status_code == 200
    except httpx2.TransportError:
        return False


def commit_and_kill(service, folder, seed):
    """Kill the service at a random moment of a commit; the intake is as it was, or as the file says."""
    new = make_intake(3000, 12, 5, seed=9)
    office = service.as_("office")
    batch = office.post("/api/v1/intakes/i/imports", files={"file": ("i.zip", packed(new, folder / "new"))}).json()
    assert batch["state"] == "checked", batch
    with service.store.read() as session:
        before = load_intake(session, "i", 2026).digest()
    path, token = f"/api/v1/intakes/i/imports/{batch['id']}/commit", office.headers["Authorization"]
    with serving(service) as (process, base):

        def commit():
            with suppress(httpx2.TransportError):
                httpx2.post(f"{base}{path}", headers={"Authorization": token}, timeout=60)

        asking = threading.Thread(target=commit)
        asking.start()
        time.sleep(random.Random(seed).random() * 1.5)
        kill(process)
        asking.join()
    with service.store.read() as session:
        state = session.get_one(ImportBatch, batch["id"]).state
        revision = session.get_one(Intake, "i").revision
        people = session.scalar(select(func.count()).select_from(Applicant).where(Applicant.intake_id == "i"))
        now = load_intake(session, "i", 2026).digest()
        assert verify_chain(session, service.app.state.trail.secret).holds
    assert (state, now, people) in {("checked", before, 200), ("committed", new.digest(), 3000)}
    if state == "checked":
        assert office.post(path).json()["state"] == "committed"
        with service.store.read() as session:
            assert session.get_one(Intake, "i").revision == revision + 1
            assert load_intake(session, "i", 2026).digest() == new.digest()


def test_a_service_killed_in_a_commit_leaves_all_or_nothing(at_stage, tmp_path):
    commit_and_kill(at_stage(stages.filled), tmp_path, seed=3)


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(10))
def test_a_service_killed_at_many_points_of_a_commit(at_stage, tmp_path, seed):
    commit_and_kill(at_stage(stages.filled), tmp_path, seed)
