import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from api.store.bulk import bulk_insert
from api.store.database import before_commit
from api.store.models import Intake, Pool, Rulebook, Seat

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def intake(**values):
    return Intake(**{"name": "2026", "year": 2026, "created_by": "u", "created_at": NOW, **values})


def test_a_block_that_fails_leaves_nothing(store):
    with pytest.raises(RuntimeError), store.write() as session:  # noqa: PT012 - the transaction is the test
        session.add(intake())
        session.flush()
        raise RuntimeError
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Intake)) == 0


def test_moments_come_back_in_utc(store):
    with store.write() as session:
        session.add(intake(id="i"))
    with store.read() as session:
        assert session.get(Intake, "i").created_at == NOW
        assert session.get(Intake, "i").created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("moment", [NOW.replace(tzinfo=None), NOW.astimezone(timezone(timedelta(hours=2)))])
def test_moments_in_no_zone_or_another_are_refused(store, moment):
    with pytest.raises(StatementError, match="UTC"), store.write() as session:
        session.add(intake(created_at=moment))


def test_what_runs_last_is_part_of_the_transaction(store):
    with pytest.raises(RuntimeError), store.write() as session:  # noqa: PT012 - the transaction is the test
        session.add(intake(id="i"))

        def fail():
            raise RuntimeError

        before_commit(session, fail)
    with store.read() as session:
        assert session.get(Intake, "i") is None


def test_reading_sees_one_picture(store):
    with store.write() as session:
        session.add(intake(id="i"))
    with store.read() as reader:
        assert reader.get(Intake, "i").revision == 0
        with store.write() as session:
            session.get(Intake, "i").revision = 5
        reader.expire_all()
        assert reader.get(Intake, "i").revision == 0


def test_fifty_parallel_edits_lose_nothing(store):
    with store.write() as session:
        session.add(intake(id="i"))
        session.flush()
        session.add(Pool(intake_id="i", pool_id="p", municipality="m", school="s", organiser="o"))
        session.flush()
        session.add(
            Seat(
                id="s",
                intake_id="i",
                route_or_pool="p",
                pool_id="p",
                round="final",
                seats=0,
                changed_by="u",
                changed_at=NOW,
            )
        )
    errors = []

    def add_one():
        try:
            with store.write() as session:
                seat = session.scalar(select(Seat).where(Seat.id == "s").with_for_update())
                seat.seats += 1
        except Exception as error:  # noqa: BLE001 - any error fails the test
            errors.append(error)

    threads = [threading.Thread(target=add_one) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with store.read() as session:
        assert session.get(Seat, "s").seats == 50


def test_bulk_rows_arrive_as_they_were(store):
    rows = [(f"r{number}", "åäö", f"d{number}", 'tab\t"quote"\nline\\', "u") for number in range(100)]
    with store.write() as session:
        moment = "2026-03-01 12:00:00.000000" if store.embedded else "2026-03-01T12:00:00+00:00"
        columns = ("id", "name", "digest", "text", "created_by", "created_at")
        bulk_insert(session, Rulebook, columns, [(*row, moment) for row in rows])
    with store.read() as session:
        found = session.scalars(select(Rulebook)).all()
        assert {(book.id, book.name, book.digest, book.text, book.created_by) for book in found} == set(rows)
        assert {book.created_at for book in found} == {NOW}
