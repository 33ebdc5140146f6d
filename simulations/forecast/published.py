"""Reading published route tables as history and catalogue, and refusing what cannot be forecast from.

One file holds the history, any number of consecutive years; another the catalogue of the year after, where the result
columns may be left out. Both have the columns of the office's published final results. Two rows of a year with the same
full name and different results are parallel classes, which the office does publish: both are kept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import InputError
from admissions.tables import Column, Problem, Table
from admissions.tables.raw import RefusedError
from admissions.tables.reading import read_checked
from simulations.forecast.features import YearTable
from simulations.forecast.linking import RouteKeys
from simulations.forecast.regression import Floats

KEY = ("school", "municipality", "route_code", "route_name")
RESULTS = ("admitted", "lowest_merit", "median_merit", "reserves", "vacant_seats")
_NAMING = ("municipality", "school", "route_code", "route_name", "seats", "skolenhetskod")


def _columns(*, results: bool) -> tuple[Column, ...]:
    return (
        Column("year", "integer", "Year of the intake.", "Antagningsår.", minimum=1990, maximum=2100, example="2023"),
        Column("school", "text", "Name of the school.", "Skolans namn."),
        Column(
            "skolenhetskod",
            "text",
            "School unit code, 8 digits; recognises a renamed school.",
            "Skolenhetskod.",
            required=False,
            empty=True,
            default="",
        ),
        Column("municipality", "text", "Municipality of the school.", "Skolans kommun."),
        Column(
            "organiser",
            "text",
            "Kind of organiser; not used by the forecast.",
            "Huvudman.",
            required=False,
            empty=True,
            default="",
        ),
        Column("route_code", "text", "Study route code.", "Studievägskod."),
        Column("route_name", "text", "Name of the study route.", "Studievägens namn.", empty=True, default=""),
        Column("seats", "integer", "Seats.", "Platser.", minimum=0, unit="seats"),
        *(
            Column(
                name,
                "decimal" if name.endswith("merit") else "integer",
                meaning,
                swedish,
                required=results,
                empty=True,
                minimum=0,
            )
            for name, meaning, swedish in (
                ("admitted", "Applicants admitted.", "Antagna."),
                ("lowest_merit", "Cut-off; 0 = no competition.", "Antagningsgräns."),
                ("median_merit", "Median merit of those admitted.", "Medianmerit."),
                ("reserves", "Applicants on the reserve list.", "Reserver."),
                ("vacant_seats", "Seats still vacant.", "Lediga platser."),
            )
        ),
    )


HISTORY = Table("history", "One study route and year with its result.", "En studieväg.", _columns(results=True))
CATALOGUE = Table("catalogue", "One study route of the year.", "En studieväg.", _columns(results=False))


def read_inputs(history: Path, catalogue: Path) -> tuple[list[YearTable], pl.DataFrame]:
    """Read and check both files.

    Returns
    -------
    The years of the history, oldest first, and the catalogue as delivered.

    Raises
    ------
    InputError
        With every problem of both files, before anything is computed.
    """
    past, problems = _checked(history, HISTORY)
    coming, more = _checked(catalogue, CATALOGUE)
    problems += more + _missing_years(history.name, past)
    if past is not None and coming is not None:
        problems += _wrong_year(catalogue.name, coming, _years(past))
    if problems or past is None or coming is None:
        raise InputError(problems)
    return by_year(past), coming.drop(RESULTS)


def read_history(path: Path) -> pl.DataFrame:
    """Read and check a history of at least two years for a backtest; raises InputError as `read_inputs` does."""
    frame, problems = _checked(path, HISTORY)
    problems += _missing_years(path.name, frame)
    if frame is not None and len(_years(frame)) == 1:
        problems.append(
            Problem(
                path.name,
                None,
                "year",
                str(_years(frame)[0]),
                "too_few_years",
                "a backtest needs at least two years: one to judge and one before it",
                "Add the years before.",
            )
        )
    if problems or frame is None:
        raise InputError(problems)
    return frame


def _checked(path: Path, table: Table) -> tuple[pl.DataFrame | None, list[Problem]]:
    """Read what can be read, so that the years are judged even where some cells are faulty."""
    try:
        checked = read_checked(path, table)
    except RefusedError as refusal:
        return None, list(refusal.problems)
    return checked.frame, list(checked.problems)


def _years(frame: pl.DataFrame) -> list[int]:
    return sorted(frame["year"].drop_nulls().unique().to_list())


def by_year(frame: pl.DataFrame) -> list[YearTable]:
    """Split a checked history into its years, oldest first."""
    return [year_table(frame.filter(pl.col("year") == year)) for year in _years(frame)]


def year_table(frame: pl.DataFrame) -> YearTable:
    """Return one year's rows as arrays, in the order of their contents, never of the file."""
    frame = CATALOGUE.conform(frame)[canonical_order(frame)]

    def texts(name: str) -> tuple[str, ...]:
        return tuple(frame[name].fill_null("").to_list())

    def numbers(name: str) -> Floats:
        return frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()

    return YearTable(
        year=int(frame["year"][0]),
        keys=RouteKeys(
            municipality=texts("municipality"),
            school=texts("school"),
            unit_code=texts("skolenhetskod"),
            route_code=texts("route_code"),
            route_name=texts("route_name"),
            seats=tuple(frame["seats"].to_list()),
        ),
        seats=numbers("seats"),
        **{name: numbers(name) for name in RESULTS},
    )


def canonical_order(frame: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Return the row numbers in the order of names and seats; results only order parallel classes of equal names."""
    by = [*_NAMING, *(name for name in RESULTS if name in frame.columns)]
    return (
        frame.select(pl.arg_sort_by(by, nulls_last=True, maintain_order=True)).to_series().to_numpy().astype(np.int64)
    )


def _missing_years(file: str, frame: pl.DataFrame | None) -> list[Problem]:
    years = [] if frame is None else _years(frame)
    return (
        [
            Problem(
                file,
                None,
                "year",
                None,
                "missing_year",
                f"the year {year} is missing between {years[0]} and {years[-1]}",
                f"Add the routes of {year}, or leave out the years before it.",
            )
            for year in range(years[0], years[-1])
            if year not in years
        ]
        if years
        else []
    )


def _wrong_year(file: str, catalogue: pl.DataFrame, known: list[int]) -> list[Problem]:
    problems = []
    for year in _years(catalogue) if known else ():
        last = known[-1]
        if year <= last:
            message = f"the catalogue's year {year} is not after the history, which ends with {last}"
            remedy = f"Give the catalogue of {last + 1}, or leave {year} and later years out of the history."
        elif year > last + 1:
            message = f"the history ends with {last}, the catalogue is of {year}: the years between are missing"
            remedy = f"Add the results of {last + 1} to {year - 1} to the history."
        else:
            continue
        problems.append(Problem(file, None, "year", str(year), "catalogue_year", message, remedy))
    return problems
