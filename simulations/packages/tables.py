"""Packages, moves and ceilings of a finished run as tables with names, each saying what it was worked out from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError
from admissions.matching import Market, Matching
from admissions.rounds.stored import StoredRound, read_run
from simulations.packages.best import Package
from simulations.packages.ceiling import Ceiling
from simulations.packages.moves import SeatMoves

NAMES = ("route_id", "municipality", "school", "programme", "route_name")
WITHIN = ("school", "programme", "municipality", "organiser", "anywhere")


@dataclass(frozen=True, eq=False)
class RoundMarket:
    """A finished round's market with the names of its routes.

    Attributes
    ----------
    about
        One line: run, rulebook, round, and that lists are held fixed.
    round
        Its files.
    market, matching
        Rebuilt from them.
    routes
        The catalogue in the market's order of routes.
    """

    about: str
    round: StoredRound
    market: Market
    matching: Matching
    routes: pl.DataFrame

    def numbers(self, route_ids: Collection[str]) -> list[int]:
        """Return the numbers of routes.

        Raises
        ------
        AdmissionsError
            Naming every unknown route.
        """
        number = {name: k for k, name in enumerate(self.routes["route_id"].to_list())}
        unknown = sorted(set(route_ids) - set(number))
        if unknown:
            raise AdmissionsError("; ".join(f"the round has no route {one!r}" for one in unknown))
        return sorted(number[one] for one in set(route_ids))

    def prices(self, per_seat: Mapping[str, int]) -> npt.NDArray[np.int64]:
        """Return öre a seat for each route.

        Raises
        ------
        AdmissionsError
            Naming every programme without a price.
        """
        programmes = self.routes["programme"].to_list()
        missing = sorted(set(programmes) - set(per_seat))
        if missing:
            raise AdmissionsError("; ".join(f"the price list has no programme {one!r}" for one in missing))
        return np.array([per_seat[one] for one in programmes], np.int64)

    def labels(self, within: str) -> list[Any]:
        """Return one label a pool: the school, programme, municipality or organiser whose seats may be moved about."""
        if within not in WITHIN:
            raise AdmissionsError(f"seats move within {', '.join(WITHIN)}; not within {within!r}")
        columns = {"school": ["municipality", "school"], "anywhere": []}.get(within, [within])
        label: list[Any] = [None] * self.market.n_pools
        for pool, row in zip(self.market.pool.tolist(), self.routes.select(columns or NAMES).iter_rows(), strict=True):
            label[pool] = row if columns else ""
        return label


def open_round(run: Path, round_name: str = "") -> RoundMarket:
    """Open a round of a finished run; the final one unless named, else the last.

    Raises
    ------
    RunFolderError
        If there is no such run or round.
    AdmissionsError
        If it is a reserve round: there the seats people hold are not up for planning.
    """
    stored = read_run(run)
    names = [one.name for one in stored.rounds]
    name = round_name or ("final" if "final" in names else names[-1])
    if name.startswith("reserve"):
        raise AdmissionsError(f"{name}: seats are planned on the preliminary or the final round")
    found = stored.round(name)
    routes = found.table("routes").sort("route_id")
    if routes["route_id"].to_list() != found.routes:
        raise AdmissionsError(f"{found.folder}: routes.csv and seats.csv do not name the same routes")
    about = (
        f"run {stored.about.get('id', '?')}, rulebook {stored.about.get('rules', '?')} "
        f"{str(stored.about.get('rulebook_sha256', ''))[:12]}, round {name}, lottery as drawn (1 run); "
        "lists held fixed"
    )
    return RoundMarket(about, found, found.market, found.matching, routes)


def package_table(place: RoundMarket, package: Package, prices: npt.NDArray[np.int64] | None) -> pl.DataFrame:
    """Return the routes that get seats, the most first: names, ``extra_seats``, ``seats_before``, ``cost_ore``."""
    chosen = np.flatnonzero(package.seats)
    cost = np.zeros(len(chosen), np.int64) if prices is None else package.seats[chosen] * prices[chosen]
    return (
        place.routes.select(NAMES)[chosen]
        .with_columns(
            extra_seats=package.seats[chosen],
            seats_before=place.market.seats[place.market.pool[chosen]],
            cost_ore=cost,
        )
        .sort("extra_seats", "route_id", descending=[True, False])
    )


def moves_table(place: RoundMarket, moves: SeatMoves) -> pl.DataFrame:
    """Return the moves in their order: number, giver and receiver by name, and what all so far do together."""
    first = {pool: k for k, pool in reversed(list(enumerate(place.market.pool.tolist())))}
    names = place.routes.select(NAMES).rows()
    rows = [
        (
            number,
            *names[first[move.from_pool]],
            *names[first[move.to_pool]],
            move.effect.placed,
            move.effect.better_off,
        )
        for number, move in enumerate(moves.moves, 1)
    ]
    columns = ["move", *(f"from_{name}" for name in NAMES), *(f"to_{name}" for name in NAMES)]
    schema = {name: pl.Int64 if name == "move" else pl.String for name in columns}
    return pl.DataFrame(rows, schema={**schema, "placed": pl.Int64, "better_off": pl.Int64}, orient="row")


def ceiling_tables(place: RoundMarket, ceiling: Ceiling) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the extra seats used, by pool, and how many applicants no ceiling seats, by reason.

    ``nothing tried`` is followed by the statuses of the applicant's rows, each status once.
    """
    pools = np.flatnonzero(ceiling.used)
    used = pl.DataFrame(
        {
            "pool": [place.round.pools[k] for k in pools.tolist()],
            "seats_before": place.market.seats[pools],
            "extra_seats": ceiling.used[pools],
        },
        schema={"pool": pl.String, "seats_before": pl.Int64, "extra_seats": pl.Int64},
    ).sort("extra_seats", "pool", descending=[True, False])
    people = pl.DataFrame(
        {
            "applicant": [place.round.applicants[k] for k in ceiling.unseatable.tolist()],
            "why": [_WHY[int(code)] for code in ceiling.why],
        },
        schema={"applicant": pl.String, "why": pl.String},
    )
    first = place.round.rows.select("applicant", "status").unique().sort("status").group_by("applicant").agg("status")
    listed = (
        people.join(first, on="applicant", how="left")
        .with_columns(
            reason=pl.when(pl.col("why") == _WHY[1])
            .then(pl.col("why") + ": " + pl.col("status").list.join(", "))
            .otherwise("why")
        )
        .group_by("reason")
        .agg(persons=pl.len().cast(pl.Int64))
        .sort("persons", "reason", descending=[True, False])
    )
    return used, listed


_WHY = {
    1: "nothing tried",
    2: "tried, but at no chosen route",
    3: "tried, but for no open seat",
}
