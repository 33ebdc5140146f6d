"""The office's published layout of final results, written and read, and two of them laid side by side.

Source: the yearly result files of Gymnasieantagningen Storsthlm: one flat sheet "1 - Hela regionen" with the columns of
`LAYOUT`, spelled as there (``Organistionsform`` included). What is odd in published files is understood: numbers stored
as texts, decimal commas, a dash or a letter where a number should be. The meaning of the letter ``P`` is not known; it
is read as a missing number and kept in the column ``marks``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import polars as pl

from admissions.errors import AdmissionsError, InputError
from admissions.tables.problem import Problem
from admissions.tables.raw import RawTable, RefusedError
from admissions.tables.reading import WORKBOOKS, read_raw
from admissions.tables.writing import write_swedish_csv, write_xlsx

SHEET = "1 - Hela regionen"

LAYOUT: Mapping[str, str] = MappingProxyType(
    {
        "År": "year",
        "Kommun": "municipality",
        "Skola": "school",
        "Organistionsform": "organiser_form",
        "StudieVagKod": "route_code",
        "Studievag": "route_name",
        "Antagningsgrans": "lowest_merit",
        "Median": "median_merit",
        "AntalPlatser": "seats",
        "AntalAntagna": "admitted",
        "AntalReserver": "reserves",
        "AntalLedigaPlatser": "vacant_seats",
    }
)
"""The published heading of each column, and what it is called here."""

KEY = ("year", "municipality", "school", "route_code", "route_name")
"""What identifies a route: school and code alone do not, because profiles share a code."""

MERITS = ("lowest_merit", "median_merit")
COUNTS = ("seats", "admitted", "reserves", "vacant_seats")
_MEASURES = (*MERITS, *COUNTS)
_FORMS = {"K": "municipal", "F": "independent", "R": "region", "L": "region"}
_LETTERS = {"municipal": "K", "independent": "F", "region": "R"}
_MISSING = {"", "-", "–", "—"}
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")


def published_schema() -> pl.Schema:
    """Return the columns of a result in this layout: counts Int64, merits Float64 points, the rest as named."""
    types = {name: pl.String() for name in LAYOUT.values()}
    return pl.Schema(
        types | {"year": pl.Int64()} | dict.fromkeys(MERITS, pl.Float64()) | dict.fromkeys(COUNTS, pl.Int64())
    )


def write_published(frame: pl.DataFrame, path: str | Path) -> None:
    """Write results in the published layout, sorted by municipality, school, code and name.

    Parameters
    ----------
    frame
        The columns of `published_schema`; merits in points, 0 for a route without competition.
    path
        ``.xlsx`` (the sheet named as in the published file, real numbers) or ``.csv`` (for a Swedish spreadsheet).

    Raises
    ------
    AdmissionsError
        Another ending.
    """
    path = Path(path)
    schema = published_schema()
    rows = frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items()).sort(KEY)
    letters = rows.with_columns(pl.col("organiser_form").replace_strict(_LETTERS, default=pl.col("organiser_form")))
    table = letters.rename({ours: theirs for theirs, ours in LAYOUT.items()})
    if path.suffix == ".xlsx":
        write_xlsx({SHEET: table}, path, missing="-")
    elif path.suffix == ".csv":
        write_swedish_csv(table.select(_as_text(name, dtype) for name, dtype in table.schema.items()), path)
    else:
        raise AdmissionsError(f"{path.name}: the published layout is written as .xlsx or .csv")


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    if dtype.is_float():  # 217,5 but 220, as the office writes them
        text = text.str.replace(r"\.0$", "").str.replace(".", ",", literal=True)
    return text.fill_null("-")


def read_published(path: str | Path) -> pl.DataFrame:
    """Read a published result file.

    Returns
    -------
    The columns of `published_schema` and ``marks``, a text such as ``median_merit=P`` that keeps what stood in place of
    a number; empty where nothing did. In the order of the file.

    Raises
    ------
    InputError
        Not this layout, two rows for one route, or cells that are neither numbers nor one of the known oddities; with
        every problem's row.
    """
    path = Path(path)
    try:
        raw = _raw(path)
    except RefusedError as refusal:
        raise InputError(refusal.problems) from refusal
    positions = {heading.strip().casefold(): i for i, heading in enumerate(raw.header)}
    absent = [heading for heading in LAYOUT if heading.casefold() not in positions]
    if absent:
        raise InputError(
            [
                raw.source.problem(
                    "missing_column",
                    "the column is missing",
                    f"The published layout has the columns {', '.join(LAYOUT)}.",
                    row=raw.header_row,
                    column=heading,
                )
                for heading in absent
            ]
        )
    texts = {ours: raw.columns[positions[heading.casefold()]].str.strip_chars() for heading, ours in LAYOUT.items()}
    frame, problems = _typed(texts, raw)
    problems += _repeated(frame, raw)
    if problems:
        raise InputError(problems)
    return frame


def _raw(path: Path) -> RawTable:
    known = tuple(LAYOUT)
    if path.suffix.lower() not in WORKBOOKS:
        return read_raw(path, known)
    try:
        return read_raw(path, known, SHEET)
    except RefusedError as refusal:
        if refusal.problems[0].rule != "missing_sheet":
            raise
        return read_raw(path, known)


def _typed(texts: Mapping[str, pl.Series], raw: RawTable) -> tuple[pl.DataFrame, list[Problem]]:
    headings = {ours: theirs for theirs, ours in LAYOUT.items()}
    marks: list[list[str]] = [[] for _ in range(len(raw.rows))]
    problems: list[Problem] = []
    series = []
    for name, dtype in published_schema().items():
        if dtype == pl.String():
            series.append(
                texts[name].replace(_FORMS).alias(name) if name == "organiser_form" else texts[name].alias(name)
            )
            continue
        readings = [_number(text, whole=dtype.is_integer()) for text in texts[name].to_list()]
        numbers = [reading if isinstance(reading, float) else None for reading in readings]
        series.append(pl.Series(name, numbers, dtype=pl.Float64).cast(dtype))
        for i, reading in enumerate(readings):
            if isinstance(reading, str) and reading and name != "year":
                marks[i].append(f"{name}={reading}")
            elif reading is None or (name == "year" and numbers[i] is None):
                message = "must be a year" if name == "year" else "must be a number, a dash or a single letter"
                place = {"row": int(raw.rows[i]), "column": headings[name], "value": texts[name][i]}
                problems.append(raw.source.problem("number", message, "Correct the cell.", **place))
    notes = pl.Series("marks", [" ".join(found) for found in marks], dtype=pl.String)
    return pl.DataFrame([*series, notes]), problems


def _number(text: str, *, whole: bool) -> float | str | None:
    """Return the number, "" for one that is missing, the letter that stands for one, or None for anything else."""
    plain = text.replace("\u00a0", "").replace(" ", "")
    if plain in _MISSING:
        return ""
    if len(plain) == 1 and plain.isalpha():
        return plain
    if not _NUMBER.fullmatch(plain):
        return None
    number = float(plain.replace(",", "."))
    return number if number.is_integer() or not whole else None


def _repeated(frame: pl.DataFrame, raw: RawTable) -> list[Problem]:
    again = ~frame.select(pl.struct(KEY).is_first_distinct()).to_series()
    return [
        raw.source.problem(
            "duplicate",
            "an earlier row has the same year, municipality, school, code and name",
            "Keep one row for each route.",
            row=int(raw.rows[i]),
            column="Studievag",
            value=frame["route_name"][i],
        )
        for i in again.arg_true().to_list()
    ]


def compare_published(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Lay two results side by side, route by route.

    Parameters
    ----------
    ours, theirs
        Results with the columns of `published_schema`, each route once.

    Returns
    -------
    One row for each route of either, sorted by `KEY`: the key; ``found`` (both, ours or theirs); and for every measure
    ``<measure>_ours``, ``<measure>_theirs`` and ``<measure>_difference`` (ours - theirs, missing where either is;
    merits in points). A lowest merit of 0 means no competition: the difference to a real limit is then no distance in
    points, which ``competition`` tells (both, neither, ours, theirs: who has a limit).

    Raises
    ------
    AdmissionsError
        A route stands twice in one of them.
    """
    for name, frame in (("ours", ours), ("theirs", theirs)):
        if frame.select(pl.struct(KEY).is_duplicated().any()).item():
            raise AdmissionsError(
                f"{name}: a route stands twice; a route is one year, municipality, school, code and name"
            )
    left = ours.select(*KEY, *(pl.col(name).alias(f"{name}_ours") for name in _MEASURES), in_ours=pl.lit(value=True))
    right = theirs.select(
        *KEY, *(pl.col(name).alias(f"{name}_theirs") for name in _MEASURES), in_theirs=pl.lit(value=True)
    )
    joined = left.join(right, on=KEY, how="full", coalesce=True).sort(KEY)
    found = _who(pl.col("in_ours").is_not_null(), pl.col("in_theirs").is_not_null())
    limits = _who(*(pl.col(f"lowest_merit_{side}").fill_null(0) > 0 for side in ("ours", "theirs")))
    columns = [
        column
        for name in _MEASURES
        for column in (
            pl.col(f"{name}_ours"),
            pl.col(f"{name}_theirs"),
            (pl.col(f"{name}_ours") - pl.col(f"{name}_theirs")).alias(f"{name}_difference"),
        )
    ]
    return joined.select(*KEY, found.alias("found"), limits.alias("competition"), *columns)


def _who(ours: pl.Expr, theirs: pl.Expr) -> pl.Expr:
    both = pl.when(ours & theirs).then(pl.lit("both"))
    return both.when(ours).then(pl.lit("ours")).when(theirs).then(pl.lit("theirs")).otherwise(pl.lit("neither"))
