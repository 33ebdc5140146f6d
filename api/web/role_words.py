"""Roles in words: the role, where it holds, and in which days."""

from datetime import date

from api.access.actor import Held
from api.web.texts import Texts


def role_words(held: Held, t: Texts, days: tuple[date | None, date | None] = (None, None)) -> str:
    """Write a role.

    Examples
    --------
    >>> from api.access.permissions import Role
    >>> role_words(Held(Role.PRINCIPAL, "school", "Norra Real"), Texts("en"), (None, date(2026, 8, 31)))
    'Principal, school Norra Real, to 2026-08-31'
    """
    parts = [t(f"role.{held.role}")]
    if held.scope_kind != "all":
        parts.append(f"{t(f'scope.{held.scope_kind}')} {held.scope_value}")
    parts += [f"{t(name)} {day}" for name, day in zip(("role.from", "role.to"), days, strict=True) if day is not None]
    return ", ".join(parts)
