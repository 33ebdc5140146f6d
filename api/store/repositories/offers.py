"""What people were offered in a round and what they said and did since: the ground of answers, calls and departures."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.problems import conflict
from api.store.bulk import bulk_insert
from api.store.models import Answer, Applicant, CallEntry, Route, Run, RunResult
from api.store.repositories.intake_tables import read_table
from api.store.repositories.runs import run_that_counts

ANSWER_COLUMNS = ("applicant", "round", "answer", "route_id", "answered_at")
OF_ROUTE = ("route_name", "programme", "school", "municipality", "organiser")
CHUNK = 500


def run_with_offers(session: Session, intake_id: str, round_name: str) -> Run:
    """Find the run whose offers are answered.

    Raises
    ------
    Problem
        409 ``no_offers``: the round has no finished run, or gives no seats.
    """
    run = run_that_counts(session, intake_id, round_name) if round_name != "preliminary" else None
    if run is None:
        raise conflict(
            "no_offers",
            f"The round {round_name} has offered no seat.",
            place="round",
            remedy="Name a final or reserve round that is finished; the preliminary round gives no seats.",
        )
    return run


def choices_told(session: Session, run_id: str, applicant: str) -> list[dict[str, Any]]:
    """Give what became of each choice of an applicant; empty for somebody who was not in the run."""
    row = session.get(RunResult, (run_id, applicant))
    return [] if row is None else list(json.loads(row.body))


def offered_route(choices: Iterable[Mapping[str, Any]]) -> str | None:
    """Give the route that an applicant was offered a seat on."""
    return next((str(one["route_id"]) for one in choices if one["status"] == "admitted"), None)


def seat_now(session: Session, run: Run, applicant: str) -> str | None:
    """Give the route whose seat an applicant holds: the one accepted by hand since the run, else the run's."""
    accepted = (
        select(CallEntry.route_id)
        .where(CallEntry.run_id == run.id, CallEntry.applicant == applicant, CallEntry.outcome == "accepted")
        .order_by(CallEntry.closed_at.desc())
        .limit(1)
    )
    return session.scalar(accepted) or offered_route(choices_told(session, run.id, applicant))


def route_of(session: Session, intake_id: str, route_id: str) -> Route | None:
    """Find a study route."""
    return session.get(Route, (intake_id, route_id))


def answers_frame(session: Session, intake_id: str) -> pl.DataFrame:
    """Give the answers of an intake as they stand."""
    return read_table(session, Answer, intake_id, ANSWER_COLUMNS)


def people_frame(session: Session, intake_id: str) -> pl.DataFrame:
    """Give who is who: home, school and whether protected, for scopes."""
    columns = ("applicant", "alias", "home_municipality", "sending_school")
    hidden = set(
        session.scalars(select(Applicant.applicant).where(Applicant.intake_id == intake_id, Applicant.protected))
    )
    people = read_table(session, Applicant, intake_id, columns)
    return people.with_columns(pl.col("applicant").is_in(sorted(hidden)).alias("protected"))


def offers_and_answers(decisions: pl.DataFrame, said: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Put what was offered beside what was said: one row per person with either."""
    offers = decisions.filter(pl.col("status") == "admitted").select("applicant", "route_id", *OF_ROUTE)
    both = offers.join(said.select("applicant", "answer", "answered_at"), on="applicant", how="full", coalesce=True)
    return both.join(people, on="applicant", how="inner")


def write_answers(session: Session, intake_id: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write answers over those of the same persons and rounds."""
    for round_name in sorted({row[1] for row in rows}):
        people = sorted(row[0] for row in rows if row[1] == round_name)
        for start in range(0, len(people), CHUNK):
            some = Answer.applicant.in_(people[start : start + CHUNK])
            session.execute(delete(Answer).where(Answer.intake_id == intake_id, Answer.round == round_name, some))
    session.flush()
    bulk_insert(session, Answer, ("intake_id", *ANSWER_COLUMNS), ((intake_id, *row) for row in rows))


def day_text(day: date | None) -> str | None:
    """Write a day as the store keeps it."""
    return None if day is None else day.isoformat()
