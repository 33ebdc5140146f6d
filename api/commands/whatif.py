"""``admissions whatif RUN --seats ROUTE=+5``: one finished round under other seats, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.simulation_options import Lang, Language, Run


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def whatif(
        run: Run,
        seats: Annotated[
            list[str],
            typer.Option(metavar="ROUTE=+5", help="More (+5) or fewer (-2) seats at a route, or a new number (30)."),
        ],
        round_name: Annotated[str, typer.Option("--round", metavar="NAME", help="preliminary or final.")] = "final",
        prices: Annotated[
            Path | None, typer.Option(metavar="PRICES.csv", help="Price list per programme, for the cost.")
        ] = None,
        out: Annotated[Path | None, typer.Option(metavar="DIR", help="Also write the report there.")] = None,
        lang: Lang = Language.SV,
    ) -> None:
        """Show what other seats would have done in a finished round: who is placed, who moves, where from and where to.

        Lists, grades and lottery are those of the run, so the answer is exact: it is the round matched again. How
        applicants would have changed their lists is not part of it; `admissions scenario --react` simulates that.
        """
        from rich.console import Console

        from admissions.errors import InputError
        from admissions.rounds.staging import refuse_taken, staged
        from api.commands.progress import steps
        from simulations.behaviour.parameters import load_behaviour
        from simulations.from_run import open_run
        from simulations.reports.scenario_report import scenario_document
        from simulations.reports.writing import print_document, write_document
        from simulations.scenarios.costs import missing_prices, read_prices
        from simulations.scenarios.whatif import what_if

        if out is not None:
            refuse_taken(out)
        listed = None if prices is None else read_prices(prices)
        with steps() as tell:
            tell("read", 0, 1)
            given = open_run(run)
            tell("read", 1, 1)
            if listed is not None:
                missing = missing_prices(listed, given.intake.routes["programme"].to_numpy().astype(str), str(prices))
                if missing:
                    raise InputError(missing)
            tell("match", 0, 1)
            found = what_if(given, seats, load_behaviour(), round_name=round_name, prices=listed)
            tell("match", 1, 1)
        document = scenario_document(found, lang.value)
        print_document(document, Console(), lang.value, only=7)
        if out is not None:
            with staged(out) as folder:
                write_document(document, folder, lang.value)
            print(out / "report.html")
