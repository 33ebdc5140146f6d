"""Answers to an offer (svar på antagningsbesked), and what they leave a person with before a reserve round.

Source: Storsthlm (no answer counts as yes and still reserve), Sjuhärad (the same), the answer values the regions need;
loss of the seat on silence is the rule of university admissions and a policy here, not a default.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from admissions.results.statuses import KEPT_OUT, Reason, Status
from admissions.rounds.decided import Standing
from admissions.rules.choices import NEVER, day_number
from admissions.rules.rows import RowReason

if TYPE_CHECKING:
    from admissions.rounds.decided import DecidedRound

# answer: (keeps the seat, stays reserve)
_MEANS: dict[str, tuple[bool, bool]] = {
    "yes": (True, True),
    "yes_no_reserve": (True, False),
    "no_keep_reserve": (False, True),
    "no": (False, False),
}
_SILENCE = {"accept_and_reserve": "yes", "accept_only": "yes_no_reserve", "forfeit": "no"}


def standing_after(
    previous: DecidedRound,
    answers: pl.DataFrame,
    silence: str,
    *,
    elsewhere: Collection[str] = (),
    ended: Collection[str] = (),
    closed: Collection[str] = (),
) -> Standing:
    """Work out who still holds what after the answers to a round.

    Parameters
    ----------
    previous
        The round that was answered. Where it was a reserve round it knows what everybody was left with before it: an
        answer stands until the person is offered another seat or says something else, so nobody has to accept the same
        seat twice, and a no in July is still a no in August.
    answers
        The intake's answers; those of other rounds, and those about a route that is not held, are left aside. Of
        several answers of one person the latest day counts, then the last in the order of the values. An answer
        without a day counts as given on the last day whose choices the round saw.
    silence
        The office's policy: ``accept_and_reserve``, ``accept_only`` or ``forfeit``. Whoever has no seat and says
        nothing stays reserve under every policy.
    elsewhere
        Applicants who keep a seat given by another office: they leave this one's lists.
    ended
        Applicants who did not come or left.
    closed
        Routes that no longer start: their seats are gone, and whoever had kept one is tried on every other row again.

    Raises
    ------
    KeyError
        If the policy is unknown.
    """
    names = [str(one) for one in previous.applicants]
    routes = [str(one) for one in previous.routes]
    held, before = previous.granted_route, previous.standing
    said = _latest(answers, previous.round)
    keeps = np.ones(len(names), dtype=np.bool_)
    reserve = np.ones(len(names), dtype=np.bool_)
    status = np.full(len(names), Status.DECLINED, dtype=np.uint8)
    reason = np.full(len(names), Reason.ANSWERED_NO, dtype=np.uint8)
    since = np.full(len(names), day_number(previous.day), dtype=np.int64)
    silent = _MEANS[_SILENCE[silence]]
    gone, left, shut = set(elsewhere), set(ended), set(closed)
    for i, name in enumerate(names):
        own = routes[held[i]] if held[i] >= 0 else None
        answer, about, day = said.get(name, (None, None, None))
        if answer is not None and (about is None or about == own):
            keeps[i], reserve[i] = _MEANS[answer]
            since[i] = since[i] if day is None else day_number(day)
        elif before is not None and before.held[i] == held[i]:  # the same seat as before the round, or still none
            reserve[i], since[i] = before.reserve[i], before.since[i]
            status[i], reason[i] = before.status[i], before.reason[i]
        elif own is not None:
            keeps[i], reserve[i] = silent
            reason[i] = Reason.NO_ANSWER
        if name in gone or name in left:
            keeps[i] = reserve[i] = False
            since[i] = NEVER
            elsewhere_too = name in gone
            status[i] = Status.ADMITTED_ELSEWHERE if elsewhere_too else Status.SEAT_ENDED
            reason[i] = Reason.OTHER_OFFICE if elsewhere_too else Reason.LEFT
        elif own in shut and keeps[i]:
            keeps[i], reserve[i] = False, True
            status[i], reason[i] = Status.ROUTE_CLOSED, KEPT_OUT + RowReason.CLOSED
    lost = np.where(~keeps, held, -1).astype(np.int32)
    return Standing(np.where(keeps, held, -1).astype(np.int32), reserve, lost, status, reason, since)


def to_notify(decisions: pl.DataFrame, closed: Collection[str]) -> pl.DataFrame:
    """Return who has to be told that a route does not start: everybody with a row there, and whether they held it.

    Parameters
    ----------
    decisions
        The decisions of the last round people have heard of, as in its run folder.
    closed
        The routes.

    Returns
    -------
    Columns ``route_id``, ``applicant``, ``rank``, ``status``: the status the row had; sorted.
    """
    own = decisions.filter(pl.col("route_id").is_in(sorted(closed)))
    return own.select("route_id", "applicant", pl.col("rank").cast(pl.Int32), "status").sort("route_id", "applicant")


def _latest(answers: pl.DataFrame, round_name: str) -> dict[str, tuple[str | None, str | None, date | None]]:
    """Return the answer that counts for each applicant, the route it names and its day, if any."""
    own = answers.filter(pl.col("round") == round_name).sort(
        "applicant", "answered_at", "answer", "route_id", nulls_last=False
    )
    return {row["applicant"]: (row["answer"], row["route_id"], row["answered_at"]) for row in own.iter_rows(named=True)}
