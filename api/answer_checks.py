"""One answer against what was offered, and a round against those that came after it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.rules import round_number
from api.answer_tables import WITHOUT_SEAT
from api.problems import conflict, unprocessable
from api.store.models import Run
from api.store.repositories.offers import choices_told, offered_route


def passed_by(session: Session, intake_id: str, round_name: str) -> str | None:
    """Give the published round that came after, to which an answer must be given instead."""
    names = session.scalars(select(Run.round).where(Run.intake_id == intake_id, Run.state == "published").distinct())
    later = [name for name in names if round_number(name) > round_number(round_name)]
    return min(later, key=round_number) if later else None


def refuse_passed(session: Session, intake_id: str, round_name: str) -> None:
    """Refuse an answer to a round that a published one has replaced.

    Raises
    ------
    Problem
        409 ``round_passed``.
    """
    later = passed_by(session, intake_id, round_name)
    if later is not None:
        raise conflict(
            "round_passed",
            f"{later} is published: an answer to {round_name} would change nothing.",
            place="path round",
            remedy=f"Answer {later}.",
        )


def check_answer(session: Session, run: Run, applicant: str, answer: str, route_id: str | None) -> str | None:
    """Check an answer against what was offered; give the route it is about.

    Raises
    ------
    Problem
        422 ``not_in_round``, ``nothing_offered`` or ``other_route``.
    """
    choices = choices_told(session, run.id, applicant)
    offered = offered_route(choices)
    found = wrong_answer(answer, route_id, offered, takes_part=bool(choices))
    if found is not None:
        code, message, remedy = found
        raise unprocessable(code, message, place="body", remedy=remedy)
    return offered


def wrong_answer(
    answer: str, route_id: str | None, offered: str | None, *, takes_part: bool
) -> tuple[str, str, str] | None:
    """Say what is wrong with an answer: a code, what, and what to do; None where it is right."""
    if not takes_part:
        return "not_in_round", "The applicant took no part in the round.", "Check the applicant and the round."
    if offered is None and answer not in WITHOUT_SEAT:
        return (
            "nothing_offered",
            "The applicant was offered no seat in the round.",
            f"Without a seat the answers are {' and '.join(WITHOUT_SEAT)}.",
        )
    if route_id is not None and route_id != offered:
        return "other_route", "The seat offered is on another route, or there is none.", "Leave the route out."
    return None
