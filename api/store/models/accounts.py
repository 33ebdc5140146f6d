"""People and machines that use the service; secrets are stored as digests only."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Base, new_id


class User(Base):
    """Somebody who can sign in: a subject at an issuer."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    issuer: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class Grant(Base):
    """A role within a scope, for a time."""

    __tablename__ = "grant_of_role"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "scope_kind", "scope_value"),
        CheckConstraint("scope_kind IN ('all', 'organiser', 'school', 'municipality')", name="scope_kind"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    role: Mapped[str]
    scope_kind: Mapped[str] = mapped_column(default="all")
    scope_value: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]


class Token(Base):
    """A machine's key to a part of what its owner may do."""

    __tablename__ = "token"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    permissions: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class UserSession(Base):
    """A signed-in browser."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_user_id", "user_id"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInAttempt(Base):
    """A sign-in on its way to the identity provider and back; used once."""

    __tablename__ = "sign_in_attempt"

    state_digest: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str]
    verifier: Mapped[str]
    return_to: Mapped[str]
    expires_at: Mapped[datetime]
