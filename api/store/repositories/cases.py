"""Case decisions: found, checked by the engine's rules, written with version; one per person, route and kind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admissions.tables.problem import Problem as TableProblem
from api.engine_checks import problems_of
from api.store.models import Applicant, CaseDecision, Choice, Route

COLUMNS = ("applicant", "route_id", "kind", "value")
PART = 500
"""Ids in one condition."""
_TEXTS = dict.fromkeys(COLUMNS, pl.String)


def problems_of_cases(
    session: Session, intake_id: str, rows: Sequence[Mapping[str, Any]], *, routes: Sequence[str], people: Sequence[str]
) -> list[TableProblem]:
    """Give what is wrong with decisions, by the rules of an import.

    Parameters
    ----------
    session, intake_id
        Where the choices stand.
    rows
        The decisions; they replace those of the same person, route and kind.
    routes, people
        Ids the decisions may be about; any other is an unknown one.
    """
    listed = pl.DataFrame(
        [tuple(one) for one in _listed(session, intake_id, sorted(set(people)))],
        schema={"applicant": pl.String, "route_id": pl.String},
        orient="row",
    )
    known = pl.DataFrame({"applicant": sorted(set(people))}, schema={"applicant": pl.String})
    frames = {
        "decisions": pl.DataFrame([{name: row[name] for name in COLUMNS} for row in rows], schema=_TEXTS),
        "applicants": known.with_columns(home_municipality=pl.lit("x"), birth_year=pl.lit(2000)),
        "choices": listed.with_columns(rank=pl.lit(1), registered_at=pl.date(2000, 1, 1)),
        "routes": pl.DataFrame({"route_id": sorted(set(routes))}, schema={"route_id": pl.String}),
    }
    return [one for one in problems_of(frames) if one.file == "decisions"]


def known_people(session: Session, intake_id: str, people: Sequence[str]) -> list[str]:
    """Give those of some ids that are applicants, protected ones left out, and hold them to the transaction's end.

    They are held so that two requests never number the decisions of a person at once.
    """
    ordered, found = sorted(set(people)), list[str]()
    for start in range(0, len(ordered), PART):
        some = select(Applicant.applicant).where(
            Applicant.intake_id == intake_id,
            Applicant.applicant.in_(ordered[start : start + PART]),
            Applicant.protected.is_(False),
        )
        found += session.scalars(some.order_by(Applicant.applicant).with_for_update())
    return found


def _listed(session: Session, intake_id: str, people: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    for start in range(0, len(people), PART):
        some = Choice.applicant.in_(people[start : start + PART])
        rows = select(Choice.applicant, Choice.route_id).where(Choice.intake_id == intake_id, some)
        found += session.execute(rows.distinct()).all()
    return found


def find_case(session: Session, intake_id: str, applicant: str, route_id: str | None, kind: str) -> CaseDecision | None:
    """Find the decision of a kind on a choice, or on the person where no route is named."""
    return session.scalar(
        select(CaseDecision)
        .where(
            CaseDecision.intake_id == intake_id,
            CaseDecision.applicant == applicant,
            CaseDecision.route_id.is_(None) if route_id is None else CaseDecision.route_id == route_id,
            CaseDecision.kind == kind,
        )
        .limit(1)
    )


def add_case(
    session: Session,
    intake_id: str,
    applicant: str,
    route_id: str | None,
    kind: str,
    value: str,
    *,
    actor: str,
    now: datetime,
) -> CaseDecision:
    """Write a new decision under the person's next number."""
    mine = (CaseDecision.intake_id == intake_id, CaseDecision.applicant == applicant)
    last = session.scalar(select(func.max(CaseDecision.number)).where(*mine))
    case = CaseDecision(
        intake_id=intake_id, applicant=applicant, number=0 if last is None else last + 1, route_id=route_id,
        kind=kind, value=value, version=1, decided_by=actor, decided_at=now,
    )  # fmt: skip
    session.add(case)
    session.flush()
    return case


def change_case(case: CaseDecision, value: str, actor: str, now: datetime) -> bool:
    """Change a decision; say whether anything changed."""
    if case.value == value:
        return False
    case.value, case.decided_by, case.decided_at = value, actor, now
    case.version += 1
    return True


def routes_of(session: Session, intake_id: str, *conditions: Any) -> list[str]:
    """Give the ids of an intake's routes that meet conditions."""
    return list(session.scalars(select(Route.route_id).where(Route.intake_id == intake_id, *conditions)))
