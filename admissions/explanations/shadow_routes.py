"""Our result beside a published one, route by route: all that can be said without the persons.

Published figures name no causes. Where the seats differ that is one; any other difference stays unexplained until the
decisions themselves are compared.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from admissions.explanations.facts import whole
from admissions.reports.published_layout import compare_published, published_schema, read_published

if TYPE_CHECKING:
    from admissions.rounds.stored import StoredRound

_MEASURES = ("seats", "admitted", "reserves", "vacant_seats", "lowest_merit", "median_merit")


def ours_published(stored: StoredRound) -> pl.DataFrame:
    """Return a round of ours in the published layout.

    A replay's report has it with the seats as the schools offered them; without it the seats are those of the run,
    without what is held outside.
    """
    path = stored.folder.parent / "report" / f"{stored.name}-published.xlsx"
    if path.is_file():
        return read_published(path)
    routes = stored.table("routes").with_columns(
        (whole("limit") / 100).alias("lowest_merit"),
        (whole("median").fill_null(0) / 100).alias("median_merit"),
        pl.col("vacancies").alias("vacant_seats"),
    )
    return routes.select(pl.col(name).cast(dtype) for name, dtype in published_schema().items())


def compare_routes(stored: StoredRound, path: Path) -> pl.DataFrame:
    """Return the routes that differ from a published result, with their cause.

    Returns
    -------
    DataFrame
        Name columns; each measure of ours, theirs and the difference; ``found`` (both, ours, theirs) and ``cause``.

    Raises
    ------
    InputError
        If the file is not in the published layout.
    """
    both = compare_published(ours_published(stored), read_published(path))
    apart = [pl.col(f"{name}_ours").ne_missing(pl.col(f"{name}_theirs")) for name in _MEASURES]
    different = both.filter((pl.col("found") != "both") | pl.any_horizontal(apart))
    seats = (pl.col("found") == "both") & (pl.col("seats_difference").fill_null(0) != 0)
    return different.with_columns(pl.when(seats).then(pl.lit("seats")).otherwise(pl.lit("unexplained")).alias("cause"))
