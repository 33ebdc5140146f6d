import os
import signal
import threading

import pytest

from admissions.errors import AdmissionsError
from simulations.sweeps.chunks import Wanted
from simulations.sweeps.plan import Plan
from simulations.sweeps.running import run_sweep
from tests.simulations.sweeps.worlds import model

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    """Start a real cluster on this machine: a scheduler and two worker processes."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as one:
        yield one


@pytest.mark.timeout(240)
def test_a_worker_killed_in_the_middle_changes_no_number(cluster, tmp_path):
    plan = Plan(model(), 24, Wanted(seat_values=True, people=True), chunk=2)
    alone = run_sweep(plan, threads=1)
    killed = []

    def kill_once(done, of):
        if 0 < done < of and not killed:
            victim = next(iter(cluster.workers.values()))
            killed.append(victim.pid)
            os.kill(victim.pid, signal.SIGKILL)

    together = run_sweep(plan, tmp_path / "s", cluster=cluster.scheduler_address, progress=kill_once)
    assert killed, "no worker was killed: the test shows nothing"
    assert together.equals(alone)
    assert len(list((tmp_path / "s").glob("years-*.npz"))) == 12
    assert threading.active_count() < 50


def test_nobody_at_the_address_is_said_plainly():
    plan = Plan(model(), 1)
    with pytest.raises(AdmissionsError, match=r"tcp://127\.0\.0\.1:9"):
        run_sweep(plan, cluster="tcp://127.0.0.1:9")
