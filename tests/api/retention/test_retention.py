"""What is past its day is gone, with its counts recorded; what is published stays."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from api.audit.verify import verify_chain
from api.commands import main
from api.retention.erasing import erase_due
from api.retention.schedule import Category, last_days
from api.store.base import Base
from api.store.models import (
    Applicant,
    ApplicantIdentity,
    AuditEvent,
    AuditPayload,
    GradeSheet,
    IdempotencyKey,
    ImportBatch,
    Intake,
    Job,
    Run,
    RunArtifact,
    RunResult,
    UserSession,
)
from tests.api import stages

PEOPLE_TABLES = sorted(name for name, table in Base.metadata.tables.items() if "applicant" in table.c)


def count(service, model, *where):
    with service.store.read() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where))


@pytest.fixture
def published(at_stage):
    service = at_stage(stages.published)
    with service.store.write() as session:
        person = session.scalars(select(Applicant.applicant)).first()
        run = session.scalars(select(Run.id)).one()
        session.add(RunArtifact(run_id=run, name="letters-1.zip", media_type="m", digest="d", content=person.encode()))
        values = {"kind": "personnummer", "lookup_key": "k", "sealed": b"s"}
        session.add(ApplicantIdentity(intake_id="i", applicant=person, **values))
    return service


def erase(service, day, **options):
    service.clock.now = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    return {
        (one.intake_id, one.category): one.rows for one in erase_due(service.store, service.app.state.trail, **options)
    }


def test_nothing_goes_before_its_day(published):
    before = {name: count(published, table) for name, table in Base.metadata.tables.items()}
    assert not any(intake for intake, _ in erase(published, "2026-12-31"))
    assert {name: count(published, Base.metadata.tables[name]) for name in PEOPLE_TABLES} == {
        name: before[name] for name in PEOPLE_TABLES
    }


def test_each_category_goes_on_the_day_after_its_last(published):
    assert erase(published, "2027-02-01")["i", "identities"] == {"applicant_identity": 1}
    assert count(published, GradeSheet) == 400
    assert erase(published, "2028-01-01")["i", "grades"] == {"grade_sheet": 400}
    assert count(published, GradeSheet) == 0
    run = published.as_("office").get(f"/api/v1/runs/{stages.the_run(published)}").json()
    assert run["inputs_erased_at"].startswith("2028-01-01")
    assert count(published, Applicant) == 200
    page = published.as_("office").get("/round", headers={"Accept": "text/html"}).text
    assert "gallrades 1 januari 2028" in page
    again = stages.start(published.as_("office"), "final")
    assert (again.status_code, again.json()["code"]) == (409, "inputs_erased")


def test_in_the_end_no_table_knows_an_applicant_and_the_published_tables_stand(published):
    run = stages.the_run(published)
    table = published.stranger().get(f"/api/v1/publications/{run}/routes").json()
    assert published.as_("office").get(f"/api/v1/runs/{run}/decisions").json()["total"] > 0  # now in memory
    with published.store.read() as session:
        ids = set(session.scalars(select(Applicant.applicant)))
    erase(published, "2029-01-01")
    for name in PEOPLE_TABLES:
        assert count(published, Base.metadata.tables[name]) == 0, name
    client = published.as_("office", name="later")
    assert client.get(f"/api/v1/runs/{run}/decisions").status_code == 404
    assert client.get(f"/api/v1/runs/{run}/folder").status_code == 404
    assert client.get(f"/api/v1/runs/{run}/demand").status_code == 200
    assert published.stranger().get(f"/api/v1/publications/{run}/routes").json() == table
    assert client.get("/demand", headers={"Accept": "text/html"}).status_code == 404
    assert client.get("/api/v1/intakes/i").json()["erased_at"].startswith("2029-01-01")
    with published.store.read() as session:
        kept = [bytes(one) for one in session.scalars(select(RunArtifact.content))]
        bodies = "".join(session.scalars(select(AuditPayload.body)))
    assert not any(person.encode() in content for person in ids for content in kept)
    assert not any(person in bodies for person in ids)


def test_every_erasure_is_recorded_once_and_the_chain_holds(published):
    erase(published, "2029-01-01")
    recorded = select(AuditPayload.body).join(AuditEvent, AuditEvent.number == AuditPayload.number)
    with published.store.read() as session:
        told = [json.loads(one) for one in session.scalars(recorded.where(AuditEvent.kind == "intake.erased"))]
        assert verify_chain(session, published.app.state.trail.secret, ()).holds
    assert {one["category"] for one in told} == {"identities", "grades", "results", "people"}
    assert next(one["rows"]["run_result"] for one in told if one["category"] == "results") == 200
    assert erase(published, "2029-01-02") == {}


def test_a_dry_run_counts_and_changes_nothing(published):
    counted = erase(published, "2029-01-01", dry_run=True)
    assert counted["i", "grades"] == {"grade_sheet": 400}
    assert count(published, GradeSheet) == 400
    assert count(published, RunResult) == 200
    done = erase(published, "2029-01-01")
    assert done["i", "grades"] == counted["i", "grades"]


def test_the_intake_says_its_own_days(published):
    office, path = published.as_("office"), "/api/v1/intakes/i/retention"
    read = office.get(path)
    assert read.json()["grades"] == "2027-12-31"
    days = read.json() | {"grades": "2026-09-30"}
    assert office.put(path, json=days).status_code == 428
    assert office.put(path, json=days, headers={"If-Match": '"v99"'}).status_code == 409
    assert office.put(path, json=days, headers={"If-Match": read.headers["ETag"]}).json() == days
    assert erase(published, "2026-10-01")["i", "grades"] == {"grade_sheet": 400}
    late = {"people": "2026-01-01"}
    assert published.as_("office").put(path, json=days | late, headers={"If-Match": '"v3"'}).status_code == 422


def test_another_intake_is_left_alone(published):
    with published.store.write() as session:
        other = {"windows": {}, "retention": {}, "created_by": "u", "created_at": published.clock()}
        session.add(Intake(id="j", name="2031", year=2031, **other))
        session.flush()
        session.add(Applicant(intake_id="j", applicant="x", home_municipality="Solna"))
    erase(published, "2029-01-01")
    assert count(published, Applicant) == 1


def test_files_handed_in_go_with_what_was_found_in_them(published):
    with published.store.write() as session:
        session.add(
            ImportBatch(
                id="b", intake_id="i", state="refused", file_name="Anna Andersson.zip", file_digest="d",
                base_revision=0, problems=[{"value": "Anna"}], problem_count=1, content=b"x", created_by="u",
                created_at=published.clock(),
            )
        )  # fmt: skip
    assert erase(published, "2027-01-01")["i", "uploads"] == {"import_batch": 1}
    with published.store.read() as session:
        batch = session.get_one(ImportBatch, "b")
        assert (batch.file_name, batch.problems, batch.content, batch.problem_count) == ("", [], None, 1)
    assert erase(published, "2027-01-02") == {}


def test_what_the_service_leaves_behind_goes_too(published):
    now = published.clock()
    old = now - timedelta(days=400)
    with published.store.write() as session:
        session.add(IdempotencyKey(user_id="u", key="old", fingerprint="f", created_at=old))
        session.add(IdempotencyKey(user_id="u", key="new", fingerprint="f", created_at=now))
        session.add(Job(id="old", kind="k", state="done", created_by="u", created_at=old, ended_at=old))
        session.add(Job(id="open", kind="k", state="queued", created_by="u", created_at=old))
        user = session.scalars(select(Run.created_by)).first()
        session.add(UserSession(digest="d", user_id=user, created_at=old, seen_at=old, expires_at=old))
    rows = erase(published, now.date().isoformat())["", "records"]
    assert (rows["idempotency_key"], rows["job"], rows["user_session"]) == (1, 1, 1)
    assert count(published, IdempotencyKey, IdempotencyKey.key == "new") == 1
    assert count(published, Job, Job.id == "open") == 1


def test_the_command_says_what_is_due_and_what_it_did(tmp_path, monkeypatch):
    for name in ("DEMO", "DATABASE_URL"):
        monkeypatch.delenv(f"ADMISSIONS_{name}", raising=False)
    told = CliRunner().invoke(main.build(), ["retention", "--dry-run", "--data", str(tmp_path)])
    assert (told.exit_code, told.output) == (0, "0 rows are due; nothing was erased.\n")
    assert "0 rows erased." in CliRunner().invoke(main.build(), ["retention", "--data", str(tmp_path)]).output


def test_people_are_kept_longest():
    days = last_days(2026, {})
    assert max(days.values()) == days[Category.PEOPLE]
