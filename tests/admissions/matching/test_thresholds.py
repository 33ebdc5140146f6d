from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from admissions.errors import MarketError
from admissions.matching import Market, SeatGroups, match
from admissions.matching.thresholds import ANY_KEY, NO_KEY, thresholds
from tests.admissions.matching.random_markets import Case, random_case


def only_row(case: Case, i: int, e: int, priority: np.ndarray) -> int:
    """Find the row applicant i gets who lists row e alone."""
    keep = (case.owner != i) | (np.arange(len(case.route)) == e)
    counts = np.bincount(case.owner[keep], minlength=case.n)
    alone = replace(
        case,
        indptr=np.concatenate([[0], np.cumsum(counts)]),
        route=case.route[keep],
        priority=priority[keep],
    )
    return int(match(alone.market()).choice[i])


@pytest.mark.parametrize("seed", range(150))
def test_the_granted_row_is_the_first_within_reach(seed: int):
    case = random_case(np.random.default_rng(seed), applicants=40)
    market = case.market()
    found, needed = match(market), thresholds(market)
    for i in range(case.n):
        assert [*needed.menu(i), -1][0] == found.choice[i]


@pytest.mark.parametrize("seed", range(60))
def test_a_key_just_before_the_bar_is_enough_and_one_just_behind_is_not(seed: int):
    rng = np.random.default_rng(seed)
    case = random_case(rng, groups=False)
    needed = thresholds(case.market())
    for e in rng.permutation(len(case.route))[:6].tolist():
        i, bar = int(case.owner[e]), int(needed.beat[e])
        before, behind = case.priority * 2, case.priority * 2
        if bar >= 0:
            before[e], behind[e] = 2 * case.priority[bar] - 1, 2 * case.priority[bar] + 1
            assert case.owner[bar] != i
        else:
            before[e], behind[e] = 2 * case.priority.max() + 1, 2 * case.priority.min() - 1
        if bar != NO_KEY:
            assert only_row(case, i, e, before) >= 0
            got = match(replace(case, priority=before).market()).choice[i]
            assert 0 <= got <= e
        if bar != ANY_KEY:
            assert only_row(case, i, e, behind) < 0
            got = match(replace(case, priority=behind).market()).choice[i]
            assert got != e
            better = [row for row in needed.menu(i) if row < e]
            assert not 0 <= got < e or better[0] == got


@pytest.mark.parametrize("seed", range(40))
def test_bars_hold_at_routes_the_applicant_did_not_list(seed: int):
    rng = np.random.default_rng(seed)
    case = random_case(rng, groups=False)
    if not case.n:
        return
    i, needed = int(rng.integers(case.n)), thresholds(case.market())
    for r in range(len(case.pool)):
        (bar,) = needed.at(i, r)
        # i gives up the own list for the route alone, with a key on each side of the bar
        keep = case.owner != i
        for side, expected in ((-1, bar.beat != NO_KEY), (1, bar.beat == ANY_KEY)):
            key = 2 * case.priority[bar.beat] + side if bar.beat >= 0 else -side * 10**6
            at = int(keep[: case.indptr[i]].sum())
            counts = np.bincount(case.owner[keep], minlength=case.n)
            counts[i] = 1
            market = Market(
                np.concatenate([[0], np.cumsum(counts)]),
                np.insert(case.route[keep], at, r),
                np.insert(2 * case.priority[keep], at, key),
                case.seats,
                pool=case.pool,
            )
            assert (match(market).choice[i] >= 0) == expected


@pytest.mark.parametrize("seed", range(150))
def test_bars_of_seat_groups_are_sharp_too(seed: int):
    """A newcomer with one row, member of one group only or of none: in just before the bar, out just behind it."""
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    if case.groups is None or not case.n:
        return
    # the newcomer: an applicant without rows, so that the market without them is the market itself
    empty = replace(case, indptr=np.append(case.indptr, case.indptr[-1]))
    needed = thresholds(empty.market())
    i, new_row = case.n, len(case.route)
    for r in range(len(case.pool)):
        bars = needed.at(i, r)
        for bar in bars:
            for side, expected in ((-1, bar.beat != NO_KEY), (1, bar.beat == ANY_KEY)):
                groups, far = case.groups, -side * 10**6
                key = 2 * case.priority[bar.beat] + side if bar.beat >= 0 else far
                groups = replace(groups, priority=2 * groups.priority)
                reverted = any(g.group == -1 for g in bars)
                if bar.group >= 0:
                    own = 0
                    if bar.beat >= 0:
                        own = int(groups.priority[(groups.group == bar.group) & (groups.row == bar.beat)][0])
                    groups = replace(
                        groups,
                        group=np.append(groups.group, np.int32(bar.group)),
                        row=np.append(groups.row, new_row),
                        priority=np.append(groups.priority, own + side if bar.beat >= 0 else far),
                        ask=None if groups.ask is None else np.append(groups.ask, np.int32(0)),
                    )
                    key = 10**7  # last among the reverted seats
                market = Market(
                    np.append(case.indptr, new_row + 1),
                    np.append(case.route, r),
                    np.append(2 * case.priority, key),
                    case.seats,
                    pool=case.pool,
                    groups=groups,
                )
                got = match(market)
                if bar.group >= 0 and reverted:
                    last = next(b.beat for b in bars if b.group == -1)
                    assert (got.choice[i] >= 0) == (expected or last == ANY_KEY)
                else:
                    assert (got.choice[i] >= 0) == expected


def test_the_bar_is_not_always_the_published_cutoff():
    """Whoever holds the last seat needs to beat the next in line only."""
    market = Market([0, 1, 2, 3], [0, 0, 0], [0, 1, 2], [1])
    needed = thresholds(market)
    assert needed.beat.tolist() == [1, 0, 0]
    assert needed.at(2, 0)[0].beat == 0


def test_no_seat_and_a_free_seat_say_so():
    market = Market([0, 2], [0, 1], [0, 0], [0, 1])
    assert thresholds(market).beat.tolist() == [NO_KEY, ANY_KEY]
    with pytest.raises(MarketError, match="no applicant 1"):
        thresholds(market).at(1, 0)


def test_a_group_closed_to_a_row_is_no_bar_of_it():
    groups = SeatGroups(*(np.array(a) for a in ([0, 0], [1, 1], [0, 1], [True, False], [1, 1], [0, 1], [0, 1])))
    needed = thresholds(Market([0, 1, 2], [0, 0], [0, 1], [2], groups=groups))
    assert needed.group.tolist() == [1, -1, 1, -1]
    assert [bar.group for bar in needed.at(0, 0)] == [0, 1, -1]
