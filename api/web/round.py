"""A run of a round: what the independent check established, the lottery's commitments, sign-off and publication."""

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from admissions.reports.wording import round_text
from admissions.verifier.verifier import Refusal, check_commitment
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.resources.runs import Signature, publish_run, sign_run
from api.store.models import Delegation, Route, Run, RunSignature
from api.store.repositories.runs import sees_unpublished
from api.web.editions import Selected, chosen
from api.web.grids import Column, Grid, address, fixed
from api.web.rendering import Content, answer
from api.web.round_checks import comparisons, differences, preflight
from api.web.rules_text import chapters
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PROPERTIES = (
    Column("name", "text", ("Egenskap", "Property")),
    Column("meaning", "text", ("Vad den säger", "What it says")),
    Column("verdict", "text", ("Kontroll", "Check")),
)
COUNTS = (
    Column("what", "text", ("Vad", "What")),
    Column("number", "whole", ("Antal", "Number")),
)


def properties(selected: Selected, t: Texts) -> Grid:
    """Give the verification report, property by property."""
    found = selected.picture.certificate["certificate"]["properties"]
    words = {"holds": t("round.holds"), "not claimed": t("round.not_claimed")}
    rows = [
        {"name": name, "meaning": t(f"property.{name}"), "verdict": words.get(verdict, verdict)}
        for name, verdict in sorted(found.items())
    ]
    return fixed("properties", t("round.properties"), PROPERTIES, pl.DataFrame(rows), t.language)


def counts(selected: Selected, t: Texts) -> Grid:
    """Give what was looked at, in numbers."""
    found = selected.picture.certificate["certificate"]["counts"]
    rows = [{"what": t(f"count.{name}"), "number": number} for name, number in found.items() if t.has(f"count.{name}")]
    schema = {"what": pl.String, "number": pl.Int64}
    return fixed("counts", t("round.counts"), COUNTS, pl.DataFrame(rows, schema=schema), t.language)


def commitment_holds(lottery: dict[str, Any]) -> bool:
    """Compare the revealed seed and list of ids with the commitment, as the stand-alone verifier does."""
    try:
        check_commitment(lottery)
    except Refusal:
        return False
    return True


def all_runs(request: Request, actor: Actor, selected: Selected, t: Texts) -> Grid | None:
    """List the runs of the intake that somebody may see, newest first; None for a run folder."""
    intake = selected.edition.intake_id
    if not intake:
        return None
    statement = select(Run).where(Run.intake_id == intake).order_by(Run.created_at.desc(), Run.id)
    if not sees_unpublished(actor):
        statement = statement.where(Run.state == "published")
    with request.app.state.store.read() as session:
        rows = [
            {
                "run": run.id[:12],
                "id": run.id,
                "round": round_text(run.round, t.language),
                "name": run.round,
                "state": t(f"state.{run.state}") if run.state != "draft" else t("round.draft"),
                "draft": run.state == "draft",
                "digest": (run.result_digest or "")[:12],
                "corrects": (run.corrects or "")[:12],
            }
            for run in session.scalars(statement)
        ]
    columns = (
        Column(
            "run", "text", ("Körning", "Run"),
            link=lambda row: ""
            if row["draft"]
            else address("/round", {"run": intake, "round": row["name"], "pin": row["id"]}),
        ),
        Column("round", "text", ("Omgång", "Round")),
        Column("state", "text", ("Läge", "State")),
        Column("digest", "text", ("Resultatets rotsumma", "Root of the result")),
        Column("corrects", "text", ("Rättar", "Corrects")),
    )  # fmt: skip
    return fixed("runs", t("round.runs"), columns, pl.DataFrame(rows, infer_schema_length=None), t.language)


def steps(request: Request, actor: Actor, selected: Selected) -> dict[str, Any]:
    """Say how far the run has come, what is missing, and what the visitor may do next."""
    if not selected.edition.intake_id:
        return {"stored": False}
    with request.app.state.store.read() as session:
        run = session.get_one(Run, selected.run_id)
        signed = session.get(RunSignature, (run.id, ""))
        organisers = set(session.scalars(select(Route.organiser).where(Route.intake_id == run.intake_id).distinct()))
        delegated = set(session.scalars(select(Delegation.organiser).where(Delegation.intake_id == run.intake_id)))
        missing = len(organisers - delegated)
        own = run.created_by == actor.id
        return {
            "stored": True,
            "digest": run.result_digest,
            "signed_at": signed.signed_at.date() if signed is not None else None,
            "published_at": run.published_at.date() if run.published_at is not None else None,
            "audit_head": run.audit_head,
            "erased_at": run.inputs_erased_at.date() if run.inputs_erased_at is not None else None,
            "missing": missing,
            "may_sign": run.state == "verified" and actor.may(Permission.SIGN_RUNS) and not own and not missing,
            "may_publish": run.state == "signed_off" and actor.may(Permission.PUBLISH_RUNS),
        }


@router.get("/round")
def read_round(request: Request, actor: Annotated[Actor, page(Permission.READ_RUNS)]) -> Response:
    """Show a run."""
    selected = chosen(request, actor)
    t = texts_of(request)
    picture = selected.picture
    runs = all_runs(request, actor, selected, t)
    tables = [properties(selected, t), counts(selected, t), *([runs] if runs is not None else [])]
    changed, checks = differences(request, actor, selected, t), preflight(request, actor, selected, t)
    compared = comparisons(request, actor, selected, t)
    tables += [one["grid"] for one in (changed, checks) if one is not None]
    tables += [] if compared is None else [compared]
    values = {
        "changed": changed,
        "checks": checks,
        "about": picture.about,
        "certificate": picture.certificate["certificate"],
        "lottery": picture.about["lottery"],
        "commitment_holds": commitment_holds(dict(picture.about["lottery"])),
        "rules": chapters(picture.rulebook, picture.year, t.language),
        "steps": steps(request, actor, selected),
    }
    return answer(request, actor, selected, "round.html.j2", Content(tables=tables, values=values))


def _back(run_id: str, intake_id: str, name: str) -> Response:
    return RedirectResponse(address("/round", {"run": intake_id, "round": name, "pin": run_id}) + "#steps", 303)


@router.post("/round/sign", status_code=303)
def sign(
    request: Request,
    actor: Annotated[Actor, allow(Permission.SIGN_RUNS)],
    run_id: Annotated[str, Form(max_length=64)] = "",
    digest: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Sign a run off."""
    run = sign_run(run_id, Signature.model_construct(result_digest=digest), request, actor)
    return _back(run.id, run.intake_id, run.round)


@router.post("/round/publish", status_code=303)
def publish(
    request: Request,
    actor: Annotated[Actor, allow(Permission.PUBLISH_RUNS)],
    run_id: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Publish a run that was signed off."""
    run = publish_run(run_id, request, actor)
    return _back(run.id, run.intake_id, run.round)
