"""From a page's content to an answer: HTML, or the one table or chart that the URL asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from html import escape
from typing import Any

from babel.dates import format_date
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from admissions.reports import numbers
from admissions.reports.wording import programme_text, round_text
from api.access.actor import Actor
from api.access.permissions import Permission
from api.problems import Problem, not_found
from api.web import assets
from api.web.charts import Chart
from api.web.editions import Selected, editions
from api.web.grids import FORMATS, Grid, address
from api.web.problem_words import problem_title
from api.web.texts import Language, Texts
from api.web.visits import GUEST, LANGUAGE_COOKIE, texts_of, visitor

NAVIGATION = (
    ("year", "/", None),
    ("demand", "/demand", Permission.READ_DEMAND),
    ("homes", "/homes", Permission.READ_DEMAND),
    ("replay", "/replay", Permission.READ_DEMAND),
    ("seats", "/seats", Permission.READ_SCENARIOS),
    ("scenarios", "/scenarios", Permission.READ_SCENARIOS),
    ("round", "/round", Permission.READ_RUNS),
    ("reserve", "/reserve", Permission.READ_RESULTS),
    ("worklists", "/worklists", Permission.READ_WORKLISTS),
    ("desk", "/desk", Permission.READ_IMPORTS),
    ("applicant", "/applicants", Permission.READ_RESULTS),
    ("audit", "/audit", Permission.READ_AUDIT),
    ("administration", "/administration", Permission.READ_USERS),
    ("public", "/public", None),
)


@cache
def environment() -> Environment:
    """Give the template environment."""
    found = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["thousands"] = numbers.whole
    return found


@dataclass(frozen=True)
class Content:
    """What a page holds.

    Parameters
    ----------
    charts, tables
        In the order of the page; the first is the one an export without a name gives.
    values
        Whatever else the template needs.
    """

    charts: Sequence[Chart] = ()
    tables: Sequence[Grid] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def long_date(day: date, language: Language) -> str:
    """Write a date in words.

    Examples
    --------
    >>> long_date(date(2023, 7, 4), "sv"), long_date(date(2023, 7, 4), "en")
    ('4 juli 2023', '4 July 2023')
    """
    return format_date(day, "d MMMM y", locale=language)


class Frame:
    """What the layout around every page needs."""

    def __init__(self, request: Request, actor: Actor | None, selected: Selected | None) -> None:
        self.request, self.actor, self.selected = request, actor, selected
        self.t: Texts = texts_of(request)
        self.language: Language = self.t.language

    def here(self, **changes: Any) -> str:
        """Give the address of this page with changed parameters; None takes one away."""
        kept = {name: self.request.query_params.getlist(name) for name in self.request.query_params}
        return address(self.request.url.path, {**kept, **changes})

    def to(self, path: str, **params: Any) -> str:
        """Give the address of another page about the same run."""
        carried = dict(self.selected.link) if self.selected is not None else {}
        asked = self.request.query_params.get("lang")
        return address(path, carried | ({"lang": asked} if asked else {}) | params)

    def hidden(self, *but: str) -> Markup:
        """Give the parameters that a form keeps, as hidden fields."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name not in but]
        fields = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in kept)
        return Markup(fields)  # noqa: S704 - escaped above

    def navigation(self) -> list[dict[str, Any]]:
        """Give the pages somebody may see."""
        path = self.request.url.path
        return [
            {"words": self.t(f"nav.{name}"), "href": self.to(where), "here": path == where}
            for name, where, needs in NAVIGATION
            if needs is None or (self.actor is not None and self.actor.may(needs))
            if name != "applicant" or (self.actor is not None and self.actor.sees_people())
        ]

    def others(self) -> list[dict[str, str]]:
        """Give the editions that could be shown instead, and where: this page, if it is about no route or person."""
        shown = self.selected.edition.key if self.selected is not None else ""
        path = self.request.url.path
        path = path if path.count("/") == 1 else "/"
        return [
            {"words": one.name, "href": address(path, {"run": one.key})}
            for one in editions(self.request, self.actor)
            if one.key != shown
        ]

    def number(self, value: int | None) -> str:
        """Write a whole number."""
        return numbers.whole(value, self.language)

    def merit(self, value: int | None) -> str:
        """Write a merit given in hundredths."""
        return numbers.merit(value, self.language)

    def share(self, value: float | None) -> str:
        """Write a share."""
        return numbers.share(value, self.language)

    def round_name(self, name: str) -> str:
        """Name a round in words."""
        return round_text(name, self.language)

    def programme(self, code: str) -> str:
        """Name a programme."""
        return programme_text(code, self.language)

    def day(self, when: date) -> str:
        """Write a date in words."""
        return long_date(when, self.language)

    @property
    def return_to(self) -> str:
        """Where signing in leads back to."""
        return "/" if self.request.url.path.startswith("/sign-in") else self.here()

    @property
    def signed_in(self) -> bool:
        """Whether somebody is signed in."""
        return self.actor is not None and self.actor is not GUEST

    def may(self, permission: str) -> bool:
        """Say whether the visitor has a permission."""
        return self.actor is not None and self.actor.may(Permission(permission))


def answer(
    request: Request, actor: Actor | None, selected: Selected | None, template: str, content: Content, **values: Any
) -> Response:
    """Answer with the page, or with one table (``format``, ``table``) or chart (``format=svg``, ``chart``) of it.

    Raises
    ------
    Problem
        404: the page has no such table or chart.
    """
    frame = Frame(request, actor, selected)
    form = request.query_params.get("format", "")
    if form in FORMATS and content.tables:
        wanted = request.query_params.get("table", content.tables[0].name)
        return remembered(frame, _find(content.tables, wanted).export(form))
    if form == "svg" and content.charts:
        wanted = request.query_params.get("chart", content.charts[0].name)
        drawn: Response = _find(content.charts, wanted).export(frame.language)
        return drawn
    html = (
        environment()
        .get_template(template)
        .render(
            f=frame,
            t=frame.t,
            selected=selected,
            charts={one.name: one for one in content.charts},
            tables={one.name: one for one in content.tables},
            asset=assets.address,
            bundle=assets.bundle_address(),
            **content.values,
            **values,
        )
    )
    return remembered(frame, HTMLResponse(html))


def _find(all_of_them: Sequence[Any], name: str) -> Any:
    found = next((one for one in all_of_them if one.name == name), None)
    if found is None:
        raise not_found("table or chart on this page", "query")
    return found


def remembered(frame: Frame, response: Response) -> Response:
    """Remember the language that the URL asked for."""
    if frame.request.query_params.get("lang") == frame.language:
        secure = not frame.request.app.state.settings.demo
        year = 365 * 24 * 3600
        response.set_cookie(LANGUAGE_COOKIE, frame.language, max_age=year, path="/", secure=secure, samesite="lax")
    return response


def problem_page(request: Request, problem: Problem) -> Response:
    """Show a problem as a page, in the language of the visitor."""
    text = texts_of(request)
    code = problem.document.code
    content = Content(values={"code": code, "what": problem_title(code, text), "status": problem.status})
    response = answer(request, visitor(request), None, "problem.html.j2", content)
    response.status_code = problem.status
    return response
