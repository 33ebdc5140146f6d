"""The market file: any small market as JSON, read strictly and solved by any mechanism.

The format is described in docs/formats and in `read_market`. Everything wrong is reported at once, each with its place
in the file, e.g. ``programmes.p.priority[2]``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from admissions.errors import InputError
from admissions.matching.deferred_acceptance import Matching, match
from admissions.matching.groups import SeatGroups
from admissions.matching.market import Market
from admissions.matching.market_json import Slot, Stated, TieBreak, read_stated

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The mechanisms by the names they have on the command line; the first is the default.
MECHANISMS = ("deferred-acceptance", "programme-proposing", "immediate-acceptance", "top-trading-cycles", "eada")
WITH_SLOTS = MECHANISMS[:2]


@dataclass(frozen=True)
class MarketFile:
    """A market with the names it was given under.

    Attributes
    ----------
    market
        Applicants sorted by id, programmes sorted by name; only acceptable choices are in it.
    applicants, programmes
        The names behind the positions.
    consent
        bool[n]: who waives a claim that cannot help them (EADA).
    """

    market: Market
    applicants: tuple[str, ...]
    programmes: tuple[str, ...]
    consent: NDArray[np.bool_]

    def solve(self, mechanism: str = MECHANISMS[0]) -> Matching:
        """Match by a mechanism.

        Raises
        ------
        InputError
            If the mechanism is unknown, or does not know slots and the file has some.
        """
        if mechanism not in MECHANISMS:
            raise InputError([f"--mechanism {mechanism}: unknown; known are {', '.join(MECHANISMS)}"])
        if self.market.groups is not None and mechanism not in WITH_SLOTS:
            raise InputError([f"slots: {mechanism} does not know slots; use one of {', '.join(WITH_SLOTS)}"])
        return _SOLVERS[mechanism](self)

    def assignment(self, matching: Matching) -> dict[str, str | None]:
        """Return every applicant with the programme granted, or None, sorted by id."""
        routes = matching.route.tolist()
        return {
            name: None if route < 0 else self.programmes[route]
            for name, route in zip(self.applicants, routes, strict=True)
        }


def read_market(text: str) -> MarketFile:
    """Read a market file.

    Parameters
    ----------
    text
        JSON with ``applicants`` (lists of programmes, best first), ``programmes`` (``capacity``, and ``priority``: who
        is acceptable, first in line first, a nested list being a tie), and, where wanted, ``tie_break``, ``groups``,
        ``slots`` and ``consent``. A choice is acceptable if the programme ranks the applicant; somebody ranked who did
        not list the programme is ignored. A slot that ranks people itself is open to those it ranks, among the
        acceptable ones. A tie needs breaking only among those who listed the programme.

    Raises
    ------
    InputError
        With every problem and its place.

    Examples
    --------
    >>> file = read_market('{"applicants": {"a": ["p"]}, "programmes": {"p": {"capacity": 1, "priority": ["a"]}}}')
    >>> file.assignment(file.solve())
    {'a': 'p'}
    """
    return _Builder(read_stated(text)).build()


class _Builder:
    """From what the file states to arrays."""

    def __init__(self, stated: Stated) -> None:
        self.stated = stated
        self.problems: list[str] = []
        self.applicants = tuple(sorted(stated.applicants))
        self.programmes = tuple(sorted(stated.programmes))
        self.route_of = {name: i for i, name in enumerate(self.programmes)}

    def build(self) -> MarketFile:
        stated = self.stated
        listers: dict[str, dict[str, int]] = {name: {} for name in self.programmes}
        for applicant in self.applicants:
            for position, programme in enumerate(stated.applicants[applicant]):
                listers[programme][applicant] = position
        line = {
            name: self.strict_line(name, stated.programmes[name].priority, listers[name], f"programmes.{name}.priority")
            for name in self.programmes
        }
        place = {name: {applicant: k for k, applicant in enumerate(line[name])} for name in self.programmes}
        indptr, route, priority = [0], list[int](), list[int]()
        row_of: dict[tuple[str, str], int] = {}
        for applicant in self.applicants:
            for programme in stated.applicants[applicant]:
                if applicant in place[programme]:
                    row_of[applicant, programme] = len(route)
                    route.append(self.route_of[programme])
                    priority.append(place[programme][applicant])
            indptr.append(len(route))
        seats = [self.seats(name) for name in self.programmes]
        groups = self.seat_groups(line, listers, row_of)
        if self.problems:
            raise InputError(self.problems)
        market = Market(
            np.array(indptr, np.int64),
            np.array(route, np.int32),
            np.array(priority, np.int64),
            np.array(seats, np.int64),
            groups=groups,
        )
        consent = stated.consent
        agrees = np.array([consent is None or name in consent for name in self.applicants], bool)
        return MarketFile(market, self.applicants, self.programmes, agrees)

    def seats(self, name: str) -> int:
        slots = self.stated.slots.get(name)
        if slots is None:
            return self.enough(self.stated.programmes[name].capacity or 0)
        return sum(self.enough(slot.n) for slot in slots)

    def enough(self, seats: int) -> int:
        """No class of seats needs more than one for everybody; so no number is too large for the arrays."""
        return min(seats, len(self.applicants))

    def strict_line(
        self, programme: str, priority: Sequence[list[str]], listers: dict[str, int], where: str
    ) -> list[str]:
        """Return those who listed the programme, first in line first, its ties broken."""
        line: list[str] = []
        for k, tie in enumerate(priority):
            asking = [applicant for applicant in tie if applicant in listers]
            if len(asking) > 1:
                asking = self.broken(programme, asking, listers, f"{where}[{k}]")
            line += asking
        return line

    def broken(self, programme: str, tie: list[str], listers: dict[str, int], where: str) -> list[str]:
        tie_break = self.stated.tie_break or TieBreak("none", {}, {})
        order = tie_break.orders.get(programme, {}) if tie_break.kind == "mtb" else tie_break.order
        by_position = tie_break.kind == "list_position_then_stb"
        last = len(order)

        def key(applicant: str) -> tuple[int, int]:
            return (listers[applicant] if by_position else 0, order.get(applicant, last))

        line = sorted(tie, key=key)
        for before, after in pairwise(line):
            same = not by_position or listers[before] == listers[after]
            if same and last in (key(before)[1], key(after)[1]):
                lacks = after if key(after)[1] == last else before
                known = {
                    "none": "the file has no tie_break",
                    "mtb": f"tie_break.orders.{programme} lacks {lacks!r}",
                }.get(tie_break.kind, f"tie_break.order lacks {lacks!r}")
                self.problems.append(f"{where}: the tie between {before!r} and {after!r} is not resolved: {known}")
                break
        return line

    def seat_groups(
        self, line: dict[str, list[str]], listers: dict[str, dict[str, int]], row_of: dict[tuple[str, str], int]
    ) -> SeatGroups | None:
        if not self.stated.slots:
            return None
        pool, seats, order, reverts = list[int](), list[int](), list[int](), list[bool]()
        member_group, member_row, member_priority = list[int](), list[int](), list[int]()
        for programme in sorted(self.stated.slots):
            acceptable = set(line[programme])
            for k, slot in enumerate(self.stated.slots[programme]):
                group_line = line[programme]
                if slot.priority is not None:
                    where = f"slots.{programme}[{k}].priority"
                    group_line = self.strict_line(programme, slot.priority, listers[programme], where)
                may = [one for one in group_line if one in acceptable and self.belongs(one, slot)]
                member_group += [len(pool)] * len(may)
                member_row += [row_of[one, programme] for one in may]
                member_priority += range(len(may))
                pool.append(self.route_of[programme])
                seats.append(self.enough(slot.n))
                order.append(k)
                reverts.append(slot.reverts)
        if not pool:
            return None
        return SeatGroups(
            pool=np.array(pool, np.int32),
            seats=np.array(seats, np.int64),
            order=np.array(order, np.int32),
            reverts=np.array(reverts, bool),
            group=np.array(member_group, np.int32),
            row=np.array(member_row, np.int64),
            priority=np.array(member_priority, np.int64),
        )

    def belongs(self, applicant: str, slot: Slot) -> bool:
        return slot.group is None or slot.group in self.stated.groups.get(applicant, ())


def _programme_proposing(file: MarketFile) -> Matching:
    from admissions.matching.mechanisms.programme_proposing import programme_proposing

    return programme_proposing(file.market)


def _immediate_acceptance(file: MarketFile) -> Matching:
    from admissions.matching.mechanisms.immediate_acceptance import immediate_acceptance

    return immediate_acceptance(file.market)


def _top_trading_cycles(file: MarketFile) -> Matching:
    from admissions.matching.mechanisms.top_trading_cycles import top_trading_cycles

    return top_trading_cycles(file.market)


def _eada(file: MarketFile) -> Matching:
    from admissions.matching.mechanisms.eada import eada

    return eada(file.market, file.consent)


_SOLVERS: dict[str, Callable[[MarketFile], Matching]] = {
    "deferred-acceptance": lambda file: match(file.market),
    "programme-proposing": _programme_proposing,
    "immediate-acceptance": _immediate_acceptance,
    "top-trading-cycles": _top_trading_cycles,
    "eada": _eada,
}
