"""Programme-proposing deferred acceptance: of all stable matchings the one worst for every applicant.

Source: Gale and Shapley, American Mathematical Monthly 1962, with the sides exchanged; Roth and Sotomayor 1990,
chapter 5 for many seats; seats given back as in Westkamp, Economic Theory 2013.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from admissions.matching.deferred_acceptance import Matching
from admissions.matching.options import grouped_options, plain_options

if TYPE_CHECKING:
    from admissions.matching.market import Market


def programme_proposing(market: Market) -> Matching:
    """Seat the market with the programmes making the offers.

    Every class of seats offers its seats down its line; everybody keeps the best offer so far and lets go of the rest.
    A reverting group that has come to the end of its line hands the seats it has left to the pool's remaining rows.
    Offers that are let go only ever add to those seats, so nothing offered is ever taken back. The result is stable,
    the same people are placed as under deferred acceptance from the applicants' side, and everybody gets the worst
    seat of any stable matching. Applicants may gain by cutting their list short.

    Parameters
    ----------
    market
        A market, with or without seat groups.
    """
    groups = market.groups
    options = plain_options(market) if groups is None else grouped_options(market, groups)
    n_groups, n_pools = 0 if groups is None else len(groups.seats), len(market.seats)
    by_line = np.lexsort((options.row, options.draw, options.key, options.klass))
    bounds = np.searchsorted(options.klass[by_line], np.arange(n_groups + n_pools + 1)).tolist()
    line: list[int] = by_line.tolist()
    left = [0] * n_groups + market.seats.tolist()
    hands_on = [-1] * (n_groups + n_pools)  # the class that gets what a reverting group has left
    if groups is not None:
        for group, pool in enumerate(groups.pool.tolist()):
            left[n_groups + pool] = 0
            left[group] = int(groups.seats[group])
            hands_on[group] = n_groups + pool if groups.reverts[group] else -1

    owner = (np.searchsorted(options.indptr, np.arange(len(options.row)), side="right") - 1).tolist()
    klass = options.klass.tolist()
    held = options.indptr[1:].tolist()  # options are in the order of wanting: smaller is better
    nothing = list(held)
    head = bounds[:-1]
    offering = list(range(n_groups + n_pools - 1, -1, -1))
    while offering:
        c = offering.pop()
        while left[c] > 0 and head[c] < bounds[c + 1]:
            option = line[head[c]]
            head[c] += 1
            who = owner[option]
            if option < held[who]:
                left[c] -= 1
                if held[who] < nothing[who]:
                    let_go = klass[held[who]]
                    left[let_go] += 1
                    offering.append(let_go)
                held[who] = option
        if left[c] > 0 and hands_on[c] >= 0:
            left[hands_on[c]] += left[c]
            left[c] = 0
            offering.append(hands_on[c])

    option = np.array(held, np.int64)
    placed = option < options.indptr[1:]
    choice = np.full(len(option), -1, np.int64)
    choice[placed] = options.row[option[placed]]
    group_of = np.full(len(option), -1, np.int32)
    group_of[placed] = np.where(options.klass[option[placed]] < n_groups, options.klass[option[placed]], -1)
    route = np.full(len(option), -1, np.int32)
    route[placed] = market.route[choice[placed]]
    return Matching(route=route, choice=choice, group=group_of)
