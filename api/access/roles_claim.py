"""Roles from the provider: claims like ``office`` or ``principal:organiser:Nacka`` become held roles.

Where the settings name no claim, roles are given by hand (``admissions grant``) and the provider only says who.
"""

from collections.abc import Iterable

from api.access.actor import Held
from api.access.permissions import Role, refuse_scope

SCOPES = ("all", "organiser", "school", "municipality")


def parse_role(text: str) -> Held:
    """Read one role, with its scope.

    Raises
    ------
    ValueError
        It is no role, no scope, or a scope for a role of the whole region; the message says what to write.

    Examples
    --------
    >>> parse_role("principal:organiser:Nacka")
    Held(role=<Role.PRINCIPAL: 'principal'>, scope_kind='organiser', scope_value='Nacka')
    """
    name, _, scope = text.partition(":")
    kind, _, value = scope.partition(":")
    if name not in set(Role):
        raise ValueError(f"{name!r} is no role; the roles are {', '.join(Role)}")
    if kind not in {"", *SCOPES} or (kind in SCOPES[1:]) != bool(value):
        raise ValueError(f"{scope!r} is no scope; write organiser:NAME, school:NAME, municipality:NAME or nothing")
    refuse_scope(Role(name), kind or "all")
    return Held(Role(name), kind or "all", value)


def roles_of_claim(values: Iterable[object]) -> tuple[Held, ...]:
    """Read a claim; what is not ours is left aside, since providers send other systems' roles too."""
    held = []
    for value in values:
        try:
            held.append(parse_role(str(value)))
        except ValueError:
            continue
    return tuple(held)
