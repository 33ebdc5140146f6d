"""``admissions seats RUN``: what more seats are worth, for whom, and the best package of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.simulation_options import BehaviourSeed, Lang, Language, LotterySeed, Run, Threads

if TYPE_CHECKING:
    import polars as pl

    from api.commands.progress import Tell
    from simulations.from_run import RunInputs


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def seats(
        run: Run,
        lotteries: Annotated[
            int, typer.Option(metavar="N", min=1, help="Fresh lotteries behind the value of every route.")
        ] = 1000,
        budget: Annotated[
            int, typer.Option(metavar="N", min=0, help="Also find the best package of so many extra seats.")
        ] = 0,
        years: Annotated[
            int, typer.Option(metavar="N", min=0, help="Also over so many simulated years, behaviour and lottery.")
        ] = 0,
        top: Annotated[
            int, typer.Option(metavar="N", min=1, help="Curves, who gains and chains for so many routes.")
        ] = 20,
        out: Annotated[Path | None, typer.Option(metavar="DIR", help="Also write the report there.")] = None,
        behaviour_seed: BehaviourSeed = 1,
        lottery_seed: LotterySeed = 1,
        threads: Threads = None,
        lang: Lang = Language.SV,
    ) -> None:
        """Value extra seats in a run's final round: one more at every route, 1, 2, 5, 10, 30 more at the best ones.

        Every value is exact in its lottery: the round matched again, chains and swaps included; the interval is over
        lotteries, with --years over simulated behaviour too. A package is the best found for the run itself, with a
        bound on how much better any other could be.
        """
        from rich.console import Console

        from admissions.rounds.staging import refuse_taken, staged
        from api.commands.progress import steps
        from simulations.behaviour.parameters import load_behaviour
        from simulations.from_run import open_run
        from simulations.reports.seats_report import seats_document
        from simulations.reports.writing import print_document, write_document
        from simulations.seat_value.report import seat_report
        from simulations.sweeps.draws import Seeds
        from simulations.sweeps.year import YearModel

        if out is not None:
            refuse_taken(out)
        with steps(time_left=True) as tell:
            tell("read", 0, 1)
            given = open_run(run)
            tell("read", 1, 1)
            model = None
            if years:
                seeds = Seeds(behaviour_seed, lottery_seed)
                model = YearModel.of(given.intake, given.rulebook, load_behaviour(), seeds)
            found = seat_report(
                given,
                lotteries=lotteries,
                seed=lottery_seed,
                top=top,
                model=model,
                years=years,
                threads=threads,
                progress=tell,
            )
            package = _package(given, budget, tell) if budget else None
        document = seats_document(found, lang.value, package=package)
        print_document(document, Console(), lang.value, only=3 if package else 2)
        if out is not None:
            with staged(out) as folder:
                write_document(document, folder, lang.value)
            print(out / "report.html")


def _package(given: RunInputs, budget: int, tell: Tell) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Find the best package of so many seats for the run itself, and say how good it is."""
    import numpy as np

    from simulations.packages import best_package
    from simulations.sweeps.plan import catalogue_of

    compiled, matching = given.compiled("final")
    found = best_package(compiled.market, matching=matching, seats_budget=budget, progress=tell)
    chosen = np.flatnonzero(found.seats)
    table = (
        catalogue_of(given.intake)[chosen.tolist()]
        .select("route_id", "school", "route_name", "municipality", "programme")
        .with_columns(
            extra_seats=found.seats[chosen], seats_before=compiled.seats[compiled.static.route_table.pool[chosen]]
        )
        .sort("extra_seats", "route_id", descending=[True, False])
    )
    bound = f", at most {found.bound.placed}" if found.bound.placed is not None else ""
    proved = "proved best" if found.proved_best else f"gap {found.gap}"
    told = (
        f"{int(found.seats.sum())} seats at {len(table)} routes: newly placed {found.effect.placed}{bound}, "
        f"better off {found.effect.better_off}; {proved}"
    )
    return table, {"package": told}
