"""Re-derive the properties of a matching from the market and the result alone.

The checker looks at what everybody holds and at what everybody would rather hold, and establishes nine numbered
properties (`admissions.matching.certificate.PROPERTIES`). It never runs a matching algorithm.

Why P8 proves optimality. Let ``s(c)`` be the first in line among those who would rather be in class ``c`` (all of them
come after everybody seated there, by P6), and let each class point to the class in which ``s(c)`` sits; a reverting
group that nobody wants points where the seats given back by its pool point, for that is where its seat would go.
If the pointers close a cycle, moving each ``s(c)`` along it gives a stable matching that is better for all of them and
worse for nobody. If another stable matching is better for somebody, every class that loses a person in it points to a
class that loses a person too (the same seats are filled, so each place left must be taken over), and the pointers
close a cycle. So: no cycle, no better stable matching.

Source: Gusfield and Irving 1989 (rotations); Roth 1986 (rural hospitals: the same seats are filled in every stable
matching); Kominers and Sönmez 2016 and Westkamp 2013 for the seat groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from admissions.errors import VerificationError
from admissions.matching.certificate import HOLDS, NOT_CLAIMED, PROPERTIES, Certificate, counts_of, digests
from admissions.matching.options import Options, grouped_options, market_keys, plain_options
from admissions.matching.stability_scan import improving_cycle, scan

if TYPE_CHECKING:
    from admissions.matching.deferred_acceptance import Matching
    from admissions.matching.market import Market

Ints = NDArray[np.int64]


def verify(
    market: Market,
    matching: Matching,
    *,
    holders: Ints | None = None,
    optimal: bool = True,
    applicants: Sequence[object] | None = None,
    routes: Sequence[object] | None = None,
) -> Certificate:
    """Certify a matching, or say which property it violates first and where.

    Parameters
    ----------
    market, matching
        What was matched, and the result.
    holders
        Reserve rounds: int64[n], the row of this market each applicant held before the round, -1 for none. Then the
        market must carry the holders' right: first in line at the held pool, and no choice below it (P9).
    optimal
        Whether the result claims to be the applicant-optimal one. False for reserve lists called down and for the
        fewest moves: P8 is then recorded as not claimed.
    applicants, routes
        Names to say in a refusal instead of positions.

    Returns
    -------
    Certificate
        Equal for equal inputs. P2 holds by form: a matching has one row for each applicant, and P1 makes it their own.

    Raises
    ------
    VerificationError
        With the first violated property in the order of their numbers, its place and what was found there.

    Examples
    --------
    >>> import numpy as np
    >>> from admissions.matching import Market, match, verify
    >>> market = Market(np.array([0, 1, 2]), np.array([0, 0], np.int32), np.array([5, 3]), np.array([1]))
    >>> verify(market, match(market)).counts["placed"]
    1
    """
    return _Check(market, matching, holders, applicants, routes).certify(optimal=optimal)


class _Check:
    """One verification: the market, the result, and how to say where something is wrong."""

    def __init__(
        self,
        market: Market,
        matching: Matching,
        holders: Ints | None,
        applicants: Sequence[object] | None,
        routes: Sequence[object] | None,
    ) -> None:
        self.market, self.matching, self.holders = market, matching, holders
        self.applicants, self.routes = applicants, routes
        self.n_groups = 0 if market.groups is None else len(market.groups.seats)

    def certify(self, *, optimal: bool) -> Certificate:
        self.well_formed()
        compared = self.established(optimal=optimal)
        properties = dict.fromkeys(PROPERTIES, HOLDS)
        if not optimal:
            properties["P8"] = NOT_CLAIMED
        if self.holders is None:
            properties["P9"] = NOT_CLAIMED
        counts = counts_of(self.market, self.matching, compared, self.holders)
        return Certificate(properties, dict(counts), digests(self.market, self.matching, self.holders))

    def established(self, *, optimal: bool) -> int:
        """Check P3 to P9; return how many refusals were compared."""
        options = plain_options(self.market) if self.market.groups is None else self.grouped()
        held = self.eligible(options)
        seats, filled = self.capacity(options, held)
        compared, better = self.nothing_better(options, held, seats, filled)
        if optimal:
            self.optimal(options, held, better)
        self.nobody_lost()
        return compared

    def grouped(self) -> Options:
        assert self.market.groups is not None
        return grouped_options(self.market, self.market.groups)

    def well_formed(self) -> None:
        market, matching = self.market, self.matching
        n, n_rows = len(market.indptr) - 1, len(market.route)
        for name in ("route", "choice", "group"):
            array = getattr(matching, name)
            if array.shape != (n,) or not np.issubdtype(array.dtype, np.integer):
                raise VerificationError(
                    _title("P1"), f"matching.{name}", f"{array.dtype}{array.shape}, not an integer for each of {n}"
                )
        choice = matching.choice
        placed = choice >= 0
        own = (choice >= market.indptr[:-1]) & (choice < market.indptr[1:])
        self.none("P1", placed & ~own, "row {row} is not a choice of this applicant (of {rows} rows)", rows=n_rows)
        self.none("P1", choice < -1, "row {row} does not exist")
        route = np.full(n, -1, np.int64)
        route[placed] = market.route[choice[placed]]
        self.none("P1", matching.route != route, "the granted row {row} is for another route")
        group = matching.group
        self.none("P1", (group < -1) | (group >= self.n_groups), "seat group {group} does not exist")
        self.none("P1", (group >= 0) & ~placed, "a seat group without a seat")
        if market.groups is not None:
            in_group = np.flatnonzero(group >= 0)
            elsewhere = np.zeros(n, bool)
            elsewhere[in_group] = market.groups.pool[group[in_group]] != market.pool[route[in_group]]
            self.none("P1", elsewhere, "seat group {group} belongs to another pool")

    def eligible(self, options: Options) -> Ints:
        """Return the option each applicant holds, or the end of their options."""
        matching, market = self.matching, self.market
        held = options.indptr[1:].copy()
        placed = np.flatnonzero(matching.choice >= 0)
        if market.groups is None:
            held[placed] = matching.choice[placed]
            return held
        # every option of a granted row that lies in the granted class: exactly one, or the row has no such right
        pool = market.pool[matching.route[placed]]
        group = matching.group[placed].astype(np.int64)
        klass = np.where(group >= 0, group, self.n_groups + pool)
        wanted = np.full(len(market.route), -1, np.int64)
        wanted[matching.choice[placed]] = klass
        hit = np.flatnonzero(wanted[options.row] == options.klass)
        owner = np.searchsorted(market.indptr, options.row[hit], side="right") - 1
        held[owner] = hit
        without = np.zeros(len(held), bool)
        without[placed] = True
        without[owner] = False
        self.none("P3", without, "row {row} does not belong to seat group {group} and may not take its seats")
        return held

    def capacity(self, options: Options, held: Ints) -> tuple[Ints, Ints]:
        """Return seats and people of each class."""
        market = self.market
        inside = held[held < options.indptr[1:]]
        filled = np.bincount(options.klass[inside], minlength=self.n_groups + len(market.seats))
        seats = np.concatenate([np.zeros(self.n_groups, np.int64), market.seats])
        groups = market.groups
        if groups is not None:
            seats[: self.n_groups] = groups.seats
            emptied = np.where(groups.reverts, groups.seats - filled[: self.n_groups], 0)
            seats[self.n_groups + groups.pool] = 0
            np.add.at(seats, self.n_groups + groups.pool, emptied)
        over = np.flatnonzero(filled > seats)
        if len(over):
            raise VerificationError(
                _title("P4"), self.class_name(over[0]), f"{filled[over[0]]} people on {seats[over[0]]} seats"
            )
        return seats, filled

    def nothing_better(self, options: Options, held: Ints, seats: Ints, filled: Ints) -> tuple[int, Ints]:
        """Return how many refusals were compared, and the first in line for each class."""
        worst = np.full(len(seats), -1, np.int64)
        better = np.full(len(seats), -1, np.int64)
        found = np.full((3, 2), -1, np.int64)
        compared = scan(
            options.indptr, options.row, options.klass, options.key, options.draw, held, seats, filled,
            worst, better, found,
        )  # fmt: skip
        for number, (applicant, option) in zip(("P5", "P6", "P7"), found.tolist(), strict=True):
            if option >= 0:
                klass = int(options.klass[option])
                where = f"{self.person(applicant)}, {self.route_name(self.market.route[options.row[option]])}"
                if filled[klass] < seats[klass]:
                    people = f"{filled[klass]} people on {seats[klass]} seats"
                    what = f"{self.class_name(klass)} has {people} and would take the row"
                else:
                    last = self.owner(options, int(worst[klass]))
                    what = f"comes before {self.person(last)}, who sits in {self.class_name(klass)}"
                raise VerificationError(_title(number), where, what)
        return compared, better

    def optimal(self, options: Options, held: Ints, better: Ints) -> None:
        n_classes = len(better)
        points_to = np.full(n_classes, -1, np.int64)
        wanted = np.flatnonzero(better >= 0)
        first = np.searchsorted(options.indptr, better[wanted], side="right") - 1
        inside = held[first] < options.indptr[first + 1]
        points_to[wanted[inside]] = options.klass[held[first[inside]]]
        groups = self.market.groups
        if groups is not None:
            unwanted = np.flatnonzero(groups.reverts & (better[: self.n_groups] < 0))
            points_to[unwanted] = self.n_groups + groups.pool[unwanted]
        cycle = [int(klass) for klass in improving_cycle(points_to) if better[klass] >= 0]
        if cycle:
            moves = [
                f"{self.person(self.owner(options, int(better[klass])))} to "
                f"{self.route_name(self.market.route[options.row[better[klass]]])}"
                for klass in cycle[:5]
            ]
            more = "" if len(cycle) <= 5 else f" and {len(cycle) - 5} more"
            raise VerificationError(
                _title("P8"), self.class_name(cycle[0]), f"all of these could move up: {'; '.join(moves)}{more}"
            )

    def nobody_lost(self) -> None:
        if self.holders is None:
            return
        market, holders = self.market, self.holders
        holds = holders >= 0
        own = (holders >= market.indptr[:-1]) & (holders < market.indptr[1:])
        self.none("P9", holds & ~own, "the list of holders names a row that is not this applicant's")
        self.none("P9", holds & (holders != market.indptr[1:] - 1), "a choice below the held one was tried")
        lost = holds & ((self.matching.choice < 0) | (self.matching.choice > holders))
        self.none("P9", lost, "held a seat before the round and ends below it")
        self.holders_first(np.flatnonzero(holds), market.pool[market.route])

    def holders_first(self, holding: Ints, pool: NDArray[np.int32]) -> None:
        """At a pool without groups nobody who does not hold a seat there comes before somebody who does."""
        assert self.holders is not None
        market = self.market
        key, draw = market_keys(market)
        plain = np.ones(len(market.seats), bool)
        if market.groups is not None:
            plain[market.groups.pool] = False
        held_rows = self.holders[holding]
        holds_row = np.zeros(len(market.route), bool)
        holds_row[held_rows] = True
        touched = np.zeros(len(market.seats), bool)
        touched[pool[held_rows]] = True
        rows = np.flatnonzero((touched & plain)[pool])
        line = rows[np.lexsort((rows, draw[rows], key[rows], pool[rows]))]
        behind = np.flatnonzero(~holds_row[line[:-1]] & holds_row[line[1:]] & (pool[line[:-1]] == pool[line[1:]]))
        if len(behind):
            row = int(line[behind[0] + 1])
            who = int(np.searchsorted(market.indptr, row, side="right") - 1)
            raise VerificationError(
                _title("P9"),
                f"{self.person(who)}, {self.route_name(market.route[row])}",
                "somebody without a seat stands before this holder",
            )

    def none(self, number: str, wrong: NDArray[np.bool_], message: str, **values: object) -> None:
        """Refuse the first applicant marked wrong."""
        if not wrong.any():
            return
        who = int(np.argmax(wrong))
        matching = self.matching
        said = message.format(row=int(matching.choice[who]), group=int(matching.group[who]), **values)
        raise VerificationError(_title(number), f"{self.person(who)}, {self.route_name(matching.route[who])}", said)

    def owner(self, options: Options, option: int) -> int:
        return int(np.searchsorted(options.indptr, option, side="right") - 1)

    def person(self, applicant: int) -> str:
        return f"applicant {applicant if self.applicants is None else self.applicants[applicant]}"

    def route_name(self, route: int) -> str:
        known = self.routes is not None and 0 <= route < len(self.routes)
        return f"route {self.routes[route] if known and self.routes is not None else route}"

    def class_name(self, klass: int) -> str:
        groups = self.market.groups
        if groups is not None and klass < self.n_groups:
            return f"seat group {klass} of {self.pool_name(int(groups.pool[klass]))}"
        pool = klass - self.n_groups
        given_back = groups is not None and bool((groups.pool == pool).any())
        return f"seats given back in {self.pool_name(pool)}" if given_back else self.pool_name(pool)

    def pool_name(self, pool: int) -> str:
        members = np.flatnonzero(self.market.pool == pool)
        names = ", ".join(self.route_name(int(route)) for route in members[:3])
        return f"pool {pool} ({names}{', ...' if len(members) > 3 else ''})"


def _title(number: str) -> str:
    return f"{number} ({PROPERTIES[number]})"
