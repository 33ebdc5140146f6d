"""The intake (antagningsår): one admission year as seven tables, and its digest.

An intake is data only: it says who applies to what, with which grades and decisions, and how many seats there are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from admissions.errors import InputError
from admissions.tables.declared import ANSWERS, DECISIONS, INTAKE_TABLES, ROUTES
from admissions.tables.delivery import read_delivery
from admissions.tables.digest import table_digest
from admissions.tables.folder import whole_folder
from admissions.tables.problem import Problem
from admissions.tables.writing import write_swedish_csv, write_table, write_xlsx


def route_id(year: int, municipality: str, school: str, route_code: str, route_name: str) -> str:
    """Return the id of a study route without an id of the office: 10 hex digits of SHA-256 of its published key.

    School and route code alone are not unique: profiles of a class share both.

    Examples
    --------
    >>> route_id(2023, "Botkyrka", "Tumba Gymnasium", "NANAT", "Naturvetenskapsprogrammet NA - Naturvetenskap")
    '5dedd96001'
    """
    key = f"{year}|{municipality}|{school}|{route_code}|{route_name}"
    return hashlib.sha256(key.encode()).hexdigest()[:10]


@dataclass(frozen=True)
class Intake:
    """One admission year.

    Every table has exactly the declared columns in the declared order and types (text String, whole numbers Int64,
    days Date); columns left out are added with what they stand for. The content is not checked here: `read_intake`
    does that, and `check_intake`.

    Parameters
    ----------
    routes, seats, applicants, grades, choices, decisions, answers
        The tables of `admissions.tables.declared`; the last two may be left out.
    year
        The admission year; 0 stands for the year of the routes.
    """

    routes: pl.DataFrame
    seats: pl.DataFrame
    applicants: pl.DataFrame
    grades: pl.DataFrame
    choices: pl.DataFrame
    decisions: pl.DataFrame = field(default_factory=DECISIONS.schema.to_frame)
    answers: pl.DataFrame = field(default_factory=ANSWERS.schema.to_frame)
    year: int = 0

    def __post_init__(self) -> None:
        for table in INTAKE_TABLES:
            frame = table.conform(getattr(self, table.name))
            if table is ROUTES:
                frame = frame.with_columns(pl.col("pool").fill_null(pl.col("route_id")))
            object.__setattr__(self, table.name, frame)
        if not self.year and len(self.routes):
            object.__setattr__(self, "year", int(self.routes["year"][0]))

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the seven tables by name, in the declared order."""
        return {table.name: getattr(self, table.name) for table in INTAKE_TABLES}

    def digest(self) -> str:
        """Return the SHA-256 of the content, 64 hex digits: independent of row order, file format and file names."""
        parts = [f"year {self.year}"]
        parts += [f"{name} {table_digest(frame)}" for name, frame in self.tables().items()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_intake(path: str | Path) -> Intake:
    """Read an intake: a folder with one CSV, XLSX, ODS or Parquet file for each table, or one workbook.

    Raises
    ------
    InputError
        Carries every problem of every table; nothing is half-loaded.
    """
    frames, problems = read_delivery(Path(path), INTAKE_TABLES)
    if problems:
        raise InputError(problems)
    return Intake(
        routes=frames["routes"],
        seats=frames["seats"],
        applicants=frames["applicants"],
        grades=frames["grades"],
        choices=frames["choices"],
        decisions=frames["decisions"],
        answers=frames["answers"],
    )


def check_intake(path: str | Path) -> list[Problem]:
    """Return every problem of an intake's files, in the order of the tables and rows; an empty list if it is sound."""
    return read_delivery(Path(path), INTAKE_TABLES)[1]


def write_intake(
    intake: Intake, path: str | Path, fmt: Literal["csv", "swedish-csv", "parquet", "xlsx"] = "csv"
) -> None:
    """Write an intake so that reading it gives the same intake; all of it or nothing.

    Parameters
    ----------
    path
        A folder, made or replaced as a whole; with `fmt` ``xlsx`` a path ending in .xlsx makes one workbook instead.
    fmt
        ``csv`` for machines, ``swedish-csv`` for a Swedish spreadsheet, ``parquet``, ``xlsx``.

    Raises
    ------
    AdmissionsError
        The folder holds something else than an intake, or a table has more rows than a sheet holds.
    """
    path = Path(path)
    if fmt == "xlsx" and path.suffix == ".xlsx":
        write_xlsx(intake.tables(), path)
        return
    with whole_folder(path, {table.name for table in INTAKE_TABLES}) as folder:
        for name, frame in intake.tables().items():
            if fmt == "swedish-csv":
                write_swedish_csv(frame, folder / f"{name}.csv")
            else:
                write_table(frame, folder / f"{name}.{fmt}")
