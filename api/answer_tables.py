"""A table of answers as it is handed in: every cell and every offer checked, every problem with its row."""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from admissions.errors import AdmissionsError
from admissions.tables.checking import CheckedTable
from admissions.tables.declared import ANSWERS
from admissions.tables.raw import RefusedError
from admissions.tables.reading import SUFFIXES, read_checked
from api.handed_in import refused
from api.problems import Problem
from api.results import ResultTables
from api.store.repositories.offers import people_frame, run_with_offers

WITHOUT_SEAT = ("no_keep_reserve", "no")
"""What somebody can say who was offered no seat."""
Found = tuple[str, str, str, str]
"""Column, code, what is wrong, what to do."""


@dataclass(frozen=True, eq=False)
class AnswerTable:
    """A sound table: answers by (applicant, round), and the runs whose offers they were checked against."""

    rows: int
    digest: str
    runs: Mapping[str, str]
    frame: pl.DataFrame

    def against(self, stored: pl.DataFrame, day: str | None) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Give the answers that are new, and those that say something else than what is stored.

        Parameters
        ----------
        stored
            The answers as they stand.
        day
            What an answer without a day gets.
        """
        keys = ["applicant", "round"]
        filled = self.frame.with_columns(pl.col("answered_at").fill_null(day))
        new = filled.join(stored, on=keys, how="anti")
        known = filled.join(stored, on=keys, how="semi")
        dated = self.frame.filter(pl.col("answered_at").is_not_null()).select(keys)
        same = known.join(stored, on=[*keys, "answer", "route_id"], how="semi", nulls_equal=True)
        undated = same.join(dated, on=keys, how="anti")
        equal = known.join(stored, on=stored.columns, how="semi", nulls_equal=True)
        changed = known.join(undated, on=keys, how="anti").join(equal, on=keys, how="anti")
        return new.rows(), changed.rows()


def read_answers(session: Session, results: ResultTables, intake_id: str, content: bytes, name: str) -> AnswerTable:
    """Read and check a table.

    Raises
    ------
    Problem
        422 ``unreadable_file``, or ``invalid_rows`` with every problem.
    """
    checked = _checked(content, name)
    problems = list(checked.problems)
    rows = checked.frame.with_columns(pl.Series("row", checked.rows))
    known = rows.filter(pl.col("applicant").is_not_null() & pl.col("round").is_not_null())
    people = people_frame(session, intake_id)
    aliases = people.filter(pl.col("alias").is_not_null() & pl.col("protected"))
    shown = dict(aliases.select("alias", "applicant").iter_rows())
    known = known.with_columns(pl.col("applicant").alias("named"), pl.col("applicant").replace(shown))
    known = known.join(
        people.with_columns((~pl.col("protected")).alias("open")).select("applicant", "open"),
        on="applicant", how="left", maintain_order="left",
    )  # fmt: skip
    known = known.with_columns(
        (pl.col("open").fill_null(value=False) | pl.col("named").is_in(sorted(shown))).alias("exists"),
        pl.struct("applicant", "round").is_first_distinct().alias("first"),
    )
    runs: dict[str, str] = {}
    parts = []
    for round_name in sorted(known["round"].unique().to_list()):
        mine = known.filter(pl.col("round") == round_name)
        offers, refusal = _offers(session, results, intake_id, round_name, runs)
        mine = mine.join(offers, on="applicant", how="left", maintain_order="left")
        for line in mine.iter_rows(named=True):
            for column, code, message, remedy in _wrong(line, refusal):
                value = line["named"] if column == "applicant" else line[column]
                place = {"row": line["row"], "column": column, "value": None if value is None else str(value)}
                problems.append(checked.source.problem(code, message, remedy, **place))
        parts.append(mine)
    if problems:
        raise refused(sorted(problems, key=lambda one: one.row or 0), name)
    days = pl.col("answered_at").dt.to_string("%Y-%m-%d")
    whole = pl.concat(parts).select("applicant", "round", "answer", pl.col("offered").alias("route_id"), days)
    return AnswerTable(len(rows), hashlib.sha256(content).hexdigest(), runs, whole)


def _checked(content: bytes, name: str) -> CheckedTable:
    suffix = PurePosixPath(name).suffix.lower()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"answers{suffix if suffix in SUFFIXES else '.csv'}"
        path.write_bytes(content)
        try:
            checked = read_checked(path, ANSWERS)
        except RefusedError as error:
            raise refused(error.problems, name, "unreadable_file") from error
    if not len(checked.frame) and not checked.problems:
        empty = checked.source.problem("empty_table", "the table has no rows", "Deliver the rows.")
        raise refused([empty], name)
    return checked


def _offers(
    session: Session, results: ResultTables, intake_id: str, round_name: str, runs: dict[str, str]
) -> tuple[pl.DataFrame, str]:
    """Give who took part in a round and what each was offered; and why the round cannot be answered, if it cannot."""
    nothing = pl.DataFrame(schema={"applicant": pl.String, "offered": pl.String, "part": pl.Boolean})
    try:
        run = run_with_offers(session, intake_id, round_name)
        decisions = results.get(session, run.id, "decisions")
    except (Problem, AdmissionsError) as problem:
        return nothing, str(problem)
    runs[round_name] = run.id
    granted = pl.col("route_id").filter(pl.col("status") == "admitted").first()
    return decisions.group_by("applicant").agg(granted.alias("offered"), pl.lit(value=True).alias("part")), ""


def _wrong(line: Mapping[str, Any], refusal: str) -> list[Found]:
    """Give what is wrong with one answer."""
    if not line["exists"]:
        return [("applicant", "unknown_applicant", "there is no such applicant", "Check the id.")]
    if not line["first"]:
        return [("round", "duplicate", "the applicant has answered this round already", "Keep the answer that holds.")]
    if refusal:
        return [("round", "no_offers", refusal, "Name a finished final or reserve round.")]
    if not line["part"]:
        return [("applicant", "not_in_round", "the applicant took no part in the round", "Check applicant and round.")]
    found: list[Found] = []
    if line["answer"] is not None and line["offered"] is None and line["answer"] not in WITHOUT_SEAT:
        remedy = f"Without a seat the answers are {' and '.join(WITHOUT_SEAT)}."
        found.append(("answer", "nothing_offered", "the applicant was offered no seat", remedy))
    if line["route_id"] is not None and line["route_id"] != line["offered"]:
        found.append(("route_id", "other_route", "the seat offered is not on this route", "Leave the route out."))
    return found
