"""What is read from a run folder: the tables a run of the service would keep; what does not hold is refused."""

import json
import shutil

import polars as pl
import pytest
from sqlalchemy import func, select

from admissions.errors import AdmissionsError
from admissions.intake import read_intake, write_intake
from admissions.rounds.checking import check_run
from admissions.rounds.folder import Run as EngineRun
from admissions.rounds.run import run_round
from admissions.rules import Lottery, compile_round, compile_static, load_rulebook
from api.commands.replay import replay_to
from api.jobs.run_round import result_tables
from api.loading.loading import load_run
from api.loading.parts import check_parts, take_apart
from api.run_folders import unpacked
from api.store.models import Applicant, Intake, Run, RunResult
from simulations.population import generate_intake
from tests.pages_run import make_run


@pytest.fixture
def backend():
    return "sqlite"  # what is read from a folder does not depend on the database


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("finished"), 300)


def about(folder):
    return json.loads((folder / "run.json").read_text())


def load(service, folder):
    return load_run(service.store, service.app.state.trail, folder, "tests")


def test_the_stored_folder_of_a_round_verifies_by_itself(service, folder):
    load(service, folder)
    with service.store.read() as session:
        run_ids = list(session.scalars(select(Run.id)))
    for run_id in run_ids:
        answer = service.as_("auditor").get(f"/api/v1/runs/{run_id}/folder")
        with unpacked(answer.content) as alone:
            lines = list(check_run(alone))
        assert len(lines) == 3


def test_the_tables_are_those_that_a_run_of_the_service_would_keep(service, folder):
    """The same round, run by the engine: every table is equal, column by column."""
    load(service, folder)
    intake, kept = read_intake(folder / "intake"), about(folder)
    rulebook = load_rulebook(folder / "rulebook.toml", 2023)
    lottery = Lottery(kept["lottery"]["seed_phrase"], kept["lottery"]["public_value"])
    result = run_round(compile_round(compile_static(intake, rulebook), "final", lottery=lottery), intake)
    assert EngineRun(intake, rulebook, lottery, [result]).rounds[0].round == "final"
    with service.store.read() as session:
        people = [(row.applicant, row.protected, None) for row in session.scalars(select(Applicant))]
        run_id = session.scalars(select(Run.id).where(Run.round == "final")).one()
        ours = {
            name: service.app.state.results.get(session, run_id, name) for name in result_tables(result, intake, people)
        }
    for name, wanted in result_tables(result, intake, people).items():
        assert ours[name].columns == wanted.columns, name
        cast = ours[name].cast(dict(wanted.schema))
        assert cast.equals(wanted.with_columns(pl.col(pl.String))), name


def test_an_intake_of_the_same_name_is_told_apart(service, folder):
    with service.store.write() as session:
        session.add(Intake(id="x", name="2023", year=2023, created_by="u", created_at=service.clock(), windows={}))
    assert load(service, folder).name == f"2023 ({about(folder)['id']})"


@pytest.mark.parametrize("what", ["decision", "intake", "no intake", "rows"])
def test_a_folder_that_does_not_hold_is_refused_and_nothing_is_stored(service, folder, tmp_path, what):
    spoilt = tmp_path / "spoilt"
    shutil.copytree(folder, spoilt)
    if what == "decision":
        path = spoilt / "final" / "decisions.csv"
        path.write_text(path.read_text().replace(",admitted,", ",reserve,", 1))
    elif what == "rows":
        path = spoilt / "preliminary" / "rows.csv"
        path.write_text(path.read_text() + "\n")
    elif what == "intake":
        path = spoilt / "intake" / "applicants.parquet"
        frame = pl.read_parquet(path)
        frame.with_columns(pl.lit("Solna").alias("home_municipality")).write_parquet(path)
    else:
        shutil.rmtree(spoilt / "intake")
    with pytest.raises(AdmissionsError):
        load(service, spoilt)
    with service.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Intake)) == 0
        assert session.scalar(select(func.count()).select_from(RunResult)) == 0


def test_a_year_with_room_for_everybody_is_loaded_too(service, tmp_path):
    """Nobody without a seat, no cut-off: files without a row tell no types."""
    write_intake(generate_intake(2023, 100, 1), tmp_path / "intake", "parquet")
    choices = {"seed_phrase": "phrase", "public_value": "value", "behaviour_seed": 1, "language": "sv", "quiet": True}
    replay_to(tmp_path / "intake", tmp_path / "run", rules="storsthlm", **choices)
    assert load(service, tmp_path / "run").fresh
    office = service.as_("office")
    for run in office.get(f"/api/v1/intakes/{about(tmp_path / 'run')['id']}/runs").json()["data"]:
        for table in ("cutoffs", "demand", "shortfalls", "people/without-seat", "decisions"):
            assert office.get(f"/api/v1/runs/{run['id']}/{table}").status_code == 200
            assert office.get(f"/api/v1/runs/{run['id']}/{table}?format=parquet").status_code == 200


def test_large_rounds_are_checked_in_processes_of_their_own(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("api.loading.parts.LARGE", 0)
    parts = take_apart(folder, tmp_path / "parts")
    told = []
    check_parts(parts, lambda done, of: told.append((done, of)))
    assert told == [(0, 2), (1, 2), (2, 2)]
    (parts[1].folder / "final" / "cutoffs.csv").write_text("spoilt")
    with pytest.raises(AdmissionsError, match="final"):
        check_parts(parts)
