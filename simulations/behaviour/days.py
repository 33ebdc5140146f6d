"""The days between two rounds, on which things happen that the later of the two sees."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from admissions.rules import round_number

if TYPE_CHECKING:
    from admissions.rules.calendar import Calendar


def reserve_after(round_name: str) -> str:
    """Return the reserve round that follows a round.

    Examples
    --------
    >>> reserve_after("final"), reserve_after("reserve-1")
    ('reserve-1', 'reserve-2')
    """
    return f"reserve-{round_number(round_name)}"


def days_between(calendar: Calendar, round_name: str) -> tuple[date, date]:
    """Return the first day on which something can follow from a round, its own, and the last the next round sees."""
    first = calendar.day_of(round_name)
    return first, max(first, calendar.as_of(reserve_after(round_name)))


def day_of_chance(calendar: Calendar, round_name: str, chance: float) -> date:
    """Return the day at a share `chance` of the time between a round and the next."""
    first, last = days_between(calendar, round_name)
    return first + timedelta(days=int(chance * ((last - first).days + 1)))
