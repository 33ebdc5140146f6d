"""Erasing what is due: counted, in one transaction for each intake and category, and recorded without what was erased.

Every table with a column ``applicant`` is about people, whoever adds it: it is emptied with them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from api.access.windows import SWEDEN
from api.audit import EventKind, Trail
from api.audit.erase import erase_payloads
from api.retention.schedule import Category, last_days
from api.store import Store
from api.store.base import Base
from api.store.models import (
    Analysis,
    ApplicantIdentity,
    AuditPayload,
    Comparison,
    GradeSheet,
    IdempotencyKey,
    ImportBatch,
    Intake,
    Job,
    Run,
    RunArtifact,
    RunResult,
    SignInAttempt,
    UserSession,
)
from api.store.repositories.intakes import touch

KEYS_KEPT = timedelta(days=7)
JOBS_KEPT = timedelta(days=90)
PUBLISHED_TABLES = ("demand.parquet", "cutoffs.parquet", "people-without-seat.parquet")
PUBLISHED_PREFIX = "shortfalls-"
ACTOR = "retention"


@dataclass(frozen=True)
class Erased:
    """What was erased, or would be.

    Parameters
    ----------
    intake_id, name
        The intake; empty for records of the service itself.
    category
        What was due, and since which day it may go.
    rows
        Rows by table.
    """

    intake_id: str
    name: str
    category: str
    rows: dict[str, int]
    last_day: date | None = None

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(self.rows.values())


@dataclass(frozen=True)
class _Step:
    """Rows of one table to delete, or to blank."""

    table: Table
    where: ColumnElement[bool]
    values: dict[str, Any] = field(default_factory=dict)

    def count(self, session: Session) -> int:
        return session.scalar(select(func.count()).select_from(self.table).where(self.where)) or 0

    def do(self, session: Session) -> int:
        change = update(self.table).values(self.values) if self.values else delete(self.table)
        done: int = session.connection().execute(change.where(self.where)).rowcount
        return done


def erase_due(store: Store, trail: Trail, *, dry_run: bool = False) -> list[Erased]:
    """Erase everything that is due today; with `dry_run` only count it.

    A category that finds nothing is not told and not recorded.
    """
    now = trail.clock()
    today = now.astimezone(SWEDEN).date()
    found = []
    with store.read() as session:
        intakes = [
            (row.id, row.name, row.year, row.retention) for row in session.scalars(select(Intake).order_by(Intake.id))
        ]
    for intake_id, name, year, own in intakes:
        for category, last in last_days(year, own or {}).items():
            if last < today:
                rows = _erase_category(store, trail, intake_id, category, dry_run=dry_run)
                found.append(Erased(intake_id, name, category, rows, last))
    found.append(Erased("", "", "records", _erase_records(store, trail, now, dry_run=dry_run)))
    return [one for one in found if one.total]


def _erase_category(store: Store, trail: Trail, intake_id: str, category: Category, *, dry_run: bool) -> dict[str, int]:
    if dry_run:
        with store.read() as session:
            return _counted(session, list(_steps(intake_id, category)))
    with store.write() as session:
        rows: dict[str, int] = {}
        for step in _steps(intake_id, category):
            rows[step.table.name] = rows.get(step.table.name, 0) + step.do(session)
        if not any(rows.values()):
            return {}
        _mark(session, intake_id, category, trail.clock())
        trail.record(
            session, EventKind.INTAKE_ERASED, actor=ACTOR, object_type="intake", object_id=intake_id,
            intake_id=intake_id, payload={"category": str(category), "rows": rows}, keep_days=None,
        )  # fmt: skip
        return rows


def _counted(session: Session, steps: list[_Step]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for step in steps:
        rows[step.table.name] = rows.get(step.table.name, 0) + step.count(session)
    return rows


def _mark(session: Session, intake_id: str, category: Category, now: datetime) -> None:
    """Note on the runs that what they stand on is gone, and on the intake that its people are."""
    if category in {Category.GRADES, Category.RESULTS, Category.PEOPLE}:
        runs = update(Run).where(Run.intake_id == intake_id, Run.inputs_erased_at.is_(None), Run.state != "draft")
        session.execute(runs.values(inputs_erased_at=now))
    if category in {Category.GRADES, Category.PEOPLE}:
        touch(session, intake_id)
    if category is Category.PEOPLE:
        session.execute(update(Intake).where(Intake.id == intake_id).values(erased_at=now))


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


def _steps(intake_id: str, category: Category) -> Iterator[_Step]:
    runs = select(Run.id).where(Run.intake_id == intake_id)
    if category is Category.UPLOADS:
        batch = _table(ImportBatch).c
        held = or_(batch.content.is_not(None), batch.problem_count > 0) & (batch.file_name != "")
        blank: dict[str, Any] = {"content": None, "problems": [], "file_name": ""}
        yield _Step(_table(ImportBatch), and_(batch.intake_id == intake_id, held), blank)
    elif category is Category.IDENTITIES:
        yield _Step(_table(ApplicantIdentity), _table(ApplicantIdentity).c.intake_id == intake_id)
    elif category is Category.GRADES:
        yield _Step(_table(GradeSheet), _table(GradeSheet).c.intake_id == intake_id)
    elif category is Category.RESULTS:
        artifact = _table(RunArtifact).c
        private = artifact.name.not_in(PUBLISHED_TABLES) & ~artifact.name.startswith(PUBLISHED_PREFIX, autoescape=True)
        yield _Step(_table(RunResult), _table(RunResult).c.run_id.in_(runs))
        yield _Step(_table(RunArtifact), artifact.run_id.in_(runs) & private)
        yield _Step(_table(Comparison), _table(Comparison).c.run_id.in_(runs))
    else:
        for table in reversed(Base.metadata.sorted_tables):
            if "applicant" in table.c:
                yield _Step(
                    table, table.c.intake_id == intake_id if "intake_id" in table.c else table.c.run_id.in_(runs)
                )


def _erase_records(store: Store, trail: Trail, now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Erase what the service itself leaves behind: ended sessions, kept answers, old jobs, payloads that are due."""
    steps = list(_record_steps(now))
    if dry_run:
        with store.read() as session:
            due = _Step(_table(AuditPayload), _table(AuditPayload).c.erase_after <= now)
            return _counted(session, [*steps, due])
    with store.write() as session:
        rows = {step.table.name: step.do(session) for step in steps}
        if any(rows.values()):
            trail.record(
                session, EventKind.RECORDS_ERASED, actor=ACTOR, object_type="service", object_id="records",
                payload={"rows": rows}, keep_days=None,
            )  # fmt: skip
        return rows | {AuditPayload.__tablename__: erase_payloads(session, trail, ACTOR)}


def _record_steps(now: datetime) -> Iterator[_Step]:
    keys, jobs = _table(IdempotencyKey).c, _table(Job).c
    yield _Step(_table(IdempotencyKey), keys.created_at < now - KEYS_KEPT)
    yield _Step(_table(UserSession), _table(UserSession).c.expires_at <= now)
    yield _Step(_table(SignInAttempt), _table(SignInAttempt).c.expires_at <= now)
    yield _Step(_table(Job), and_(jobs.ended_at < now - JOBS_KEPT, jobs.id.not_in(select(Analysis.job_id))))
