"""One applicant: choices with their outcome, why, what would have been enough, how the list came about, the letter."""

import json
from typing import Annotated
from urllib.parse import quote

import polars as pl
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from admissions.explanations.explaining import Explanation, explain
from admissions.explanations.sentences import sentences
from admissions.verifier.receipts import receipt
from api.access.actor import Actor
from api.access.permissions import Permission
from api.explained import Explained
from api.letters import Letter, letter_of, letter_pdf
from api.problems import not_found
from api.store.models import Applicant
from api.store.repositories.scoping import people_within
from api.web.applicant_facts import explained_of, prepare
from api.web.applicant_tables import choices, history, within_reach
from api.web.editions import Selected, chosen
from api.web.grids import address
from api.web.rendering import Content, answer
from api.web.texts import Language
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reader = Annotated[Actor, page(Permission.READ_RESULTS)]
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


@router.get("/applicants")
def find(request: Request, actor: Reader) -> Response:
    """Ask for an id, and go to the applicant."""
    selected = chosen(request, actor)
    if not actor.sees_people():
        raise not_found("page", "path")
    wanted = request.query_params.get("id", "").strip()[:LONGEST_ID]
    if wanted and may_see(request, actor, selected, wanted):
        return RedirectResponse(address(f"/applicants/{quote(wanted, safe='')}", selected.link), 303)
    prepare(request, selected)
    content = Content(values={"wanted": wanted})
    return answer(request, actor, selected, "applicants.html.j2", content)


@router.get("/applicants/{applicant}")
def read_applicant(applicant: str, request: Request, actor: Reader) -> Response:
    """Show an applicant; ``format=receipt`` gives the receipt, ``view=applicant`` what the applicant is shown."""
    selected = _selected(request, actor, applicant)
    t = texts_of(request)
    if request.query_params.get("format") == "receipt":
        return _receipt(selected, applicant)
    explained = explained_of(request, selected)
    explanation = explain(explained.facts, applicant, unknown=explained.unknown)
    if request.query_params.get("view") == "applicant":
        content = Content(values={"applicant": applicant, "letter": _letter(explained, explanation, t.language)})
        return answer(request, actor, selected, "applicant_view.html.j2", content)
    said = sentences(explanation, t.language)
    past = history(explained, applicant, t)
    tables = [choices(selected, explanation, t), *([past] if past is not None else [])]
    values = {"applicant": applicant, "said": said[1:], "menu": said[0][1], "reach": within_reach(explanation)}
    return answer(request, actor, selected, "applicant.html.j2", Content(tables=tables, values=values))


@router.get("/applicants/{applicant}/letter.pdf")
def read_letter(applicant: str, request: Request, actor: Reader) -> Response:
    """Give the letter to an applicant, in the language of the page."""
    selected = _selected(request, actor, applicant)
    explained = explained_of(request, selected)
    explanation = explain(explained.facts, applicant, unknown=explained.unknown)
    language = texts_of(request).language
    name = f"{selected.round}-{quote(applicant, safe='')}-{language}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(
        letter_pdf(_letter(explained, explanation, language)), media_type="application/pdf", headers=headers
    )


def _selected(request: Request, actor: Actor, applicant: str) -> Selected:
    selected = chosen(request, actor)
    if not may_see(request, actor, selected, applicant):
        raise not_found("applicant", "path applicant")
    return selected


def _letter(explained: Explained, explanation: Explanation, language: Language) -> Letter:
    return letter_of(
        explanation,
        language,
        organisers=explained.organisers,
        calendar=explained.rulebook.calendar,
        silence=explained.rulebook.sections.answers.silence,
        sender=explained.intake_name,
    )


def _receipt(selected: Selected, applicant: str) -> Response:
    with selected.files() as folder:
        found = receipt(folder / selected.round, applicant)
    headers = {"Content-Disposition": f'attachment; filename="receipt-{quote(applicant, safe="")}.json"'}
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return Response(text, media_type="application/json", headers=headers)
