"""Figures of few persons, hidden in a report by the rulebook's ``publication.smallest_cell``.

A count of fewer persons than that is hidden, and what would tell it: shares, vacancies, gaps, and the merits of so few
admitted, which are single persons' merits. So that no hidden count can be had by subtraction, in every sum a report
shows (a school's routes, a programme's, a municipality's, the region's) either no count is hidden or at least two,
which together are no small count. That guards each sum, not every combination of sums over overlapping sets. The
office's published layout is made from the figures as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Line = tuple[npt.NDArray[np.int64], int | None]
"""Cells of a sum, and the cell that shows the sum; None where it is shown elsewhere."""

_COUNTS: dict[str, tuple[str, ...]] = {
    "first_choices": ("first_choice_shortage", "first_choice_surplus"),
    "first_not_eligible": (),
    "first_not_tried": (),
    "all_choices": (),
    "listed": (),
    "admitted_first": ("first_share",),
    "admitted": ("admitted_first", "first_share", "vacancies", "over_seats", "limit", "median", "median_grades"),
    "reserves": (),
    "reserve_persons": (),
    "without_seat": (),
    "residents_without_seat": (),
}
"""Counts of persons, and what is hidden with each of them."""
_FLOWS: dict[str, tuple[str, ...]] = {"arrived": (), "departed": ()}
_SUMS = ("school", "programme", "municipality", "organiser")


def hidden(values: npt.NDArray[np.int64], lines: Iterable[Line], least: int) -> npt.NDArray[np.bool_]:
    """Say which counts are hidden.

    Parameters
    ----------
    values
        int64[n]: counts of persons.
    lines
        The sums that are shown.
    least
        The smallest count that is shown.

    Examples
    --------
    >>> hidden(np.array([2, 30, 9, 0]), [(np.array([0, 1, 2, 3]), None)], 5).tolist()
    [True, False, True, False]
    """
    mask = (values > 0) & (values < least)
    sums = list(lines)
    changed = bool(mask.any())
    while changed:
        changed = False
        for cells, total in sums:
            mine = cells[mask[cells]]
            total_hidden = total is not None and bool(mask[total])
            if not len(mine) and not total_hidden:
                continue
            alone = len(mine) + total_hidden == 1
            small = not total_hidden and int(values[mine].sum()) < least
            if alone or small:
                rest = cells[~mask[cells] & (values[cells] > 0)]
                if len(rest):
                    mask[rest[np.argmin(values[rest])]] = changed = True
                elif total is not None and not total_hidden and values[total] > 0:
                    mask[total] = changed = True
    return mask


def hide_level(table: pl.DataFrame, level: str, least: int) -> pl.DataFrame:
    """Return a level's table with the figures of few persons missing.

    Parameters
    ----------
    table
        One row for each set.
    level
        Its level; routes and schools belong to further sums.
    least
        The smallest count that is shown; 0 and 1 hide nothing.
    """
    return _hide(table, _COUNTS, _lines_of(table, level), least)


def hide_flows(table: pl.DataFrame, level: str, least: int) -> pl.DataFrame:
    """Return what changed on a level with the flows of few persons missing."""
    return _hide(table, _FLOWS, _lines_of(table, level), least)


def hide_moves(moves: pl.DataFrame, least: int) -> pl.DataFrame:
    """Return the moves between two rounds with the counts of few persons missing."""
    return _hide(moves, {"persons": ()}, [(np.arange(len(moves)), None)], least)


def hide_people(people: dict[str, int], least: int) -> dict[str, int | None]:
    """Return counts of the whole region with the small ones missing."""
    return {name: None if 0 < count < least else count for name, count in people.items()}


def hide_homes(wide: pl.DataFrame, kinds: Sequence[str], least: int) -> pl.DataFrame:
    """Return homes by kind of programme, with the column ``all`` of their sums, without the counts of few persons."""
    columns = [*kinds, "all"]
    values = wide.select(columns).to_numpy().astype(np.int64)
    place = np.arange(values.size).reshape(values.shape)
    rows: list[Line] = [(place[row, :-1], int(place[row, -1])) for row in range(len(values))]
    sums: list[Line] = [(place[:, column], None) for column in range(len(columns))]
    mask = hidden(values.ravel(), [*rows, *sums], least).reshape(values.shape) if least > 1 else np.zeros(values.shape)
    return wide.with_columns(
        pl.when(pl.Series(mask[:, number].astype(bool))).then(None).otherwise(pl.col(name)).alias(name)
        for number, name in enumerate(columns)
    )


def _lines_of(table: pl.DataFrame, level: str) -> list[Line]:
    """Return the sums the rows of a level belong to: the region, and for routes and schools what they are parts of."""
    lines: list[Line] = [(np.arange(len(table)), None)] if level != "region" else []
    if level in {"route", "school"}:
        numbered = table.with_row_index("place")
        keys = [("municipality", "school") if name == "school" else (name,) for name in _SUMS]
        for key in keys:
            if set(key) <= set(table.columns) and not (level == "school" and key != ("municipality",)):
                grouped = numbered.group_by(key, maintain_order=True).agg("place")
                lines += [(np.array(one, dtype=np.int64), None) for one in grouped["place"].to_list()]
    return lines


def _hide(table: pl.DataFrame, counts: dict[str, tuple[str, ...]], lines: list[Line], least: int) -> pl.DataFrame:
    if least <= 1:
        return table
    columns: dict[str, Any] = {}
    for name, more in counts.items():
        if name not in table.columns:
            continue
        mask = pl.Series(hidden(table[name].fill_null(0).to_numpy().astype(np.int64), lines, least))
        for one in (name, *more):
            if one in table.columns:
                columns[one] = pl.when(mask).then(None).otherwise(columns.get(one, pl.col(one)))
    return table.with_columns(expression.alias(name) for name, expression in columns.items())
