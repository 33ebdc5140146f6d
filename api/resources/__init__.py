"""The HTTP resources, one module per noun; each router carries its whole prefix."""

from importlib import import_module

from fastapi import APIRouter

MODULES = (
    "operations",
    "session",
    "sign_in",
    "tokens",
    "users",
    "intakes",
    "imports",
    "routes",
    "seats",
    "rulebooks",
    "delegations",
    "runs",
    "results",
    "publications",
    "jobs",
    "audit",
    "match",
    "report",
)


def routers() -> list[APIRouter]:
    """Give every router of the service."""
    return [import_module(f"api.resources.{name}").router for name in MODULES]
