"""A round of a finished run as the pages need it: its tables, read once and then kept.

The one source is the run folder: the one the service was started with, or the packed one that the store keeps of each
run. Both are read by `admissions.rounds.stored`, so that a page shows what the verifier checked.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.results.levels import LEVELS
from admissions.rounds.stored import StoredRound, read_run
from api.problems import not_found
from api.run_folders import unpacked
from api.store.models import RunArtifact
from api.web.levels import level_tables

_OUTCOME = ("applicant", "route_id", "rank", "status", "reason", "group", "reserve_position", "merit", "missing")
_TRIED = ("applicant", "route_id", "rank", "status", "tier", "merit", "grade_sum")


@dataclass(frozen=True, eq=False)
class Picture:
    """The tables of one round.

    Parameters
    ----------
    about
        The content of ``run.json``.
    rulebook
        The text of the rulebook in force.
    name
        Name of the round.
    certificate
        The content of ``certificate.json``.
    routes
        One row per study route: outcome, demand and shortfall, merits in hundredths.
    levels
        As `routes` for every level results are rolled up to.
    decisions
        One row per choice, with what became of it.
    rows
        One row per choice, as it was tried: status, tier, merit, grade sum.
    seats, cutoffs, without_seat
        As in the run folder.
    people
        Applicants with home municipality and whether their identity is protected; empty where it is not known.
    """

    about: Mapping[str, Any]
    rulebook: str
    name: str
    certificate: Mapping[str, Any]
    routes: pl.DataFrame
    levels: Mapping[str, pl.DataFrame]
    decisions: pl.DataFrame
    rows: pl.DataFrame
    seats: pl.DataFrame
    cutoffs: pl.DataFrame
    without_seat: pl.DataFrame
    people: pl.DataFrame

    @property
    def region(self) -> dict[str, Any]:
        """The row of the whole region."""
        return self.levels["region"].row(0, named=True)

    @property
    def year(self) -> int:
        """The admission year."""
        return int(self.about["year"])

    @property
    def root(self) -> str:
        """The root hash of the round's rows and decisions."""
        return str(self.certificate["root"])

    @cached_property
    def placed(self) -> pl.DataFrame:
        """Everybody with a seat: applicant, route_id, rank, merit."""
        granted = self.decisions.filter(pl.col("status") == "admitted")
        return granted.select("applicant", "route_id", "rank", "merit")

    @cached_property
    def persons(self) -> pl.DataFrame:
        """Everybody with a choice: whether one was tried, and the route and rank of the seat, if any."""
        tried = pl.col("status") == "tried"
        everybody = self.rows.group_by("applicant").agg(tried.any().alias("tried"))
        return everybody.join(self.placed, on="applicant", how="left").sort("applicant")

    @cached_property
    def protected(self) -> frozenset[str]:
        """Ids that stand in no list."""
        return frozenset(self.people.filter("protected")["applicant"].to_list())


def _people_of_folder(folder: Path) -> pl.DataFrame:
    path = folder / "intake" / "applicants.parquet"
    if not path.is_file():
        return pl.DataFrame(schema={"applicant": pl.String, "home_municipality": pl.String, "protected": pl.Boolean})
    people = pl.read_parquet(path)
    flags = pl.col("flags").fill_null("").str.split(" ").list.contains("protected")
    return people.select("applicant", "home_municipality", flags.alias("protected"))


def read_picture(folder: Path, name: str, people: pl.DataFrame | None = None) -> Picture:
    """Read a round of a run folder."""
    run = read_run(folder)
    stored = run.round(name)
    people = _people_of_folder(folder) if people is None else people
    homes = people.filter(~pl.col("protected"))["home_municipality"].unique().drop_nulls().implode()
    named = pl.col("home_municipality").is_in(homes)  # a home of protected people only is named nowhere
    without_seat = stored.table("without_seat")
    decisions = stored.table("decisions", _OUTCOME).select(_OUTCOME)
    rows = stored.table("rows", _TRIED).select(_TRIED)
    tables = level_tables(stored.table("routes"), _shortfalls(stored), decisions, rows)
    return Picture(
        about=run.about,
        rulebook=(folder / "rulebook.toml").read_text(encoding="utf-8"),
        name=name,
        certificate=json.loads((stored.folder / "certificate.json").read_text(encoding="utf-8")),
        routes=tables["route"],
        levels=tables,
        decisions=decisions,
        rows=rows,
        seats=stored.seats,
        cutoffs=stored.table("cutoffs"),
        without_seat=without_seat if people.is_empty() else without_seat.filter(named),
        people=people.with_columns(pl.when(named).then("home_municipality").alias("home_municipality")),
    )


def _shortfalls(stored: StoredRound) -> Mapping[str, pl.DataFrame]:
    table = stored.table("shortfalls")
    names = {name for columns in LEVELS.values() for name in columns}
    return {
        level: table.filter(pl.col("level") == level).drop("level", *(names - set(columns)))
        for level, columns in LEVELS.items()
    }


def read_stored_picture(session: Session, run_id: str, name: str) -> Picture:
    """Read a round of a run that the store keeps.

    Raises
    ------
    Problem
        404: the run has no results, or they were erased.
    """
    statement = select(RunArtifact.name, RunArtifact.content).where(
        RunArtifact.run_id == run_id, RunArtifact.name.in_(["run.zip", "decisions.parquet"])
    )
    kept: dict[str, bytes] = {file: content for file, content in session.execute(statement)}  # noqa: C416 - typed rows
    if len(kept) < 2:
        raise not_found("result of the run", "query run")
    people = pl.read_parquet(
        io.BytesIO(kept["decisions.parquet"]), columns=["applicant", "home_municipality", "protected"]
    ).unique("applicant")
    with unpacked(kept["run.zip"]) as folder:
        return read_picture(folder, name, people)
