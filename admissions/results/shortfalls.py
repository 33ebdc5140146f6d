"""The seat shortfall (platsbrist) in its five senses, per study route and rolled up; the senses are never mixed.

1. *Without a seat*: eligible applicants (with a row tried in the round) who got none, by the home municipality of the
   applicant and by kind and programme of their first tried choice.
2. *First-choice gap*: eligible first choices less seats; roll-ups keep shortages and surpluses apart, never netted.
3. *Reserves*: as entries and as distinct persons.
4. *Vacancies*: seats of the run less admitted.
5. *Clearing number* of a set: see `admissions.results.clearing`; each roll-up solves its own set.

Only rows tried in the round count. First choices not yet eligible, or not tried, have columns of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.results.clearing import clearing_numbers
from admissions.results.levels import LEVELS, Level, level
from admissions.results.queues import pool_of_route
from admissions.results.seating import seats_taken
from admissions.results.statuses import Status

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.results.decisions import Decisions

_SUMMED = (
    "first_choices",
    "first_not_eligible",
    "first_not_tried",
    "all_choices",
    "admitted",
    "admitted_first",
    "reserves",
)


@dataclass(frozen=True, eq=False)
class Shortfalls:
    """The shortfalls of one round.

    Parameters
    ----------
    levels
        For each of route, programme, school, municipality, organiser and region a table with one row per set.
    without_seat
        Sense 1 in full: persons by ``home_municipality``, ``kind`` and ``programme`` of their first tried choice.
    """

    levels: Mapping[str, pl.DataFrame]
    without_seat: pl.DataFrame


def shortfalls(
    decisions: Decisions,
    intake: Intake,
    demand: pl.DataFrame,
    *,
    progress: Callable[[int], None] | None = None,
) -> Shortfalls:
    """Measure the shortfalls of a decided round.

    Parameters
    ----------
    decisions, intake
        The round and the intake it was compiled from.
    demand
        What `admissions.results.demand.demand` returned for them.
    progress
        Called with 1 for each set whose clearing number is solved; `count_sets` says how many there are.

    Notes
    -----
    Columns of each level, after the naming ones: ``seats``; the sums of demand over the routes; ``admitted_in_pools``
    where pools are shared beyond the set; ``without_seat`` (by first tried choice), ``residents_without_seat``
    (municipality and region: by home); ``first_choice_shortage`` and ``first_choice_surplus``; ``reserve_persons``;
    ``vacancies`` and ``over_seats``; ``clearing_number``.
    """
    compiled = decisions.compiled
    pool = pool_of_route(compiled)
    seats = np.asarray(compiled.seats, dtype=np.int64)
    free = seats - seats_taken(decisions)
    first = np.zeros(len(seats), dtype=np.int64)
    np.add.at(first, pool, demand["first_choices"].to_numpy())
    waiting = np.flatnonzero(decisions.status == Status.RESERVE)
    wanted = np.zeros(len(seats), dtype=np.bool_)
    wanted[pool[compiled.route[waiting]]] = True
    nobody = _without_seat(decisions, intake, demand)
    unplaced = np.bincount(nobody["route"].to_numpy(), minlength=len(compiled.routes))

    built = [level(name, demand, pool) for name in LEVELS]
    sets = [one.pools_of(number) for one in built for number in range(one.size)]
    numbers = clearing_numbers(compiled, sets, wanted, progress=progress)
    tables: dict[str, pl.DataFrame] = {}
    start = 0
    for one in built:
        clearing = numbers[start : start + one.size]
        start += one.size
        table = one.keys.with_columns(
            pl.Series("seats", one.sum_pools(seats)),
            *(pl.Series(name, one.sum_routes(demand[name].to_numpy())) for name in _SUMMED),
            pl.Series("without_seat", one.sum_routes(unplaced)),
            pl.Series("first_choice_shortage", one.sum_pools(np.maximum(first - seats, 0))),
            pl.Series("first_choice_surplus", one.sum_pools(np.maximum(seats - first, 0))),
            pl.Series("reserve_persons", _persons(one, decisions, waiting)),
            pl.Series("vacancies", one.sum_pools(np.maximum(free, 0))),
            pl.Series("over_seats", one.sum_pools(np.maximum(-free, 0))),
            pl.Series("clearing_number", clearing),
        )
        tables[one.name] = _with_residents(one.name, table, nobody)
    summary = nobody.group_by("home_municipality", "kind", "programme").len("persons")
    summary = summary.with_columns(pl.col("persons").cast(pl.Int64))
    return Shortfalls(tables, summary.sort("home_municipality", "kind", "programme"))


def count_sets(decisions: Decisions, demand: pl.DataFrame) -> int:
    """Return how many sets `shortfalls` reports on, for a progress bar; equal sets are solved once."""
    pool = pool_of_route(decisions.compiled)
    built = (level(name, demand, pool) for name in LEVELS)
    return len({one.pools_of(number).tobytes() for one in built for number in range(one.size)})


def _without_seat(decisions: Decisions, intake: Intake, demand: pl.DataFrame) -> pl.DataFrame:
    """Return one row per applicant with a tried row and no seat: home, and route of the first tried choice."""
    compiled = decisions.compiled
    market = compiled.market
    some = np.flatnonzero((np.diff(market.indptr) > 0) & (decisions.granted < 0))
    route = np.asarray(market.route)[market.indptr[some]].astype(np.int64)
    names = pl.Series([str(compiled.applicants[one]) for one in some.tolist()], dtype=pl.String)  # also where empty
    people = pl.DataFrame({"applicant": names, "route": route})
    homes = intake.applicants.select("applicant", "home_municipality")
    kinds = demand.select("kind", "programme").with_row_index("route").with_columns(pl.col("route").cast(pl.Int64))
    return people.join(homes, on="applicant", how="left", maintain_order="left").join(
        kinds, on="route", how="left", maintain_order="left"
    )


def _persons(one: Level, decisions: Decisions, waiting: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Count the distinct persons in reserve in each set."""
    owner = decisions.owner[waiting]
    sets = one.of_route[decisions.compiled.route[waiting]]
    distinct = np.unique(sets * (len(decisions.granted) + 1) + owner)
    return np.bincount(distinct // (len(decisions.granted) + 1), minlength=one.size)


def _with_residents(name: str, table: pl.DataFrame, nobody: pl.DataFrame) -> pl.DataFrame:
    """Add the eligible residents without a seat where a set is a place people live in."""
    if name == "region":
        return table.with_columns(pl.lit(len(nobody), dtype=pl.Int64).alias("residents_without_seat"))
    if name != "municipality":
        return table
    homes = nobody.group_by("home_municipality").len("residents_without_seat")
    return table.join(
        homes, left_on="municipality", right_on="home_municipality", how="left", maintain_order="left"
    ).with_columns(pl.col("residents_without_seat").fill_null(0).cast(pl.Int64))
