"""Overlays of scenarios as the service keeps them: checked against the intake when they are saved, with all problems.

An overlay is the same table of parts as a scenario file of the command line (docs/scenarios.md). It names rulebooks by
preset or by their id in the store, never by a path.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.errors import AdmissionsError
from admissions.intake import Intake
from admissions.rules import Rulebook, preset_names
from api.jobs.run_round import rulebook_from_text
from api.problems import unprocessable
from api.store.models import Applicant, Route, Run
from api.store.models import Intake as IntakeRow
from api.store.models import Rulebook as RulebookRow
from api.store.repositories.intake_tables import PERSON_TABLES, ROUTE_COLUMNS, read_days, read_table
from api.store.repositories.seats import seats_frame
from simulations.behaviour.parameters import load_behaviour
from simulations.scenarios.applying import lay
from simulations.scenarios.overlay import PARTS, Overlay, Rules
from simulations.scenarios.parsing import build_overlay
from simulations.scenarios.world import World

WHERE = "scenario"
MOST_PARTS = 2000
LARGEST, LONGEST = 1_000_000, 500
MOST_GROWTH = 4.0
"""A cohort may become five times as large: enough for any question, too little to fill the machine's memory."""


def described(name: str, overlay: Mapping[str, Any], problems: list[str]) -> Overlay:
    """Give the overlay that a stored table describes; what is wrong with its form is added to `problems`."""
    parts = sum(len(part) for part in overlay.values() if isinstance(part, list))
    if parts > MOST_PARTS:
        problems.append(f"{WHERE}: {parts} parts; a scenario has {MOST_PARTS} at most")
        return Overlay(name, WHERE)
    strange = [f"{WHERE}: {place}: {value!r} is too large or no number or text" for place, value in _strange(overlay)]
    if strange:
        problems += strange
        return Overlay(name, WHERE)
    tables = {key: value for key, value in overlay.items() if key != "name"}
    built = build_overlay({"name": name, **tables}, WHERE, problems)
    problems += [
        f"{WHERE}: cohort {number}: growth is {one.growth}; {MOST_GROWTH} is the most"
        for number, one in enumerate(built.cohort, 1)
        if one.growth > MOST_GROWTH
    ]
    return replace(built, cohort=tuple(one for one in built.cohort if one.growth <= MOST_GROWTH))


def _strange(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Give what no part of a scenario can hold: numbers without end, texts that are no words."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _strange(one, f"{place} {key}".strip())
    elif isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield from _strange(one, f"{place} {number}")
    elif isinstance(value, str):
        if len(value) > LONGEST or not value.isprintable():
            yield place, value[:40]
    elif isinstance(value, int | float) and not abs(value) <= LARGEST:
        yield place, value


def check_overlay(session: Session, run: Run, name: str, overlay: Mapping[str, Any]) -> None:
    """Refuse an overlay that the intake of a run does not allow, with all problems at once.

    Raises
    ------
    Problem
        422 ``invalid_scenario``.
    """
    problems: list[str] = []
    with TemporaryDirectory() as folder:
        built = with_rulebook(session, described(name, overlay, problems), Path(folder), problems)
        try:
            lay(_light_world(session, run), [built], problems)
        except AdmissionsError as error:  # rules that a merger or a joining municipality would break
            problems.append(f"{WHERE}: {error}")
    if problems:
        raise refused(problems)


def refused(problems: list[str]) -> Exception:
    """Make the problem that names everything wrong with a scenario."""
    told = [one.partition(f"{WHERE}: ")[2] or one for one in problems]
    return unprocessable(
        "invalid_scenario",
        f"{len(told)} part(s) of the scenario are not possible; see problems.",
        place="body.overlay",
        remedy="Correct what is named; nothing was saved.",
        problems=[{"place": one.partition(":")[0] if ":" in one else "overlay", "message": one} for one in told],
    )


def with_rulebook(session: Session, overlay: Overlay, folder: Path, problems: list[str]) -> Overlay:
    """Put the rulebook of the store that an overlay names into a folder, where the engine finds it; presets are known.

    Nothing else on the machine can be named: an unknown rulebook is a problem, never a path.
    """
    if overlay.rules is None or overlay.rules.rulebook in preset_names():
        return overlay
    row = session.get(RulebookRow, overlay.rules.rulebook)
    if row is None:
        known = ", ".join(preset_names())
        problems.append(f"{WHERE}: rules: there is no rulebook {overlay.rules.rulebook!r}; presets are {known}")
        return replace(overlay, rules=None)
    (folder / f"{row.id}.toml").write_text(row.text, encoding="utf-8")
    return replace(overlay, file=str(folder / WHERE), rules=Rules(f"{row.id}.toml"))


def _light_world(session: Session, run: Run) -> World:
    """Give routes, seats, homes and rules, without grades and lists: enough to check an overlay in a moment."""
    intake_id = run.intake_id
    year = session.get_one(IntakeRow, intake_id).year
    persons = {
        name: read_days(pl.DataFrame(schema=_schema(model, columns)))
        for name, (model, columns) in PERSON_TABLES.items()
    }
    persons["grades"] = pl.DataFrame(schema=dict.fromkeys(("applicant", "term", "subject", "grade"), pl.String))
    intake = Intake(
        routes=read_days(read_table(session, Route, intake_id, ROUTE_COLUMNS)),
        seats=seats_frame(session, intake_id),
        applicants=read_table(session, Applicant, intake_id, ("applicant", "home_municipality", "birth_year", "flags")),
        year=year,
        **persons,
    )
    return World.of(intake, rulebook_of(session, run, year), load_behaviour())


def _schema(model: Any, columns: Any) -> dict[str, Any]:
    table = model.__table__
    return {name: pl.Int64 if table.c[name].type.python_type is int else pl.String for name in columns}


def rulebook_of(session: Session, run: Run, year: int) -> Rulebook:
    """Give the rules a run was made under."""
    return rulebook_from_text(session.get_one(RulebookRow, run.rulebook_id).text, year)


def municipalities_of(session: Session, intake_id: str) -> list[str]:
    """Give the home municipalities that an intake knows."""
    found = session.scalars(select(Applicant.home_municipality).where(Applicant.intake_id == intake_id).distinct())
    return sorted(one for one in found if one)


__all__ = [
    "PARTS",
    "Rules",
    "check_overlay",
    "described",
    "municipalities_of",
    "refused",
    "rulebook_of",
    "with_rulebook",
]
