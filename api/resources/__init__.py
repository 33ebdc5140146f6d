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
    "retention",
    "imports",
    "routes",
    "seats",
    "applicants",
    "grades",
    "choices",
    "cases",
    "lottery_lists",
    "rulebooks",
    "delegations",
    "runs",
    "results",
    "explanations",
    "worklists",
    "handover",
    "letters",
    "answers",
    "departures",
    "calls",
    "diffs",
    "comparisons",
    "publications",
    "exchange",
    "receipts",
    "jobs",
    "audit",
    "match",
    "scenarios",
    "seat_values",
    "packages",
    "forecasts",
    "report",
)


def routers() -> list[APIRouter]:
    """Give every router of the service."""
    return [import_module(f"api.resources.{name}").router for name in MODULES]
