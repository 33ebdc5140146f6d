from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from admissions.matching import Market, match, verify
from simulations.policies import Policy
from simulations.policies.refilling import Refilling
from tests.admissions.matching.random_markets import Case, random_case


def without(case: Case, gone: np.ndarray) -> tuple[Market, np.ndarray]:
    """Build the market without some people's rows; and the old number of each row that stays."""
    keep = ~gone[case.owner]
    kept = np.flatnonzero(keep)
    counts = np.where(gone, 0, np.diff(case.indptr))
    groups = case.groups
    if groups is not None:
        number = np.cumsum(keep) - 1
        member = keep[groups.row]
        groups = replace(
            groups,
            group=groups.group[member],
            row=number[groups.row[member]],
            priority=groups.priority[member],
            ask=None if groups.ask is None else groups.ask[member],
        )
    changed = replace(
        case,
        indptr=np.concatenate([[0], np.cumsum(counts)]),
        route=case.route[keep],
        priority=case.priority[keep],
        groups=groups,
    )
    return changed.market(), kept


def order(rows: np.ndarray) -> np.ndarray:
    return np.where(rows < 0, 10**9, rows)


@pytest.mark.parametrize("seed", range(80))
def test_a_rerun_is_a_full_match_of_those_who_remain(seed):
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    if case.n == 0:
        return
    market = case.market()
    field = Refilling(market, match(market), Policy.RERUN)
    for _ in range(3):
        field.leave(np.flatnonzero(rng.random(case.n) < 0.2))
        again, kept = without(case, field.gone)
        choice = match(again).choice
        assert (field.rows() == np.where(choice >= 0, kept[np.maximum(choice, 0)] if len(kept) else -1, -1)).all()
        assert not field.envious().any()


@pytest.mark.parametrize("seed", range(80))
def test_with_withdrawals_only_a_rerun_is_never_worse_for_anybody_than_calling_down(seed):
    rng = np.random.default_rng([seed, 1])
    case = random_case(rng, groups=False)
    if case.n == 0:
        return
    market = case.market()
    fields = {policy: Refilling(market, match(market), policy) for policy in Policy if policy.playable(market)}
    before = order(match(market).choice)
    for _ in range(3):
        leaving = np.flatnonzero(rng.random(case.n) < 0.2)
        done = {policy: field.leave(leaving) for policy, field in fields.items()}
        rows = {policy: order(field.rows()) for policy, field in fields.items()}
        stay = ~fields[Policy.RERUN].gone
        assert (rows[Policy.RERUN] <= rows[Policy.CALL_DOWN])[stay].all()
        assert (rows[Policy.CALL_DOWN] <= before)[stay].all()
        assert (rows[Policy.SEATLESS_ONLY] <= before)[stay].all()
        assert not fields[Policy.CALL_DOWN].envious().any()
        # every stable matching fills the same seats and places the same people (rural hospital theorem)
        assert (fields[Policy.RERUN].seated() == fields[Policy.CALL_DOWN].seated()).all()
        assert done[Policy.SEATLESS_ONLY].moved == 0
        assert done[Policy.CALL_DOWN].calls >= done[Policy.CALL_DOWN].moved + done[Policy.CALL_DOWN].newly_placed
        again, kept = without(case, fields[Policy.CALL_DOWN].gone)
        held = fields[Policy.CALL_DOWN].rows()
        number = np.full(len(case.route) + 1, -1)
        number[kept] = np.arange(len(kept))
        choice = number[held].astype(np.int64)
        route = np.where(choice >= 0, again.route[choice] if len(again.route) else -1, -1).astype(np.int32)
        matching = replace(match(again), route=route, choice=choice, solved=None)
        verify(again, matching, optimal=False)


def test_only_a_rerun_carries_out_a_swap_that_no_empty_seat_touches():
    """Applicant 2 has no seat, yet stands between 0 and 1, who hold each other's first choice."""
    market = Market([0, 2, 4, 6], [0, 1, 1, 0, 0, 1], [9, 1, 9, 1, 5, 5], [1, 1])
    assert match(market).route.tolist() == [1, 0, -1]
    for policy, route in ((Policy.RERUN, [0, 1]), (Policy.CALL_DOWN, [1, 0])):
        field = Refilling(market, match(market), policy)
        field.leave(np.array([2]))
        assert market.route[field.rows()[:2]].tolist() == route


@pytest.mark.parametrize("seed", range(60))
def test_a_reversed_lottery_takes_no_seat_away_and_passes_over_nobody_but_the_tied(seed):
    rng = np.random.default_rng([seed, 2])
    case = random_case(rng, groups=False)
    if case.n == 0:
        return
    points = rng.integers(0, 3, len(case.route))
    market = case.drawn(points, rng.permutation(case.n)[case.owner])
    field = Refilling(market, match(market), Policy.REVERSED_LOTTERY)
    for _ in range(2):
        before = order(field.rows())
        field.leave(np.flatnonzero(rng.random(case.n) < 0.25))
        rows = field.rows()
        assert (order(rows) <= before)[~field.gone].all()
        pool = case.pool[case.route]
        held = rows[rows >= 0]
        for row in np.flatnonzero(np.arange(len(case.route)) < order(rows)[case.owner]).tolist():
            if field.gone[case.owner[row]]:
                continue
            there = held[pool[held] == pool[row]]
            assert len(there) == case.seats[pool[row]]  # nobody waits for an empty seat
            new = [k for k in there.tolist() if k != before[case.owner[k]]]
            assert all(points[k] >= points[row] for k in new)  # nor behind somebody with fewer points who came new
    if field.gone.all():
        assert (field.rows() == -1).all()


def test_a_reversed_lottery_needs_a_lottery():
    market = Market([0, 1], [0], [0], [1])
    assert not Policy.REVERSED_LOTTERY.playable(market)
    with pytest.raises(AdmissionsError, match="reversed"):
        Refilling(market, match(market), Policy.REVERSED_LOTTERY)


def test_calling_the_seatless_only_passes_over_who_waits_for_a_better_seat():
    chain = Market([0, 1, 3, 4], [0, 0, 1, 0], [0, 1, 5, 2], [1, 1])
    field = Refilling(chain, match(chain), Policy.SEATLESS_ONLY)
    assert field.leave(np.array([0])).newly_placed == 1
    assert field.envious().tolist() == [False, True, False]
