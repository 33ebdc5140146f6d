"""Declared permissions: each operation says who may, and the app refuses to boot when one says nothing."""

from collections.abc import Iterator
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from api.access.actor import Actor, forbidden
from api.access.authenticate import identify
from api.access.permissions import Permission


class Allow:
    """A dependency that gives the actor, who has the permission; scopes are applied to what is asked for."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Actor:
        """Find the actor and check the permission."""
        actor = identify(request)
        if not actor.may(self.permission):
            raise forbidden(self.permission)
        return actor


class Open:
    """A dependency that declares an operation open to strangers, and why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __call__(self) -> None:
        """Let everybody in."""


def allow(permission: Permission) -> Any:
    """Declare the permission of an operation: ``actor: Annotated[Actor, allow(...)]``."""
    return Depends(Allow(permission))


def open_to_all(reason: str) -> Any:
    """Declare an operation open: ``dependencies=[open_to_all(...)]``."""
    return Depends(Open(reason))


def declarations(dependant: Dependant) -> Iterator[Allow | Open]:
    """Give what an operation declares."""
    for inner in dependant.dependencies:
        if isinstance(inner.call, Allow | Open):
            yield inner.call
        yield from declarations(inner)


def declared(app: FastAPI) -> dict[tuple[str, str], Allow | Open]:
    """Give the declaration of every operation, by path and method.

    Raises
    ------
    RuntimeError
        An operation declares nothing, or two things.
    """
    found: dict[tuple[str, str], Allow | Open] = {}
    problems = []
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        rules = list(declarations(dependant)) if dependant is not None else []
        if len(rules) != 1:
            problems.append(f"{sorted(route.methods or ['?'])} {route.path} declares {len(rules)} permissions, not one")
            continue
        for method in route.methods or ():
            found[route.path or "", method] = rules[0]
    if problems:
        raise RuntimeError("refusing to start: " + "; ".join(problems))
    return found
