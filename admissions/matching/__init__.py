"""Markets and matchings: flat arrays that know nothing of Sweden."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from admissions.matching.certificate import Certificate
    from admissions.matching.deferred_acceptance import Matching, match
    from admissions.matching.groups import SeatGroups
    from admissions.matching.market import Market
    from admissions.matching.seat_values import extra_seat_values
    from admissions.matching.verification import verify

_PLACES = {
    "Certificate": "certificate",
    "Market": "market",
    "Matching": "deferred_acceptance",
    "SeatGroups": "groups",
    "extra_seat_values": "seat_values",
    "match": "deferred_acceptance",
    "verify": "verification",
}

__all__ = ["Certificate", "Market", "Matching", "SeatGroups", "extra_seat_values", "match", "verify"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use: a cold command pays only for what it runs."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value
