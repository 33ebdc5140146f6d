"""What a report of a run says, before it is laid out: the same tables go to terminal, HTML, XLSX and CSV.

One table per level (region, programme, municipality, organiser, school, route) and round, a summary per round, and what
changed between rounds. Nothing is computed twice: layouts only choose columns and write numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from admissions.reports.small_cells import hide_flows, hide_level, hide_moves, hide_people
from admissions.results.changes import Changes
from admissions.results.levels import LEVELS
from admissions.results.rollups import rollups

if TYPE_CHECKING:
    from admissions.rounds.folder import Run
    from admissions.rounds.run import RoundResult

SHOWN_LEVELS = ("region", "programme", "municipality", "organiser", "school", "route")
_ROUTE_NAMES = ("school", "route_name", "programme", "municipality", "organiser", "route_code", "kind", "mode")


@dataclass(frozen=True, eq=False)
class RoundTables:
    """The tables of one round.

    Parameters
    ----------
    name
        Name of the round.
    levels
        For each level one row per set: outcome, demand and shortfall in its five senses, merits in hundredths.
    without_seat
        Eligible applicants without a seat by home municipality, kind and programme of the first tried choice.
    people
        Counts of persons: ``applicants`` (with at least one choice), ``eligible`` (tried on at least one),
        ``admitted``, ``admitted_first``, ``without_seat``; None where hidden.
    verified
        The properties the certificate says hold, as ``P1 ...: what``.
    root
        Root hash of the round's rows and decisions.
    published
        The routes with every figure, for the office's published layout.
    """

    name: str
    levels: Mapping[str, pl.DataFrame]
    without_seat: pl.DataFrame
    people: Mapping[str, int | None]
    verified: Mapping[str, str]
    root: str
    published: pl.DataFrame

    @property
    def region(self) -> dict[str, Any]:
        """The row of the whole region."""
        return self.levels["region"].row(0, named=True)


@dataclass(frozen=True, eq=False)
class Report:
    """Everything a layout needs.

    Parameters
    ----------
    about
        The content of ``run.json``.
    rounds
        The rounds in the order of the year.
    changes
        What changed from each round to the next.
    comparison
        Our figures beside published ones (measure, generated, published, least, most, status), if there are any.
    smallest
        Counts of fewer persons are hidden (missing) in the tables, see `small_cells`; 0 where none are.
    """

    about: Mapping[str, Any]
    rounds: Sequence[RoundTables]
    changes: Sequence[Changes]
    comparison: pl.DataFrame | None = None
    smallest: int = 0

    @property
    def last(self) -> RoundTables:
        """The latest round."""
        return self.rounds[-1]

    @cached_property
    def telling(self) -> pl.DataFrame:
        """The twenty routes of the latest round where most seats are missing (clearing number, then reserves)."""
        routes = self.last.levels["route"]
        order = ("clearing_number", "reserves", "route_id")
        return routes.sort(order, descending=[True, True, False], nulls_last=True).head(20)


def report_of(run: Run, about: Mapping[str, Any], *, comparison: pl.DataFrame | None = None) -> Report:
    """Gather the report of a run.

    Parameters
    ----------
    run
        The run.
    about
        What `admissions.rounds.write_run` put into ``run.json``.
    comparison
        See `Report`.
    """
    least = run.rulebook.sections.publication.smallest_cell
    rounds = [_round_tables(result, about["roots"][result.round], least) for result in run.rounds]
    return Report(about, rounds, [_few_hidden(change, least) for change in run.changes()], comparison, least)


def _few_hidden(change: Changes, least: int) -> Changes:
    levels = {name: hide_flows(table, name, least) for name, table in change.levels.items()}
    return replace(change, applicants=hide_moves(change.applicants, least), levels=levels)


def _round_tables(result: RoundResult, root: str, least: int) -> RoundTables:
    decisions = result.decisions
    outcome = rollups(decisions, result.demand)
    levels = {}
    for name in SHOWN_LEVELS:
        keys = list(LEVELS[name]) or ["region"]
        table = result.shortfalls.levels[name].join(outcome[name], on=keys, how="left", maintain_order="left")
        if name == "route":
            more = result.demand.select("route_id", *_ROUTE_NAMES, "limit", "pool", "pool_routes", "listed")
            table = table.join(more, on="route_id", how="left", maintain_order="left")
        levels[name] = table.with_columns(
            pl.when(pl.col("admitted") > 0)
            .then((pl.col("admitted_first") / pl.col("admitted")).round(4))
            .alias("first_share")
        )
    compiled = result.compiled
    people = {
        "applicants": int((compiled.indptr[1:] > compiled.indptr[:-1]).sum()),
        "eligible": int((compiled.market.indptr[1:] > compiled.market.indptr[:-1]).sum()),
        "admitted": int((decisions.granted >= 0).sum()),
        "admitted_first": int(levels["region"]["admitted_first"][0]),
        "without_seat": int(levels["region"]["without_seat"][0]),
    }
    return RoundTables(
        result.round,
        {name: hide_level(table, name, least) for name, table in levels.items()},
        result.shortfalls.without_seat,
        hide_people(people, least),
        result.certificate.properties,
        root,
        levels["route"],
    )
