"""The comparison table against counting by hand."""

from __future__ import annotations

import numpy as np

from admissions.matching import match
from admissions.matching.mechanisms import compare, immediate_acceptance
from tests.admissions.matching.mechanisms.literature import printed
from tests.admissions.matching.small_worlds import random_world


def test_the_example_of_roth_1982_counted_by_hand() -> None:
    market, _, _ = printed(
        {"i1": "s2 s1 s3", "i2": "s1 s2 s3", "i3": "s1 s2 s3"}, {"s1": "i1 i3 i2", "s2": "i2 i1 i3", "s3": "i2 i1 i3"}
    )
    table = {line.mechanism: line for line in compare(market)}
    stable, efficient = table["deferred-acceptance"], table["eada"]
    assert (stable.first_choice_share, stable.by_rank, stable.justified_envy) == (0, (0, 2, 1), 0)
    assert (efficient.first_choice_share, efficient.by_rank) == (666, (2, 0, 1))
    assert (efficient.gain, efficient.lose, efficient.justified_envy, efficient.envy_pairs) == (2, 0, 1, 1)
    assert table["top-trading-cycles"].by_rank == efficient.by_rank


def test_envy_is_counted_as_the_definition_says() -> None:
    for seed in range(30):
        market = random_world(np.random.default_rng(seed), applicants=12, routes=5).market()
        result = immediate_acceptance(market)
        people, pairs = set(), 0
        for i in range(12):
            stop = result.choice[i] if result.choice[i] >= 0 else market.indptr[i + 1]
            for row in range(market.indptr[i], stop):
                pool = market.pool[market.route[row]]
                for held in result.choice[result.choice >= 0]:
                    if market.pool[market.route[held]] == pool and market.priority[held] > market.priority[row]:
                        people.add(i)
                        pairs += 1
        (line,) = compare(market, {"immediate-acceptance": result})
        assert (line.justified_envy, line.envy_pairs) == (len(people), pairs)
        assert line.placed == int((result.choice >= 0).sum())
        (same,) = compare(market, {"deferred-acceptance": match(market)})
        assert (same.gain, same.lose, same.justified_envy) == (0, 0, 0)
