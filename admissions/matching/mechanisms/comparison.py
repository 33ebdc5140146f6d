"""Mechanisms side by side on one market: who gets what, who gains, who loses, and what it costs in fairness.

Source: the usual table of the school-choice literature (Abdulkadiroğlu, Pathak and Roth, American Economic Review
2009, table 1): rank distribution, improvements over deferred acceptance, and pairs with justified envy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from admissions.matching.deferred_acceptance import match
from admissions.matching.mechanisms.eada import eada
from admissions.matching.mechanisms.immediate_acceptance import immediate_acceptance
from admissions.matching.mechanisms.programme_proposing import programme_proposing
from admissions.matching.mechanisms.rows import applicant_of_row, pool_of_row, refuse_groups, strict_rank
from admissions.matching.mechanisms.top_trading_cycles import top_trading_cycles

if TYPE_CHECKING:
    from admissions.matching.deferred_acceptance import Matching
    from admissions.matching.market import Market

MECHANISMS: dict[str, Callable[[Market], Matching]] = {
    "deferred-acceptance": match,
    "programme-proposing": programme_proposing,
    "immediate-acceptance": immediate_acceptance,
    "top-trading-cycles": top_trading_cycles,
    "eada": eada,
}


@dataclass(frozen=True)
class MechanismSummary:
    """One line of the table. Everything is a number of applicants unless it says otherwise.

    Attributes
    ----------
    first_choice_share
        First choices as per mille of the applicants with a list, rounded down; an integer, so that files agree.
    by_rank
        Applicants seated on their 1st, 2nd, 3rd ... choice.
    justified_envy
        Applicants who come before somebody seated where they would rather be.
    envy_pairs
        Pairs of such an applicant and one seat so held.
    gain, lose
        Applicants better and worse off than under deferred acceptance.
    """

    mechanism: str
    placed: int
    unplaced: int
    first_choice_share: int
    by_rank: tuple[int, ...]
    justified_envy: int
    envy_pairs: int
    gain: int
    lose: int


def compare(
    market: Market, results: Mapping[str, Matching] | None = None, consent: NDArray[np.bool_] | None = None
) -> tuple[MechanismSummary, ...]:
    """Summarise each mechanism on one market, against deferred acceptance.

    Parameters
    ----------
    market
        A market without seat groups: priorities of groups have no one order in which envy could be counted.
    results
        Matchings of this market by name; None runs every mechanism.
    consent
        bool[n], for EADA when it is run here.

    Raises
    ------
    MarketError
        If the market has seat groups.
    """
    refuse_groups(market, "the comparison")
    if results is None:
        results = {name: run(market) for name, run in MECHANISMS.items() if name != "eada"}
        results["eada"] = eada(market, consent)
    base = _rank_got(market, match(market))
    listed = max(1, int(np.count_nonzero(np.diff(market.indptr))))
    longest = int(np.diff(market.indptr).max(initial=0))
    table = []
    for name, matching in results.items():
        got = _rank_got(market, matching)
        by_rank = np.bincount(got[matching.choice >= 0], minlength=longest)
        placed = int(by_rank.sum())
        envious, pairs = _justified_envy(market, matching)
        table.append(
            MechanismSummary(
                mechanism=name,
                placed=placed,
                unplaced=len(got) - placed,
                first_choice_share=int(by_rank[:1].sum()) * 1000 // listed,
                by_rank=tuple(by_rank.tolist()),
                justified_envy=envious,
                envy_pairs=pairs,
                gain=int(np.count_nonzero(got < base)),
                lose=int(np.count_nonzero(got > base)),
            )
        )
    return tuple(table)


def _rank_got(market: Market, matching: Matching) -> NDArray[np.int64]:
    """Return the place on the own list of what each got, 0 first; the length of the list for nothing."""
    placed = matching.choice >= 0
    return np.where(placed, matching.choice - market.indptr[:-1], np.diff(market.indptr))


def _justified_envy(market: Market, matching: Matching) -> tuple[int, int]:
    """Return applicants with justified envy and pairs of one and a seat held by somebody after them."""
    owner, pool, rank = applicant_of_row(market), pool_of_row(market), strict_rank(market)
    rows = np.arange(len(owner))
    held = matching.choice[owner]
    wanted = rows[(held < 0) | (rows < held)]
    seated = matching.choice[matching.choice >= 0]
    # seats held behind a wanted row: one sorted list of (pool, rank) counts them without a loop
    width = len(owner) + 1
    taken = np.sort(pool[seated] * width + rank[seated])
    behind = np.searchsorted(taken, (pool[wanted] + 1) * width) - np.searchsorted(
        taken, pool[wanted] * width + rank[wanted]
    )
    return len(np.unique(owner[wanted[behind > 0]])), int(behind.sum())
