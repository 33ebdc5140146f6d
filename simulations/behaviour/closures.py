"""Routes that do not start after all (läggs ned, startar ej): closed between the final and the first reserve round.

A route that too few were admitted to may be closed; its pupils lose the seat and are tried on their other choices
again. Seats closed before the final round are the model `simulations.behaviour.seats`; whole closures before it stand
in the catalogue. Source: the office's manual (a route is not deleted but closed, seats set to 0, everybody with that
row told).
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


@dataclass(frozen=True)
class Closures:
    """Which routes close.

    Attributes
    ----------
    smallest
        Routes with at least so many admitted start.
    share
        Share of the smaller ones that are closed.
    """

    smallest: int
    share: float
    on: bool = True


def closing(result: RoundResult, intake: Intake, seed: int, model: Closures) -> pl.DataFrame:
    """Return the routes with ``closed_at`` set where a route closes after this round; equal if switched off."""
    if not model.on:
        return intake.routes
    admitted = dict(result.demand.select("route_id", "admitted").iter_rows())
    calendar = result.compiled.static.rulebook.calendar
    ids = intake.routes["route_id"].to_list()
    days = []
    for name, key, day in zip(ids, person_keys(ids, seed, "closures"), intake.routes["closed_at"], strict=True):
        small = day is None and admitted.get(name, 0) < model.smallest
        if small and uniform(key, np.uint64(0)) < model.share:
            days.append(day_of_chance(calendar, result.round, uniform(key, np.uint64(1))))
        else:
            days.append(day)
    return intake.routes.with_columns(closed_at=pl.Series(days, dtype=pl.Date))
