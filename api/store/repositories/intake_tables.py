"""An intake's tables in and out of the store: what is read back is what was written, digest for digest."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from admissions.intake import Intake
from admissions.tables.declared import ROUTES
from api.sorting import sort_key
from api.store.base import new_id
from api.store.bulk import bulk_insert, bulk_select
from api.store.models import Answer, Applicant, CaseDecision, Choice, GradeSheet, Pool, Route
from api.store.repositories.grade_sheets import pack, unpack

ROUTE_COLUMNS = ROUTES.names
PERSON_TABLES = {
    "grades": (GradeSheet, ("applicant", "term", "marks")),
    "choices": (Choice, ("applicant", "number", "route_id", "rank", "registered_at", "withdrawn_at")),
    "decisions": (CaseDecision, ("applicant", "number", "route_id", "kind", "value")),
    "answers": (Answer, ("applicant", "round", "answer", "route_id", "answered_at")),
}
"""Tables of the intake that are replaced as a whole, with the columns kept of each."""
VERSIONED = ("decisions",)


def replace_catalogue(session: Session, intake_id: str, routes: pl.DataFrame) -> None:
    """Write the routes and pools; the rows that hang on them must be gone, or stay valid.

    Pools that remain are kept, because seats hang on them.
    """
    owners = (
        routes.sort("route_id")
        .group_by("pool", maintain_order=True)
        .first()
        .select("pool", "municipality", "school", "organiser")
    )
    session.execute(delete(Route).where(Route.intake_id == intake_id))
    known = {pool.pool_id: pool for pool in session.scalars(select(Pool).where(Pool.intake_id == intake_id))}
    for pool_id, municipality, school, organiser in owners.iter_rows():
        pool = known.pop(pool_id, None)
        if pool is None:
            pool = Pool(intake_id=intake_id, pool_id=pool_id)
            session.add(pool)
        pool.municipality, pool.school, pool.organiser = municipality, school, organiser
    session.flush()
    rows = as_text(routes).select(ROUTE_COLUMNS).rows()
    place = [ROUTE_COLUMNS.index(name) for name in ("school", "route_name", "route_id")]
    keyed = [(intake_id, *row, "\x1f".join(sort_key(str(row[at])) for at in place)) for row in rows]
    bulk_insert(session, Route, ("intake_id", *ROUTE_COLUMNS, "sort_key"), keyed)


def drop_unused_pools(session: Session, intake_id: str) -> None:
    """Drop the pools that no route and no seats use any more."""
    used = select(Route.pool).where(Route.intake_id == intake_id)
    session.execute(delete(Pool).where(Pool.intake_id == intake_id, Pool.pool_id.not_in(used)))


def update_applicants(session: Session, intake_id: str, applicants: pl.DataFrame) -> None:
    """Write the applicants; those who stay keep their alias, school and sealed identity."""
    kept = {row.applicant: row for row in session.scalars(select(Applicant).where(Applicant.intake_id == intake_id))}
    new = []
    for applicant, home, birth_year, flags in applicants.select(
        "applicant", "home_municipality", "birth_year", "flags"
    ).iter_rows():
        protected = "protected" in (flags or "").split()
        row = kept.pop(applicant, None)
        if row is None:
            new.append((intake_id, applicant, new_alias() if protected else None, protected, home, birth_year, flags))
            continue
        row.home_municipality, row.birth_year, row.flags, row.protected = home, birth_year, flags, protected
        if protected and row.alias is None:
            row.alias = new_alias()
    gone = sorted(kept)
    for start in range(0, len(gone), 500):
        some = Applicant.applicant.in_(gone[start : start + 500])
        session.execute(delete(Applicant).where(Applicant.intake_id == intake_id, some))
    session.flush()
    columns = ("intake_id", "applicant", "alias", "protected", "home_municipality", "birth_year", "flags")
    bulk_insert(session, Applicant, columns, new)


def new_alias() -> str:
    """Give a protected person another name; it says that it is one."""
    return f"alias-{new_id()[:12]}"


def clear_person_table(session: Session, intake_id: str, name: str) -> None:
    """Empty one of the tables that hang on applicants."""
    model: Any = PERSON_TABLES[name][0]
    session.execute(delete(model).where(model.intake_id == intake_id))


def fill_person_table(session: Session, intake_id: str, name: str, frame: pl.DataFrame) -> None:
    """Fill one of the tables that hang on applicants."""
    model, columns = PERSON_TABLES[name]
    stored = pack(frame) if name == "grades" else as_text(frame)
    if "number" in columns:
        order = [
            column for column in ("applicant", "registered_at", "rank", "route_id", "kind") if column in stored.columns
        ]
        stored = stored.sort(order, nulls_last=True).with_columns(
            pl.int_range(pl.len()).over("applicant").alias("number")
        )
    rows = stored.select(pl.lit(intake_id).alias("intake_id"), *columns)
    if name in VERSIONED:
        bulk_insert(session, model, ("intake_id", *columns, "version"), rows.with_columns(pl.lit(1)).iter_rows())
    else:
        bulk_insert(session, model, ("intake_id", *columns), rows.iter_rows())


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Write days as ISO text, as the store keeps them."""
    return frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"))


def read_table(session: Session, model: Any, intake_id: str, columns: Sequence[str]) -> pl.DataFrame:
    """Read columns of one intake's rows, as text and numbers."""
    return bulk_select(session, model, columns, intake_id)


def read_days(frame: pl.DataFrame) -> pl.DataFrame:
    """Read ISO text back as days."""
    return frame.with_columns(
        pl.col(name).str.to_date("%Y-%m-%d")
        for name in ("closed_at", "registered_at", "withdrawn_at", "answered_at")
        if name in frame.columns
    )


def load_intake(session: Session, intake_id: str, year: int) -> Intake:
    """Read a whole intake: what a run starts from."""
    from api.store.repositories.seats import seats_frame

    persons = {
        name: read_days(read_table(session, model, intake_id, columns))
        for name, (model, columns) in PERSON_TABLES.items()
    }
    persons["grades"] = unpack(persons["grades"])
    return Intake(
        routes=read_days(read_table(session, Route, intake_id, ROUTE_COLUMNS)),
        seats=seats_frame(session, intake_id),
        applicants=read_table(session, Applicant, intake_id, ("applicant", "home_municipality", "birth_year", "flags")),
        year=year,
        **persons,
    )
