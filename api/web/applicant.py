"""One applicant: choices with their outcome, why, what would have been enough, the rounds before, the receipt."""

import json
from typing import Annotated
from urllib.parse import quote

import polars as pl
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from admissions.explanations.explaining import explain
from admissions.explanations.facts import Facts
from admissions.explanations.sentences import sentences
from admissions.explanations.source import open_facts
from admissions.intake import write_intake
from admissions.reports.wording import round_text
from admissions.results.statuses import STATUS_NAMES, STATUS_TEXTS, Status
from admissions.verifier.receipts import receipt
from api.access.actor import Actor
from api.access.permissions import Permission
from api.problems import not_found
from api.store.models import Applicant
from api.store.repositories.importing import load_intake
from api.store.repositories.scoping import people_within
from api.web.editions import Selected, chosen
from api.web.grids import Column, Grid, address, fixed
from api.web.kept import Kept, kept
from api.web.rendering import Content, answer
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reader = Annotated[Actor, page(Permission.READ_RESULTS)]
KEPT_FACTS = 2
LONGEST_ID = 64


def may_see(request: Request, actor: Actor, selected: Selected, applicant: str) -> bool:
    """Say whether somebody may look at an applicant: as for the JSON result, protected persons never."""
    picture = selected.picture
    if not actor.sees_people() or applicant in picture.protected:
        return False
    if picture.decisions.filter(pl.col("applicant") == applicant).is_empty():
        return False
    if actor.scope(Permission.READ_RESULTS).everything:
        return True
    if not selected.edition.intake_id:
        return False
    mine = select(Applicant.applicant).where(
        Applicant.intake_id == selected.edition.intake_id,
        Applicant.applicant == applicant,
        people_within(actor, Permission.READ_RESULTS),
    )
    with request.app.state.store.read() as session:
        return session.scalar(mine) is not None


def facts_of(request: Request, selected: Selected) -> tuple[Facts, str]:
    """Give what explanations need; with the intake beside the run folder, also what would have been enough."""

    def read() -> tuple[Facts, str]:
        with selected.files() as folder:
            intake = selected.edition.intake_id
            if intake and not (folder / "intake").exists():
                with request.app.state.store.read() as session:
                    loaded = load_intake(session, intake, selected.edition.year)
                write_intake(loaded, folder / "intake", fmt="parquet")
            return open_facts(folder, selected.round)

    known: Kept[tuple[Facts, str]] = kept(request, "explained", KEPT_FACTS)
    return known.get((selected.run_id, selected.round), read)


def choices(selected: Selected, applicant: str, t: Texts) -> Grid:
    """Give the choices with their outcome in each round up to this one."""
    names = list(selected.edition.runs)
    names = names[: names.index(selected.round) + 1]
    words = {STATUS_NAMES[status]: STATUS_TEXTS[status][t.word] for status in Status}
    mine = pl.col("applicant") == applicant
    now = selected.picture.decisions.filter(mine).select("route_id", "rank", "status", "reserve_position", "merit")
    told = selected.picture.routes.select("route_id", "school", "route_name", "limit")
    table = now.join(told, on="route_id", how="left").sort("rank")
    columns = [
        Column("rank", "whole", ("Val", "Choice")),
        Column(
            "place", "text", ("Studieväg", "Study route"),
            link=lambda row: address(f"/routes/{quote(row['route_id'])}", selected.link),
        ),
    ]  # fmt: skip
    for name in names[:-1]:
        before = selected.picture_of(name).decisions.filter(mine).select("route_id", pl.col("status").alias(name))
        table = table.join(before, on="route_id", how="left", maintain_order="left")
        table = table.with_columns(pl.col(name).replace_strict(words, default="", return_dtype=pl.String))
        columns.append(Column(name, "text", (round_text(name, "sv"), round_text(name, "en"))))
    table = table.with_columns(
        pl.concat_str("school", "route_name", separator=", ").alias("place"),
        pl.col("status").replace_strict(words, return_dtype=pl.String).alias("what"),
    )
    columns += [
        Column("what", "text", (round_text(selected.round, "sv"), round_text(selected.round, "en"))),
        Column("reserve_position", "whole", ("Reservplats", "Reserve position")),
        Column("merit", "merit", ("Meritvärde", "Merit")),
        Column("limit", "merit", ("Gräns", "Limit"), ("studievägens publicerade", "the route's published one")),
    ]
    return fixed("choices", t("applicant.choices"), columns, table, t.language)


@router.get("/applicants")
def find(request: Request, actor: Reader) -> Response:
    """Ask for an id, and go to the applicant."""
    selected = chosen(request, actor)
    if not actor.sees_people():
        raise not_found("page", "path")
    wanted = request.query_params.get("id", "").strip()[:LONGEST_ID]
    if wanted and may_see(request, actor, selected, wanted):
        return RedirectResponse(address(f"/applicants/{quote(wanted, safe='')}", selected.link), 303)
    content = Content(values={"wanted": wanted})
    return answer(request, actor, selected, "applicants.html.j2", content)


@router.get("/applicants/{applicant}")
def read_applicant(applicant: str, request: Request, actor: Reader) -> Response:
    """Show an applicant; ``format=receipt`` gives the receipt."""
    selected = chosen(request, actor)
    if not may_see(request, actor, selected, applicant):
        raise not_found("applicant", "path applicant")
    t = texts_of(request)
    if request.query_params.get("format") == "receipt":
        return _receipt(selected, applicant)
    facts, unknown = facts_of(request, selected)
    said = sentences(explain(facts, applicant, unknown=unknown), t.language)
    values = {"applicant": applicant, "said": said[1:], "menu": said[0][1]}
    return answer(
        request, actor, selected, "applicant.html.j2", Content(tables=[choices(selected, applicant, t)], values=values)
    )


def _receipt(selected: Selected, applicant: str) -> Response:
    with selected.files() as folder:
        found = receipt(folder / selected.round, applicant)
    headers = {"Content-Disposition": f'attachment; filename="receipt-{quote(applicant, safe="")}.json"'}
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return Response(text, media_type="application/json", headers=headers)
