"""Imports: a file is checked against everything first, shown with its problems or its difference, then committed.

Checking happens outside any transaction; the commit is one short one, and is refused when the intake changed since.
"""

import hashlib
import io
import tempfile
import zipfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.errors import InputError
from admissions.intake import Intake, read_intake
from admissions.tables.forms import detected_forms
from admissions.tables.problem import PROBLEM_COLUMNS
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.idempotency import Created, OncePerKey
from api.lists import FILES, Cells, Listing, Page, answer_frame, answer_select
from api.problems import Problem, conflict, not_found
from api.store.base import new_id
from api.store.models import ImportBatch
from api.store.repositories.importing import difference, load_intake, save_intake
from api.store.repositories.intakes import get_intake
from api.table_archive import pack_tables, unpack_tables

router = APIRouter(prefix="/api/v1/intakes/{intake_id}/imports", tags=["imports"])
Reader = Annotated[Actor, allow(Permission.READ_IMPORTS)]
Writer = Annotated[Actor, allow(Permission.WRITE_IMPORTS)]
MOST_KEPT = 5000
MOST_UNPACKED = 1 << 30
SUFFIXES = {".csv", ".parquet", ".xlsx", ".ods", ".txt", ".tsv"}


class ImportView(BaseModel):
    """An import: what was handed in and what it would change."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    intake_id: str
    state: str = Field(description="refused (has problems), checked, committed or discarded.", examples=["checked"])
    file_name: str
    file_digest: str
    content_digest: str | None = Field(description="Digest of the content, whatever its form and order.")
    base_revision: int = Field(description="The intake's revision it was checked against.")
    counts: dict[str, Any]
    difference: dict[str, Any]
    forms: list[dict[str, str]] | None = Field(
        description="How each file was read: its kind, and of a text its encoding and separator.",
        examples=[[{"file": "routes.csv", "kind": "csv", "encoding": "utf-8", "separator": ";"}]],
    )
    problem_count: int
    created_at: datetime
    committed_at: datetime | None


COLUMNS = {name: getattr(ImportBatch, name) for name in ImportView.model_fields}


def _get(session: Session, intake_id: str, import_id: str, *, lock: bool = False) -> ImportBatch:
    statement = select(ImportBatch).where(ImportBatch.id == import_id, ImportBatch.intake_id == intake_id)
    batch = session.scalar(statement.with_for_update() if lock else statement)
    if batch is None:
        raise not_found("import", "path import_id")
    return batch


@router.get("", response_model=Page[ImportView], responses=FILES)
def list_imports(intake_id: str, request: Request, actor: Reader, query: Listing) -> Response:  # noqa: ARG001
    """List the imports of an intake, newest first."""
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        statement = select(ImportBatch).where(ImportBatch.intake_id == intake_id)
        newest = [ImportBatch.created_at.desc(), ImportBatch.id]
        return answer_select(session, query, "imports", statement, COLUMNS, key=newest, row=ImportView)


@router.post("", status_code=201, response_model=ImportView)
def upload_import(intake_id: str, file: UploadFile, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Hand in an intake's tables (a zip of CSV or Parquet files, or one workbook): checked, nothing is changed yet."""
    state = request.app.state
    content = file.file.read(state.settings.upload_limit_mb * 1_000_000 + 1)
    if len(content) > state.settings.upload_limit_mb * 1_000_000:
        raise Problem(
            413,
            "file_too_large",
            "The file is too large",
            f"Files up to {state.settings.upload_limit_mb} MB are taken.",
            place="body.file",
            remedy="Hand it in as Parquet in a zip, or raise ADMISSIONS_UPLOAD_LIMIT_MB.",
        )
    name = PurePosixPath((file.filename or "upload").replace("\\", "/")).name[:200]
    with state.store.read() as session:
        row = get_intake(session, intake_id)
        year, revision = row.year, row.revision
        stored = load_intake(session, intake_id, year)
    found, problems, forms = _read(content, name)
    if found is not None and found.year != year:
        problem = _wrong_year(name, found.year, year)
        found, problems = None, [problem]
    parts = difference(stored, found) if found is not None else {}
    digest = hashlib.sha256(content).hexdigest()

    def work(session: Session) -> Created:
        batch = ImportBatch(
            id=new_id(),
            intake_id=intake_id,
            state="refused" if found is None else "checked",
            file_name=name,
            file_digest=digest,
            content_digest=None if found is None else found.digest(),
            base_revision=revision,
            counts={} if found is None else {table: len(frame) for table, frame in found.tables().items()},
            difference=parts,
            forms=forms,
            problems=problems[:MOST_KEPT],
            problem_count=len(problems),
            content=None if found is None else pack_tables(found.tables()),
            created_by=actor.id,
            created_at=state.clock(),
        )
        session.add(batch)
        session.flush()
        state.trail.record(
            session, EventKind.IMPORT_CHECKED, actor=actor.id, object_type="import", object_id=batch.id,
            intake_id=intake_id, payload={"file": digest, "content": batch.content_digest, "problems": len(problems)},
        )  # fmt: skip
        view = ImportView.model_validate(batch)
        return Created(body=view, location=f"/api/v1/intakes/{intake_id}/imports/{batch.id}")

    return once.run(actor, work, content=digest)


@router.get("/{import_id}")
def read_import(intake_id: str, import_id: str, request: Request, actor: Reader) -> ImportView:  # noqa: ARG001
    """Read an import: its state, its counts and what it would change."""
    with request.app.state.store.read() as session:
        return ImportView.model_validate(_get(session, intake_id, import_id))


@router.get("/{import_id}/problems", response_model=Page[Cells], responses=FILES)
def list_problems(intake_id: str, import_id: str, request: Request, actor: Reader, query: Listing) -> Response:  # noqa: ARG001
    """List every problem of a refused import: file, row, column, value, rule, message, remedy."""
    with request.app.state.store.read() as session:
        problems = _get(session, intake_id, import_id).problems
    schema = {name: pl.Int64 if name == "row" else pl.String for name in PROBLEM_COLUMNS}
    return answer_frame(pl.DataFrame(problems, schema=schema), query, "problems")


@router.post("/{import_id}/commit")
def commit_import(intake_id: str, import_id: str, request: Request, actor: Writer) -> ImportView:
    """Commit a checked import: all of it, or nothing. Committing it again changes nothing."""
    state = request.app.state
    with state.store.read() as session:
        content = _get(session, intake_id, import_id).content
    tables = unpack_tables(content) if content else None
    with state.store.write() as session:
        intake = get_intake(session, intake_id, lock=True)
        batch = _get(session, intake_id, import_id, lock=True)
        if batch.state == "committed":
            return ImportView.model_validate(batch)
        if batch.state != "checked" or tables is None:
            raise conflict(
                "not_checked", f"The import is {batch.state}.", remedy="Correct the files and hand them in again."
            )
        if batch.base_revision != intake.revision:
            raise conflict(
                "intake_changed",
                f"The intake is at revision {intake.revision}; the import was checked against {batch.base_revision}.",
                remedy="Hand the file in again and look at the new difference.",
            )
        now = state.clock()
        save_intake(session, intake, Intake(**tables, year=intake.year), actor.id, now)
        batch.state, batch.committed_by, batch.committed_at, batch.content = "committed", actor.id, now, None
        state.trail.record(
            session, EventKind.IMPORT_COMMITTED, actor=actor.id, object_type="import", object_id=batch.id,
            intake_id=intake_id, payload={"counts": batch.counts, "content": batch.content_digest},
        )  # fmt: skip
        session.flush()
        return ImportView.model_validate(batch)


@router.delete("/{import_id}", status_code=204)
def discard_import(intake_id: str, import_id: str, request: Request, actor: Writer) -> Response:
    """Discard an import that was not committed."""
    state = request.app.state
    with state.store.write() as session:
        batch = _get(session, intake_id, import_id, lock=True)
        if batch.state == "committed":
            raise conflict("committed", "The import was committed.", remedy="Import the former state as a new file.")
        if batch.state != "discarded":
            batch.state, batch.content, batch.problems = "discarded", None, []
            state.trail.record(
                session, EventKind.IMPORT_DISCARDED, actor=actor.id, object_type="import", object_id=batch.id,
                intake_id=intake_id,
            )  # fmt: skip
    return Response(status_code=204)


def _read(content: bytes, name: str) -> tuple[Intake | None, list[dict[str, Any]], list[dict[str, str]]]:
    """Read and check a file; give the intake, or every problem, and how each of its files was read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        if name.lower().endswith((".xlsx", ".ods")):
            path = path.with_suffix(Path(name).suffix.lower())
            path.write_bytes(content)
        else:
            path.mkdir()
            _unpack(content, path)
        forms = [asdict(form) | ({"file": name} if path.is_file() else {}) for form in detected_forms(path)]
        try:
            return read_intake(path), [], forms
        except InputError as error:
            return None, [_problem(problem, path.name, name) for problem in error.problems], forms


def _problem(problem: Any, path: str, name: str) -> dict[str, Any]:
    found = asdict(problem)
    return {**found, "file": name if found["file"] == path else found["file"]}


def _unpack(content: bytes, folder: Path) -> None:
    """Unpack a zip's tables, whatever folders they lie in; refuse what is none, and what would fill the disk."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [part for part in archive.infolist() if not part.is_dir()]
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _unreadable("It unpacks to more than 1 GB.")
            for part in parts:
                file = PurePosixPath(part.filename.replace("\\", "/"))
                if file.suffix.lower() in SUFFIXES and not file.name.startswith("."):
                    target = folder / file.name
                    if target.exists():
                        raise _unreadable(f"It holds two files named {file.name}.")
                    target.write_bytes(archive.read(part))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise _unreadable("It is neither a readable zip file nor a workbook.") from error


def _unreadable(detail: str) -> Problem:
    return Problem(
        422,
        "unreadable_file",
        "The file cannot be read",
        detail,
        place="body.file",
        remedy="Hand in a zip of routes.csv, seats.csv, applicants.csv, grades.csv, choices.csv, or one workbook.",
    )


def _wrong_year(name: str, found: int, wanted: int) -> dict[str, Any]:
    return {
        "file": name,
        "sheet": None,
        "row": None,
        "column": "year",
        "value": str(found),
        "rule": "intake_year",
        "message": f"the routes are of {found}, the intake is of {wanted}",
        "remedy": "Choose the intake of that year, or correct the year.",
    }
