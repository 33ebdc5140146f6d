from sqlalchemy import text

from api.audit import EventKind
from api.web.texts import catalogue
from tests.api import stages


def test_every_kind_of_event_has_words():
    assert {f"event.{kind}" for kind in EventKind} <= set(catalogue())


def test_events_are_listed_filtered_and_the_chain_is_checked(at_stage):
    service = at_stage(stages.verified)
    auditor = service.as_("auditor")
    auditor.headers["Accept"] = "text/html"
    page = auditor.get("/audit").text
    assert "Kedjan håller" in page
    assert "körning kontrollerad" in page
    table = auditor.get("/audit?kind=run.verified&format=csv").text.splitlines()
    assert len(table) == 2
    with service.store.write() as session:
        session.execute(text("UPDATE audit_event SET actor = 'x' WHERE number = 1"))
    assert "Kedjan håller inte" in auditor.get("/audit").text
    assert service.as_("planner").get("/audit").status_code == 403
