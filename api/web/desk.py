"""The office's desk: open an intake, hand in its tables and look at problems or difference, commit, start a run."""

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.rules import preset_names
from admissions.tables.problem import PROBLEM_COLUMNS
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.problems import not_found, unprocessable
from api.resources import delegations, imports, intakes, rulebooks, runs
from api.store.models import Delegation, ImportBatch, Intake, Job, Pool
from api.web.forms import Text, filled, once
from api.web.grids import Column, Grid, address, fixed, paged
from api.web.problem_words import problem_title, problem_words
from api.web.rendering import Content, answer
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, prefix="/desk", include_in_schema=False)
Writer = Annotated[Actor, allow(Permission.WRITE_IMPORTS)]
ROUNDS = ("preliminary", "final")
SEPARATORS = {";": "separator.semicolon", ",": "separator.comma", "\t": "separator.tab"}
PROBLEMS = (
    Column("file", "text", ("Fil", "File")),
    Column("sheet", "text", ("Blad", "Sheet"), shown=False),
    Column("row", "whole", ("Rad", "Row")),
    Column("column", "text", ("Kolumn", "Column")),
    Column("value", "text", ("Värde", "Value")),
    Column("rule", "text", ("Regel", "Rule"), shown=False),
    Column("message", "text", ("Fel", "Problem")),
    Column("remedy", "text", ("Åtgärd", "Remedy")),
)
FORMS = (
    Column("file", "text", ("Fil", "File")),
    Column("kind", "text", ("Format", "Format")),
    Column("encoding", "text", ("Teckenkodning", "Encoding")),
    Column("separator", "text", ("Skiljetecken", "Separator")),
)
DIFFERENCE = (
    Column("table", "text", ("Tabell", "Table")),
    Column("rows", "whole", ("Rader i filen", "Rows in the file")),
    Column("added", "whole", ("Nya", "Added")),
    Column("changed", "whole", ("Ändrade", "Changed")),
    Column("removed", "whole", ("Borttagna", "Removed")),
)


def _back(intake_id: str, **more: str) -> Response:
    return RedirectResponse(address("/desk", {"intake": intake_id, **more}), 303)


@router.get("")
def read_desk(request: Request, actor: Annotated[Actor, page(Permission.READ_IMPORTS)]) -> Response:
    """Show the desk of an intake, the newest if none is named."""
    t = texts_of(request)
    wanted = request.query_params.get("intake", "")
    with request.app.state.store.read() as session:
        known = list(session.scalars(select(Intake).order_by(Intake.created_at.desc(), Intake.id)))
        intake = next((one for one in known if wanted in {one.id, ""}), None)
        if intake is None and wanted:
            raise not_found("intake", "query intake")
        values: dict[str, Any] = {"known": known, "intake": intake, "presets": preset_names(), "rounds": ROUNDS}
        tables: list[Grid] = []
        if intake is not None:
            batch = _batch(session, intake.id, request.query_params.get("import", ""))
            tables = _tables(request, batch, t) if batch is not None else []
            organisers = set(session.scalars(select(Pool.organiser).where(Pool.intake_id == intake.id)))
            recorded = select(Delegation.organiser).where(Delegation.intake_id == intake.id)
            values |= {
                "batch": batch,
                "missing": len(organisers - set(session.scalars(recorded))),
                "organisers": len(organisers),
                "jobs": _jobs(session, intake.id, t),
            }
    return answer(request, actor, None, "desk.html.j2", Content(tables=tables, values=values))


def _batch(session: Session, intake_id: str, import_id: str) -> ImportBatch | None:
    statement = select(ImportBatch).where(ImportBatch.intake_id == intake_id)
    if import_id:
        statement = statement.where(ImportBatch.id == import_id)
    return session.scalars(statement.order_by(ImportBatch.created_at.desc(), ImportBatch.id)).first()


def _tables(request: Request, batch: ImportBatch, t: Texts) -> list[Grid]:
    """Give every problem or the difference, and how each file was read."""
    tables = []
    if batch.problems:
        schema = {name: pl.Int64 if name == "row" else pl.String for name in PROBLEM_COLUMNS}
        frame = pl.DataFrame([problem_words(one, t) for one in batch.problems], schema=schema)
        sheets = not frame["sheet"].is_null().all()
        columns = [one for one in PROBLEMS if one.shown or (sheets and one.name == "sheet")]
        tables.append(paged(request, "problems", t("desk.problems"), columns, frame, t.language))
    elif batch.difference:
        rows = [
            {"table": t(f"table.{name}"), "rows": batch.counts.get(name, 0)}
            | {part: counts[part] for part in ("added", "changed", "removed")}
            for name, counts in batch.difference.items()
        ]
        tables.append(fixed("difference", t("desk.difference"), DIFFERENCE, pl.DataFrame(rows), t.language))
    if batch.forms:
        read = [
            {
                "file": one["file"],
                "kind": one["kind"].upper(),
                "encoding": t(f"encoding.{one['encoding'] or 'own'}"),
                "separator": t(SEPARATORS.get(one["separator"], "separator.none")),
            }
            for one in batch.forms
        ]
        tables.append(fixed("files", t("desk.forms"), FORMS, pl.DataFrame(read), t.language))
    return tables


def _jobs(session: Session, intake_id: str, t: Texts) -> list[dict[str, Any]]:
    """Give the latest runs of rounds with how far they are."""
    latest = session.scalars(
        select(Job).where(Job.kind == "run_round").order_by(Job.created_at.desc(), Job.id).limit(50)
    )
    return [
        {
            "state": t(f"job.{job.state}"),
            "open": job.state in {"queued", "running"},
            "failed": job.state == "failed",
            "done": job.progress_done,
            "total": job.progress_total or 100,
            "problem": problem_title((job.problem or {}).get("code", ""), t) if job.problem else "",
        }
        for job in latest
        if job.parameters.get("intake_id") == intake_id
    ][:3]


@router.post("/intakes")
def open_intake(
    request: Request,
    actor: Annotated[Actor, allow(Permission.WRITE_INTAKE)],
    name: Text = "",
    year: Text = "",
    preset: Text = "",
) -> Response:
    """Open an intake under a preset of rules."""
    body = filled(intakes.NewIntake, name=name.strip(), year=year.strip())
    rules = filled(rulebooks.NewRulebook, preset=preset, year=body.year)
    rulebook = rulebooks.create_rulebook(rules, request, actor, once(request))
    made = intakes.create_intake(body, request, actor, once(request))
    intake_id = made.headers["location"].rpartition("/")[2]
    change = intakes.IntakeChange(rulebook_id=rulebook.headers["location"].rpartition("/")[2])
    intakes.edit_intake(intake_id, change, request, Response(), actor, if_match=made.headers["etag"])
    return _back(intake_id)


@router.post("/{intake_id}/imports")
def hand_in(intake_id: str, request: Request, actor: Writer, file: UploadFile | None = None) -> Response:
    """Check a file; nothing is changed yet."""
    if file is None or not file.filename:
        raise unprocessable("invalid_request", "No file came.", place="file", remedy="Choose a file.")
    made = imports.upload_import(intake_id, file, request, actor, once(request))
    return _back(intake_id, **{"import": made.headers["location"].rpartition("/")[2]})


@router.post("/{intake_id}/imports/{import_id}/commit")
def commit(intake_id: str, import_id: str, request: Request, actor: Writer) -> Response:
    """Commit a checked import."""
    imports.commit_import(intake_id, import_id, request, actor)
    return _back(intake_id, **{"import": import_id})


@router.post("/{intake_id}/imports/{import_id}/discard")
def discard(intake_id: str, import_id: str, request: Request, actor: Writer) -> Response:
    """Discard an import."""
    imports.discard_import(intake_id, import_id, request, actor)
    return _back(intake_id, **{"import": import_id})


@router.post("/{intake_id}/delegations")
def delegate(
    intake_id: str,
    request: Request,
    actor: Annotated[Actor, allow(Permission.DELEGATE_RUNS)],
    reference: Text = "",
) -> Response:
    """Record the delegation of every organiser under one reference."""
    with request.app.state.store.read() as session:
        organisers = sorted(session.scalars(select(Pool.organiser).where(Pool.intake_id == intake_id).distinct()))
    body = filled(delegations.NewDelegations, organisers=organisers, reference=reference.strip())
    delegations.record_delegations(intake_id, body, request, actor)
    return _back(intake_id)


@router.post("/{intake_id}/runs")
def start(
    intake_id: str,
    request: Request,
    actor: Annotated[Actor, allow(Permission.START_RUNS)],
    round_name: Annotated[str, Form(alias="round", max_length=50)] = "",
    seed_phrase: Text = "",
    public_value: Text = "",
) -> Response:
    """Start a run; a worker does it."""
    lottery = filled(runs.LotteryInput, seed_phrase=seed_phrase, public_value=public_value)
    body = filled(runs.NewRun, round=round_name, lottery=lottery.model_dump())
    runs.start_run(intake_id, body, request, actor, once(request))
    return RedirectResponse(f"/desk?intake={intake_id}#run", 303)
