"""``admissions scenario RUN OVERLAY.toml...``: what if, over many simulated years, beside the baseline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.simulation_options import (
    BehaviourFile,
    BehaviourSeed,
    Cluster,
    Lang,
    Language,
    LotterySeed,
    Run,
    SwitchOff,
    Threads,
)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def scenario(
        run: Run,
        overlays: Annotated[
            list[Path], typer.Argument(metavar="OVERLAY.toml...", help="Overlays, laid over the intake in this order.")
        ],
        out: Annotated[
            Path,
            typer.Option(metavar="DIR", help="Folder for years and report; resumes what is there."),
        ],
        react: Annotated[
            bool,
            typer.Option("--react/--fixed", help="Let lists react to the scenario's own cut-offs, or hold them fixed."),
        ] = False,
        years: Annotated[int, typer.Option(metavar="N", min=1, help="How many years to simulate on each side.")] = 100,
        prices: Annotated[
            Path | None, typer.Option(metavar="PRICES.csv", help="Price list per programme, for the cost.")
        ] = None,
        behaviour_seed: BehaviourSeed = 1,
        lottery_seed: LotterySeed = 1,
        behaviour: BehaviourFile = None,
        switch_off: SwitchOff = None,
        threads: Threads = None,
        cluster: Cluster = None,
        lang: Lang = Language.SV,
    ) -> None:
        """Lay overlays over a run's intake and compare the result with the intake as it is.

        Both sides go through the same simulated years: the same persons have the same luck, grades and second thoughts,
        so only the scenario differs. An overlay changes seats, opens or closes routes, merges municipalities or lets
        one join, grows cohorts, or changes rules and behaviour; docs/scenarios.md shows how it is written. Overlays and
        price list are checked together, and refused with every problem before anything runs.
        """
        from rich.console import Console

        from api.commands.progress import steps
        from api.commands.sweep import behaviour_of
        from simulations.from_run import open_run
        from simulations.reports.scenario_report import scenario_document
        from simulations.reports.writing import print_document, write_document
        from simulations.scenarios.costs import prices_or_problems
        from simulations.scenarios.parsing import load_overlay
        from simulations.scenarios.running import run_scenario
        from simulations.scenarios.world import World
        from simulations.sweeps.draws import Seeds

        problems: list[str] = []
        laid = [load_overlay(path, problems) for path in overlays]
        listed = None if prices is None else prices_or_problems(prices, problems)
        models = behaviour_of(behaviour, switch_off)
        with steps(time_left=True) as tell:
            tell("read", 0, 1)
            given = open_run(run)
            tell("read", 1, 1)
            comparison = run_scenario(
                World.of(given.intake, given.rulebook, models),
                laid,
                seeds=Seeds(behaviour_seed, lottery_seed),
                years=years,
                react=react,
                prices=listed,
                prices_file=str(prices),
                problems=problems,
                run=given.id,
                out=out / "years",
                threads=threads,
                cluster=cluster,
                progress=tell,
            )
            document = scenario_document(comparison, lang.value)
            write_document(document, out / "report", lang.value)
        print_document(document, Console(), lang.value)
        print(out / "report" / "report.html")
