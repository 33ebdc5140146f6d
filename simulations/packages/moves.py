"""Move seats with their total fixed, within one school or programme or anywhere: the best move, again and again.

Every move is exact: a seat is taken (the displaced propose on), then one seat more is valued at every receiver of the
same set at once. Taking a seat can harm somebody; who loses counts against who gains. Where a set has an empty seat to
give, no other giver of the set does better: an empty seat harms nobody, and stays empty whatever is added elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError
from admissions.matching import Market, Matching, match
from simulations.packages.objective import Effect, Ints, Objective
from simulations.packages.seating import Seating


@dataclass(frozen=True)
class Move:
    """One seat moved from a pool to another, and what all moves so far do together."""

    from_pool: int
    to_pool: int
    effect: Effect


@dataclass(frozen=True, eq=False)
class SeatMoves:
    """Moves of seats, each an improvement, the total unchanged.

    Attributes
    ----------
    moves
        In their order.
    effect
        What they do together.
    change
        int64[pools]: seats more or fewer; sums to 0, within every set too.
    settled
        Whether no further single move helps; False if the number of moves or the time ran out first.
    """

    moves: tuple[Move, ...]
    effect: Effect
    change: Ints
    settled: bool


def best_moves(
    market: Market,
    *,
    within: Sequence[Any] | None = None,
    at_most: int = 10,
    keep: npt.NDArray[np.int64] | None = None,
    objective: Objective | None = None,
    matching: Matching | None = None,
    seconds: float = 60.0,
) -> SeatMoves:
    """Find moves of seats that help most, one after the other.

    Parameters
    ----------
    market
        The market; lists are held fixed.
    within
        One label a pool (school, programme): seats move between pools of one label only; None as a label keeps a pool
        out. Anywhere if absent.
    at_most
        Most moves.
    keep
        int64[pools]: seats each pool keeps at least; 0 if absent.
    objective
        Newly placed first, unless other weights are given.
    matching
        What :func:`~admissions.matching.match` gave for the market, if at hand.
    seconds
        Stop after this time with the moves found so far.

    Raises
    ------
    AdmissionsError
        If labels or kept seats do not fit the market.
    """
    labels = ["" for _ in range(market.n_pools)] if within is None else list(within)
    least = np.zeros(market.n_pools, np.int64) if keep is None else np.asarray(keep)
    problems = [
        f"there are {len(one)} {what} for {market.n_pools} pools"
        for one, what in ((labels, "labels"), (least, "numbers of kept seats"))
        if len(one) != market.n_pools
    ]
    if problems:
        raise AdmissionsError("; ".join(problems))
    sets: dict[Any, list[int]] = {}
    for pool, label in enumerate(labels):
        if label is not None:
            sets.setdefault(label, []).append(pool)
    chosen = [np.array(pools, np.int64) for pools in sets.values() if len(pools) > 1]
    seating = Seating(market, match(market) if matching is None else matching, objective or Objective())
    end = time.monotonic() + seconds
    change = np.zeros(market.n_pools, np.int64)
    moves: list[Move] = []
    while len(moves) < at_most:
        spare = (market.seats + change > np.maximum(least, 0)) & (seating.capacity[seating.entry] > 0)
        best = _best_of_all(seating, chosen, spare, end)
        if best is None:
            return SeatMoves(tuple(moves), seating.effect(), change, settled=False)
        gain, giver, receiver = best
        if gain <= 0:
            return SeatMoves(tuple(moves), seating.effect(), change, settled=True)
        seating.add(int(seating.entry[receiver]))
        seating.remove(int(seating.entry[giver]))
        change[[giver, receiver]] += (-1, 1)
        moves.append(Move(giver, receiver, seating.effect()))
    return SeatMoves(tuple(moves), seating.effect(), change, settled=False)


def _best_of_all(
    seating: Seating, sets: list[Ints], spare: npt.NDArray[np.bool_], end: float
) -> tuple[int, int, int] | None:
    """Return gain, giver and receiver of the best move, gain 0 if none helps; None if time ran out."""
    gains = [seating.gains(seating.entry[pools]) for pools in sets]
    # a move never does more than its receiver's seat alone: sets that promise most first, hopeless ones never
    best = (0, -1, -1)
    for k in sorted(range(len(sets)), key=lambda k: -int(gains[k].max())):
        if gains[k].max() <= best[0]:
            break
        for giver in _givers(seating, sets[k], spare):
            if time.monotonic() > end:
                return None
            trial = seating.copy()
            before = trial.effect().value
            trial.remove(int(seating.entry[giver]))
            lost = trial.effect().value - before
            others = sets[k][sets[k] != giver]
            after = trial.gains(seating.entry[others])
            most = int(np.argmax(after))
            best = max(best, (lost + int(after[most]), giver, int(others[most])), key=lambda one: one[0])
    return best


def _givers(seating: Seating, pools: Ints, spare: npt.NDArray[np.bool_]) -> list[int]:
    """Return the pools of a set that may give a seat: one with an empty seat if there is one, else all."""
    able = pools[spare[pools]]
    empty = able[seating.empty_seats()[seating.entry[able]] > 0]
    return [int(one) for one in (empty[:1] if len(empty) else able)]
