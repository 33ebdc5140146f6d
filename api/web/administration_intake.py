"""Settings of an intake: its days, the windows in which people outside the office may change what, delegations."""

import tomllib
from datetime import date
from typing import Annotated, Any, get_args

import polars as pl
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from admissions.rules.calendar import DAYS
from admissions.rules.writing import toml_text
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.access.windows import WindowName
from api.jobs.run_round import rulebook_from_text
from api.problems import unprocessable
from api.resources import delegations, intakes, rulebooks
from api.store.models import Delegation, Intake, Pool, Rulebook
from api.store.repositories.intakes import get_intake, get_rulebook
from api.web.forms import Text, filled, once
from api.web.grids import Column, Grid, fixed
from api.web.moments import local_time
from api.web.rendering import Content, answer
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, prefix="/administration/intakes", include_in_schema=False)
Writer = Annotated[Actor, allow(Permission.WRITE_INTAKE)]
WINDOWS: tuple[str, ...] = get_args(WindowName)
DELEGATIONS = (
    Column("organiser", "text", ("Huvudman", "Organiser")),
    Column("reference", "text", ("Beslut", "Decision")),
    Column("recorded", "text", ("Registrerad", "Recorded")),
)


@router.get("/{intake_id}")
def read_settings(intake_id: str, request: Request, actor: Annotated[Actor, page(Permission.READ_USERS)]) -> Response:
    """Show the settings of an intake."""
    t = texts_of(request)
    with request.app.state.store.read() as session:
        intake = get_intake(session, intake_id)
        rulebook = session.get(Rulebook, intake.rulebook_id) if intake.rulebook_id else None
        organisers = sorted(set(session.scalars(select(Pool.organiser).where(Pool.intake_id == intake_id).distinct())))
        recorded = {
            one.organiser: one
            for one in session.scalars(select(Delegation).where(Delegation.intake_id == intake_id))
        }  # fmt: skip
    values: dict[str, Any] = {
        "intake": intake,
        "rulebook": rulebook,
        "days": _days(rulebook.text, intake.year) if rulebook is not None else [],
        "windows": [{"name": name, **(intake.windows.get(name) or {"opens": "", "closes": ""})} for name in WINDOWS],
        "organisers": organisers,
        "missing": [one for one in organisers if one not in recorded],
    }
    tables = [_delegations(organisers, recorded, t)]
    return answer(request, actor, None, "intake.html.j2", Content(tables=tables, values=values))


def _days(text: str, year: int) -> list[dict[str, Any]]:
    calendar = rulebook_from_text(text, year).calendar
    return [{"name": name, "day": getattr(calendar, name).isoformat()} for name in DAYS]


def _delegations(organisers: list[str], recorded: dict[str, Delegation], t: Texts) -> Grid:
    rows = [
        {"organiser": one, "reference": found.reference, "recorded": local_time(found.recorded_at)}
        if (found := recorded.get(one)) is not None
        else {"organiser": one, "reference": "", "recorded": ""}
        for one in organisers
    ]
    frame = pl.DataFrame(rows, schema={one.name: pl.String for one in DELEGATIONS})
    return fixed("delegations", t("admin.delegations"), DELEGATIONS, frame, t.language)


def _back(intake_id: str, part: str) -> Response:
    return RedirectResponse(f"/administration/intakes/{intake_id}#{part}", 303)


@router.post("/{intake_id}/windows")
def set_windows(
    intake_id: str,
    request: Request,
    actor: Writer,
    version: Text = "",
    opens: Annotated[list[str] | None, Form()] = None,
    closes: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Set the windows; one without days is closed."""
    pairs = zip(WINDOWS, opens or [], closes or [], strict=False)
    windows = {name: {"opens": one, "closes": other} for name, one, other in pairs if one or other}
    body = filled(intakes.IntakeChange, windows=windows)
    intakes.edit_intake(intake_id, body, request, Response(), actor, if_match=f'"v{version}"')
    return _back(intake_id, "windows")


@router.post("/{intake_id}/calendar")
def set_calendar(
    intake_id: str,
    request: Request,
    actor: Writer,
    version: Text = "",
    day: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Set the days of the year: a new rulebook that differs in them, since a rulebook is never changed."""
    with request.app.state.store.read() as session:
        intake = get_intake(session, intake_id)
        text = get_rulebook(session, intake.rulebook_id or "").text
    body = filled(rulebooks.NewRulebook, text=_with_days(text, intake, day or []), year=intake.year)
    new = rulebooks.create_rulebook(body, request, actor, once(request))
    change = intakes.IntakeChange(rulebook_id=new.headers["location"].rpartition("/")[2])
    intakes.edit_intake(intake_id, change, request, Response(), actor, if_match=f'"v{version}"')
    return _back(intake_id, "calendar")


def _with_days(text: str, intake: Intake, days: list[str]) -> str:
    """Lay the days over a rulebook's calendar.

    Raises
    ------
    Problem
        422: one is missing, or lies in another year.
    """
    try:
        found = {name: date.fromisoformat(day) for name, day in zip(DAYS, days, strict=True)}
    except ValueError:
        found = {}
    if not found or any(day.year != intake.year for day in found.values()):
        raise unprocessable(
            "invalid_request", "Every day of the year is needed.", place="day", remedy="Give days of that year."
        )
    table = tomllib.loads(text)
    table["calendar"]["years"] = {
        **table["calendar"].get("years", {}),
        str(intake.year): {name: day.strftime("%m-%d") for name, day in found.items()},
    }
    return toml_text(table)


@router.post("/{intake_id}/delegations")
def record_delegation(
    intake_id: str,
    request: Request,
    actor: Annotated[Actor, allow(Permission.DELEGATE_RUNS)],
    organiser: Text = "",
    reference: Text = "",
) -> Response:
    """Record the delegation of one organiser."""
    body = filled(delegations.NewDelegations, organisers=[organiser], reference=reference.strip())
    delegations.record_delegations(intake_id, body, request, actor)
    return _back(intake_id, "delegations")
