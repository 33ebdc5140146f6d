"""The certificate: what the independent checker established about a matching, and about which inputs.

A certificate carries the verified properties, plain counts and SHA-256 hashes of the inputs and of the result in a
canonical little-endian form, so that anybody who holds the inputs can see that it speaks of them. It says nothing
about when or where it was made: equal inputs give equal certificates.

Source: Parcoursup's output verifier, which re-derives named properties from the result alone; Hakimov and Raghavan,
Management Science 2025, on what an applicant needs in order to check a result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from admissions.errors import VerificationError

if TYPE_CHECKING:
    from admissions.matching.deferred_acceptance import Matching
    from admissions.matching.market import Market

FORMAT = 1

#: The numbered properties, in the order in which a violation is reported.
PROPERTIES: dict[str, str] = {
    "P1": "well-formed: every granted row is the applicant's own, and route and seat group agree with it",
    "P2": "nobody holds more than one seat",
    "P3": "eligibility: a seat of a group goes only to rows that belong to the group",
    "P4": "capacity: no pool, group or emptied reverting seats hold more than their seats",
    "P5": "no seat stands empty that somebody wants",
    "P6": "no justified envy: nobody wants a seat held by somebody who comes after them",
    "P7": "seat groups respected: each row sits in the first of its groups that would have it",
    "P8": "applicant-optimal: no other stable matching is better for anybody",
    "P9": "nobody who held a seat before the round ends below it",
}

HOLDS, NOT_CLAIMED = "holds", "not claimed"


@dataclass(frozen=True)
class Certificate:
    """What was checked, on what.

    Attributes
    ----------
    properties
        For each of `PROPERTIES` either ``"holds"`` or ``"not claimed"``.
    counts
        Applicants with at least one choice, placed, choices, routes, pools, seats, groups, holders, and how many
        refused higher choices were compared with the seats they were refused.
    sha256
        Hex digests of ``choices``, ``priority``, ``seats``, ``groups``, ``holders`` and ``result``.

    Examples
    --------
    >>> one = Certificate({"P1": "holds"}, {"placed": 2}, {"result": "00"})
    >>> Certificate.from_json(one.to_json()) == one
    True
    """

    properties: dict[str, str]
    counts: dict[str, int]
    sha256: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return the certificate as plain data, with its format number."""
        return {"format": FORMAT, **asdict(self)}

    def to_json(self) -> str:
        """Return canonical JSON: sorted keys, two spaces, one trailing newline."""
        return json.dumps(self.as_dict(), indent=2, sort_keys=True) + "\n"

    @staticmethod
    def from_json(text: str) -> Certificate:
        """Read what `to_json` wrote.

        Raises
        ------
        VerificationError
            If the text is no certificate of this format.
        """
        try:
            data = json.loads(text)
            if data.pop("format") != FORMAT:
                raise ValueError(f"format is not {FORMAT}")  # noqa: TRY301 - one place says what is wrong
            return Certificate(**data)
        except (ValueError, TypeError, KeyError, AttributeError) as reason:
            raise VerificationError("certificate readable", "certificate", f"not a certificate: {reason}") from reason

    def check(self, market: Market, matching: Matching, *, holders: NDArray[np.int64] | None = None) -> None:
        """Compare the hashes with those of a market and a matching: the certificate must speak of them.

        Raises
        ------
        VerificationError
            Naming the first of choices, priority, seats, groups, holders and result that differs.
        """
        for name, digest in digests(market, matching, holders).items():
            if self.sha256.get(name) != digest:
                raise VerificationError(
                    "certificate speaks of these inputs",
                    name,
                    f"SHA-256 is {digest}, the certificate says {self.sha256.get(name)}; the data changed after "
                    "it was certified, or it belongs to another run",
                )


def digests(market: Market, matching: Matching, holders: NDArray[np.int64] | None) -> dict[str, str]:
    """Return the canonical hashes of inputs and result.

    Notes
    -----
    All integers little-endian; applicants without choices leave no trace.

    - ``choices``: int64 first row of every applicant who has one, then int32 route of each row.
    - ``priority``: int64 points then uint64 lottery of each row; or int64 priority where that was given.
    - ``seats``: int32 pool of each route, then int64 seats of each pool.
    - ``groups``: int32 pool, int64 seats, int32 order, uint8 reverts of each group in (pool, order); then for each
      group the int64 rows that belong to it, first in line first, closed by -1; and, where rows ask for groups in an
      order of their own, for each group the int32 places (0, 1, ...) at which those rows ask for it.
    - ``holders``: int64 rows held before the round, ascending.
    - ``result``: int64 granted rows, ascending, then int32 seat group of each as a place in the list of ``groups``,
      or -1.
    """
    first = market.indptr[:-1][market.indptr[1:] > market.indptr[:-1]]
    if market.points is None:
        priority = _sha256((market.priority, "<i8"))
    else:
        priority = _sha256((market.points, "<i8"), (market.lottery, "<u8"))
    order, parts = _groups(market)
    granted = matching.choice >= 0
    group = matching.group[granted]
    if len(order):
        place = np.empty(len(order) + 1, np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        place[-1] = -1
        group = place[group]
    held = np.empty(0, np.int64) if holders is None else np.sort(holders[holders >= 0])
    return {
        "choices": _sha256((first, "<i8"), (market.route, "<i4")),
        "priority": priority,
        "seats": _sha256((market.pool, "<i4"), (market.seats, "<i8")),
        "groups": _sha256(*parts),
        "holders": _sha256((held, "<i8")),
        "result": _sha256((matching.choice[granted], "<i8"), (group, "<i4")),
    }


def _groups(market: Market) -> tuple[NDArray[np.int64], list[tuple[Any, str]]]:
    """Return the groups in (pool, order) and what is hashed of them."""
    groups = market.groups
    if groups is None:
        return np.empty(0, np.int64), []
    order = np.lexsort((groups.order, groups.pool))
    parts: list[tuple[Any, str]] = [
        (groups.pool[order], "<i4"),
        (groups.seats[order], "<i8"),
        (groups.order[order], "<i4"),
        (groups.reverts[order], "u1"),
    ]
    line = np.lexsort((groups.priority, groups.group))
    start = np.searchsorted(groups.group[line], np.arange(len(order) + 1))
    closing = np.array([-1])
    for one in order:
        parts += [(groups.row[line[start[one] : start[one + 1]]], "<i8"), (closing, "<i8")]
    if groups.ask is not None:
        parts += [(groups.ask[line[start[one] : start[one + 1]]], "<i4") for one in order]
    return order, parts


def _sha256(*parts: tuple[Any, str]) -> str:
    digest = hashlib.sha256()
    for array, dtype in parts:
        digest.update(np.ascontiguousarray(array, dtype=dtype).data)
    return digest.hexdigest()


def counts_of(
    market: Market, matching: Matching, compared: int, holders: NDArray[np.int64] | None
) -> Mapping[str, int]:
    """Return the counts of a certificate."""
    return {
        "applicants": int(np.count_nonzero(np.diff(market.indptr))),
        "placed": int(np.count_nonzero(matching.choice >= 0)),
        "choices": len(market.route),
        "routes": len(market.pool),
        "pools": len(market.seats),
        "seats": int(market.seats.sum()),
        "groups": 0 if market.groups is None else len(market.groups.seats),
        "holders": 0 if holders is None else int(np.count_nonzero(holders >= 0)),
        "refusals_compared": compared,
    }
