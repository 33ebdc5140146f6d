"""Committing an import: one short transaction that leaves the intake as the files say, or as it was."""

from datetime import datetime

import polars as pl
from sqlalchemy.orm import Session

from admissions.intake import Intake
from api.store.models import Intake as IntakeRow
from api.store.models import Round
from api.store.repositories.intake_tables import (
    PERSON_TABLES,
    clear_person_table,
    drop_unused_pools,
    fill_person_table,
    load_intake,
    replace_catalogue,
    update_applicants,
)
from api.store.repositories.seats import replace_seats

KEYS = {
    "routes": ("route_id",),
    "seats": ("route_or_pool", "round", "group"),
    "applicants": ("applicant",),
    "grades": ("applicant", "term", "subject"),
    "choices": ("applicant", "route_id", "rank", "registered_at"),
    "decisions": ("applicant", "route_id", "kind"),
    "answers": ("applicant", "round"),
}
OPEN_TABLES = ("routes", "seats")
"""Tables about schools, not people: a difference shows which rows."""
SHOWN = 50


def difference(stored: Intake, new: Intake) -> dict[str, dict[str, object]]:
    """Say what an import would change: per table the rows added, removed and changed, and which, where open."""
    found: dict[str, dict[str, object]] = {}
    before, after = stored.tables(), new.tables()
    for name, keys in KEYS.items():
        old, fresh = before[name], after[name]
        added = fresh.join(old, on=keys, how="anti", nulls_equal=True)
        removed = old.join(fresh, on=keys, how="anti", nulls_equal=True)
        common = fresh.join(old, on=keys, how="semi", nulls_equal=True)
        changed = common.join(old, on=fresh.columns, how="anti", nulls_equal=True)
        counts: dict[str, object] = {"added": len(added), "removed": len(removed), "changed": len(changed)}
        if name in OPEN_TABLES:
            parts = {"added": added, "removed": removed, "changed": changed}
            counts["rows"] = {part: _shown(frame, keys) for part, frame in parts.items() if len(frame)}
        found[name] = counts
    return found


def _shown(frame: pl.DataFrame, keys: tuple[str, ...]) -> list[str]:
    return [" | ".join(str(part) for part in row) for row in frame.select(keys).sort(keys).head(SHOWN).iter_rows()]


def save_intake(session: Session, row: IntakeRow, new: Intake, actor: str, now: datetime) -> None:
    """Write an intake's tables over what is stored."""
    for name in reversed(PERSON_TABLES):
        clear_person_table(session, row.id, name)
    replace_catalogue(session, row.id, new.routes)
    replace_seats(session, row.id, new.seats, actor, now)
    drop_unused_pools(session, row.id)
    update_applicants(session, row.id, new.applicants)
    for name in PERSON_TABLES:
        fill_person_table(session, row.id, name, new.tables()[name])
    for position, name in enumerate(sorted(set(new.seats["round"]), key=_round_order)):
        if session.get(Round, (row.id, name)) is None:
            session.add(Round(intake_id=row.id, name=name, position=position))
    row.year = new.year
    row.revision += 1
    session.flush()


def _round_order(name: str) -> tuple[int, int]:
    kind, _, number = name.partition("-")
    return {"preliminary": 0, "final": 1}.get(kind, 2), int(number or 0)


__all__ = ["difference", "load_intake", "save_intake"]
