from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from admissions.errors import AdmissionsError
from api.store import open_store
from api.store.backup import back_up, restore
from api.store.models import Intake

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def write(store, name):
    with store.write() as session:
        session.add(Intake(name=name, year=2026, created_by="u", created_at=NOW))


def names(url):
    store = open_store(url)
    with store.read() as session:
        found = session.scalars(select(Intake.name).order_by(Intake.name)).all()
    store.close()
    return found


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'live.sqlite'}"


def test_a_backup_taken_while_running_is_restored_and_the_former_kept(url, tmp_path):
    store = open_store(url)
    write(store, "before")
    back_up(url, tmp_path / "backup.sqlite")
    write(store, "after")
    store.close()
    kept = restore(tmp_path / "backup.sqlite", url)
    assert names(url) == ["before"]
    assert names(f"sqlite:///{kept}") == ["after", "before"]


def test_a_backup_never_overwrites(url, tmp_path):
    open_store(url).close()
    (tmp_path / "backup.sqlite").write_text("mine")
    with pytest.raises(AdmissionsError, match="never overwrites"):
        back_up(url, tmp_path / "backup.sqlite")
    assert (tmp_path / "backup.sqlite").read_text() == "mine"


def test_a_damaged_backup_is_refused_and_the_database_untouched(url, tmp_path):
    store = open_store(url)
    write(store, "live")
    store.close()
    (tmp_path / "backup.sqlite").write_bytes(b"SQLite format 3\x00" + b"\x07" * 5000)
    with pytest.raises(AdmissionsError, match=r"no backup|damaged"):
        restore(tmp_path / "backup.sqlite", url)
    assert names(url) == ["live"]


def test_postgresql_is_backed_up_with_its_own_tools(tmp_path):
    with pytest.raises(AdmissionsError, match="pg_dump"):
        back_up("postgresql+psycopg://h/d", tmp_path / "x")
