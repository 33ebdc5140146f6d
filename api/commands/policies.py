"""``admissions policies`` and ``over-intake``: reserve rounds and over-intake tried out on simulated withdrawals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run, made by `admissions replay`.")]
Runs = Annotated[int, typer.Option(metavar="N", min=1, help="Number of simulations.")]
Seed = Annotated[int, typer.Option(metavar="N", min=0, help="Seed of who leaves or does not come.")]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the table: .csv, .xlsx or .parquet.")]


def register(app: typer.Typer) -> None:
    """Add both commands to the application."""

    @app.command()
    def policies(
        run: Run,
        leaving: Annotated[
            str,
            typer.Option(
                metavar="P,P",
                help="Share of the applicants who leave before each reserve round: an assumption of yours.",
            ),
        ] = "0.04,0.03,0.03",
        runs: Runs = 20,
        seed: Seed = 1,
        out: Out = None,
    ) -> None:
        """Compare ways to fill seats that are given up, on the same simulated withdrawals after the final round.

        rerun: the match is made again. call_down: each empty seat is offered down the list, and so is the seat its
        taker leaves; the fewest moves are the same. seatless_only: empty seats go to applicants without a seat alone.
        reversed_lottery: a re-run that breaks ties the other way round, everybody keeping at least the seat they hold.
        """
        from admissions.errors import AdmissionsError
        from admissions.tables import write_table
        from simulations.packages.tables import open_round
        from simulations.policies import Stage, policy_bench, summary

        try:
            shares = [float(one) for one in leaving.split(",")]
        except ValueError as error:
            raise AdmissionsError(f"--leaving {leaving!r}: shares such as 0.04,0.03 are expected") from error
        place = open_round(run)
        stages = [Stage(f"reserve-{number}", share) for number, share in enumerate(shares, 1)]
        ids = place.round.applicants
        table = summary(policy_bench(place.market, place.matching, ids, stages=stages, runs=runs, seed=seed))
        print(f"{place.about}; {runs} simulations of withdrawals, seed {seed}; median (a tenth below - a tenth above)")
        for policy, stage in table.select("policy", "stage").unique(maintain_order=True).iter_rows():
            print(f"{policy}, {stage}")
            part = table.filter((table["policy"] == policy) & (table["stage"] == stage))
            for measure, low, median, high in part.select("measure", "low", "median", "high").iter_rows():
                print(f"  {_MEANING[measure]:<62}{median:>9,.0f}  ({low:,.0f} - {high:,.0f})")
        if out is not None:
            write_table(table, out)

    @app.command("over-intake")
    def over_intake(
        run: Run,
        no_show: Annotated[
            float, typer.Option(metavar="P", min=0.0, max=0.99, help="Share of the admitted who do not come.")
        ],
        at_most: Annotated[
            float, typer.Option(metavar="P", min=0.0, max=0.99, help="How often a class may be above its size.")
        ] = 0.05,
        runs: Runs = 500,
        seed: Seed = 1,
        out: Out = None,
    ) -> None:
        """Plan offers beyond the class size, all study routes together, so that no class is too full too often.

        Where one route takes in more, others admit other applicants: every step is a full match.
        """
        import numpy as np
        import polars as pl

        from admissions.tables import write_table
        from simulations.packages.tables import open_round
        from simulations.policies import over_intake_levels, plan_over_intake

        place = open_round(run)
        ids = place.round.applicants
        found = plan_over_intake(place.market, ids, no_show, at_most=at_most, runs=runs, seed=seed)
        none = over_intake_levels(place.market, ids, no_show, [0], runs=runs, seed=seed)[0]
        table = pl.DataFrame(
            {
                "pool": place.round.pools,
                "class_size": place.market.seats,
                "over_intake": found.extra,
                "admitted": found.admitted,
                "too_full": found.too_full,
                "empty_seats": found.empty,
                "empty_seats_without": none.empty,
            }
        )
        full = none.admitted >= place.market.seats
        print(f"{place.about}; {runs} simulated first days, no-show rate {no_show:.1%}, seed {seed}")
        print(
            f"{found.extra.sum()} offers beyond the class size at {np.count_nonzero(found.extra)} pools; no class is "
            f"too full on more than {found.too_full.max(initial=0.0):.1%} of the first days"
        )
        print(
            f"empty seats where all were given: {none.empty[full].sum():.0f} without over-intake, "
            f"{found.empty[full].sum():.0f} with it"
        )
        if out is not None:
            write_table(table, out)


_MEANING = {
    "given_up": "seats given up",
    "calls": "offers made, or notices of a new result",
    "moved": "persons moved to a better choice",
    "newly_placed": "persons newly placed",
    "seated": "remaining applicants with a seat",
    "without": "remaining applicants tried and without one",
    "envious": "persons passed over by somebody behind them or an empty seat",
    "worse_than_rerun": "persons worse off than under a re-run",
}
