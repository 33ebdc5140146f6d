"""The statuses of a choice row and the reasons behind them: stable codes first, sentences elsewhere.

A status says what became of a choice; a reason says which rule made it so. Both are part of the file format: existing
codes are never renumbered or renamed. Source: the answers and lists of the admissions offices, gathered in the
project's domain notes (statuses on the applicant's own page; reserve lists; answers).
"""

from __future__ import annotations

from enum import IntEnum

from admissions.rules.rows import RowReason


class Status(IntEnum):
    """What became of a choice row (Swedish: valets status); every row has exactly one.

    The names in lower case are what stands in tables and in the interface, see `STATUS_NAMES`.
    """

    ADMITTED = 0  # antagen
    RESERVE = 1  # reserv, with a position
    STRUCK = 2  # struken: withdrawn because a higher choice was granted
    WITHDRAWN = 3  # avstådd: withdrawn by the applicant
    DECLINED = 4  # tackat nej
    NOT_ELIGIBLE = 5  # obehörig, with the missing subjects
    NOT_RECEIVED = 6  # ej mottagen
    NOT_TRIED = 7  # prövas ej
    DECISION_PENDING = 8  # beslut saknas
    ADMITTED_ELSEWHERE = 9  # antagen på annat håll
    ROUTE_CLOSED = 10  # startar ej
    SEAT_ENDED = 11  # platsen upphörd: no-show, left


class Reason(IntEnum):
    """Which rule decided a row that took part in the round; `reason_name` gives the text form.

    Rows the rules kept out of the round carry the rules' own reason (`admissions.rules.rows.RowReason`), shifted by
    `KEPT_OUT`.
    """

    OPEN_SEAT = 0  # admitted to an open seat
    GROUP_SEAT = 1  # admitted to a seat of a group (free quota, seats by test)
    QUEUE = 2  # every seat went to rows with a better key; the position is the calling order
    NO_OPEN_GROUP = 3  # reserve in group queues only: the row may not take an open seat
    HIGHER_CHOICE = 4  # a higher choice was granted
    BY_APPLICANT = 5  # withdrawn by the applicant
    ANSWERED_NO = 6  # the offer was declined
    NO_ANSWER = 7  # no answer in time, and the office's rule takes that as a no
    NO_RESERVE_WANTED = 8  # content with the seat held, or with none: stays reserve nowhere
    OTHER_OFFICE = 9  # keeps a seat given by another office
    LEFT = 10  # did not come, or left
    AWAITS_YES = 11  # holds a seat and moves only after a yes, which was not given for this round


KEPT_OUT = 64
"""What is added to a `RowReason` to stand among the reasons."""

STATUS_NAMES: tuple[str, ...] = tuple(status.name.lower() for status in Status)

STATUS_TEXTS: dict[Status, tuple[str, str]] = {
    Status.ADMITTED: ("antagen", "admitted"),
    Status.RESERVE: ("reserv", "reserve"),
    Status.STRUCK: ("struken", "withdrawn because a higher choice was granted"),
    Status.WITHDRAWN: ("avstådd", "withdrawn by the applicant"),
    Status.DECLINED: ("tackat nej", "declined"),
    Status.NOT_ELIGIBLE: ("obehörig", "not eligible"),
    Status.NOT_RECEIVED: ("ej mottagen", "not received"),
    Status.NOT_TRIED: ("prövas ej", "not tried"),
    Status.DECISION_PENDING: ("beslut saknas", "decision pending"),
    Status.ADMITTED_ELSEWHERE: ("antagen på annat håll", "admitted elsewhere"),
    Status.ROUTE_CLOSED: ("startar ej", "route closed"),
    Status.SEAT_ENDED: ("platsen upphörd", "seat ended"),
}


def status_text(status: int, language: str = "sv") -> str:
    """Return the status in words, Swedish (``"sv"``) or English.

    Examples
    --------
    >>> status_text(Status.STRUCK)
    'struken'
    """
    return STATUS_TEXTS[Status(status)][0 if language == "sv" else 1]


def reason_name(reason: int) -> str:
    """Return the machine-readable reason as it stands in tables.

    Examples
    --------
    >>> reason_name(Reason.QUEUE), reason_name(KEPT_OUT + RowReason.MISSING_SUBJECTS)
    ('queue', 'missing_subjects')
    """
    return RowReason(reason - KEPT_OUT).name.lower() if reason >= KEPT_OUT else Reason(reason).name.lower()


REASON_NAMES: dict[int, str] = {
    code: reason_name(code) for code in (*(int(one) for one in Reason), *(KEPT_OUT + int(one) for one in RowReason))
}
