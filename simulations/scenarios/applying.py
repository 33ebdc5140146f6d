"""Lay overlays over a world, in order; refused as a whole with every problem, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from admissions.errors import AdmissionsError, InputError
from admissions.rules import load_rulebook, preset_names
from simulations.behaviour.parameters import build_behaviour
from simulations.scenarios.overlay import Overlay
from simulations.scenarios.people import change_cohort, join_municipality, merge_municipalities
from simulations.scenarios.supply import add_route, change_seats, close_route
from simulations.scenarios.world import World

_STEPS: tuple[tuple[str, Callable[[World, Any, str, list[str]], World]], ...] = (
    ("merged_municipalities", merge_municipalities),
    ("joining_municipality", join_municipality),
    ("cohort", change_cohort),
    ("new_route", add_route),
    ("closed_route", close_route),
    ("seats", change_seats),
)


def apply_overlays(world: World, overlays: Sequence[Overlay]) -> World:
    """Return the world with the overlays laid over it, the first at the bottom.

    Raises
    ------
    InputError
        With every problem of every overlay; nothing has run then.
    """
    problems: list[str] = []
    changed = lay(world, overlays, problems)
    if problems:
        raise InputError(problems)
    return changed


def lay(world: World, overlays: Sequence[Overlay], problems: list[str]) -> World:
    """Do the same and add what is wrong to `problems`; parts with a problem are left out."""
    for overlay in overlays:
        world = _rules(world, overlay, problems)
        for name, step in _STEPS:
            for number, part in enumerate(getattr(overlay, name), 1):
                world = step(world, part, f"{overlay.file or overlay.name}: {name} {number}", problems)
        world = _behaviour(world, overlay, problems)
    return world


def _rules(world: World, overlay: Overlay, problems: list[str]) -> World:
    if overlay.rules is None:
        return world
    wanted = overlay.rules.rulebook
    beside = Path(overlay.file).parent / wanted
    place = wanted if wanted in preset_names() or not beside.exists() else beside
    try:
        return replace(world, rulebook=load_rulebook(place, world.intake.year))
    except AdmissionsError as error:
        problems.append(f"{overlay.file or overlay.name}: rules: {error}")
        return world


def _behaviour(world: World, overlay: Overlay, problems: list[str]) -> World:
    if not overlay.behaviour:
        return world
    try:
        return replace(world, behaviour=build_behaviour(overlay.behaviour, asdict(world.behaviour)))
    except AdmissionsError as error:
        problems.append(f"{overlay.file or overlay.name}: behaviour: {error}")
        return world
