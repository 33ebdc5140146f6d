"""Administration: accounts with their roles, scopes and days; the intakes' settings; jobs, and stopping them."""

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission, Role
from api.access.roles_claim import SCOPES
from api.access.windows import SWEDEN
from api.jobs.queue import OPEN
from api.resources import jobs, users
from api.store.models import Grant, Intake, Job, Pool, Route, User
from api.store.repositories.runs import sees_unpublished
from api.web.forms import Text, filled
from api.web.grids import Column, Grid, fixed, sortable
from api.web.job_words import job_note, job_title
from api.web.moments import local_time
from api.web.rendering import Content, answer
from api.web.role_words import role_words
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, prefix="/administration", include_in_schema=False)
Reader = Annotated[Actor, page(Permission.READ_USERS)]
Writer = Annotated[Actor, allow(Permission.WRITE_USERS)]
LATEST_JOBS = 50
USERS = (
    Column("name", "text", ("Namn", "Name"), link=lambda row: f"/administration/users/{row['id']}"),
    Column("roles", "text", ("Roller", "Roles")),
    Column("state", "text", ("Läge", "State")),
    Column("since", "text", ("Sedan", "Since")),
    Column("issuer", "text", ("Inloggning", "Signs in by"), shown=False),
    Column("subject", "text", ("Namn där", "Name there"), shown=False),
)
JOBS = (
    Column("what", "text", ("Jobb", "Job")),
    Column("state", "text", ("Läge", "State")),
    Column("done", "text", ("Så långt", "So far")),
    Column("by", "text", ("Av", "By")),
    Column("created", "text", ("Köat", "Queued")),
    Column("ended", "text", ("Slut", "Ended")),
)


@router.get("")
def read_administration(request: Request, actor: Reader) -> Response:
    """Show accounts, intakes and jobs."""
    t = texts_of(request)
    with request.app.state.store.read() as session:
        people = list(session.scalars(select(User).order_by(User.name, User.id)))
        grants: dict[str, list[Grant]] = {}
        for one in session.scalars(select(Grant).order_by(Grant.role, Grant.scope_kind, Grant.scope_value)):
            grants.setdefault(one.user_id, []).append(one)
        newest = select(Job).order_by(Job.created_at.desc(), Job.id).limit(LATEST_JOBS)
        if not sees_unpublished(actor):
            newest = newest.where(Job.created_by == actor.id)
        latest = list(session.scalars(newest))
        intakes = list(session.scalars(select(Intake).order_by(Intake.created_at.desc(), Intake.id)))
    names = {one.id: one.name for one in people}
    tables = [_accounts(request, people, grants, t), _jobs(latest, names, t)]
    waiting = [{"id": one.id, "words": job_title(one, t)} for one in latest if one.state in OPEN]
    values = {"intakes": intakes, "open_jobs": waiting}
    return answer(request, actor, None, "administration.html.j2", Content(tables=tables, values=values))


def _accounts(request: Request, people: list[User], grants: dict[str, list[Grant]], t: Texts) -> Grid:
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "roles": "; ".join(_words(grant, t) for grant in grants.get(one.id, [])),
            "state": t("admin.closed") if one.disabled_at is not None else t("admin.open"),
            "since": one.created_at.astimezone(SWEDEN).date().isoformat(),
            "issuer": one.issuer,
            "subject": one.subject,
        }
        for one in people
    ]
    frame = pl.DataFrame(rows, schema={"id": pl.String, **{one.name: pl.String for one in USERS}})
    return sortable(request, "accounts", t("admin.accounts"), USERS, frame, t.language, sort="name")


def _words(grant: Grant, t: Texts) -> str:
    view = users.view_of(grant)
    return role_words(view.held, t, (view.valid_from, view.valid_to))


def _jobs(latest: list[Job], names: dict[str, str], t: Texts) -> Grid:
    rows = [
        {
            "what": job_title(one, t),
            "state": t(f"job_state.{one.state}"),
            "done": job_note(one, t),
            "by": names.get(one.created_by, one.created_by[:12]),
            "created": local_time(one.created_at),
            "ended": local_time(one.ended_at) if one.ended_at is not None else "",
        }
        for one in latest
    ]
    frame = pl.DataFrame(rows, schema={one.name: pl.String for one in JOBS})
    return fixed("jobs", t("admin.jobs_caption"), JOBS, frame, t.language)


@router.get("/users/{user_id}")
def read_user(user_id: str, request: Request, actor: Reader) -> Response:
    """Show one account and its roles."""
    t = texts_of(request)
    account = users.read_user(user_id, request, Response(), actor)
    with request.app.state.store.read() as session:
        columns = {"organiser": Pool.organiser, "school": Route.school, "municipality": Route.municipality}
        known = {kind: sorted(set(session.scalars(select(column).distinct()))) for kind, column in columns.items()}
    values: dict[str, Any] = {
        "account": account,
        "roles": [role_words(one.held, t, (one.valid_from, one.valid_to)) for one in account.roles],
        "role_names": list(Role),
        "scopes": SCOPES,
        "known": known,
        "own": account.id == actor.id,
    }
    return answer(request, actor, None, "user.html.j2", Content(values=values))


@router.post("/users/{user_id}/roles")
def give_role(
    user_id: str,
    request: Request,
    actor: Writer,
    version: Text = "",
    role: Text = "",
    scope_kind: Text = "all",
    scope_value: Text = "",
    valid_from: Text = "",
    valid_to: Text = "",
) -> Response:
    """Give a role; one held already within the same scope gets the new days."""
    given = filled(
        users.NewRole, role=role, scope_kind=scope_kind, scope_value=scope_value.strip(),
        valid_from=valid_from or None, valid_to=valid_to or None,
    )  # fmt: skip
    held = users.read_user(user_id, request, Response(), actor).roles
    roles = [one.model_dump() for one in (*(one for one in held if one.held != given.held), given)]
    return _change(user_id, request, actor, version, filled(users.UserChange, roles=roles))


@router.post("/users/{user_id}/roles/take")
def take_role(
    user_id: str,
    request: Request,
    actor: Writer,
    version: Text = "",
    role: Text = "",
    scope_kind: Text = "all",
    scope_value: Text = "",
) -> Response:
    """Take a role away."""
    gone = filled(users.RoleGrant, role=role, scope_kind=scope_kind, scope_value=scope_value).held
    held = users.read_user(user_id, request, Response(), actor).roles
    roles = [one.model_dump() for one in held if one.held != gone]
    return _change(user_id, request, actor, version, filled(users.UserChange, roles=roles))


@router.post("/users/{user_id}/state")
def close_or_open(user_id: str, request: Request, actor: Writer, version: Text = "", disabled: Text = "") -> Response:
    """Close an account, which ends its sessions at once, or open it again."""
    return _change(user_id, request, actor, version, filled(users.UserChange, disabled=disabled == "yes"))


def _change(user_id: str, request: Request, actor: Actor, version: str, change: users.UserChange) -> Response:
    users.edit_user(user_id, change, request, Response(), actor, if_match=f'"v{version}"')
    return RedirectResponse(f"/administration/users/{user_id}", 303)


@router.post("/jobs/{job_id}/cancel")
def cancel_job(job_id: str, request: Request, actor: Annotated[Actor, allow(Permission.CANCEL_JOBS)]) -> Response:
    """Stop a job."""
    jobs.cancel_job(job_id, request, actor)
    return RedirectResponse("/administration#jobs", 303)
