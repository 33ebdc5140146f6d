"""The pages: server-rendered, Swedish and English, on the same runs as the JSON resources."""

from importlib import import_module

from fastapi import APIRouter

PAGES = (
    *(
        "assets",
        "session",
        "year",
        "demand",
        "homes",
        "flows",
        "route",
        "replay",
        "seats",
        "scenarios",
        "scenario_editor",
        "scenario_result",
        "packages",
        "round",
        "reserve",
        "reserve_forms",
        "round_changes",
        "public",
    ),
    *("applicant", "desk", "audit", "worklists", "account", "administration", "administration_intake"),
)


def routers() -> list[APIRouter]:
    """Give the router of every page."""
    return [import_module(f"api.web.{name}").router for name in PAGES]
