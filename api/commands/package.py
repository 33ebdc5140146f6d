"""``admissions package``, ``moves`` and ``ceiling``: where extra seats, or other seats, would do most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

_LINES = 15
_WIDTH = 30
_ROUTE = ("school", "route_name", "municipality")

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run, made by `admissions replay`.")]
Round = Annotated[str, typer.Option("--round", metavar="NAME", help="preliminary or final; the final one if left out.")]
Routes = Annotated[
    str, typer.Option(metavar="ID,ID", help="Only these study routes, by route_id, separated by commas.")
]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the table: .csv, .xlsx or .parquet.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""

    @app.command()
    def package(
        run: Run,
        seats: Annotated[int | None, typer.Option(metavar="N", min=0, help="At most so many extra seats.")] = None,
        money: Annotated[
            int | None, typer.Option(metavar="KRONOR", min=0, help="At most so much a year; needs --prices.")
        ] = None,
        prices: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="Price list: programme, per_seat, per_pupil, in kronor a year."),
        ] = None,
        routes: Routes = "",
        placed_weight: Annotated[
            int | None,
            typer.Option(metavar="N", min=0, help="Worth of a newly placed applicant; above everything if left out."),
        ] = None,
        seconds: Annotated[float, typer.Option(min=0.0, help="Longest time for improving by exchange.")] = 45.0,
        round_name: Round = "",
        out: Out = None,
    ) -> None:
        """Find the extra seats that newly place most applicants, and then make most better off, within a budget.

        A greedy package is improved by exchange. The result says how far from the best possible package it can be at
        most; on small selections the best is found and proved. A seat costs its programme's per_seat and per_pupil.
        """
        from admissions.tables import write_table
        from api.commands.progress import steps
        from simulations.packages import Objective, best_package
        from simulations.packages.tables import open_round, package_table
        from simulations.scenarios.costs import read_prices

        place = open_round(run, round_name)
        per_seat = None
        if prices is not None:
            listed = {name: price.per_seat + price.per_pupil for name, price in read_prices(prices).items()}
            per_seat = place.prices(listed)
        with steps() as tell:
            found = best_package(
                place.market,
                matching=place.matching,
                seats_budget=seats,
                money_budget=None if money is None else money * 100,
                prices=per_seat,
                routes=place.numbers(_listed(routes)) if routes else None,
                objective=Objective(placed=placed_weight),
                seconds=seconds,
                progress=tell,
            )
        table = package_table(place, found, per_seat)
        _show(place.about, table, ("extra_seats", "seats_before", *_ROUTE), out)
        print(f"{found.seats.sum()} extra seats at {len(table)} study routes" + _kronor(found.cost))
        print(f"newly placed {found.effect.placed}, better off {found.effect.better_off} (the newly placed among them)")
        print(f"greedy alone: newly placed {found.greedy.placed}, better off {found.greedy.better_off}")
        bound = found.bound
        if found.proved_best:
            print("No other package within the budget is worth more: proved.")
        elif bound.placed is not None:
            print(
                f"No package newly places more than {bound.placed}; none that newly places {found.effect.placed} or "
                f"more makes more than {bound.better_off} better off."
            )
        else:
            print(f"Worth {found.effect.value}; no package is worth more than {bound.value}.")
        if not found.settled:
            print("The exchange search ran out of time: more --seconds may find a better package.")
        if out is not None:
            write_table(table, out)

    @app.command()
    def moves(
        run: Run,
        within: Annotated[
            str,
            typer.Option(help="Move seats within each school, programme, municipality, organiser, or anywhere."),
        ] = "school",
        at_most: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many seats are moved.")] = 10,
        seconds: Annotated[float, typer.Option(min=0.0, help="Stop after so long with the moves found.")] = 60.0,
        round_name: Round = "",
        out: Out = None,
    ) -> None:
        """Find seats to move from one study route to another, the total unchanged, that help most.

        Who loses by a move counts against who gains. Each move is the best single one after those before it.
        """
        from admissions.tables import write_table
        from simulations.packages import best_moves
        from simulations.packages.tables import moves_table, open_round

        place = open_round(run, round_name)
        found = best_moves(
            place.market, within=place.labels(within), at_most=at_most, matching=place.matching, seconds=seconds
        )
        table = moves_table(place, found)
        _show(place.about, table, ("move", "from_school", "from_route_name", "to_school", "to_route_name"), out)
        print(
            f"{len(table)} seats moved within one {within}: {found.effect.placed} more applicants placed, "
            f"{found.effect.better_off} more better off than worse off"
        )
        print("No further move of one seat helps." if found.settled else "Further moves may help.")
        if out is not None:
            write_table(table, out)

    @app.command()
    def ceiling(run: Run, routes: Routes = "", round_name: Round = "", out: Out = None) -> None:
        """Find the smallest number k such that k extra seats at each chosen study route seat everybody who can be.

        Can be seated: who has at least one choice that is eligible, tried and at a route that starts, among the chosen
        ones. The others are counted by reason. The table shows the extra seats that are then really used.
        """
        from admissions.tables import write_table
        from simulations.packages import common_ceiling
        from simulations.packages.tables import ceiling_tables, open_round

        place = open_round(run, round_name)
        found = common_ceiling(place.market, place.numbers(_listed(routes)) if routes else None)
        used, left_out = ceiling_tables(place, found)
        _show(place.about, used, ("extra_seats", "seats_before", "pool"), out)
        print(
            f"{found.k} extra seats at each route seat everybody who can be seated, {found.k - 1} do not: "
            f"{found.newly_placed} newly placed, {found.used.sum()} extra seats at {len(used)} pools are really used"
            if found.k
            else "Everybody who can be seated has a seat already."
        )
        print(f"{len(found.unseatable)} applicants whom no extra seats help, by reason:")
        for reason, persons in left_out.iter_rows():
            print(f"  {persons:6,}  {reason}")
        if out is not None:
            write_table(used, out)


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _kronor(ore: int) -> str:
    return f", {ore // 100} kronor {ore % 100:02} öre a year" if ore else ""


def _show(about: str, table: pl.DataFrame, columns: tuple[str, ...], out: Path | None) -> None:
    """Print what it was worked out from, and the first lines of the table."""
    print(about)
    print("  ".join(_cell(name.replace("_", " ")) for name in columns))
    for row in table.select(columns).head(_LINES).iter_rows():
        print("  ".join(_cell(cell) for cell in row))
    if len(table) > _LINES:
        print(f"... and {len(table) - _LINES} more" + (f", in {out}" if out else "; --out FILE keeps them all"))


def _cell(value: object) -> str:
    """Numbers and their headings to the right, names cut to size."""
    text = str(value)
    if isinstance(value, int) or text in {"move", "extra seats", "seats before"}:
        return f"{text:>12}"
    return f"{text if len(text) <= _WIDTH else text[: _WIDTH - 1] + '…':<{_WIDTH}}"
