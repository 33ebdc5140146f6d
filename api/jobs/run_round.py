"""The job that runs a round: reads one picture of the intake, matches, verifies, and stores all of it or nothing."""

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.intake import Intake
from admissions.rounds.folder import Run as EngineRun
from admissions.rounds.folder import write_run
from admissions.rounds.run import RoundResult, run_round
from admissions.rounds.tables import decisions_table
from admissions.rules import Lottery, Rulebook, compile_round, compile_static, load_rulebook
from api.audit import EventKind
from api.jobs.work import Outcome, Work
from api.problems import conflict
from api.store.models import Applicant, Run
from api.store.models import Rulebook as RulebookRow
from api.store.repositories.importing import load_intake
from api.store.repositories.intakes import get_intake
from api.store.repositories.runs import store_artifacts, store_results
from api.suppression import suppressed_table

KIND = "run_round"
PEOPLE_TABLE = "people-without-seat"
STEPS = ("match", "verify", "results", "clearing")
OF_SCHOOL = ("municipality", "school", "organiser")


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
    work.progress(20, 100, "compile")
    rulebook = rulebook_from_text(text, year)
    lottery = Lottery(row.lottery["seed_phrase"], row.lottery["public_value"])
    compiled = compile_round(compile_static(intake, rulebook), row.round, lottery=lottery)

    def tell(step: str, done: int, total: int) -> None:
        work.progress(30 + 15 * STEPS.index(step) + (15 * done // total if total else 15), 100, step)

    result = run_round(compiled, intake, progress=tell)
    work.progress(90, 100, "write")
    content, folder = _folder(EngineRun(intake, rulebook, lottery, [result]))
    tables = result_tables(result, intake, people)
    bodies = _bodies(tables["decisions"])
    digest = content["intake_sha256"]

    def outcome(session: Session) -> dict[str, Any]:
        kept = session.scalar(select(Run).where(Run.id == run_id).with_for_update())
        if kept is None or kept.state != "draft":
            raise conflict("not_a_draft", "The run is no longer a draft.", remedy="Start a new run.")
        store_artifacts(session, run_id, tables, {"run.zip": folder})
        store_results(session, run_id, bodies)
        kept.state, kept.verified_at = "verified", work.clock()
        kept.base_revision, kept.input_digest, kept.result_digest = revision, digest, content["root"]
        kept.certificate, kept.summary = result.certificate.as_dict(), dict(result.certificate.counts)
        work.trail.record(
            session, EventKind.RUN_VERIFIED, actor=work.actor, object_type="run", object_id=run_id,
            intake_id=kept.intake_id, payload={"result": content["root"], "input": digest}, keep_days=None,
        )  # fmt: skip
        return {"run_id": run_id, "result_digest": content["root"]}

    return outcome


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
    catalogue = result.demand.select("route_id", "route_name", "programme", *OF_SCHOOL)
    schema = {"applicant": pl.String, "protected": pl.Boolean, "sending_school": pl.String}
    person = pl.DataFrame(people, schema=schema, orient="row").join(
        intake.applicants.select("applicant", "home_municipality"), on="applicant"
    )
    decisions = (
        decisions_table(result.decisions)
        .join(catalogue, on="route_id", how="left", maintain_order="left")
        .join(person, on="applicant", how="left", maintain_order="left")
    )
    owners = intake.routes.sort("route_id").group_by("pool", maintain_order=True).first().select("pool", *OF_SCHOOL)
    tables = {
        "decisions": decisions,
        "cutoffs": result.cutoffs.join(owners, on="pool", how="left", maintain_order="left"),
        "demand": result.demand,
        PEOPLE_TABLE: suppressed_table(result.shortfalls.without_seat, "home_municipality", "programme", "persons"),
    }
    return tables | {f"shortfalls-{level}": frame for level, frame in result.shortfalls.levels.items()}


SHOWN = ("route_id", "school", "route_name", "rank", "status", "reason", "reserve_position", "merit", "missing")


def _bodies(decisions: pl.DataFrame) -> list[tuple[str, bool, str]]:
    """Render what each applicant is told, once."""
    shown = [name for name in SHOWN if name in decisions.columns]
    rendered = decisions.sort("applicant", "rank").select(
        "applicant", "protected", pl.struct(shown).struct.json_encode().alias("choice")
    )
    listed = pl.format("[{}]", pl.col("choice").str.join(", "))
    return rendered.group_by("applicant", "protected", maintain_order=True).agg(listed).rows()
