"""Public statistics and method: the published table, how to read it, the algorithm, the rules, lottery and receipts."""

import json
from importlib import resources
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Form, Request, Response

from admissions.reports.columns import LIMITS, OUTCOME
from admissions.reports.page_texts import METHOD
from admissions.reports.wording import round_text
from api.access.allow import open_to_all
from api.receipts import complaint
from api.web.editions import choose
from api.web.facets import FORMS, narrowed, route_fields
from api.web.grids import Column, ordered, sortable
from api.web.rendering import Content, answer
from api.web.rules_text import chapters
from api.web.visits import PageRoute, texts_of, visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PUBLIC = open_to_all("What is published, and how anybody can check it.")
FIELDS = frozenset({"municipality", "organiser_form", "programme", "q"})
COLUMNS = (
    Column("school", "text", ("Skola", "School")),
    Column("route_name", "text", ("Studieväg", "Study route")),
    Column("route_code", "text", ("Kod", "Code"), shown=False),
    Column("municipality", "text", ("Kommun", "Municipality")),
    Column("organiser", "text", ("Huvudman", "Organiser"), shown=False),
    Column("form", "text", ("Typ", "Kind"), shown=False),
    *(Column.of(one) for one in OUTCOME if one.name != "first_share"),
    *(Column.of(one, shown=one.name != "median_grades") for one in LIMITS),
)


@router.get("/public", dependencies=[PUBLIC])
def read_public(request: Request) -> Response:
    """Show the published table and the method."""
    return _page(request, None, "")


@router.post("/public/receipt", dependencies=[PUBLIC])
def check(
    request: Request,
    receipt: Annotated[str, Form(max_length=500_000)] = "",
    root: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Check a receipt against a root."""
    try:
        found = json.loads(receipt)
    except (ValueError, RecursionError):
        found = None
    return _page(request, "refused" if complaint(found, root) else "holds", receipt, root)


@router.get("/public/verifier.py", dependencies=[PUBLIC])
def read_verifier() -> Response:
    """Give the stand-alone verifier: one file."""
    content = resources.files("admissions.verifier").joinpath("verifier.py").read_bytes()
    headers = {"Content-Disposition": 'attachment; filename="verifier.py"'}
    return Response(content, media_type="text/x-python; charset=utf-8", headers=headers)


def _page(request: Request, verdict: str | None, receipt: str, root: str = "") -> Response:
    actor = visitor(request)
    selected = choose(request, actor)
    t = texts_of(request)
    method = [(term[t.word], meaning[t.word]) for term, meaning in METHOD]
    values: dict[str, Any] = {"verdict": verdict, "receipt": receipt, "method": method, "root": root, "package": ""}
    if selected is None:
        return answer(request, actor, None, "public.html.j2", Content(values=values | {"rules": None}))
    picture = selected.picture
    routes, _ = narrowed(request, picture.routes)
    forms = {form: words[t.word] for form, words in FORMS.items()}
    routes = routes.with_columns(pl.col("organiser_form").replace(forms).alias("form"))
    caption = t("public.caption", round=round_text(picture.name, t.language), year=picture.year)
    grid = sortable(
        request, "published", caption, COLUMNS, ordered(routes, "school", "route_name"), t.language,
        sort="school", of=len(picture.routes),
    )  # fmt: skip
    fields = [one for one in route_fields(request, picture.routes, t) if one.name in FIELDS]
    values |= {"fields": fields, "rules": chapters(picture.rulebook, picture.year, t.language)}
    values |= {"lottery": picture.about["lottery"], "root": root or picture.root}
    if selected.state == "published":
        values["package"] = f"/api/v1/publications/{selected.run_id}/data-package"
    return answer(request, actor, selected, "public.html.j2", Content(tables=[grid], values=values))
