"""Answers to an offer (svar på antagningsbesked), silence, and those who never come.

Whoever is offered a seat declines it, declines it but stays reserve for something higher, says nothing, or takes it,
and then may be content with a lower choice and leave the queues. What silence means is the rulebook's. Some of the
silent never come: the school reports it after the first reserve round, which the intake holds as a no of that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from simulations.behaviour.days import day_of_chance
from simulations.streams import person_keys, uniform

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.rounds.run import RoundResult

_KIND, _CONTENT, _NO_SHOW, _DAY = (np.uint64(number) for number in range(4))


@dataclass(frozen=True)
class Answers:
    """Shares; their meaning stands beside each key in ``behaviour.toml``."""

    declines: float
    declines_lower: float
    silent: float
    content: float
    no_show: float
    on: bool = True


def answers_to(result: RoundResult, intake: Intake, seed: int, model: Answers) -> pl.DataFrame:
    """Return the answers to a round: rows of the table ``answers``, none where the model is switched off.

    Everybody with a seat that is new in this round answers it or is silent. Of those who keep an earlier seat and never
    said anything about it, some turn out not to come.
    """
    calendar = result.compiled.static.rulebook.calendar
    compiled, granted = result.compiled, result.decisions.granted
    if not model.on:
        return intake.answers.clear()
    new = np.ones(len(granted), dtype=bool)
    if result.holders is not None:
        new = result.matching.choice != result.holders
    lower = granted > compiled.indptr[:-1]
    spoke = set(intake.answers["applicant"].to_list())
    keys = person_keys(compiled.applicants.tolist(), seed, f"answers {result.round}")
    rows = []
    for person in np.flatnonzero(granted >= 0).tolist():
        name, key = str(compiled.applicants[person]), keys[person]
        if new[person]:
            answer = _answer(key, model, lower=bool(lower[person]))
        else:
            gone = name not in spoke and uniform(key, _NO_SHOW) < model.no_show
            answer = "no" if gone else None
        if answer is not None:
            route = str(compiled.routes[compiled.route[granted[person]]])
            rows.append((name, result.round, answer, route, day_of_chance(calendar, result.round, uniform(key, _DAY))))
    names = ["applicant", "round", "answer", "route_id", "answered_at"]
    schema = intake.answers.schema
    return pl.DataFrame(rows, schema={name: schema[name] for name in names}, orient="row").select(schema.names())


def _answer(key: np.uint64, model: Answers, *, lower: bool) -> str | None:
    """Return the answer to a new seat; None for silence."""
    chance = uniform(key, _KIND)
    if chance < model.declines:
        return "no"
    if chance < model.declines + model.silent:
        return None
    if lower and chance > 1.0 - model.declines_lower:
        return "no_keep_reserve"
    return "yes_no_reserve" if lower and uniform(key, _CONTENT) < model.content else "yes"
