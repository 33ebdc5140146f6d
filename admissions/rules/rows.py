"""What the rules say of a choice row before anybody is matched: its status, the reason, its tier.

The codes are part of the file format: existing ones are never renumbered. Sources stand with the rules that set them.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt


class RowStatus(IntEnum):
    """Whether a row takes part in the round."""

    TRIED = 0  # prövas
    NOT_ELIGIBLE = 1  # obehörig
    NOT_RECEIVED = 2  # ej mottagen
    NOT_TRIED = 3  # prövas ej
    DECISION_PENDING = 4  # beslut saknas
    ROUTE_CLOSED = 5  # startar ej


class RowReason(IntEnum):
    """Which rule took the row out of the round."""

    NONE = 0
    CLOSED = 1
    AGE = 2
    COMPLETED = 3
    MISSING_SUBJECTS = 4
    ALREADY_ELIGIBLE = 5  # introduction programme, but eligible for what it leads to
    PREREQUISITE = 6
    TEST_NOT_PASSED = 7
    TARGET_GROUP = 8
    NOT_RECEIVED = 9
    SPORT = 10
    NOT_NAMED = 11  # second hand, not named by the organiser
    NO_RANK = 12
    NO_TEST = 13
    MANUAL = 14
    NO_PRELIMINARY = 15
    LATER_LATE = 16  # late choices are tried from a later round
    LATER_SECOND_HAND = 17  # second hand is tried from a later round
    TOO_MANY = 18  # beyond the highest number of choices
    PENDING_DISPENS = 19
    PENDING_DECISION = 20
    PENDING_AGE = 21  # an asylum seeker who may turn 18 before the start


class Tier(IntEnum):
    """Where a tried row stands, without regard to merit; which goes before which is `tier_order`."""

    FIRST_ON_TIME = 0
    FIRST_LATE = 1
    SECOND_ON_TIME = 2
    SECOND_LATE = 3


TIERS = len(Tier)
_TEXTS = {
    Tier.FIRST_ON_TIME: ("första hand, i tid", "first hand, on time"),
    Tier.FIRST_LATE: ("första hand, sent", "first hand, late"),
    Tier.SECOND_ON_TIME: ("andra hand, i tid", "second hand, on time"),
    Tier.SECOND_LATE: ("andra hand, sent", "second hand, late"),
}


def tier_order(late_first_hand: str) -> tuple[Tier, ...]:
    """Return the tiers in the order in which they are admitted, by the switch ``order.late_first_hand``."""
    if late_first_hand == "before_second_hand":
        return (Tier.FIRST_ON_TIME, Tier.FIRST_LATE, Tier.SECOND_ON_TIME, Tier.SECOND_LATE)
    return (Tier.FIRST_ON_TIME, Tier.SECOND_ON_TIME, Tier.FIRST_LATE, Tier.SECOND_LATE)


def tier_text(tier: int, late_first_hand: str = "before_second_hand", language: str = "sv") -> str:
    """Return the words for the tier number of a compiled row (smaller first; 4 and up: after the programme's own).

    Examples
    --------
    >>> tier_text(1, language="en"), tier_text(4, language="en")
    ('first hand, late', 'first hand, on time, after everyone eligible for the programme')
    """
    word = 0 if language == "sv" else 1
    text = _TEXTS[tier_order(late_first_hand)[tier % TIERS]][word]
    if tier < TIERS:
        return text
    return text + (", efter alla behöriga till programmet", ", after everyone eligible for the programme")[word]


class Verdicts:
    """Status and reason of every row; the first rule that takes a row out of the round is the one that stands."""

    def __init__(self, rows: int) -> None:
        self.status = np.zeros(rows, np.uint8)
        self.reason = np.zeros(rows, np.uint8)

    def refuse(self, rows: npt.NDArray[np.bool_], status: RowStatus, reason: RowReason) -> None:
        """Set the status of the given rows (bool[E]) that are still tried."""
        if rows.any():
            fresh = rows & (self.status == RowStatus.TRIED)
            self.status[fresh] = status
            self.reason[fresh] = reason
