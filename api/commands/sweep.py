"""``admissions sweep RUN``: many simulated years of a run's intake, with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from simulations.behaviour.parameters import Behaviour


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def sweep(
        run: Run,
        out: Annotated[
            Path,
            typer.Option(metavar="DIR", help="Folder for years and report; resumes what is there."),
        ],
        years: Annotated[int, typer.Option(metavar="N", min=1, help="How many years to simulate.")] = 1000,
        seat_values: Annotated[
            bool, typer.Option(help="Also the exact value of one more seat at every route in every year.")
        ] = True,
        reserve: Annotated[
            bool, typer.Option("--reserve", help="Also the first reserve round, after answers and closures.")
        ] = False,
        behaviour_seed: BehaviourSeed = 1,
        lottery_seed: LotterySeed = 1,
        behaviour: BehaviourFile = None,
        switch_off: SwitchOff = None,
        threads: Threads = None,
        cluster: Cluster = None,
        lang: Lang = Language.SV,
    ) -> None:
        """Simulate many years of a run's intake: preliminary round, re-choice window, summer, final round.

        Each year draws its own lotteries, re-choices, final grades and newcomers; what the run recorded of the window
        and the final grades is simulated anew. The report says what the rounds will bring and where seats are short,
        with intervals. An interrupt keeps the finished years, and the same command goes on from there.
        """
        from rich.console import Console

        from api.commands.progress import steps
        from simulations.from_run import open_run
        from simulations.reports.sweep_report import sweep_document
        from simulations.reports.writing import print_document, write_document
        from simulations.sweeps.chunks import Wanted
        from simulations.sweeps.draws import Seeds
        from simulations.sweeps.plan import Plan
        from simulations.sweeps.running import run_sweep
        from simulations.sweeps.year import YearModel

        models = behaviour_of(behaviour, switch_off)
        with steps(time_left=True) as tell:
            tell("read", 0, 1)
            given = open_run(run)
            model = YearModel.of(given.intake, given.rulebook, models, Seeds(behaviour_seed, lottery_seed))
            tell("read", 1, 1)
            plan = Plan(model, years, Wanted(seat_values=seat_values, reserve=reserve), given.id)
            done = run_sweep(
                plan,
                out / "years",
                threads=threads,
                cluster=cluster,
                progress=lambda at, of: tell("simulated years", at, of),
            )
            document = sweep_document(plan, done, lang.value)
            write_document(document, out / "report", lang.value)
        print_document(document, Console(), lang.value)
        print(out / "report" / "report.html")


def behaviour_of(file: Path | None, switched_off: list[str] | None) -> Behaviour:
    """Return the behaviour models of the options, refused with the names there are."""
    from dataclasses import fields

    from admissions.errors import AdmissionsError
    from simulations.behaviour.parameters import Behaviour, load_behaviour

    models = load_behaviour(file)
    names = [item.name for item in fields(Behaviour)]
    unknown = sorted(set(switched_off or []) - set(names))
    if unknown:
        raise AdmissionsError(f"There is no behaviour {', '.join(map(repr, unknown))}; there are {', '.join(names)}.")
    return models.without(*(switched_off or []))
