"""The end of a planner's job: its tables and what every figure has to say, written in one transaction or not at all."""

import hashlib
import io
from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from api.audit import EventKind
from api.jobs.queue import JobCancelled
from api.jobs.work import Outcome, Work
from api.store.models import Analysis, AnalysisTable

STAMP = {"sv": "arbetsmaterial", "en": "working material"}
"""Stands on everything these jobs give: on screen, on paper and in every file."""


def store_table(session: Session, analysis_id: str, name: str, frame: pl.DataFrame, position: int) -> None:
    """Keep a table of an analysis."""
    part = io.BytesIO()
    frame.write_parquet(part, compression="zstd", statistics=False)
    content = part.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    session.add(
        AnalysisTable(
            analysis_id=analysis_id, name=name, position=position, rows=len(frame), digest=digest, content=content
        )
    )


def stored_table(session: Session, analysis_id: str, name: str) -> pl.DataFrame | None:
    """Give a table of an analysis, if it has it."""
    row = session.get(AnalysisTable, (analysis_id, name))
    return None if row is None else pl.read_parquet(io.BytesIO(row.content))


def finished(work: Work, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any]) -> Outcome:
    """Give what a job writes at its end.

    Parameters
    ----------
    tables
        By name, in the order they are shown.
    about
        What every figure has to say: run, rules, seeds, number of draws.
    """
    analysis_id = work.parameters["analysis_id"]

    def outcome(session: Session) -> dict[str, Any]:
        row = session.get(Analysis, analysis_id)
        if row is None:  # its scenario was deleted while the job ran
            raise JobCancelled(work.id)
        for position, (name, frame) in enumerate(tables.items()):
            store_table(session, analysis_id, name, frame, position)
        row.about, row.finished_at = dict(about), work.clock()
        work.trail.record(
            session, EventKind.ANALYSIS_FINISHED, actor=work.actor, object_type="analysis", object_id=analysis_id,
            intake_id=row.intake_id or "", payload={"kind": row.kind, "tables": list(tables)},
        )  # fmt: skip
        return {"analysis_id": analysis_id, "tables": list(tables)}

    return outcome
