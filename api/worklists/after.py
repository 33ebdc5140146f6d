"""Who needs something after a round: without an offer, ineligible, declined, silent, gone, admitted elsewhere."""

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.rules.calendar import round_number
from api.store.models import Answer, Departure
from api.worklists.rows import SCHEMA, Lists

NO = ("no", "no_keep_reserve")
GONE = ("no_show", "left")
NOT_IN = ("not_eligible", "not_received")


def after_run(session: Session, intake_id: str, round_name: str, decisions: pl.DataFrame) -> Lists:
    """Make every list that is looked through after a round, by its name.

    Parameters
    ----------
    session, intake_id
        A reading transaction and the intake, whose answers and departures go on coming in.
    round_name
        The run's round.
    decisions
        The run's decisions with school, home and what scopes look at.
    """
    rows = decisions.filter(~pl.col("protected"))
    by_person = pl.col("status").is_in(["admitted"]).any().over("applicant")
    tried = pl.col("status").is_in(["reserve", "struck", "admitted"]).any().over("applicant")
    first = rows.sort("applicant", "rank")
    reserve = first.filter(~by_person & (pl.col("status") == "reserve")).with_columns(
        pl.format("{} ({})", pl.len().over("applicant"), pl.col("reserve_position").min().over("applicant")).alias(
            "detail"
        )
    )
    barred = first.filter(~tried & pl.col("status").is_in(NOT_IN)).with_columns(pl.col("missing").alias("detail"))
    admitted = rows.filter(pl.col("status") == "admitted")
    where = (Answer.intake_id == intake_id, Answer.round == round_name)
    given = session.execute(select(Answer.applicant, Answer.answer).where(*where))
    answered = {row.applicant: row.answer for row in given}
    said = admitted.with_columns(
        pl.col("applicant").replace_strict(answered, default=None, return_dtype=pl.String).alias("detail")
    )
    gone = _departed(session, intake_id, rows)
    return {
        "without_offer": _list(reserve.unique("applicant", keep="first", maintain_order=True)),
        "ineligible": _list(barred.unique("applicant", keep="first", maintain_order=True)),
        "declined": _list(pl.concat([said.filter(pl.col("detail").is_in(NO)), _told(rows, "declined", "answered_no")])),
        "no_answer": _list(
            pl.concat([_silent(said, round_name), _told(rows, "declined", "no_answer")], how="diagonal")
        ),
        "no_show": _list(
            pl.concat([gone.filter(pl.col("detail").is_in(GONE)), _told(rows, "seat_ended")], how="diagonal")
        ),
        "elsewhere": _list(
            pl.concat([gone.filter(pl.col("detail") == "elsewhere"), _told(rows, "admitted_elsewhere")], how="diagonal")
        ),
    }


def _silent(said: pl.DataFrame, round_name: str) -> pl.DataFrame:
    """Give the admitted without an answer; a preliminary round asks for none."""
    return said.filter(pl.col("detail").is_null()) if round_number(round_name) else said.clear()


def _told(rows: pl.DataFrame, status: str, reason: str = "") -> pl.DataFrame:
    """Give the choices that the run itself says it of."""
    found = rows.filter(pl.col("status") == status).with_columns(pl.col("reason").alias("detail"))
    return found.filter(pl.col("reason") == reason) if reason else found


def _departed(session: Session, intake_id: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Give who left since, with the seat they leave: the one named, else the one they were admitted to."""
    known = session.execute(
        select(Departure.applicant, Departure.kind, Departure.route_id).where(Departure.intake_id == intake_id)
    )
    schema = {"applicant": pl.String, "detail": pl.String, "left": pl.String}
    left = pl.DataFrame([tuple(one) for one in known], schema=schema, orient="row")
    found = rows.join(left, on="applicant", how="inner").sort(
        "applicant", pl.col("route_id") != pl.col("left"), pl.col("status") != "admitted", "rank", nulls_last=True
    )
    return found.unique("applicant", keep="first", maintain_order=True).drop("left")


def _list(found: pl.DataFrame) -> pl.DataFrame:
    own = pl.coalesce("sending_school", "home_municipality").alias("responsible")
    whole = found.with_columns(own).select(*SCHEMA).cast(dict(SCHEMA))  # type: ignore[arg-type]
    once = whole.unique("applicant", keep="first", maintain_order=True)
    return once.sort("responsible", "applicant", nulls_last=True)
