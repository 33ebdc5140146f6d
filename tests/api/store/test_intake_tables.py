import dataclasses
from datetime import UTC, datetime

import polars as pl
import pytest
from sqlalchemy import func, select

from api.store.models import Applicant, ApplicantIdentity, AuditEvent, Intake, Pool, Seat, SeatChange
from api.store.repositories.importing import difference, load_intake, save_intake
from tests.api.intakes import make_intake

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def row(store):
    with store.write() as session:
        session.add(Intake(id="i", name="2026", year=2026, created_by="u", created_at=NOW))


def save(store, intake):
    with store.write() as session:
        save_intake(session, session.get(Intake, "i"), intake, "u", NOW)


def load(store):
    with store.read() as session:
        return load_intake(session, "i", 2026)


def test_what_is_read_is_what_was_written(store, row):
    intake = make_intake()
    save(store, intake)
    assert load(store).digest() == intake.digest()


def test_a_second_import_of_the_same_changes_nothing(store, row):
    intake = make_intake()
    save(store, intake)
    with store.read() as session:
        versions = session.execute(select(Seat.id, Seat.version).order_by(Seat.id)).all()
        aliases = session.execute(select(Applicant.applicant, Applicant.alias).where(Applicant.protected)).all()
    assert all(
        part["added"] == part["removed"] == part["changed"] == 0 for part in difference(load(store), intake).values()
    )
    save(store, intake)
    assert load(store).digest() == intake.digest()
    with store.read() as session:
        assert session.execute(select(Seat.id, Seat.version).order_by(Seat.id)).all() == versions
        assert session.execute(select(Applicant.applicant, Applicant.alias).where(Applicant.protected)).all() == aliases
        assert len(aliases) == 1
        assert session.scalar(select(func.count()).select_from(SeatChange)) == len(versions)


def test_another_intake_replaces_everything_and_keeps_identities(store, row):
    first, second = make_intake(seed=1), make_intake(applicants=40, routes=6, seed=2)
    save(store, first)
    with store.write() as session:
        session.add(ApplicantIdentity(intake_id="i", applicant="a000001", kind="t", lookup_key="k", sealed=b"s"))
        session.add(ApplicantIdentity(intake_id="i", applicant="a000055", kind="t", lookup_key="l", sealed=b"s"))
    parts = difference(load(store), second)
    assert parts["routes"]["removed"] == 2
    assert parts["routes"]["rows"] == {"removed": ["r0006", "r0007"]}
    assert parts["applicants"]["removed"] == 20
    assert "rows" not in parts["applicants"]
    save(store, second)
    assert load(store).digest() == second.digest()
    with store.read() as session:
        assert session.scalars(select(ApplicantIdentity.applicant)).all() == ["a000001"]
        assert session.scalar(select(func.count()).select_from(Pool)) == 6
        gone = session.scalars(select(SeatChange).where(SeatChange.after.is_(None) | (SeatChange.version > 1))).all()
        assert {change.changed_by for change in gone} == {"u"}


def test_changed_seats_get_a_new_version_and_a_line_of_history(store, row):
    intake = make_intake()
    save(store, intake)
    more = intake.seats.with_columns(
        pl.when((pl.col("route_or_pool") == "r0001") & (pl.col("round") == "final"))
        .then(99)
        .otherwise(pl.col("seats"))
        .alias("seats")
    )
    save(store, dataclasses.replace(intake, seats=more))
    with store.read() as session:
        changed = session.scalars(select(Seat).where(Seat.version == 2)).all()
        assert [(seat.route_or_pool, seat.seats) for seat in changed] == [("r0001", 99)]
        line = session.scalar(select(SeatChange).where(SeatChange.version == 2))
        assert (line.before["seats"], line.after["seats"]) == (7, 99)


def test_a_failed_import_leaves_the_old_content(store, row):
    intake = make_intake()
    save(store, intake)
    broken = make_intake(seed=3)
    broken = dataclasses.replace(broken, choices=broken.choices.with_columns(pl.lit("nowhere").alias("route_id")))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        save(store, broken)
    assert load(store).digest() == intake.digest()
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 0
