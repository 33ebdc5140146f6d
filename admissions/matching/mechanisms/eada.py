"""Efficiency-adjusted deferred acceptance (EADA) with consent, in the simplified form.

Source: Kesten, Quarterly Journal of Economics 2010; computed as in Tang and Yu, Journal of Economic Theory 2014
(settle the underdemanded programmes, then match the rest again).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from admissions.errors import MarketError
from admissions.matching.deferred_acceptance import Matching, match
from admissions.matching.market import Market
from admissions.matching.mechanisms.rows import (
    applicant_of_row,
    matching_of,
    pool_of_row,
    refuse_groups,
    strict_rank,
)

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def eada(market: Market, consent: Flags | None = None) -> Matching:
    """Seat the market by EADA.

    A pool is underdemanded when nobody still in play would rather be there; whoever sits there cannot be made better
    off and is settled. A settled applicant who did not consent keeps the claim on every better row of theirs: nobody
    behind them may take such a seat later. Then the rest is matched again without the settled, until all are.

    With everybody consenting the result is Pareto efficient among acceptable pairs and nobody is worse off than under
    deferred acceptance. With partial consent nobody is worse off either, and nobody who withheld consent is left with
    justified envy. Consenting never changes one's own seat. It is not safe to be honest under, and an extra seat may
    hurt somebody.

    Parameters
    ----------
    market
        A market without seat groups.
    consent
        bool[n]; None means that everybody consents.

    Raises
    ------
    MarketError
        If the market has seat groups or `consent` has the wrong length.
    """
    refuse_groups(market, "EADA")
    n = len(market.indptr) - 1
    consent = np.ones(n, bool) if consent is None else np.asarray(consent, bool)
    if consent.shape != (n,):
        raise MarketError(f"consent has shape {consent.shape}; one entry for each of {n} applicants is needed")
    owner, pool, rank = applicant_of_row(market), pool_of_row(market), strict_rank(market)
    choice = np.full(n, -1, np.int64)
    rows = np.arange(len(owner), dtype=np.int64)  # the rows still in play
    while len(rows):
        granted = _deferred_acceptance(market, rows, owner, rank)
        choice[owner[rows]] = -1
        held = granted[granted >= 0]
        choice[owner[held]] = held
        settled, closed = _settle(rows, owner, pool, choice, len(market.seats))
        claims = rows[settled[owner[rows]] & ~consent[owner[rows]]]
        claims = claims[_wanted(claims, owner, choice)]
        first_claim = np.full(len(market.seats), len(owner), np.int64)
        np.minimum.at(first_claim, pool[claims], rank[claims])
        stays = ~settled[owner[rows]] & ~closed[pool[rows]] & (rank[rows] < first_claim[pool[rows]])
        rows = rows[stays]
    return matching_of(market, choice)


def _wanted(rows: Ints, owner: Ints, choice: Ints) -> Flags:
    """Return which rows their applicants would rather have than what they hold."""
    held = choice[owner[rows]]
    return (held < 0) | (rows < held)


def _settle(rows: Ints, owner: Ints, pool: Ints, choice: Ints, n_pools: int) -> tuple[Flags, Flags]:
    """Return who is settled and which pools are closed with them: the underdemanded ones, again and again."""
    n = len(choice)
    closed = np.zeros(n_pools, bool)
    held_pool = np.full(n, -1, np.int64)
    held_pool[choice >= 0] = pool[choice[choice >= 0]]
    settled = np.zeros(n, bool)
    wanted = rows[_wanted(rows, owner, choice)]
    while True:
        demanded = np.zeros(n_pools, bool)
        demanded[pool[wanted]] = True
        newly_closed = ~demanded & ~closed
        newly = ~settled & ((held_pool < 0) | newly_closed[held_pool])
        if not newly.any():
            return settled, closed
        closed |= newly_closed
        settled |= newly
        wanted = wanted[~settled[owner[wanted]]]


def _deferred_acceptance(market: Market, rows: Ints, owner: Ints, rank: Ints) -> Ints:
    """Match the rows in play; return the granted rows of the whole market, -1 for nobody."""
    count = np.bincount(owner[rows], minlength=len(market.indptr) - 1)
    indptr = np.zeros(len(market.indptr), np.int64)
    np.cumsum(count, out=indptr[1:])
    part = Market(indptr, market.route[rows], rank[rows], market.seats, pool=market.pool)
    choice = match(part).choice
    return np.where(choice >= 0, rows[choice], -1)
