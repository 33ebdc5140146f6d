"""The job that makes letters in batch: one PDF a school or municipality, packed; all of it or nothing."""

import hashlib
import io
import re
import zipfile
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from admissions.explanations.explaining import Explanation, explain_several
from api.audit import EventKind
from api.explained import Explained, read_explained
from api.jobs.work import Outcome, Work
from api.letters import Letter, letter_of, letter_pdf
from api.problems import not_found
from api.store.models import Run, RunArtifact

KIND = "make_letters"
PREFIX = "letters-"
MOST = 5000
"""Letters of one batch; about 20 kB each."""
WITHOUT = "-"
"""Stands for people of whom it is not known where they belong."""
ZIP = "application/zip"


def addressees(decisions: pl.DataFrame, by: str, value: str | None) -> pl.DataFrame:
    """Give who gets a letter, and in which part of the batch: columns ``applicant`` and ``part``, sorted.

    Parameters
    ----------
    decisions
        A run's decisions; protected persons get no letter in a batch.
    by
        ``sending_school``, ``home_municipality`` or ``admitted_school``.
    value
        That part only; None for all.
    """
    rows = decisions.filter(~pl.col("protected"))
    if by == "admitted_school":
        rows = rows.filter(pl.col("status") == "admitted").with_columns(pl.col("school").alias(by))
    people = rows.select("applicant", pl.col(by).fill_null(WITHOUT).alias("part")).unique()
    wanted = people if value is None else people.filter(pl.col("part") == value)
    return wanted.sort("part", "applicant")


def run(work: Work) -> Outcome:
    """Do the job."""
    run_id, language = work.parameters["run_id"], work.parameters["language"]
    work.progress(0, 1, "read")
    known = read_explained(work.store, run_id)
    with work.store.read() as session:
        kept = session.get(RunArtifact, (run_id, "decisions.parquet"))
    if kept is None:
        raise not_found("result of the run", "run_id")
    people = addressees(pl.read_parquet(io.BytesIO(kept.content)), work.parameters["by"], work.parameters["value"])
    packed, done = io.BytesIO(), 0
    with zipfile.ZipFile(packed, "w") as archive:
        for (part,), rows in people.group_by("part", maintain_order=True):
            letters = []
            for found in explain_several(known.facts, rows["applicant"].to_list(), unknown=known.unknown):
                letters.append(_letter(known, found, language))
                done += 1
                work.progress(done, len(people) + 1, "letters")
            info = zipfile.ZipInfo(f"{_file_name(str(part))}.pdf")  # carries a fixed time: equal letters, equal file
            archive.writestr(info, letter_pdf(letters), zipfile.ZIP_STORED)
    content = packed.getvalue()
    name = f"{PREFIX}{work.id}.zip"

    def outcome(session: Session) -> dict[str, Any]:
        intake_id = session.get_one(Run, run_id).intake_id
        digest = hashlib.sha256(content).hexdigest()
        session.add(RunArtifact(run_id=run_id, name=name, media_type=ZIP, digest=digest, content=content))
        counts = {"letters": len(people), "parts": people["part"].n_unique(), "digest": digest}
        work.trail.record(
            session, EventKind.LETTERS_MADE, actor=work.actor, object_type="run", object_id=run_id,
            intake_id=intake_id, payload={**counts, "by": work.parameters["by"], "language": language},
        )  # fmt: skip
        session.flush()
        return {"run_id": run_id, "name": name, **counts}

    return outcome


def _letter(known: Explained, found: Explanation, language: Any) -> Letter:
    return letter_of(
        found,
        language,
        organisers=known.organisers,
        calendar=known.rulebook.calendar,
        silence=known.rulebook.sections.answers.silence,
        sender=known.intake_name,
    )


def _file_name(part: str) -> str:
    """Write a name as a file's: letters, digits, hyphens.

    Examples
    --------
    >>> _file_name("S:t Eriks gymnasium"), _file_name("-")
    ('S-t-Eriks-gymnasium', 'unknown')
    """
    return re.sub(r"[^\w]+", "-", part).strip("-") or "unknown"
