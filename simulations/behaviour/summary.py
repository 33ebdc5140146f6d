"""What changed between the preliminary and the final round, in the measures published about re-choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from admissions.rules.rows import RowStatus

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.rounds.run import RoundResult
    from admissions.rules.compiled import CompiledRound


def window_summary(preliminary: RoundResult, final: RoundResult, intake: Intake) -> pl.DataFrame:
    """Return measure and value (persons, seats or shares of 1).

    ``first choice ... the same`` counts applicants with a first choice in both rounds; ``changed a row`` those whose
    active list differs, of those with a list in the preliminary round.
    """
    before, after = preliminary.compiled, final.compiled
    had, has = np.diff(before.indptr) > 0, np.diff(after.indptr) > 0
    both = had & has
    first, last = _first(before)[both], _first(after)[both]
    routes = intake.routes.sort("route_id")
    programme = routes["programme"].to_numpy()
    school = (routes["municipality"] + "|" + routes["school"]).to_numpy()
    same_programme, same_school = programme[first] == programme[last], school[first] == school[last]
    changed = had & (_lists(before) != _lists(after)).any(axis=1)
    able = {name: _anything_tried(compiled) for name, compiled in (("before", before), ("after", after))}
    seats = after.seats - before.seats
    rows = [
        ("applicants in the preliminary round", float(had.sum())),
        ("applicants in the final round", float(has.sum())),
        ("newcomers, of the applicants in the preliminary round", float((has & ~had).sum() / max(had.sum(), 1))),
        ("changed a row", float(changed.sum() / max(had.sum(), 1))),
        ("first choice: school and programme the same", _share(same_programme & same_school)),
        ("first choice: programme the same", _share(same_programme)),
        ("first choice: school the same", _share(same_school)),
        (
            "eligible for something listed only in the final round",
            float((both & ~able["before"] & able["after"]).sum()),
        ),
        ("seats opened", float(seats[seats > 0].sum())),
        ("seats closed", float(-seats[seats < 0].sum())),
    ]
    return pl.DataFrame(rows, schema={"measure": pl.String, "value": pl.Float64}, orient="row")


def _share(mask: np.ndarray) -> float:
    return float(mask.mean()) if len(mask) else 0.0


def _first(compiled: CompiledRound) -> np.ndarray:
    starts = np.minimum(compiled.indptr[:-1], max(len(compiled.route) - 1, 0))
    return compiled.route[starts] if len(compiled.route) else np.zeros(len(starts), dtype=np.int32)


def _lists(compiled: CompiledRound, width: int = 64) -> np.ndarray:
    person = np.repeat(np.arange(len(compiled.applicants)), np.diff(compiled.indptr))
    column = np.arange(len(compiled.route)) - compiled.indptr[person]
    lists = np.full((len(compiled.applicants), width), -1, dtype=np.int32)
    inside = column < width
    lists[person[inside], column[inside]] = compiled.route[inside]
    return lists


def _anything_tried(compiled: CompiledRound) -> np.ndarray:
    person = np.repeat(np.arange(len(compiled.applicants)), np.diff(compiled.indptr))
    tried = compiled.status == RowStatus.TRIED
    return np.bincount(person[tried], minlength=len(compiled.applicants)) > 0
