"""The people of a scenario: cohorts that grow or shrink, municipalities that merge or join."""

from __future__ import annotations

import hashlib
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from admissions.rules import Rulebook, load_rulebook, rulebook_text
from admissions.rules.writing import toml_text
from simulations.scenarios.overlay import Cohort, JoiningMunicipality, MergedMunicipalities
from simulations.streams import person_keys

if TYPE_CHECKING:
    from admissions.intake import Intake
    from simulations.scenarios.world import World

_SEED = 1  # who is doubled or leaves is part of the scenario
_OF_PEOPLE = ("applicants", "grades", "choices", "decisions", "answers")


def change_cohort(world: World, part: Cohort, where: str, problems: list[str]) -> World:
    """Add copies of applicants of a home municipality, or take some away.

    A copy has the grades, choices and decisions of its original, an id and random draws of its own.
    """
    people = world.intake.applicants.sort("applicant")
    everybody = part.municipality == "*"
    ids = (people if everybody else people.filter(pl.col("home_municipality") == part.municipality))["applicant"]
    if not len(ids):
        problems.append(f"{where}: nobody in the intake has the home municipality {part.municipality!r}")
        return world
    if part.growth < -1:
        problems.append(f"{where}: growth is {part.growth}; a cohort can shrink by 1 (all of it) at most")
        return world
    number = round(abs(part.growth) * len(ids))
    order = np.argsort(person_keys(ids.to_list(), _SEED, "cohort"), kind="stable")
    picked = [ids[int(order[at % len(order)])] for at in range(number)]
    if part.growth < 0:
        gone = pl.Series(picked, dtype=pl.String)
        return _both(world, lambda intake: _without(intake, gone))
    pairs = _named(picked, set(people["applicant"].to_list()))
    return _both(world, lambda intake: _with_copies(intake, pairs))


def _both(world: World, change: Callable[[Intake], Intake]) -> World:
    return replace(world, intake=change(world.intake), lists=change(world.lists))


def _without(intake: Intake, gone: pl.Series) -> Intake:
    kept: dict[str, Any] = {
        name: getattr(intake, name).filter(~pl.col("applicant").is_in(gone.implode())) for name in _OF_PEOPLE
    }
    return replace(intake, **kept)


def _named(picked: list[str], taken: set[str]) -> pl.DataFrame:
    """Give every copy an id that nobody has and that depends on the original only."""
    names = []
    for original in picked:
        turn = 0
        while True:
            name = "X" + hashlib.sha256(f"{original}|{turn}".encode()).hexdigest()[:15].upper()
            if name not in taken:
                break
            turn += 1
        taken.add(name)
        names.append(name)
    return pl.DataFrame({"applicant": picked, "copy": names}, schema={"applicant": pl.String, "copy": pl.String})


def _with_copies(intake: Intake, pairs: pl.DataFrame) -> Intake:
    more: dict[str, Any] = {}
    for name in _OF_PEOPLE:
        table: pl.DataFrame = getattr(intake, name)
        copies = pairs.join(table, on="applicant", how="inner", maintain_order="left_right")
        copies = copies.with_columns(applicant=pl.col("copy")).select(table.columns)
        more[name] = pl.concat([table, copies])
    return replace(intake, **more)


def merge_municipalities(world: World, part: MergedMunicipalities, where: str, problems: list[str]) -> World:
    """Make municipalities one, in homes, schools and the rulebook's areas."""
    intake = world.intake
    known = set(intake.routes["municipality"]) | set(intake.applicants["home_municipality"])
    strangers = [name for name in part.municipalities if name not in known]
    problems += [f"{where}: there is no municipality {name!r} in the intake" for name in strangers]
    if len(set(part.municipalities)) < 2:
        problems.append(f"{where}: name at least two municipalities to merge")
    if strangers or len(set(part.municipalities)) < 2:
        return world
    new = dict.fromkeys(part.municipalities, part.name)
    merged = replace(
        intake,
        routes=intake.routes.with_columns(pl.col("municipality").replace(new)),
        applicants=intake.applicants.with_columns(pl.col("home_municipality").replace(new)),
    )

    def renamed(areas: dict[str, Any]) -> None:
        for area in areas.values():
            area["municipalities"] = list(dict.fromkeys(new.get(name, name) for name in area["municipalities"]))

    return replace(world, intake=merged, rulebook=with_areas(world.rulebook, renamed))


def join_municipality(world: World, part: JoiningMunicipality, where: str, problems: list[str]) -> World:
    """Let a municipality into a reception area, so that its residents are first hand there."""
    areas = world.rulebook.sections.reception.areas
    area = part.area or world.rulebook.sections.reception.default_area
    known = set(world.intake.routes["municipality"]) | set(world.intake.applicants["home_municipality"])
    before = len(problems)
    if area not in areas:
        problems.append(f"{where}: the rulebook {world.rulebook.name} has no area {area!r}; it has {sorted(areas)}")
    elif part.municipality in areas[area].municipalities:
        problems.append(f"{where}: {part.municipality} belongs to the area {area!r} already")
    if part.municipality not in known:
        problems.append(f"{where}: there is no municipality {part.municipality!r} in the intake")
    if len(problems) > before:
        return world

    def joined(tables: dict[str, Any]) -> None:
        tables[area]["municipalities"] = [*tables[area]["municipalities"], part.municipality]

    return replace(world, rulebook=with_areas(world.rulebook, joined))


def with_areas(rulebook: Rulebook, change: Callable[[dict[str, Any]], None]) -> Rulebook:
    """Return the rulebook with its reception areas changed; checked like any other."""
    tables = tomllib.loads(rulebook_text(rulebook))
    change(tables["reception"].setdefault("areas", {}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{rulebook.name}.toml"
        path.write_text(toml_text(tables), encoding="utf-8")
        return load_rulebook(path, rulebook.year)
