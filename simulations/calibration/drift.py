"""What the window between the rounds does to demand, averaged over behaviour seeds.

February's lists are fitted so that the lists after re-choice and newcomers, not those of February, demand what was
published: each route's expected gain or loss in the window is taken off its target beforehand.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from simulations.behaviour.newcomers import join
from simulations.behaviour.parameters import Behaviour
from simulations.behaviour.rechoice import Relisted, rechoose
from simulations.behaviour.situation import Situation
from simulations.population.demand import open_levels
from simulations.population.generate import Population, tried_rows
from simulations.population.lists import Lists, pressure, settle, tried
from simulations.population.published import levels_passed, merit, rules
from simulations.streams import person_keys

SEEDS = tuple(range(9001, 9009))


def february(found: Population) -> Situation:
    """Return the situation after the preliminary round, keys unset."""
    published, cohort = found.published, found.cohort
    applied = cohort.applied[:, None]
    lists = Lists(np.where(applied, found.lists.route, -1).astype(np.int32), np.where(applied, found.lists.test, 0))
    able = open_levels(cohort, levels_passed(cohort.autumn, rules(published.year)))
    rows = tried(lists, able, published.level)
    own = merit(cohort.autumn, cohort.language)
    result = settle(lists, rows, own, found.persons.lottery, found.preliminary_seats)
    names = (published.table["municipality"] + "|" + published.table["school"]).to_numpy()
    return Situation(
        keys=cohort.keys,
        route=lists.route,
        test=lists.test,
        tried=rows,
        rank=result.rank,
        merit=own,
        home=cohort.home,
        needed=result.lowest,
        programme=published.programme,
        school=np.unique(names.astype(str), return_inverse=True)[1].astype(np.int64),
        introduction=published.introduction,
    )


def after_window(situation: Situation, ids: npt.NDArray[np.object_], behaviour: Behaviour, seed: int) -> Relisted:
    """Return the lists when the window closes."""
    own = replace(situation, keys=person_keys(ids, seed, "window"))
    return join(own, rechoose(own, behaviour.rechoice), behaviour.newcomers)


def measured_drift(found: Population, behaviour: Behaviour) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the mean gain of admitted and reserves per route from February's lists to those after the window."""
    persons, cut = found.persons, found.published.cut
    base = pressure(found.lists, tried_rows(found, found.lists), persons.merit, persons.lottery, cut)
    situation = february(found)
    admitted = np.zeros(len(cut))
    reserves = np.zeros(len(cut))
    for seed in SEEDS:
        after = after_window(situation, found.cohort.ids, behaviour, seed)
        lists = Lists(after.route, after.test)
        rows = tried_rows(found, lists)
        result = pressure(lists, rows, persons.merit, persons.lottery, cut)
        # routes without competition also take those whom chance has pushed out elsewhere: only a matching knows them
        matched = settle(lists, rows, persons.merit, persons.lottery, found.published.capacity)
        admitted += np.where(cut > 0, result.admitted, matched.admitted) / len(SEEDS)
        reserves += result.reserves / len(SEEDS)
    return admitted - base.admitted, reserves - base.reserves
