"""`admissions load` and what `admissions serve --run` does with the folder it shows."""

import json
import shutil

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner

from admissions.errors import AdmissionsError
from api.audit import Trail
from api.commands import load
from api.commands.load import load_shown_run
from api.loading import demo
from api.retention.erasing import erase_due
from api.store import open_store
from api.store.models import Run
from tests.pages_run import make_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("finished"), 200)


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'admissions.sqlite'}")
    yield opened
    opened.close()


def command(*arguments):
    app = typer.Typer()
    load.register(app)
    return CliRunner().invoke(app, [str(one) for one in arguments])


def states(store):
    with store.read() as session:
        return sorted(session.scalars(select(Run.state)))


def test_a_run_is_loaded_once_and_waits_for_its_signer(folder, tmp_path, store):
    first = command(folder, "--name", "År 2023", "--data", tmp_path)
    assert "År 2023" in first.output
    assert "its rounds verified" in first.output
    assert states(store) == ["verified", "verified"]
    again = command(folder, "--data", tmp_path)
    assert "nothing was changed" in again.output
    assert states(store) == ["verified", "verified"]


def test_a_folder_that_is_no_run_is_refused_in_words(tmp_path):
    assert isinstance(command(tmp_path, "--data", tmp_path).exception, AdmissionsError)


def test_the_run_that_demo_mode_shows_is_published_whatever_folder_it_lies_in(folder, store):
    trail = Trail(b"k" * 40)
    assert "loaded and published" in load_shown_run(store, trail, folder.parent)
    assert states(store) == ["published", "published"]
    assert "since before" in load_shown_run(store, trail, folder)
    assert [one for one in erase_due(store, trail) if one.intake_id] == []  # a sample year lies in the past


def test_a_demo_that_was_interrupted_is_finished_the_next_time(folder, store, monkeypatch):
    trail = Trail(b"k" * 40)
    publish = demo._publish

    def power_cut(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_publish", power_cut)
    with pytest.raises(KeyboardInterrupt):
        load_shown_run(store, trail, folder)
    assert states(store) == ["verified", "verified"]
    monkeypatch.setattr(demo, "_publish", publish)
    load_shown_run(store, trail, folder)
    assert states(store) == ["published", "published"]


def test_what_cannot_be_loaded_is_said_and_the_service_starts_all_the_same(folder, tmp_path, store):
    assert "no finished run" in load_shown_run(store, Trail(b"k" * 40), tmp_path)
    spoilt = tmp_path / "spoilt"
    shutil.copytree(folder, spoilt)
    about = json.loads((spoilt / "run.json").read_text())
    (spoilt / "run.json").write_text(json.dumps(about | {"root": "0" * 64}))
    assert "not loaded into the store" in load_shown_run(store, Trail(b"k" * 40), spoilt)
    assert states(store) == []
