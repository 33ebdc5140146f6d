from __future__ import annotations

import numpy as np
import pytest

from admissions.errors import VerificationError
from admissions.matching import Matching, match
from admissions.rounds.run import run_round
from admissions.rules import Lottery
from tests.admissions.results.town import compiled, town


def test_a_matching_that_is_not_stable_never_becomes_a_result():
    intake = town(80, seed=1, seats=3)
    one = compiled(intake)
    found = match(one.market)
    broken = Matching(found.route.copy(), found.choice.copy(), found.group.copy())
    somebody = int(np.flatnonzero(broken.choice >= 0)[0])
    broken.route[somebody] = broken.choice[somebody] = broken.group[somebody] = -1
    with pytest.raises(VerificationError):
        run_round(one, intake, matching=broken)


def test_progress_is_told_step_by_step_to_the_end():
    intake = town(60, seed=1)
    told: dict[str, tuple[int, int]] = {}
    run_round(compiled(intake), intake, progress=lambda step, done, of: told.update({step: (done, of)}))
    assert list(told) == ["match", "verify", "results", "clearing"]
    assert all(done == of for done, of in told.values())


def test_another_lottery_changes_only_those_in_or_displaced_through_a_tie():
    intake = town(120, seed=4, seats=4)
    first, second = (compiled(intake, lottery=Lottery(seed, "1")) for seed in ("snow", "rain"))
    one, two = run_round(first, intake), run_round(second, intake)
    assert (first.points == second.points).all()
    moved = np.flatnonzero(one.decisions.granted != two.decisions.granted)
    untied = [len(np.unique(first.points[first.route == r])) for r in range(len(first.routes))]
    assert len(moved) <= len(first.points) - sum(untied)
