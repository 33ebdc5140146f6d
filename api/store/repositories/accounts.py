"""Users, their roles, sessions and tokens."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from api.access.actor import Actor, Held
from api.access.permissions import Role
from api.store.base import UTCDateTime
from api.store.models import Grant, SignInAttempt, Token, User, UserSession

SEEN_EVERY = timedelta(minutes=1)
Moments = tuple[datetime | None, datetime | None]
"""From when a role holds, and until when; None: without a bound."""
ALWAYS: Moments = (None, None)


_NOW = bindparam("now", type_=UTCDateTime())
_HOLDS = and_(
    Grant.user_id == User.id,
    or_(Grant.valid_from.is_(None), Grant.valid_from <= _NOW),
    or_(Grant.valid_to.is_(None), Grant.valid_to > _NOW),
)
_ROLE = (Grant.role, Grant.scope_kind, Grant.scope_value)
# built once: every request asks one of the two, and building a statement costs more than running it
_BY_TOKEN = (
    select(User.id, User.name, Token.permissions, *_ROLE)
    .join(Token, Token.user_id == User.id)
    .outerjoin(Grant, _HOLDS)
    .where(
        Token.digest == bindparam("digest"),
        Token.revoked_at.is_(None),
        Token.expires_at > _NOW,
        User.disabled_at.is_(None),
    )
    .order_by(*_ROLE)
)
_BY_SESSION = (
    select(User.id, User.name, UserSession.seen_at, *_ROLE)
    .join(UserSession, UserSession.user_id == User.id)
    .outerjoin(Grant, _HOLDS)
    .where(
        UserSession.digest == bindparam("digest"),
        UserSession.expires_at > _NOW,
        UserSession.seen_at > bindparam("idle_since", type_=UTCDateTime()),
        User.disabled_at.is_(None),
    )
    .order_by(*_ROLE)
)


def actor_by_token(connection: Connection, token_digest: str, now: datetime) -> Actor | None:
    """Find who a token speaks for, if it is valid now."""
    rows = connection.execute(_BY_TOKEN, {"digest": token_digest, "now": now}).all()
    if not rows:
        return None
    user_id, name, permissions, *_ = rows[0]
    return Actor(user_id, name, _held(rows), frozenset(permissions))


def actor_by_session(connection: Connection, digest: str, now: datetime, idle: timedelta) -> tuple[Actor, bool] | None:
    """Find who a browser's session belongs to, if it is valid now; and whether its last use should be noted."""
    rows = connection.execute(_BY_SESSION, {"digest": digest, "now": now, "idle_since": now - idle}).all()
    if not rows:
        return None
    user_id, name, seen_at, *_ = rows[0]
    return Actor(user_id, name, _held(rows)), seen_at <= now - SEEN_EVERY


def _held(rows: Iterable[Any]) -> tuple[Held, ...]:
    return tuple(Held(Role(role), kind, value) for *_, role, kind, value in rows if role is not None)


def note_use(session: Session, digest: str, now: datetime) -> None:
    """Note that a session is in use."""
    session.execute(update(UserSession).where(UserSession.digest == digest).values(seen_at=now))


def find_user(session: Session, issuer: str, subject: str) -> User | None:
    """Find somebody by what their identity provider calls them."""
    return session.scalar(select(User).where(User.issuer == issuer, User.subject == subject))


def user_for(session: Session, issuer: str, subject: str, name: str, now: datetime) -> User:
    """Find somebody who signs in, or make them known; a newcomer holds no role."""
    user = find_user(session, issuer, subject)
    if user is None:
        user = User(issuer=issuer, subject=subject, name=name, created_at=now)
        session.add(user)
        session.flush()
    return user


def set_grants(session: Session, user_id: str, held: Iterable[Held] | Mapping[Held, Moments]) -> None:
    """Replace the roles of a user; a mapping says from when until when each holds."""
    moments = held if isinstance(held, Mapping) else dict.fromkeys(held, ALWAYS)
    session.execute(delete(Grant).where(Grant.user_id == user_id))
    for one in sorted(moments, key=lambda one: (one.role, one.scope_kind, one.scope_value)):
        begins, ends = moments[one]
        session.add(
            Grant(
                user_id=user_id,
                role=one.role,
                scope_kind=one.scope_kind,
                scope_value=one.scope_value,
                valid_from=begins,
                valid_to=ends,
            )
        )
    session.flush()


def start_session(session: Session, user_id: str, digest: str, now: datetime, hours: int) -> None:
    """Start a browser's session and drop those that ended."""
    session.execute(delete(UserSession).where(UserSession.expires_at <= now))
    session.add(
        UserSession(
            digest=digest, user_id=user_id, created_at=now, seen_at=now, expires_at=now + timedelta(hours=hours)
        )
    )


def end_session(session: Session, digest: str) -> None:
    """End a session on the server's side."""
    session.execute(delete(UserSession).where(UserSession.digest == digest))


def take_attempt(session: Session, state_digest: str, now: datetime) -> SignInAttempt | None:
    """Take a sign-in attempt back, once; expired ones are dropped."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.expires_at <= now))
    attempt = session.get(SignInAttempt, state_digest)
    if attempt is not None:
        session.delete(attempt)
        session.flush()
    return attempt
