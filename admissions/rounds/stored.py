"""Read a run folder back: its tables, and the market and matching its files describe.

The market is rebuilt from ``rows.csv`` and ``seats.csv`` alone, the matching from ``decisions.csv`` alone, so that a
finished run can be verified without the intake, the rulebook or the program that made it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError
from admissions.matching import Market, Matching, SeatGroups
from admissions.results.entries import REVERTED


class RunFolderError(AdmissionsError):
    """A folder that is no finished run, or whose files do not fit together."""


@dataclass(frozen=True, eq=False)
class StoredRound:
    """One round of a run folder.

    Parameters
    ----------
    folder
        Where its files lie.
    name
        Name of the round.
    """

    folder: Path
    name: str

    def table(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return one table, e.g. ``"decisions"``; empty text columns are text, ids are never read as numbers.

        Parameters
        ----------
        name
            Name of the table.
        columns
            Only these columns, which reads a large table quicker.

        Raises
        ------
        RunFolderError
            If the file is missing or unreadable.
        """
        path = self.folder / f"{name}.csv"
        try:
            table = pl.read_csv(
                path, columns=columns, schema_overrides={**_TEXT, "since": pl.Date}, infer_schema_length=None
            )
        except (OSError, pl.exceptions.PolarsError) as reason:
            raise RunFolderError(f"{path} cannot be read: {reason}") from reason
        return table.with_columns(pl.col(pl.String).fill_null(""))

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The compiled rows."""
        return self.table("rows")

    @cached_property
    def seats(self) -> pl.DataFrame:
        """The seats of the run."""
        return self.table("seats")

    @cached_property
    def decisions(self) -> pl.DataFrame:
        """The decisions."""
        return self.table("decisions")

    @cached_property
    def tried(self) -> pl.DataFrame:
        """The rows of the market: tried ones by applicant and rank, with the numbers of applicant and route."""
        rows = self.rows.filter(pl.col("status") == "tried").sort("applicant", "rank")
        people = self.rows.select(pl.col("applicant").unique().sort()).with_row_index("person")
        routes = pl.DataFrame({"route_id": self.routes}).with_row_index("route")
        numbered = rows.join(people, on="applicant", how="left", maintain_order="left").join(
            routes, on="route_id", how="left", maintain_order="left"
        )
        if numbered["route"].null_count():
            lost = numbered.filter(pl.col("route").is_null())["route_id"][0]
            raise RunFolderError(f"{self.folder}: rows.csv has a choice of route {lost!r} that seats.csv does not know")
        return numbered

    @cached_property
    def applicants(self) -> list[str]:
        """Ids of everybody with a row, sorted."""
        return self.rows["applicant"].unique().sort().to_list()

    @cached_property
    def routes(self) -> list[str]:
        """Ids of all routes, sorted."""
        return sorted({route for group in self.seats["routes"].unique().to_list() for route in group.split()})

    @cached_property
    def pools(self) -> list[str]:
        """Names of all pools, sorted."""
        return self.seats["pool"].unique().sort().to_list()

    @cached_property
    def market(self) -> Market:
        """The market, rebuilt."""
        tried = self.tried
        counts = np.bincount(tried["person"].to_numpy(), minlength=len(self.applicants))
        indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        pool_of = {
            route: self.pools.index(pool)
            for pool, routes in self.seats.select("pool", "routes").unique().iter_rows()
            for route in routes.split()
        }
        seats = self.seats.group_by("pool").agg(pl.col("seats").sum()).sort("pool")["seats"].to_numpy()
        return Market.from_points(
            indptr,
            tried["route"].to_numpy().astype(np.int32),
            tried["points"].to_numpy(),
            tried["lottery_order"].cast(pl.UInt64).to_numpy(),
            seats.astype(np.int64),
            pool=np.array([pool_of[route] for route in self.routes], dtype=np.int32),
            groups=self._groups,
        )

    @cached_property
    def _group_names(self) -> pl.DataFrame:
        """The seat groups of pools that have named ones, in (pool, order)."""
        grouped = self.seats.filter(pl.col("group") != "")["pool"].unique()
        return (
            self.seats.filter(pl.col("pool").is_in(grouped.to_list()))
            .sort("pool", "order")
            .with_row_index("number")
            .with_columns(pl.col("number").cast(pl.Int64))
        )

    @cached_property
    def _groups(self) -> SeatGroups | None:
        """The seat groups with their members."""
        names = self._group_names
        if not len(names):
            return None
        tried = self.tried.with_row_index("row").filter(pl.col("pool").is_in(names["pool"].unique().to_list()))
        tried = tried.with_columns(pl.col("groups").str.split(" ").alias("tokens"))
        own = pl.col("tokens").list.eval(pl.element().str.starts_with(":")).list.any()
        tried = tried.with_columns(own.alias("asks"))  # open seats among the tokens: these stand in the order of asking
        opened = tried.filter(~pl.col("tokens").list.contains("-") & ~own).select(
            "row", "pool", (-pl.col("points")).alias("key"), pl.lit("").alias("group"), pl.lit(None).alias("ask")
        )
        named = tried.with_columns(pl.int_ranges(pl.col("tokens").list.len()).alias("ask")).explode("tokens", "ask")
        named = named.filter(~pl.col("tokens").is_in(["", "-"]))
        name, place = (pl.col("tokens").str.splitn(":", 2).struct.field(f"field_{part}") for part in (0, 1))
        named = named.select(
            "row",
            "pool",
            pl.when(place != "").then(place).cast(pl.Int64).fill_null(-pl.col("points")).alias("key"),
            name.alias("group"),
            pl.when("asks").then("ask").alias("ask"),
        )
        members = pl.concat([opened, named], how="vertical_relaxed")
        members = members.join(names.select("pool", "group", "number", "order"), on=["pool", "group"])
        members = members.with_columns(pl.coalesce("ask", "order").alias("ask")).sort("number", "row")
        index = {name: number for number, name in enumerate(self.pools)}
        return SeatGroups(
            pool=np.array([index[name] for name in names["pool"].to_list()], dtype=np.int32),
            seats=names["seats"].to_numpy().astype(np.int64),
            order=names["order"].to_numpy().astype(np.int32),
            reverts=names["reverts"].to_numpy() == 1,
            group=members["number"].to_numpy().astype(np.int32),
            row=members["row"].to_numpy().astype(np.int64),
            priority=members["key"].to_numpy(),
            ask=members["ask"].to_numpy().astype(np.int32),
        )

    @cached_property
    def matching(self) -> Matching:
        """The matching the decisions describe.

        Raises
        ------
        RunFolderError
            If a decision grants a row that was not tried, or two rows of one applicant.
        """
        granted = self.decisions.filter(pl.col("status") == "admitted")
        twice = granted.filter(granted["applicant"].is_duplicated())
        if len(twice):
            raise RunFolderError(f"{self.folder}: decisions.csv admits applicant {twice['applicant'][0]} twice")
        tried = self.tried.with_row_index("row").select("row", "person", "route", "pool", "applicant", "route_id")
        found = granted.select("applicant", "route_id", "group").join(
            tried, on=["applicant", "route_id"], how="left", maintain_order="left"
        )
        if found["row"].null_count():
            lost = found.filter(pl.col("row").is_null()).row(0, named=True)
            raise RunFolderError(
                f"{self.folder}: decisions.csv admits applicant {lost['applicant']} to {lost['route_id']}, "
                "a choice that rows.csv does not hold as tried"
            )
        names = self._group_names.select("pool", "group", "number")
        found = found.join(names, on=["pool", "group"], how="left", maintain_order="left")
        person = found["person"].to_numpy()
        route = np.full(len(self.applicants), -1, dtype=np.int32)
        choice = np.full(len(self.applicants), -1, dtype=np.int64)
        group = np.full(len(self.applicants), -1, dtype=np.int32)
        route[person] = found["route"].to_numpy()
        choice[person] = found["row"].to_numpy()
        taken = pl.when(pl.col("group") == REVERTED).then(-1).otherwise(pl.col("number").fill_null(-1))
        group[person] = found.select(taken.alias("taken"))["taken"].to_numpy()
        return Matching(route, choice, group)

    @cached_property
    def holders(self) -> npt.NDArray[np.int64] | None:
        """Market row each applicant held before the round, -1 for none; None where nobody held anything."""
        held = self.tried.with_row_index("row").filter(pl.col("holds") == 1)
        if not len(held):
            return None
        rows = np.full(len(self.applicants), -1, dtype=np.int64)
        rows[held["person"].to_numpy()] = held["row"].to_numpy()
        return rows


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A finished run.

    Parameters
    ----------
    folder
        Where it lies.
    about
        The content of ``run.json``.
    rounds
        Its rounds in the order of the year.
    """

    folder: Path
    about: dict[str, Any]
    rounds: tuple[StoredRound, ...]

    def round(self, name: str) -> StoredRound:
        """Return one round.

        Raises
        ------
        RunFolderError
            If the run has no such round.
        """
        for one in self.rounds:
            if one.name == name:
                return one
        have = ", ".join(one.name for one in self.rounds)
        raise RunFolderError(f"{self.folder} has no round {name!r}; it has {have}")


_TEXT = dict.fromkeys(
    (
        *("applicant", "route_id", "pool", "group", "groups", "routes", "status", "reason", "missing", "lottery"),
        *("group_positions", "programme", "school", "municipality", "organiser", "home_municipality", "kind"),
        *("level", "route_code", "route_name", "mode", "organiser_form", "held", "lost"),
    ),
    pl.String,
)


def read_run(folder: Path) -> StoredRun:
    """Open a finished run folder; its tables are read when they are asked for.

    Raises
    ------
    RunFolderError
        If the folder is no finished run of a format this version knows.
    """
    path = folder / "run.json"
    if not path.is_file():
        raise RunFolderError(f"{folder} is no finished run: it has no run.json. `admissions replay` makes one.")
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        rounds = tuple(StoredRound(folder / name, name) for name in about["rounds"])
        form = about["format"]
    except (OSError, ValueError, KeyError, TypeError) as reason:
        raise RunFolderError(f"{path} is damaged: {reason!r}") from reason
    if form != 1:
        raise RunFolderError(f"{path} has format {form}; this version reads format 1")
    missing = [one.name for one in rounds if not one.folder.is_dir()]
    if missing:
        raise RunFolderError(f"{folder}: run.json names the round {missing[0]!r}, but its folder is missing")
    return StoredRun(folder, about, rounds)
