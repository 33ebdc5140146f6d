from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update

from api.audit import EventKind, Trail
from api.audit.chain import GENESIS, Link, seal
from api.audit.erase import erase_payloads
from api.audit.trail import head_digest
from api.audit.verify import verify_chain
from api.store.models import AuditEvent, AuditHead, AuditPayload

SECRET = b"k" * 32
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def trail():
    return Trail(SECRET, lambda: NOW)


@pytest.fixture
def filled(store, trail):
    for number in range(4):
        with store.write() as session:
            for part in range(2):
                trail.record(
                    session,
                    EventKind.SEATS_CHANGED,
                    actor="u1",
                    object_type="seat",
                    object_id=f"s{number}",
                    payload={"part": part, "note": "åäö"},
                    keep_days=10 * (number + 1),
                )
    return store


def problems(store, **options):
    with store.read() as session:
        return verify_chain(session, SECRET, **options).problems


def test_an_empty_chain_holds(store):
    assert problems(store) == []


def test_events_of_many_transactions_form_one_chain(filled):
    with filled.read() as session:
        report = verify_chain(session, SECRET)
        assert (report.events, report.holds, report.head) == (8, True, head_digest(session))


def test_an_event_of_a_failed_transaction_never_was(filled, trail):
    with pytest.raises(RuntimeError), filled.write() as session:  # noqa: PT012 - the transaction is the test
        trail.record(session, EventKind.SEATS_CHANGED, actor="u", object_type="seat", object_id="s")
        raise RuntimeError
    with filled.read() as session:
        assert verify_chain(session, SECRET).events == 8


@pytest.mark.parametrize("column", ["at", "kind", "actor", "object_id", "payload_digest", "intake_id", "object_type"])
def test_a_flipped_value_is_found_with_its_place(filled, column):
    with filled.write() as session:
        session.execute(update(AuditEvent).where(AuditEvent.number == 3).values({column: "other"}))
    assert any(problem.startswith("event 3:") for problem in problems(filled))


def test_a_changed_payload_is_found(filled):
    with filled.write() as session:
        session.execute(update(AuditPayload).where(AuditPayload.number == 5).values(body="{}"))
    assert problems(filled) == ["event 5: its payload was changed after it was recorded"]


def test_a_deleted_event_is_found(filled):
    with filled.write() as session:
        session.execute(delete(AuditPayload).where(AuditPayload.number == 4))
        session.execute(delete(AuditEvent).where(AuditEvent.number == 4))
    assert problems(filled)[0] == "event 4: missing; the next one found is 5"


def test_a_deletion_with_renumbering_is_found(filled):
    with filled.write() as session:
        session.execute(delete(AuditPayload).where(AuditPayload.number >= 4))
        session.execute(delete(AuditEvent).where(AuditEvent.number == 4))
        for number in range(5, 9):
            session.execute(update(AuditEvent).where(AuditEvent.number == number).values(number=number - 1))
    assert problems(filled)


def test_a_cut_end_is_found_even_when_the_head_is_moved_back(filled):
    with filled.write() as session:
        session.execute(delete(AuditPayload).where(AuditPayload.number > 6))
        session.execute(delete(AuditEvent).where(AuditEvent.number > 6))
    assert "cut" in problems(filled)[0]
    with filled.write() as session:
        last = session.scalar(select(AuditEvent.digest).where(AuditEvent.number == 6))
        session.execute(update(AuditHead).values(number=6, digest=last))
    assert problems(filled) == ["the head of the chain bears no valid seal of this service"]


def test_a_chain_rewritten_with_the_key_is_found_by_a_published_head(filled):
    with filled.read() as session:
        printed = head_digest(session)
    with filled.write() as session:
        session.execute(delete(AuditPayload))
        session.execute(delete(AuditEvent))
        session.execute(update(AuditHead).values(number=0, digest=GENESIS, seal=""))
    assert problems(filled) == []
    assert problems(filled, known_heads=[printed]) == [f"the published head {printed} is not in the chain"]


def test_an_inserted_event_is_found(filled):
    with filled.write() as session:
        previous = session.scalar(select(AuditEvent.digest).where(AuditEvent.number == 8))
        link = Link(9, NOW.isoformat(), "seats.changed", "u", "", "seat", "s", "0" * 64, previous)
        session.execute(insert(AuditEvent).values(**link._asdict(), digest=link.digest()))
    assert problems(filled)


def test_swapped_events_are_found(filled):
    with filled.write() as session:
        session.execute(delete(AuditPayload))
        for old, new in ((2, 100), (3, 2), (100, 3)):
            session.execute(update(AuditEvent).where(AuditEvent.number == old).values(number=new))
    assert problems(filled)


def test_erasing_payloads_on_schedule_keeps_the_chain(filled):
    later = Trail(SECRET, lambda: NOW + timedelta(days=25))
    with filled.write() as session:
        assert erase_payloads(session, later, "retention") == 4
    with filled.read() as session:
        report = verify_chain(session, SECRET)
        assert (report.holds, report.events, report.erased_payloads) == (True, 9, 4)
        assert session.scalar(text("SELECT count(*) FROM audit_payload")) == 5


def test_the_seal_depends_on_the_key():
    assert seal(b"a", 1, GENESIS) != seal(b"b", 1, GENESIS)
