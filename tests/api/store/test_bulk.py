"""Reading many rows at once gives back exactly what was written, whatever the texts hold."""

from sqlalchemy.orm import Session

from api.store.bulk import bulk_insert, bulk_select
from api.store.models import Applicant, Intake

TEXTS = ["", " ", "a,b", 'say "hi"', "two\nlines", "å;ä", "NULL", "'", "\\", "1.0", None]
COLUMNS = ("applicant", "home_municipality", "birth_year", "flags")


def filled(session: Session, clock) -> list[tuple]:
    session.add(Intake(id="i", name="n", year=2026, created_by="u", created_at=clock()))
    session.flush()
    rows = [(f"p{n}", text or "x", n if n % 2 else None, text) for n, text in enumerate(TEXTS)]
    written = [("i", who, False, home, year, flags) for who, home, year, flags in rows]
    bulk_insert(session, Applicant, ("intake_id", "applicant", "protected", *COLUMNS[1:]), written)
    return rows


def test_what_is_read_is_what_was_written(store, clock):
    with store.write() as session:
        rows = filled(session, clock)
    with store.read() as session:
        assert sorted(bulk_select(session, Applicant, COLUMNS, "i").rows()) == sorted(rows)


def test_nothing_is_a_table_without_rows(store):
    with store.read() as session:
        empty = bulk_select(session, Applicant, COLUMNS, "i")
    assert (empty.columns, len(empty)) == (list(COLUMNS), 0)
