"""Runs: found, stored and moved from state to state; nothing of a verified run is ever changed."""

import hashlib
import io
from collections.abc import Iterable, Mapping

import polars as pl
from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.orm import Session

from admissions.rules import round_number
from api.access.actor import Actor
from api.access.permissions import WHOLE_REGION
from api.problems import conflict, not_found
from api.store.bulk import bulk_insert
from api.store.models import Round, Run, RunArtifact, RunResult

FINAL = round_number("final")


def sees_unpublished(actor: Actor) -> bool:
    """Say whether somebody sees runs that are not published."""
    return actor.has_role(*WHOLE_REGION)


def get_run(session: Session, run_id: str, actor: Actor, *, lock: bool = False) -> Run:
    """Find a run that the actor may know of.

    Raises
    ------
    Problem
        404: none, or not published and not for the actor.
    """
    statement = select(Run).where(Run.id == run_id)
    run = session.scalar(statement.with_for_update() if lock else statement)
    if run is None or not (run.state == "published" or sees_unpublished(actor)):
        raise not_found("run", "path run_id")
    return run


def finished_run(session: Session, run_id: str, actor: Actor) -> Run:
    """Find a run that has results.

    Raises
    ------
    Problem
        404; 409 ``run_not_finished`` for a draft.
    """
    run = get_run(session, run_id, actor)
    if run.state == "draft":
        raise conflict(
            "run_not_finished",
            "The run is a draft: nothing is verified yet.",
            place="path run_id",
            remedy="Wait for its job.",
        )
    return run


def run_that_counts(session: Session, intake_id: str, round_name: str) -> Run | None:
    """Find the run that people go by in a round: the published one, else the newest that is verified.

    Answers and reserve rounds are about what people were told; until something is published, the newest verified run
    stands in for it, so that the office can rehearse.
    """
    published = select(Round.published_run_id).where(Round.intake_id == intake_id, Round.name == round_name)
    finished = select(Run).where(Run.intake_id == intake_id, Run.round == round_name, Run.state != "draft")
    newest = finished.order_by((Run.id == published.scalar_subquery()).desc().nulls_last(), Run.created_at.desc())
    return session.scalar(newest.order_by(Run.id).limit(1))


def run_before(session: Session, intake_id: str, round_name: str) -> Run | None:
    """Find the run whose seats people hold when a reserve round begins.

    It belongs to the latest earlier round that has a finished run, a reserve round before the final one; within that
    round it is the one that counts.
    """
    names = session.scalars(select(Run.round).where(Run.intake_id == intake_id, Run.state != "draft").distinct())
    before = [name for name in names if FINAL <= round_number(name) < round_number(round_name)]
    return run_that_counts(session, intake_id, max(before, key=round_number)) if before else None


_RESULT = (
    select(Run.state, Run.intake_id, RunResult.protected, RunResult.body)
    .outerjoin(RunResult, and_(RunResult.run_id == Run.id, RunResult.applicant == bindparam("applicant")))
    .where(Run.id == bindparam("run_id"))
)


def find_result(connection: Connection, run_id: str, applicant: str, actor: Actor) -> tuple[str, str]:
    """Find what an applicant is told, as stored, and the intake; one indexed read. Protected persons are not found.

    Raises
    ------
    Problem
        404: no such run or applicant for the actor.
    """
    row = connection.execute(_RESULT, {"run_id": run_id, "applicant": applicant}).one_or_none()
    if row is None or not (row.state == "published" or sees_unpublished(actor)):
        raise not_found("run", "path run_id")
    if row.body is None or row.protected:
        raise not_found("applicant", "path applicant")
    return row.body, row.intake_id


def store_artifacts(
    session: Session, run_id: str, tables: Mapping[str, pl.DataFrame], files: Mapping[str, bytes]
) -> None:
    """Keep the tables and files of a run."""
    contents = {name: ("application/zip", content) for name, content in files.items()}
    for name, frame in tables.items():
        part = io.BytesIO()
        frame.write_parquet(part, compression="zstd", statistics=False)
        contents[f"{name}.parquet"] = ("application/vnd.apache.parquet", part.getvalue())
    for name, (media_type, content) in sorted(contents.items()):
        digest = hashlib.sha256(content).hexdigest()
        session.add(RunArtifact(run_id=run_id, name=name, media_type=media_type, digest=digest, content=content))
    session.flush()


def store_results(session: Session, run_id: str, bodies: Iterable[tuple[str, bool, str]]) -> None:
    """Keep what each applicant is told."""
    rows = ((run_id, applicant, protected, body) for applicant, protected, body in bodies)
    bulk_insert(session, RunResult, ("run_id", "applicant", "protected", "body"), rows)
