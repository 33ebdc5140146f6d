"""Who asks: roles within scopes, at this moment, perhaps narrowed by a token."""

from dataclasses import dataclass

from api.access.permissions import ROLES, SEES_PEOPLE, Permission, Role
from api.problems import Problem


@dataclass(frozen=True)
class Held:
    """A role that somebody holds now, within a scope."""

    role: Role
    scope_kind: str = "all"
    scope_value: str = ""


@dataclass(frozen=True)
class Scope:
    """What part of the region a permission covers: everything, or named organisers, schools and municipalities."""

    everything: bool
    organisers: frozenset[str] = frozenset()
    schools: frozenset[str] = frozenset()
    municipalities: frozenset[str] = frozenset()

    def covers(self, *, organiser: str, school: str, municipality: str) -> bool:
        """Say whether a school's matters are within the scope."""
        return (
            self.everything
            or organiser in self.organisers
            or school in self.schools
            or municipality in self.municipalities
        )


@dataclass(frozen=True)
class Actor:
    """Somebody who is signed in, or a machine with a token."""

    id: str
    name: str
    held: tuple[Held, ...]
    narrowed_to: frozenset[str] | None = None

    def roles_with(self, permission: Permission) -> tuple[Held, ...]:
        """Give the held roles that include a permission."""
        if self.narrowed_to is not None and permission not in self.narrowed_to:
            return ()
        return tuple(held for held in self.held if permission in ROLES[held.role])

    def may(self, permission: Permission) -> bool:
        """Say whether the actor has a permission somewhere."""
        return bool(self.roles_with(permission))

    def scope(self, permission: Permission) -> Scope:
        """Give where the actor has a permission."""
        held = self.roles_with(permission)

        def values(kind: str) -> frozenset[str]:
            return frozenset(one.scope_value for one in held if one.scope_kind == kind)

        everything = any(one.scope_kind == "all" for one in held)
        return Scope(everything, values("organiser"), values("school"), values("municipality"))

    def has_role(self, *roles: Role) -> bool:
        """Say whether the actor holds one of the roles."""
        return any(held.role in roles for held in self.held)

    def sees_people(self) -> bool:
        """Say whether the actor's roles may see opaque ids of applicants."""
        return any(held.role in SEES_PEOPLE for held in self.held)


def forbidden(permission: Permission) -> Problem:
    """Refuse what the actor's roles do not include."""
    return Problem(
        403,
        "forbidden",
        "Your role does not include this",
        f"This needs the permission {permission}.",
        remedy="Ask the office for a role that has it; tokens may be narrower than their owner.",
    )
