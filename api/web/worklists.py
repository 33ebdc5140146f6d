"""Worklists: what blocks the next step and who needs something after a run, each opening its list."""

import re
from typing import Annotated, Any
from urllib.parse import quote

import polars as pl
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.explanations.catalogue import known, subject_text
from admissions.reports.wording import round_text
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.jobs import make_letters
from api.problems import not_found
from api.resources import handover, letters, seats
from api.sorting import sort_key
from api.store.models import Intake, Job, Seat
from api.web.editions import Selected, choose, editions
from api.web.facets import Field, choice
from api.web.forms import filled, once
from api.web.grids import Column, Grid, address, fixed, sortable
from api.web.rendering import Content, answer
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of
from api.worklists.catalogue import WORKLISTS, Worklist
from api.worklists.kept import counted, lists_after, lists_before, next_round, within
from api.worklists.rows import Lists

router = APIRouter(route_class=PageRoute, prefix="/worklists", include_in_schema=False)
Reader = Annotated[Actor, page(Permission.READ_WORKLISTS)]
Text = Annotated[str, Form(max_length=200)]
LONGEST_SEARCH = 100
BY = ("home_municipality", "sending_school", "admitted_school")
QUEUES = re.compile(r"(\d+) \((\d+)\)")


def _intake(session: Session, request: Request) -> Intake | None:
    """Give the intake of the URL, the newest if none is named.

    Raises
    ------
    Problem
        404: the named one does not exist.
    """
    wanted = request.query_params.get("run", "")
    if wanted:
        found = session.get(Intake, wanted)
        if found is None:
            raise not_found("intake", "query run")
        return found
    return session.scalars(select(Intake).order_by(Intake.created_at.desc(), Intake.id).limit(1)).first()


def _selected(request: Request, actor: Actor, intake: Intake) -> Selected | None:
    """Give the intake's run that the URL names or the latest that the actor sees; None if there is none."""
    mine = next((one for one in editions(request, actor) if one.intake_id == intake.id), None)
    if mine is None:
        return None
    if request.query_params.get("run"):
        return choose(request, actor)
    return Selected(request, mine, list(mine.runs)[-1])


def _lists(request: Request, actor: Actor, intake: Intake, selected: Selected | None, stage: str) -> Lists:
    state = request.app.state
    with state.store.read() as session:
        if stage == "before":
            return within(lists_before(state, session, intake.id, next_round(session, intake.id)), actor)
        return within(lists_after(state, session, selected.run_id, actor), actor) if selected is not None else {}


def blocking(request: Request, actor: Actor, intake_id: str, language: str) -> list[dict[str, Any]]:
    """Count what blocks the next run, for the page of the year: lists that are not empty."""
    state = request.app.state
    with state.store.read() as session:
        lists = within(lists_before(state, session, intake_id, next_round(session, intake_id)), actor)
    return [one for one in counted(lists, "before", language) if one["rows"] and one["blocks"]]


def _counts(name: str, caption: str, lists: Lists, stage: str, t: Texts, link: dict[str, str]) -> Grid:
    columns = (
        Column(
            "title", "text", ("Lista", "List"),
            link=lambda row: address(f"/worklists/{row['name']}", link),
        ),
        Column("rows", "whole", ("Att göra", "To do")),
        Column("people", "whole", ("Personer", "Persons")),
        Column("responsible", "whole", ("Ansvariga", "Responsible"), ("skolor, kommuner", "schools, municipalities")),
        Column("remedy", "text", ("Åtgärd", "Remedy")),
    )  # fmt: skip
    return fixed(name, caption, columns, pl.DataFrame(counted(lists, stage, t.language)), t.language)


@router.get("")
def read_worklists(request: Request, actor: Reader) -> Response:
    """Show the counts of every list, before the next run and after the latest."""
    t = texts_of(request)
    with request.app.state.store.read() as session:
        intake = _intake(session, request)
        if intake is None:
            return answer(request, actor, None, "worklists.html.j2", Content(values={"intake": None}))
        coming = next_round(session, intake.id)
        known_ones = list(session.scalars(select(Intake).order_by(Intake.created_at.desc(), Intake.id)))
        batches = _batches(session, request, actor, intake)
    selected = _selected(request, actor, intake)
    link = selected.link if selected is not None else {"run": intake.id}
    name = round_text(coming, t.language)
    lists = _lists(request, actor, intake, selected, "before")
    tables = [_counts("before", t("worklists.before_caption", round=name), lists, "before", t, link)]
    if selected is not None:
        done = round_text(selected.round, t.language)
        after = _lists(request, actor, intake, selected, "after")
        tables.append(_counts("after", t("worklists.after_caption", round=done), after, "after", t, link))
    values = {
        "intake": intake,
        "known": known_ones,
        "coming": name,
        "blocked": sum(one["blocks"] and one["rows"] > 0 for one in counted(lists, "before", t.language)),
        "batches": batches if selected is not None else [],
        "by": BY,
    }
    return answer(request, actor, selected, "worklists.html.j2", Content(tables=tables, values=values))


def _batches(session: Session, request: Request, actor: Actor, intake: Intake) -> list[dict[str, Any]]:
    """Give the latest batches of letters with how far they are, to those who make letters."""
    selected = _selected(request, actor, intake)
    if selected is None or not actor.may(Permission.WRITE_LETTERS):
        return []
    latest = session.scalars(
        select(Job).where(Job.kind == make_letters.KIND).order_by(Job.created_at.desc(), Job.id).limit(50)
    )
    return [
        {
            "state": job.state,
            "done": job.progress_done,
            "total": job.progress_total,
            "letters": (job.result or {}).get("letters", 0),
            "href": f"/api/v1/runs/{selected.run_id}/letters/{(job.result or {}).get('name', '')}",
        }
        for job in latest
        if job.parameters.get("run_id") == selected.run_id
    ][:5]


@router.post("/letters")
def start_letters(
    request: Request,
    actor: Annotated[Actor, allow(Permission.WRITE_LETTERS)],
    run_id: Text = "",
    by: Text = "",
    value: Text = "",
    language: Text = "",
) -> Response:
    """Start a batch of letters."""
    body = filled(letters.NewLetters, by=by, value=value.strip() or None, language=language)
    letters.start_letters(run_id, body, request, actor, once(request))
    return RedirectResponse(address("/worklists", dict(request.query_params)) + "#letters", 303)


@router.get("/handover")
def read_handover(request: Request, actor: Annotated[Actor, page(Permission.READ_HANDOVER)]) -> Response:
    """Show who is handed over to the schools within one's scope."""
    t = texts_of(request)
    with request.app.state.store.read() as session:
        intake = _intake(session, request)
    selected = None if intake is None else _selected(request, actor, intake)
    if selected is None:
        raise not_found("run", "query run")
    frame = handover.frame_of(request, selected.run_id, actor)
    fields = [_options(request, frame, "school", t("facet.school"), t), _search(request, t)]
    found = _searched(request, _narrowed(request, frame, "school"))
    status = {name: t(f"worklists.{name}") for name in ("admitted", "reserve")}
    shown = found.with_columns(pl.col("status").replace_strict(status, default="", return_dtype=pl.String))
    columns = (
        Column("school", "text", ("Skola", "School")),
        _route_column(selected),
        Column("status", "text", ("Besked", "Result")),
        Column("reserve_position", "whole", ("Reservplats", "Reserve position")),
        _applicant_column(selected),
        Column("home_municipality", "text", ("Hemkommun", "Home municipality")),
    )
    caption = t("worklists.handover")
    grid = sortable(request, "handover", caption, columns, shown, t.language, sort="school", of=len(frame))
    return answer(request, actor, selected, "handover.html.j2", Content(tables=[grid], values={"fields": fields}))


@router.get("/{name}")
def read_worklist(name: str, request: Request, actor: Reader) -> Response:
    """Show one list: whom it is about, which route, who is responsible and what to do."""
    t, one = texts_of(request), WORKLISTS.get(name)
    with request.app.state.store.read() as session:
        intake = _intake(session, request)
    selected = None if intake is None else _selected(request, actor, intake)
    if one is None or intake is None or (one.stage == "after" and selected is None):
        raise not_found("worklist", "path name")
    whole = _lists(request, actor, intake, selected, one.stage)[name]
    frame = _shown(request, whole)
    columns = _columns(one, selected)
    spoken = frame.with_columns(_details(frame, t))
    title, remedy = one.words(t.language)
    grid = sortable(request, name, title, columns, spoken, t.language, sort="responsible", of=len(whole))
    values = {
        "title": title,
        "remedy": remedy,
        "intake": intake,
        "fields": [_options(request, whole, "responsible", t("worklists.responsible"), t), _search(request, t)],
        "confirmable": name == "seats" and len(frame) > 0,
    }
    return answer(request, actor, selected, "worklist.html.j2", Content(tables=[grid], values=values))


@router.post("/seats/confirm")
def confirm_seats(request: Request, actor: Annotated[Actor, allow(Permission.WRITE_SEATS)]) -> Response:
    """Confirm the seats that the list shows, each as its own edit would."""
    with request.app.state.store.read() as session:
        intake = _intake(session, request)
        if intake is None:
            raise not_found("intake", "query run")
        rows = _shown(request, _lists(request, actor, intake, None, "before")["seats"])
        wanted = set(zip(rows["route_id"].to_list(), rows["detail"].to_list(), strict=True))
        ids = [
            seat.id
            for seat in session.scalars(select(Seat).where(Seat.intake_id == intake.id).order_by(Seat.id))
            if (seat.route_or_pool, f"{seat.round} {seat.group}".strip()) in wanted
        ]
    for seat_id in ids:
        seats.confirm_seat(intake.id, seat_id, request, Response(), actor)
    return RedirectResponse(address("/worklists/seats", dict(request.query_params)), 303)


def _route_column(selected: Selected | None) -> Column:
    def leads(row: Any) -> str:
        if selected is None or not row["route_id"]:
            return ""
        return address(f"/routes/{quote(row['route_id'], safe='')}", selected.link)

    return Column("route_name", "text", ("Studieväg", "Study route"), link=leads)


def _applicant_column(selected: Selected | None) -> Column:
    def leads(row: Any) -> str:
        if selected is None or not row["applicant"]:
            return ""
        return address(f"/applicants/{quote(row['applicant'], safe='')}", selected.link)

    return Column("applicant", "text", ("Sökande", "Applicant"), link=leads)


def _columns(one: Worklist, selected: Selected | None) -> tuple[Column, ...]:
    school = Column("school", "text", ("Skola", "School"))
    detail = Column("detail", "text", ("Gäller", "About"))
    owner = Column("organiser", "text", ("Huvudman", "Organiser"), shown=False)
    responsible = Column("responsible", "text", ("Ansvarig", "Responsible"))
    if one.name == "seats":
        return responsible, _route_column(selected), detail, owner
    home = Column("home_municipality", "text", ("Hemkommun", "Home municipality"))
    sending = Column("sending_school", "text", ("Avlämnande skola", "School they leave"), shown=False)
    return responsible, _applicant_column(selected), _route_column(selected), school, detail, home, sending, owner


def _details(frame: pl.DataFrame, t: Texts) -> pl.Expr:
    """Say what a row is about in words: codes of the lists, subjects, rounds; ids stay as they are."""

    def words(text: str) -> str:
        code = text.replace(" ", "_")
        if t.has(f"detail.{code}"):
            return t(f"detail.{code}")
        queues = QUEUES.fullmatch(text)
        if queues is not None:
            return t("worklists.queues", number=queues[1], best=queues[2])
        parts = text.split()
        if parts and all(known("subject", part) for one in parts for part in one.split("/")):
            return ", ".join(subject_text(part, t.language) for part in parts)
        return text

    spoken = {text: words(text) for text in frame["detail"].unique().to_list() if text}
    return pl.col("detail").replace_strict(spoken, default=None, return_dtype=pl.String)


def _narrowed(request: Request, frame: pl.DataFrame, column: str) -> pl.DataFrame:
    wanted = request.query_params.get(column, "")
    return frame.filter(pl.col(column) == wanted) if wanted else frame


def _searched(request: Request, frame: pl.DataFrame) -> pl.DataFrame:
    search = request.query_params.get("q", "").strip()[:LONGEST_SEARCH].lower()
    if not search:
        return frame
    text = pl.concat_str(
        *(pl.col(name).fill_null("") for name in ("applicant", "route_name", "school", "home_municipality")),
        separator=" ",
    )
    return frame.filter([text.str.to_lowercase().str.contains(word, literal=True) for word in search.split()])


def _shown(request: Request, whole: pl.DataFrame) -> pl.DataFrame:
    return _searched(request, _narrowed(request, whole, "responsible"))


def _options(request: Request, frame: pl.DataFrame, name: str, label: str, t: Texts) -> Field:
    values = sorted((one for one in frame[name].unique().to_list() if one), key=sort_key)
    options = [("", t("base.all")), *((one, one) for one in values)]
    return choice(name, label, request.query_params.get(name, ""), options)


def _search(request: Request, t: Texts) -> Field:
    return Field("q", t("worklists.q"), request.query_params.get("q", "")[:LONGEST_SEARCH], None)
