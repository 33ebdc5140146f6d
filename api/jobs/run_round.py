"""The job that runs a round: reads one picture of the intake, matches, verifies, and stores all of it or nothing.

A reserve round continues the run folder of the round before it, with the answers, departures, closures and seats as
they stand when the job reads them.
"""

import io
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.intake import Intake
from admissions.rounds.folder import Run as EngineRun
from admissions.rounds.folder import write_run
from admissions.rounds.reserve import run_reserve
from admissions.rounds.resumed import resume
from admissions.rounds.run import RoundResult, run_round
from admissions.rounds.tables import decisions_table
from admissions.rules import Lottery, Rulebook, compile_round, compile_static, load_rulebook
from api.audit import EventKind
from api.jobs.result_tables import bodies, served_tables
from api.jobs.work import Outcome, Work
from api.problems import conflict
from api.run_folders import unpacked
from api.store.models import Applicant, Departure, Run, RunArtifact
from api.store.models import Rulebook as RulebookRow
from api.store.repositories.importing import load_intake
from api.store.repositories.intakes import get_intake
from api.store.repositories.runs import store_artifacts, store_results

KIND = "run_round"
STEPS = ("match", "verify", "results", "clearing")


def lock_key(intake_id: str) -> str:
    """Name the lock: one running round per intake."""
    return f"round:{intake_id}"


def rulebook_from_text(text: str, year: int | None = None) -> Rulebook:
    """Read a rulebook that is not a file; its problems name it as one.

    Raises
    ------
    AdmissionsError
        With every problem.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rulebook.toml"
        path.write_text(text, encoding="utf-8")
        return load_rulebook(path, year)


def run(work: Work) -> Outcome:
    """Do the job."""
    run_id = work.parameters["run_id"]
    work.progress(0, 100, "read")
    with work.store.read() as session:
        row = session.get_one(Run, run_id)
        intake_row = get_intake(session, row.intake_id)
        revision, year = intake_row.revision, intake_row.year
        text = session.get_one(RulebookRow, row.rulebook_id).text
        intake = load_intake(session, row.intake_id, year)
        columns = (Applicant.applicant, Applicant.protected, Applicant.sending_school)
        people = [tuple(one) for one in session.execute(select(*columns).where(Applicant.intake_id == row.intake_id))]
        before = _before(session, row)
    work.progress(20, 100, "compile")
    rulebook = rulebook_from_text(text, year)
    lottery = Lottery(row.lottery["seed_phrase"], row.lottery["public_value"])
    static = compile_static(intake, rulebook)

    def tell(step: str, done: int, total: int) -> None:
        work.progress(30 + 15 * STEPS.index(step) + (15 * done // total if total else 15), 100, step)

    if before is None:
        result = run_round(compile_round(static, row.round, lottery=lottery), intake, progress=tell)
    else:
        with unpacked(before.folder) as place:
            previous = resume(place, before.round)
        result = run_reserve(
            static, row.round, lottery, previous, elsewhere=before.elsewhere, ended=before.ended, progress=tell
        )
    work.progress(90, 100, "write")
    content, folder = _folder(EngineRun(intake, rulebook, lottery, [result]))
    tables = result_tables(result, intake, people)
    rendered = bodies(tables["decisions"])
    digest = content["intake_sha256"]

    def outcome(session: Session) -> dict[str, Any]:
        kept = session.scalar(select(Run).where(Run.id == run_id).with_for_update())
        if kept is None or kept.state != "draft":
            raise conflict("not_a_draft", "The run is no longer a draft.", remedy="Start a new run.")
        store_artifacts(session, run_id, tables, {"run.zip": folder})
        store_results(session, run_id, rendered)
        kept.state, kept.verified_at = "verified", work.clock()
        kept.base_revision, kept.input_digest, kept.result_digest = revision, digest, content["root"]
        kept.rows_root = content["roots"][kept.round]
        kept.certificate, kept.summary = result.certificate.as_dict(), dict(result.certificate.counts)
        work.trail.record(
            session, EventKind.RUN_VERIFIED, actor=work.actor, object_type="run", object_id=run_id,
            intake_id=kept.intake_id, payload={"result": content["root"], "input": digest}, keep_days=None,
        )  # fmt: skip
        return {"run_id": run_id, "result_digest": content["root"]}

    return outcome


@dataclass(frozen=True)
class Before:
    """What a reserve round starts from: the packed folder of the run before it, and who has gone since."""

    round: str
    folder: bytes
    elsewhere: frozenset[str]
    ended: frozenset[str]


def _before(session: Session, run: Run) -> Before | None:
    """Read what a reserve round continues; None for other rounds.

    Raises
    ------
    Problem
        409: the files of the run before it were erased.
    """
    if run.continues is None:
        return None
    previous = session.get_one(Run, run.continues)
    artifact = session.get(RunArtifact, (previous.id, "run.zip"))
    if artifact is None:
        raise conflict(
            "inputs_erased",
            "The files of the run before this one were erased.",
            remedy="A reserve round needs them; run the round before it again.",
        )
    gone = session.execute(select(Departure.applicant, Departure.kind).where(Departure.intake_id == run.intake_id))
    kinds = [(applicant, kind == "elsewhere") for applicant, kind in gone]
    elsewhere = frozenset(applicant for applicant, other in kinds if other)
    ended = frozenset(applicant for applicant, other in kinds if not other)
    return Before(previous.round, artifact.content, elsewhere, ended)


def _folder(run: EngineRun) -> tuple[dict[str, Any], bytes]:
    """Write the run folder as the command line would, packed: it can be verified without this service."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        content = write_run(folder, run)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                info = zipfile.ZipInfo(file.relative_to(folder).as_posix())  # carries a fixed time: equal bytes
                archive.writestr(info, file.read_bytes(), zipfile.ZIP_DEFLATED, 1)
    return content, packed.getvalue()


def result_tables(result: RoundResult, intake: Intake, people: list[tuple[Any, ...]]) -> Mapping[str, pl.DataFrame]:
    """Make the tables that are asked for, with what filters and scopes need beside each row."""
    short = result.shortfalls
    return served_tables(
        decisions_table(result.decisions), result.cutoffs, result.demand, short.without_seat, short.levels,
        intake, people,
    )  # fmt: skip
