from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.matching import match
from admissions.results.decisions import Decisions, decide
from admissions.results.queues import pool_of_route
from admissions.results.statuses import KEPT_OUT, REASON_NAMES, Reason, Status, status_text
from admissions.rules import RowReason, RowStatus
from tests.admissions.results.town import compiled, town

towns = st.builds(town, st.integers(1, 70), seed=st.integers(0, 10_000), seats=st.integers(0, 9))


def decided(intake, round_name="final") -> Decisions:
    one = compiled(intake, round_name)
    return decide(one, match(one.market))


@given(towns)
@settings(max_examples=25, deadline=None)
def test_statuses_partition_the_rows_and_follow_the_list(intake):
    result = decided(intake)
    rows = result.compiled
    for i in range(len(rows.applicants)):
        own = range(rows.indptr[i], rows.indptr[i + 1])
        admitted = [row for row in own if result.status[row] == Status.ADMITTED]
        assert admitted == ([result.granted[i]] if result.granted[i] >= 0 else [])
        for row in own:
            status = Status(result.status[row])
            if rows.status[row] != RowStatus.TRIED:
                assert status.name == RowStatus(rows.status[row]).name
                assert result.reason[row] == KEPT_OUT + rows.reason[row]
            elif not admitted or row < admitted[0]:
                assert status is Status.RESERVE
            elif row > admitted[0]:
                assert (status, result.reason[row]) == (Status.STRUCK, Reason.HIGHER_CHOICE)


@given(towns)
@settings(max_examples=25, deadline=None)
def test_reserve_positions_are_the_calling_order_of_the_pool(intake):
    result = decided(intake)
    one, groups = result.compiled, result.compiled.market.groups
    pool = pool_of_route(one)[one.route]
    key = {int(row): int(one.market.priority[k]) for k, row in enumerate(one.market_row)}
    if groups is not None:
        for k in range(len(groups.row)):
            if one.group_names[groups.group[k]] == "":
                key[int(one.market_row[groups.row[k]])] = int(groups.priority[k])
    for p in range(len(one.pools)):
        waiting = [row for row in np.flatnonzero((result.status == Status.RESERVE) & (pool == p)) if row in key]
        for row in waiting:
            ahead = {result.owner[other] for other in waiting if key[other] < key[row]} - {result.owner[row]}
            assert result.position[row] == 1 + len(ahead)
    assert (result.position[result.status != Status.RESERVE] == 0).all()


def test_a_group_has_a_queue_of_its_own():
    intake = town(200, seed=3, seats=2, quota=0.9)
    result = decided(intake)
    one, queues = result.compiled, result.queues
    quota = {one.group_names[group] for group in queues.group}
    assert quota == {"free_quota"}
    line = np.lexsort((queues.group_position, queues.group))
    first = one.first_hand[queues.row[line]]
    assert one.free_quota[queues.row].all()
    assert queues.group_position[line][first].tolist() == list(range(1, first.sum() + 1))
    # second hand comes after everybody of first hand who waits, with the quota or without
    pool = one.pool[one.route] == one.groups.pool[queues.group[0]]
    waiting = len(set(result.owner[(result.status == Status.RESERVE) & one.first_hand & pool].tolist()))
    assert queues.group_position[line][~first].tolist() == list(range(waiting + 1, waiting + 1 + (~first).sum()))
    # whoever waits for a quota seat waits for an open seat of the pool too
    assert (result.position[queues.row] > 0).all()


def test_reasons_tell_open_seats_from_group_seats():
    result = decided(town(120, seed=3, seats=4))
    one = result.compiled
    for i, row in enumerate(result.granted):
        if row >= 0:
            group = result.matching.group[i]
            named = group >= 0 and one.group_names[group] != ""
            claimed = named and one.free_quota[row]  # a quota seat somebody else got had reverted
            assert result.reason[row] == (Reason.GROUP_SEAT if claimed else Reason.OPEN_SEAT)
    assert Reason.GROUP_SEAT in result.reason


def test_every_reason_has_a_name_of_its_own():
    assert len(set(REASON_NAMES.values())) == len(Reason) + len(RowReason)


@pytest.mark.parametrize("status", Status)
def test_every_status_has_words(status):
    assert status_text(status) != status_text(status, "en")
