"""Loading a finished run folder: the intake, its rulebook and a verified run for each round, in one transaction.

The intake gets the run's own id, so that loading the same folder again finds it and changes nothing.
"""

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.errors import AdmissionsError
from admissions.intake import Intake, read_intake
from admissions.rounds.stored import read_run
from admissions.rules import round_number
from api.audit import EventKind, Trail
from api.exchange.run_tables import cutoffs_of, demand_of, levels_of, without_seat_of
from api.jobs.result_tables import bodies, served_tables
from api.loading.parts import Part, check_parts, packed, take_apart
from api.store import Store
from api.store.base import new_id
from api.store.models import Intake as IntakeRow
from api.store.models import Round, Run
from api.store.repositories.importing import save_intake
from api.store.repositories.intakes import keep_rulebook
from api.store.repositories.runs import store_artifacts, store_results

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Loaded:
    """What loading did.

    Parameters
    ----------
    intake_id
        The intake in the store.
    name
        Its name.
    fresh
        False: it had been loaded before, and nothing was changed.
    """

    intake_id: str
    name: str
    fresh: bool


@dataclass(frozen=True, eq=False)
class _Prepared:
    part: Part
    tables: Mapping[str, pl.DataFrame]
    told: list[tuple[str, bool, str]]
    folder: bytes


def load_run(
    store: Store, trail: Trail, folder: Path, actor: str, *, name: str = "", tell: Tell = lambda *_: None
) -> Loaded:
    """Load a run folder with the intake beside its rounds.

    Parameters
    ----------
    store, trail
        Where to.
    folder
        A finished run with its intake in ``intake/``, as `admissions replay` leaves it.
    actor
        Who loads it, for the audit trail; a second person signs the runs.
    name
        Name of the intake; its year if not given.
    tell
        Told how far the work has come.

    Raises
    ------
    AdmissionsError
        The folder is no finished run, does not verify, or its intake is missing or another one. Nothing was stored.
    """
    about = read_run(folder).about
    known = _known(store, about["id"])
    if known is not None:
        return known
    tell("load", 0, 3)
    intake = _intake(folder, about)
    with tempfile.TemporaryDirectory() as scratch:
        parts = take_apart(folder, Path(scratch))
        tell("load", 1, 3)
        people = _people(intake)
        with ThreadPoolExecutor(1) as beside:  # checking takes the longest, and most of it in other processes
            checked = beside.submit(check_parts, parts, lambda done, of: tell("check", done, of))
            prepared = [_prepare(part, intake, people) for part in parts]
            checked.result()
        tell("load", 2, 3)
        with store.write() as session:
            if session.get(IntakeRow, about["id"]) is None:
                row = _save(session, trail, about, intake, actor, name)
                before: str | None = None
                for one in prepared:
                    before = _save_round(session, trail, row, one, actor, before)
    tell("load", 3, 3)
    loaded = _known(store, about["id"])
    assert loaded is not None
    return Loaded(loaded.intake_id, loaded.name, fresh=True)


def _known(store: Store, intake_id: str) -> Loaded | None:
    with store.read() as session:
        row = session.get(IntakeRow, intake_id)
        return None if row is None else Loaded(row.id, row.name, fresh=False)


def _intake(folder: Path, about: Mapping[str, Any]) -> Intake:
    path = folder / "intake"
    if not path.exists():
        raise AdmissionsError(
            f"{folder} has no intake beside its rounds; `admissions replay` writes one into the run folder."
        )
    intake = read_intake(path)
    if intake.digest() != about["intake_sha256"]:
        raise AdmissionsError(f"{path} is not the intake this run was made from: its digest differs from run.json.")
    return intake


def _people(intake: Intake) -> list[tuple[Any, ...]]:
    flags = pl.col("flags").fill_null("").str.split(" ").list.contains("protected")
    return intake.applicants.select("applicant", flags, pl.lit(None, pl.String)).rows()


def _prepare(part: Part, intake: Intake, people: list[tuple[Any, ...]]) -> _Prepared:
    stored = part.stored
    tables = served_tables(
        stored.decisions, cutoffs_of(stored), demand_of(stored), without_seat_of(stored), levels_of(stored),
        intake, people,
    )  # fmt: skip
    return _Prepared(part, tables, bodies(tables["decisions"]), packed(part.folder))


def _save(session: Session, trail: Trail, about: Mapping[str, Any], intake: Intake, actor: str, name: str) -> IntakeRow:
    wanted = name or str(intake.year)
    taken = session.scalar(select(IntakeRow.id).where(IntakeRow.name == wanted))
    row = IntakeRow(
        id=about["id"], name=wanted if taken is None else f"{wanted} ({about['id']})", year=intake.year, windows={},
        revision=0, version=1, created_by=actor, created_at=trail.clock(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    save_intake(session, row, intake, actor, trail.clock())
    counts = {table: len(frame) for table, frame in intake.tables().items()}
    trail.record(
        session, EventKind.INTAKE_LOADED, actor=actor, object_type="intake", object_id=row.id, intake_id=row.id,
        payload={"run": about["root"], "content": about["intake_sha256"], "counts": counts},
    )  # fmt: skip
    return row


def _save_round(session: Session, trail: Trail, row: IntakeRow, one: _Prepared, actor: str, before: str | None) -> str:
    """Store a round as a verified run and give its id; a reserve round continues the one before it."""
    part, now = one.part, trail.clock()
    text = (part.folder / "rulebook.toml").read_text(encoding="utf-8")
    rulebook, _ = keep_rulebook(session, str(part.about["rules"]), text, actor, now)
    row.rulebook_id = rulebook.id
    if session.get(Round, (row.id, part.name)) is None:
        session.add(Round(intake_id=row.id, name=part.name, position=round_number(part.name)))
        session.flush()
    lottery = {key: part.about["lottery"][key] for key in ("seed_phrase", "public_value")}
    run = Run(
        id=new_id(), intake_id=row.id, round=part.name, state="verified", rulebook_id=rulebook.id, lottery=lottery,
        base_revision=row.revision, input_digest=part.about["intake_sha256"], result_digest=part.about["root"],
        rows_root=part.about["roots"][part.name],
        certificate=part.certificate, summary=dict(part.certificate["counts"]), created_by=actor, created_at=now,
        verified_at=now, continues=before if part.name.startswith("reserve") else None,
    )  # fmt: skip
    session.add(run)
    session.flush()
    store_artifacts(session, run.id, one.tables, {"run.zip": one.folder})
    store_results(session, run.id, one.told)
    trail.record(
        session, EventKind.RUN_LOADED, actor=actor, object_type="run", object_id=run.id, intake_id=row.id,
        payload={"result": run.result_digest, "input": run.input_digest}, keep_days=None,
    )  # fmt: skip
    return run.id
