"""What seats and pupils cost, exactly: a price list per programme, whole öre, never rounded.

A price list is a CSV with the columns ``programme``, ``per_seat`` and ``per_pupil``: kronor a year with at most two
decimals (point or comma). The one that comes along holds invented round prices; the real list is the user's.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import numpy.typing as npt

from admissions.errors import InputError

COLUMNS = ("programme", "per_seat", "per_pupil")


@dataclass(frozen=True)
class Price:
    """Öre a year for a seat, filled or not, and for a pupil on it."""

    per_seat: int
    per_pupil: int


def read_prices(path: str | Path) -> dict[str, Price]:
    """Return the prices by programme.

    Raises
    ------
    InputError
        With every problem: missing columns, a programme twice, amounts that are none.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([f"{path}: cannot be read: {error}"]) from error
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.DictReader(text.splitlines(), delimiter=delimiter)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or [])]
    if missing:
        raise InputError([f"{path}: the column {name!r} is missing" for name in missing])
    prices: dict[str, Price] = {}
    problems: list[str] = []
    for line, row in enumerate(rows, 2):
        programme = (row["programme"] or "").strip()
        amounts = [_ore(row[name]) for name in COLUMNS[1:]]
        for name, amount in zip(COLUMNS[1:], amounts, strict=True):
            if amount is None:
                problems.append(
                    f"{path}, line {line}: {name} is {row[name]!r}, expected kronor such as 98500 or 98500.50"
                )
        if not programme or programme in prices:
            problems.append(f"{path}, line {line}: programme {programme!r} is empty or stands there twice")
            continue
        prices[programme] = Price(amounts[0] or 0, amounts[1] or 0)
    if problems:
        raise InputError(problems)
    return prices


def _ore(text: str | None) -> int | None:
    try:
        amount = Decimal((text or "").strip().replace(" ", "").replace("\u00a0", "").replace(",", ".")) * 100
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount >= 0 and amount == int(amount) else None


def missing_prices(prices: Mapping[str, Price], programmes: npt.NDArray[np.str_], file: str) -> list[str]:
    """Return a problem for each programme of the catalogue without a price."""
    return [f"{file}: no price for programme {name!r}" for name in sorted(set(programmes.tolist()) - set(prices))]


def costs(
    prices: Mapping[str, Price],
    programmes: npt.NDArray[np.str_],
    seats: npt.NDArray[np.integer],
    pupils: npt.NDArray[np.integer],
) -> npt.NDArray[np.int64]:
    """Return the öre of each simulated year, int64[years].

    Parameters
    ----------
    programmes
        Of the routes.
    seats, pupils
        [years, routes]; seats of a pool counted at one of its routes only.
    """
    per_seat = np.array([prices[name].per_seat for name in programmes.tolist()], np.int64)
    per_pupil = np.array([prices[name].per_pupil for name in programmes.tolist()], np.int64)
    return np.asarray(np.asarray(seats, np.int64) @ per_seat + np.asarray(pupils, np.int64) @ per_pupil)


def prices_or_problems(path: str | Path, problems: list[str]) -> dict[str, Price] | None:
    """Return the prices, or None and what is wrong with the list in `problems`."""
    try:
        return read_prices(path)
    except InputError as error:
        problems += map(str, error.problems)
        return None
