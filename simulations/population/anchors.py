"""Applicants at the published cut-offs.

A published cut-off is the merit of a real person, the last admitted. A generated cohort has no reason to hold anybody
with just that merit at a small route: the last admitted then stands somewhat higher. So the lowest of a route's
admitted gets the published merit: a lower test result, or lower grades in as many subjects as it takes, never below a
pass and never more than three steps in one. Neither their own seat nor anybody else's changes with it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulations.population.cohort import Cohort
from simulations.population.lists import Lists, Pressure
from simulations.population.published import Published, merit

_STEP = 250
TEST_UNIT = 16
"""Hundredths of a point that the second decimal of a test result is worth after weighting by 16."""


def anchor(cohort: Cohort, published: Published, lists: Lists, result: Pressure) -> tuple[Cohort, Lists]:
    """Return the cohort and lists with the last admitted of each route at its published cut-off, where possible."""
    autumn, final, test = cohort.autumn.copy(), cohort.final.copy(), lists.test.copy()
    own = cohort.merit
    got = np.flatnonzero(result.rank >= 0)
    route = lists.route[got, result.rank[got]]
    above = own[got] + test[got, result.rank[got]] - published.cut[route]
    used = np.zeros(len(own), dtype=bool)
    order = np.lexsort((got, above, route))
    starts = np.searchsorted(route[order], np.arange(len(published.cut)), side="left")
    ends = np.searchsorted(route[order], np.arange(len(published.cut)), side="right")
    for j in np.flatnonzero((published.cut > 0) & (ends > starts)):
        # the last who fits, and whoever stands behind in case somebody leaves: all at the published merit
        behind = max(int(ends[j] - starts[j]) - int(published.admitted[j]), 0) + 1
        for place in order[starts[j] : ends[j]]:
            person, gap = got[place], int(above[place])
            if behind == 0 or gap <= 0:
                break
            rank = result.rank[person]
            points = int(test[person, rank])
            if used[person]:
                done = False
            elif published.tested[j]:
                done = points >= gap
                test[person, rank] -= gap // TEST_UNIT * TEST_UNIT if done else 0
            else:
                steps = gap // _STEP
                done = gap % _STEP == 0 and _lower(autumn[person], final[person], bool(cohort.language[person]), steps)
            used[person] |= done
            behind -= done
    changed = replace(cohort, autumn=autumn, final=final)
    if (merit(final, cohort.language) > own).any():
        message = "anchoring never raises a merit"
        raise AssertionError(message)
    return changed, Lists(lists.route, test)


def _lower(autumn: np.ndarray, final: np.ndarray, language: bool, steps: int) -> bool:
    """Lower final grades by ``steps`` in all, best subjects first; autumn's follow. False if it cannot be done."""
    subjects = np.arange(17 if language else 16)
    for most in (1, 2, 3):
        room = np.minimum(np.maximum(final[subjects] - 1, 0), most)
        if room.sum() >= steps:
            break
    else:
        return False
    for subject in subjects[np.argsort(-final[subjects], kind="stable")]:
        take = int(min(max(final[subject] - 1, 0), most, steps))
        final[subject] -= take
        autumn[subject] = max(int(autumn[subject]) - take, min(int(autumn[subject]), 1))
        steps -= take
        if steps == 0:
            return True
    return True
