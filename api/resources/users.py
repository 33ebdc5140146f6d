"""Users and the roles they hold."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.actor import Actor, Held
from api.access.allow import allow
from api.access.permissions import Permission, Role, refuse_scope
from api.access.windows import SWEDEN
from api.audit import EventKind
from api.etags import IfMatch, check_version, etag
from api.lists import FILES, Listing, Page, answer_select
from api.problems import Problem, not_found
from api.store.models import Grant, User, UserSession
from api.store.repositories.accounts import Moments, set_grants

router = APIRouter(prefix="/api/v1/users", tags=["users"])
Reader = Annotated[Actor, allow(Permission.READ_USERS)]
Writer = Annotated[Actor, allow(Permission.WRITE_USERS)]
Day = Annotated[date | None, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]


class RoleGrant(BaseModel):
    """A role within a scope, for some days or for good."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    scope_kind: Literal["all", "organiser", "school", "municipality"] = "all"
    scope_value: str = Field("", max_length=200, examples=["Nacka"])
    valid_from: Day = Field(None, description="First day, Swedish time; none: at once.", examples=["2026-04-01"])
    valid_to: Day = Field(None, description="Last day, Swedish time; none: no end.", examples=["2026-08-31"])

    @model_validator(mode="after")
    def _complete(self) -> "RoleGrant":
        if (self.scope_kind == "all") != (not self.scope_value):
            raise ValueError("a scope other than all has a value, and all has none")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("a role ends on the day it begins at the earliest")
        return self

    @property
    def held(self) -> Held:
        """The role within its scope."""
        return Held(self.role, self.scope_kind, self.scope_value)

    @property
    def moments(self) -> Moments:
        """From the first moment of the first day to the first after the last day."""
        after = self.valid_to + timedelta(days=1) if self.valid_to is not None else None
        return _midnight(self.valid_from), _midnight(after)


class NewRole(RoleGrant):
    """A role to be given; roles of the whole region take no scope."""

    @model_validator(mode="after")
    def _fitting(self) -> "NewRole":
        refuse_scope(self.role, self.scope_kind)
        return self


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), SWEDEN).astimezone(UTC) if day is not None else None


def _day(moment: datetime | None, *, last: bool = False) -> date | None:
    if moment is None:
        return None
    return moment.astimezone(SWEDEN).date() - timedelta(days=1 if last else 0)


class UserView(BaseModel):
    """A user."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    issuer: str
    subject: str
    name: str
    version: int
    created_at: datetime
    disabled_at: datetime | None


class UserDetail(UserView):
    """A user with roles."""

    roles: list[RoleGrant]


class UserChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    roles: list[NewRole] | None = Field(None, max_length=100)
    disabled: bool | None = None


COLUMNS = {name: getattr(User, name) for name in UserView.model_fields}


def view_of(grant: Grant) -> RoleGrant:
    """Show a stored role."""
    return RoleGrant(
        role=Role(grant.role),
        scope_kind=grant.scope_kind,  # type: ignore[arg-type]
        scope_value=grant.scope_value,
        valid_from=_day(grant.valid_from),
        valid_to=_day(grant.valid_to, last=True),
    )


def _detail(session: Session, user: User) -> UserDetail:
    grants = session.scalars(
        select(Grant).where(Grant.user_id == user.id).order_by(Grant.role, Grant.scope_kind, Grant.scope_value)
    )
    return UserDetail(**UserView.model_validate(user).model_dump(), roles=[view_of(one) for one in grants])


@router.get("", response_model=Page[UserView], responses=FILES)
def list_users(request: Request, actor: Reader, query: Listing) -> Response:  # noqa: ARG001
    """List who can sign in."""
    with request.app.state.store.read() as session:
        return answer_select(session, query, "users", select(User), COLUMNS, key=[User.name, User.id], row=UserView)


@router.get("/{user_id}")
def read_user(user_id: str, request: Request, response: Response, actor: Reader) -> UserDetail:  # noqa: ARG001
    """Read a user with roles."""
    with request.app.state.store.read() as session:
        user = session.get(User, user_id)
        if user is None:
            raise not_found("user", "path user_id")
        response.headers["ETag"] = etag(user.version)
        return _detail(session, user)


@router.patch("/{user_id}")
def edit_user(
    user_id: str, body: UserChange, request: Request, response: Response, actor: Writer, if_match: IfMatch = None
) -> UserDetail:
    """Give and take roles, close and open an account; nobody changes the own one."""
    state = request.app.state
    with state.store.write() as session:
        user = session.scalar(select(User).where(User.id == user_id).with_for_update())
        if user is None:
            raise not_found("user", "path user_id")
        if user_id == actor.id:
            raise Problem(
                403, "own_account", "Not one's own roles", "Roles are given by others.", remedy="Ask a colleague."
            )
        check_version(if_match, user.version, _detail(session, user).model_dump(mode="json"))
        if body.roles is not None:
            set_grants(session, user.id, {one.held: one.moments for one in body.roles})
        if body.disabled is not None:
            user.disabled_at = state.clock() if body.disabled else None
        if body.disabled:
            for browser in session.scalars(select(UserSession).where(UserSession.user_id == user_id)):
                session.delete(browser)
        user.version += 1
        state.trail.record(
            session, EventKind.USER_CHANGED, actor=actor.id, object_type="user", object_id=user.id,
            payload=body.model_dump(mode="json"),
        )  # fmt: skip
        session.flush()
        response.headers["ETag"] = etag(user.version)
        return _detail(session, user)
