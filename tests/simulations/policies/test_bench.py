from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from admissions.errors import AdmissionsError
from admissions.matching import match
from simulations.policies import Policy, Stage, policy_bench, summary
from simulations.policies.bench import MEASURES
from tests.admissions.matching.random_markets import random_case


def world():
    case = random_case(np.random.default_rng(11), applicants=200, routes=12, groups=False)
    market = case.market()
    return market, match(market), [f"A{i}" for i in range(case.n)]


def test_all_policies_meet_the_same_withdrawals():
    market, matching, ids = world()
    stages = [Stage("one", 0.2), Stage("two", 0.1)]
    found = policy_bench(market, matching, ids, stages=stages, runs=4, seed=3)
    assert len(found) == 4 * 2 * (len(Policy) - 1)  # no lottery to reverse
    assert found.equals(policy_bench(market, matching, ids, stages=stages, runs=4, seed=3))
    assert not found.equals(policy_bench(market, matching, ids, stages=stages, runs=4, seed=4))
    first = found.filter(pl.col("stage") == "one")
    assert first.group_by("run").agg(pl.col("given_up").n_unique())["given_up"].to_list() == [1] * 4
    rerun = found.filter(pl.col("policy") == Policy.RERUN)
    called = found.filter(pl.col("policy") == Policy.CALL_DOWN)
    assert rerun["worse_than_rerun"].sum() == rerun["envious"].sum() == called["envious"].sum() == 0
    assert (rerun["seated"] == called["seated"]).all()
    assert set(summary(found)["measure"]) == set(MEASURES)


def test_nobody_leaves_nothing_happens():
    market, matching, ids = world()
    found = policy_bench(market, matching, ids, stages=[Stage("one", 0.0)], runs=1)
    assert found.select("given_up", "calls", "moved", "newly_placed", "envious").sum().row(0) == (0,) * 5


def test_refusals_name_everything():
    market, matching, ids = world()
    with pytest.raises(AdmissionsError, match=r"one: 2\.0 is no probability; a bench"):
        policy_bench(market, matching, ids, stages=[Stage("one", 2.0)], runs=0)
