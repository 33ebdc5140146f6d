"""The report's files: a page, a workbook, CSV tables and the office's published layout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from admissions.reports.columns import columns_of
from admissions.reports.content import SHOWN_LEVELS
from admissions.reports.html import html_report
from admissions.reports.published_layout import write_published
from admissions.reports.workbook import write_workbook
from admissions.results.levels import LEVELS
from admissions.rules import round_number
from admissions.tables import write_swedish_csv

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.reports.columns import Language
    from admissions.reports.content import Report


def write_reports(report: Report, intake: Intake, folder: Path, language: Language = "sv") -> list[Path]:
    """Write all files of a report into a folder and return their paths.

    ``report.html``, ``report.xlsx``, and for each round ``ROUND-LEVEL.csv`` (for a Swedish spreadsheet) and
    ``ROUND-published`` in the layout the office publishes (a workbook for the latest round, CSV for the others).
    """
    folder.mkdir(parents=True, exist_ok=True)
    page, book = folder / "report.html", folder / "report.xlsx"
    page.write_text(html_report(report, language), encoding="utf-8")
    write_workbook(report, book, language)
    paths = [page, book]
    for one in report.rounds:
        for level in SHOWN_LEVELS:
            path = folder / f"{one.name}-{level}.csv"
            write_swedish_csv(_plain(one.levels[level], level), path)
            paths.append(path)
        path = folder / f"{one.name}-published.{'xlsx' if one is report.last else 'csv'}"
        write_published(published_frame(one.published, intake, one.name), path)
        paths.append(path)
    return paths


def _plain(table: pl.DataFrame, level: str) -> pl.DataFrame:
    """Return the columns shown on a level with merits in points."""
    columns = columns_of(level)
    keys = [name for name in LEVELS[level] if name not in {one.name for one in columns}]
    merits = {one.name for one in columns if one.kind == "merit"}
    return table.select(
        *keys, *((pl.col(one.name) / 100).alias(one.name) if one.name in merits else one.name for one in columns)
    )


def published_frame(routes: pl.DataFrame, intake: Intake, round_name: str) -> pl.DataFrame:
    """Return the routes in the office's published layout; seats are the published ones, held outside included.

    Parameters
    ----------
    routes
        The routes of a round's report with every figure, `RoundTables.published`.
    intake
        The intake: names and seats as delivered.
    round_name
        The round, for its seats.
    """
    frame = routes.select(
        "route_id",
        "pool",
        (pl.col("limit") / 100).alias("lowest_merit"),
        (pl.col("median").fill_null(0) / 100).alias("median_merit"),
        "admitted",
        "reserves",
        pl.col("vacancies").alias("vacant_seats"),
    )
    names = intake.routes.select(
        "route_id", "year", "municipality", "school", "organiser_form", "route_code", "route_name"
    )
    seats = _delivered_seats(intake, round_name)
    return (
        frame.join(names, on="route_id", how="left")
        .join(seats, on="pool", how="left")
        .with_columns(pl.col("seats").fill_null(0))
    )


def _delivered_seats(intake: Intake, round_name: str) -> pl.DataFrame:
    """Return seats and over-intake of each pool as delivered for the latest round up to this one."""
    numbers = {name: round_number(name) for name in intake.seats["round"].unique().to_list()}
    if not numbers:
        return pl.DataFrame(schema={"pool": pl.String, "seats": pl.Int64})
    pool_of = dict(intake.routes.select("route_id", "pool").iter_rows())
    seats = intake.seats.with_columns(
        pl.col("round").replace_strict(numbers, return_dtype=pl.Int64).alias("number"),
        pl.col("route_or_pool").replace(pool_of).alias("pool"),
    ).filter(pl.col("number") <= round_number(round_name))
    latest = seats.filter(pl.col("number") == pl.col("number").max().over("pool"))
    return latest.group_by("pool").agg((pl.col("seats") + pl.col("over_intake").fill_null(0)).sum().alias("seats"))
