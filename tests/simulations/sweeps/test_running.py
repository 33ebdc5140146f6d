import json
from dataclasses import replace

import pytest

from admissions.errors import AdmissionsError
from simulations.sweeps import running
from simulations.sweeps.chunks import Wanted, chunk_path, read_chunk
from simulations.sweeps.draws import Seeds
from simulations.sweeps.plan import Plan, about
from simulations.sweeps.running import run_sweep
from simulations.sweeps.year import YearModel
from tests.simulations.sweeps.worlds import behaviour, intake, model, rules

EVERYTHING = Wanted(seat_values=True, people=True)


@pytest.fixture(scope="module")
def plan():
    return Plan(model(), 9, EVERYTHING, chunk=2)


@pytest.fixture(scope="module")
def once(plan):
    return run_sweep(plan, threads=1)


def test_the_numbers_do_not_depend_on_threads_or_the_size_of_chunks(plan, once):
    assert len(once) == 9
    assert run_sweep(plan, threads=3).equals(once)
    assert run_sweep(replace(plan, chunk=5), threads=2).equals(once)


def test_more_years_begin_with_the_same_ones(plan, once):
    longer = run_sweep(replace(plan, years=11), threads=2)
    assert (longer.by_route[:9] == once.by_route).all()


def test_an_interrupt_keeps_finished_chunks_and_the_same_call_resumes(plan, once, tmp_path):
    seen = []

    def interrupt(done, _of):
        seen.append(done)
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(plan, tmp_path / "s", threads=1, progress=interrupt)
    kept = sorted(path.name for path in (tmp_path / "s").glob("*.npz"))
    assert kept == ["years-000000.npz", "years-000002.npz"]
    before = {name: (tmp_path / "s" / name).stat().st_mtime_ns for name in kept}
    told = []
    assert run_sweep(plan, tmp_path / "s", threads=2, progress=lambda done, of: told.append((done, of))).equals(once)
    assert told[0] == (4, 9)
    assert told[-1] == (9, 9)
    assert before == {name: (tmp_path / "s" / name).stat().st_mtime_ns for name in kept}, "computed again"
    assert not list((tmp_path / "s").glob("*.partial"))


def test_a_finished_sweep_is_read_not_computed(plan, once, tmp_path, monkeypatch):
    run_sweep(plan, tmp_path / "s", threads=2)
    monkeypatch.setattr(running, "run_chunk", None)
    assert run_sweep(plan, tmp_path / "s").equals(once)
    assert len(read_chunk(chunk_path(tmp_path / "s", 8))) == 1


def test_a_folder_of_another_sweep_is_refused_saying_what_differs(plan, tmp_path):
    run_sweep(replace(plan, years=1), tmp_path / "s")
    other = YearModel.of(intake(), rules(), behaviour(), Seeds(3, 5))
    with pytest.raises(AdmissionsError, match="seeds differ"):
        run_sweep(replace(plan, model=other), tmp_path / "s")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(AdmissionsError, match="other files"):
        run_sweep(plan, tmp_path / "full")


def test_no_years_are_refused(plan):
    with pytest.raises(AdmissionsError, match="at least one"):
        run_sweep(replace(plan, years=0))


def test_every_figure_can_say_where_it_comes_from(plan):
    said = about(json.loads(plan.describe()), plan.years)
    assert said["years"] == 9
    assert said["rules"] == "storsthlm"
    assert (said["seed_behaviour"], said["seed_lottery"]) == (3, 4)
    assert len(said["rulebook_sha256"]) == 64
