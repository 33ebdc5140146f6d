"""The lists of an intake or a run, computed once for each revision of the intake and then kept."""

from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.access.identity import IdentityVault
from api.access.permissions import Permission
from api.jobs.run_round import rulebook_from_text
from api.problems import not_found
from api.store.models import Intake, Rulebook, Run, Seat
from api.store.repositories.intakes import get_intake
from api.store.repositories.runs import finished_run
from api.store.repositories.scoping import decisions_within
from api.web.kept import Kept
from api.worklists.after import after_run
from api.worklists.before import before_run, unconfirmed_seats
from api.worklists.catalogue import AFTER, BEFORE, WORKLISTS, Worklist
from api.worklists.rows import Lists

KEPT = 12


def worklist(name: str, stage: str) -> Worklist:
    """Find a worklist of a stage.

    Raises
    ------
    Problem
        404.
    """
    found = WORKLISTS.get(name)
    if found is None or found.stage != stage:
        raise not_found("worklist", "path name")
    return found


def next_round(session: Session, intake_id: str) -> str:
    """Name the round to come: the preliminary one until it was run, then the final one."""
    done = select(Run.id).where(Run.intake_id == intake_id, Run.round == "preliminary", Run.state != "draft").limit(1)
    return "preliminary" if session.scalar(done) is None else "final"


def lists_before(state: Any, session: Session, intake_id: str, round_name: str) -> Lists:
    """Give the lists before a round.

    Raises
    ------
    Problem
        404: no such intake.
    """
    intake = get_intake(session, intake_id)
    vault = IdentityVault(state.settings.identity_key.get_secret_value().encode())

    def make() -> Lists:
        rules = session.get(Rulebook, intake.rulebook_id) if intake.rulebook_id else None
        rulebook = None if rules is None else rulebook_from_text(rules.text, intake.year)
        return before_run(session, intake_id, intake.year, rulebook, round_name, vault)

    found = _kept(state).get(("before", intake_id, intake.revision, intake.rulebook_id, round_name), make)
    # confirming seats changes no table of the intake, hence no revision; a later change takes a confirmation away
    confirmed = session.scalar(select(func.count(Seat.confirmed_at)).where(Seat.intake_id == intake_id))
    seats = _kept(state).get(
        ("seats", intake_id, intake.revision, confirmed, round_name),
        lambda: {"seats": unconfirmed_seats(session, intake_id, round_name)},
    )
    return {**found, **seats}


def lists_after(state: Any, session: Session, run_id: str, actor: Actor) -> Lists:
    """Give the lists after a run that the actor may know of.

    Raises
    ------
    Problem
        404; 409 for a draft.
    """
    run = finished_run(session, run_id, actor)
    intake = session.get_one(Intake, run.intake_id)

    def make() -> Lists:
        decisions: pl.DataFrame = state.results.get(session, run_id, "decisions")
        return after_run(session, run.intake_id, run.round, decisions)

    return _kept(state).get(("after", run_id, intake.revision), make)


def _kept(state: Any) -> Kept[Lists]:
    if not hasattr(state, "worklists"):
        state.worklists = Kept(KEPT)
    found: Kept[Lists] = state.worklists
    return found


def within(lists: Lists, actor: Actor) -> Lists:
    """Give what of the lists is within the actor's scope."""
    seen = decisions_within(actor, Permission.READ_WORKLISTS)
    return {name: frame.filter(seen).drop("protected") for name, frame in lists.items()}


def counted(lists: Lists, stage: str, language: str) -> list[dict[str, Any]]:
    """Count the lists of a stage, in their order."""
    rows = []
    for one in BEFORE if stage == "before" else AFTER:
        frame = lists[one.name]
        title, remedy = one.words(language)
        rows.append(
            {
                "name": one.name,
                "title": title,
                "rows": len(frame),
                "people": frame["applicant"].drop_nulls().n_unique(),
                "responsible": frame["responsible"].n_unique(),
                "blocks": one.blocks,
                "remedy": remedy,
            }
        )
    return rows
