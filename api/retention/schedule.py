"""The retention schedule (gallringsplan) of an intake: what is erased after which day.

The days are the organisation's own decision; the ones here are what an intake starts with. They count from the
admission year, because everything in it was collected for that year.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any


class Category(StrEnum):
    """What is erased together."""

    UPLOADS = "uploads"
    IDENTITIES = "identities"
    GRADES = "grades"
    RESULTS = "results"
    PEOPLE = "people"


MEANING: Mapping[Category, str] = {
    Category.UPLOADS: "files handed in and the problems found in them",
    Category.IDENTITIES: "identity numbers",
    Category.GRADES: "grades",
    Category.RESULTS: "run folders, decisions and what each applicant was told; published tables stay",
    Category.PEOPLE: "everything else about applicants: choices, decisions, answers, calls",
}
_AFTER: Mapping[Category, tuple[int, int, int]] = {
    Category.UPLOADS: (0, 12, 31),
    Category.IDENTITIES: (1, 1, 31),
    Category.GRADES: (1, 12, 31),
    Category.RESULTS: (2, 12, 31),
    Category.PEOPLE: (2, 12, 31),
}


def last_days(year: int, own: Mapping[str, Any]) -> dict[Category, date]:
    """Give the last day on which each category is kept.

    Parameters
    ----------
    year
        The admission year.
    own
        What the intake says itself, ISO days by category.

    Examples
    --------
    >>> last_days(2026, {"grades": "2027-06-30"})[Category.GRADES].isoformat()
    '2027-06-30'
    """
    days = {category: date(year + later, month, day) for category, (later, month, day) in _AFTER.items()}
    return days | {Category(name): date.fromisoformat(value) for name, value in own.items()}
