"""Where another system's order contradicts ours: the pairs it decided the other way round.

A row refused there although an admitted one of the same pool stands behind it by our keys, or admitted there although a
refused one stands before it. The step at which the two keys part says what the systems disagree about.

Seat groups have orders of their own, and the other file does not say on which seats somebody sits. So a row comes
before another one only if it may take every kind of seats the other may take, and comes first in each of their orders.
"""

from __future__ import annotations

import bisect
from collections.abc import Container, Sequence

import polars as pl

from admissions.explanations.keys import lost_at, unpack

_Key = tuple[int, int]


class Order:
    """Our order of the rows of each pool, and who was admitted and who refused there.

    Parameters
    ----------
    both
        From `admissions.explanations.shadow.side_by_side`.
    chain
        Our rulebook's chain of tie-breaks.
    """

    def __init__(self, both: pl.DataFrame, chain: Sequence[str]) -> None:
        self.chain = tuple(chain)
        tried = both.filter((pl.col("row_status") == "tried").fill_null(value=False))
        self.key: dict[int, _Key] = {
            number: (-points, lottery)
            for number, points, lottery in tried.select("number", "points", "lottery_order").iter_rows()
        }
        grouped = tried.filter(pl.col("groups").fill_null("") != "").select("number", "groups")
        self.groups = {number: _places(tokens) for number, tokens in grouped.iter_rows()}
        self.merit = dict(tried.select("number", "merit").iter_rows())
        self.theirs = {
            number: (status, pool)
            for number, status, pool in tried.select("number", "their_status", "pool").iter_rows()
        }
        self.values = {
            number: {"tier": tier, "merit": merit, "lottery": drawn}
            for number, tier, merit, drawn in tried.select(
                "number", "their_tier", "their_merit", "their_drawn"
            ).iter_rows()
        }
        self.sides: dict[tuple[str, str], list[tuple[_Key, int]]] = {}
        for number, (status, pool) in self.theirs.items():
            if status in {"admitted", "reserve"}:
                self.sides.setdefault((pool, status), []).append((self.key[number], number))
        for side in self.sides.values():
            side.sort()

    def inversion(self, row: int, stated: Container[int]) -> tuple[int, str] | None:
        """Return the row most clearly decided the other way round, and the step at which the two keys part.

        Parameters
        ----------
        row
            A row of one side.
        stated
            Rows with a cause of their own: named only where there is no other.
        """
        if row not in self.key or self.theirs[row][0] not in {"admitted", "reserve"}:
            return None
        status, pool = self.theirs[row]
        others = self.sides.get((pool, "admitted" if status == "reserve" else "reserve"), [])
        at = bisect.bisect_left(others, (self.key[row], row))
        # a cause must account for the widest contradiction: first those furthest from the row
        refused = status == "reserve"
        far = reversed(others[at:]) if refused else others[:at]
        wrong = [one for _, one in far if (self._before(row, one) if refused else self._before(one, row))]
        if not wrong:
            return None
        other = next((one for one in wrong if one not in stated), wrong[0])
        ahead, behind = (row, other) if refused else (other, row)
        points = -self.key[behind][0], -self.key[ahead][0]
        ranked = unpack(points[0], self.chain).merit != self.merit[behind]
        return other, lost_at(*points, self.chain, by_rank=ranked)

    def _before(self, ahead: int, behind: int) -> bool:
        """Tell whether a row with the better key comes before another one on whatever seats that one may sit."""
        mine, others = self.groups.get(ahead, {}), self.groups.get(behind, {})
        if "-" in mine and "-" not in others:
            return False  # not the open seats
        for name, place in others.items():
            if name and name != "-" and name not in mine:
                return False
            own = mine.get(name)
            if place is not None and own is not None and own >= place:
                return False
        return True

    def stated(self, row: int, other: int, step: str) -> bool:
        """Tell whether the other file states, for both rows, the value of the step: then that does not explain it."""
        return all(self.values[one].get(step) is not None for one in (row, other))


def _places(tokens: str) -> dict[str, int | None]:
    """Return the groups named in a row's cell, and its place in each that has an order of its own.

    Examples
    --------
    >>> _places(": free_quota:12")
    {'': None, 'free_quota': 12}
    """
    parts = (token.partition(":") for token in tokens.split())
    return {name: int(place) if place else None for name, _, place in parts}
