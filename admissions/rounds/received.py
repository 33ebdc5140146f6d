"""What came in after a round, read from files: answers, and lists of people who keep another seat or left.

Source of the answers' values: `admissions.rounds.answers`; of the columns: the intake's ``answers`` table.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from admissions.errors import InputError
from admissions.intake import Intake
from admissions.rules import round_number
from admissions.tables.checking import CheckedTable
from admissions.tables.declared import ANSWERS, INTAKE_TABLES
from admissions.tables.intake_rules import check_references
from admissions.tables.problem import Problem
from admissions.tables.raw import RefusedError, Source
from admissions.tables.reading import SUFFIXES, read_checked
from admissions.tables.references import Finding, report, unknown
from admissions.tables.schema import Table

PEOPLE = Table(
    "people",
    "A list of applicants: one id a line.",
    "En lista med sökande: ett id per rad.",
    (ANSWERS.column("applicant"),),
    key=("applicant",),
)


def with_answers(intake: Intake, path: Path, round_name: str) -> Intake:
    """Return the intake with the answers of a file, each in place of the person's earlier answer to that round.

    Parameters
    ----------
    intake
        The intake the answers are about.
    path
        A table with the columns of the intake's answers, or a folder that holds one as ``answers.csv``, .xlsx, .ods or
        .parquet.
    round_name
        The last round people have heard of.

    Raises
    ------
    InputError
        With every problem: unknown people or routes, two answers of one person to one round, a round that has not been
        run.
    """
    checked = _checked(_file_in(path) if path.is_dir() else path, ANSWERS)
    others = {table.name: _known(table, getattr(intake, table.name)) for table in INTAKE_TABLES if table is not ANSWERS}
    problems: list[Problem] = [*checked.problems, *check_references({"answers": checked, **others})]
    numbers = checked.frame["round"].unique().drop_nulls()
    later = numbers.filter([round_number(name) > round_number(round_name) for name in numbers.to_list()])
    if len(later):
        early = Finding(
            checked.frame["round"].is_in(later.implode()),
            "round",
            "round_not_run",
            f"nobody has been told of this round yet; the last one was {round_name}",
            "Correct the round, or continue from the run that has it.",
        )
        problems += report(checked, early)
    if problems:
        raise InputError(problems)
    kept = intake.answers.join(checked.frame, on=["applicant", "round"], how="anti", maintain_order="left")
    return replace(intake, answers=pl.concat([kept, checked.frame.select(kept.columns)]))


def read_people(path: Path, intake: Intake) -> list[str]:
    """Read a list of applicants from a table with a column ``applicant``.

    Raises
    ------
    InputError
        With every problem, also ids the intake does not know.
    """
    checked = _checked(path, PEOPLE)
    strangers = Finding(
        unknown(checked.frame["applicant"], intake.applicants["applicant"]),
        "applicant",
        "unknown_applicant",
        "the intake has no applicant with this id",
        "Correct the id.",
    )
    problems = [*checked.problems, *report(checked, strangers)]
    if problems:
        raise InputError(problems)
    return checked.frame["applicant"].unique().sort().to_list()


def check_routes(routes: Collection[str], intake: Intake) -> None:
    """Refuse ids of routes that the intake does not have.

    Raises
    ------
    InputError
        Naming every one.
    """
    known = set(intake.routes["route_id"].to_list())
    source = Source("--closed")
    strangers = [one for one in routes if one not in known]
    if strangers:
        raise InputError(
            [
                source.problem("unknown_route", "the intake has no route with this id", "Correct the id.", value=one)
                for one in strangers
            ]
        )


def _file_in(folder: Path) -> Path:
    found = sorted(
        file for file in folder.iterdir() if file.stem.lower() == "answers" and file.suffix.lower() in SUFFIXES
    )
    if len(found) == 1:
        return found[0]
    source = Source(folder.name)
    if found:
        names = ", ".join(file.name for file in found)
        raise InputError([source.problem("two_files", f"{names} are all the table answers", "Keep one of them.")])
    remedy = "Add answers.csv, .xlsx, .ods or .parquet, or name the file itself."
    raise InputError([source.problem("missing_table", "the folder has no table answers", remedy)])


def _checked(path: Path, table: Table) -> CheckedTable:
    try:
        return read_checked(path, table)
    except RefusedError as refusal:
        raise InputError(refusal.problems) from refusal


def _known(table: Table, frame: pl.DataFrame) -> CheckedTable:
    """Return a table of an intake that was checked before."""
    return CheckedTable(table, Source(table.name), frame, np.arange(1, len(frame) + 1), frozenset(table.names), ())
