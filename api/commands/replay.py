"""``admissions replay DIR``: an intake through its rounds, verified, with the shortfall report."""

from __future__ import annotations

import enum
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

    from admissions.reports.columns import Language as ReportLanguage
    from admissions.reports.content import Report
    from admissions.rules import Lottery
    from api.commands.progress import Tell
    from simulations.replay import Replay


class Language(enum.StrEnum):
    """Language of the report."""

    SV = "sv"
    EN = "en"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def replay(
        intake: Annotated[Path, typer.Argument(metavar="DIR", help="Folder (or workbook) of the intake.")],
        out: Annotated[Path, typer.Option(metavar="RUN", help="Folder for the run; it must not exist yet.")],
        seed_phrase: Annotated[str, typer.Option(metavar="TEXT", help="The office's committed lottery seed.")],
        rules: Annotated[
            str, typer.Option(metavar="NAME", help="A rulebook that comes along, or the path of one ending in .toml.")
        ] = "storsthlm",
        public_value: Annotated[
            str, typer.Option(metavar="TEXT", help="The public value named beforehand, typed in; part of the lottery.")
        ] = "",
        behaviour_seed: Annotated[
            int, typer.Option(metavar="N", min=0, help="Seed of the simulated re-choice, where none is recorded.")
        ] = 1,
        behaviour: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="Own numbers and switches of the behaviour models, a TOML file."),
        ] = None,
        reserve_rounds: Annotated[
            int,
            typer.Option(
                metavar="N", min=0, max=2, help="Reserve rounds after the final one: RUN/reserve-1 and so on."
            ),
        ] = 0,
        lang: Annotated[Language, typer.Option(help="Language of the report.")] = Language.SV,
    ) -> None:
        """Run an intake through the preliminary round, the re-choice window, the final round and reserve rounds.

        Where the intake records what people changed in the window, and the final seats, they are used as recorded;
        otherwise they are simulated with the behaviour seed. So is what comes before reserve rounds, where any are
        asked for: answers, summer school, late applicants, routes that do not start. Every round is verified before
        anything is written. The folder RUN then holds the run, and RUN/report the report as a page, a workbook and
        tables.

        A faulty intake is refused with every problem, and no folder is left behind.
        """
        replay_to(
            intake,
            out,
            rules=rules,
            seed_phrase=seed_phrase,
            public_value=public_value,
            behaviour_seed=behaviour_seed,
            behaviour=behaviour,
            reserve_rounds=reserve_rounds,
            language="en" if lang is Language.EN else "sv",
        )


def replay_to(
    intake: Path,
    out: Path,
    *,
    rules: str,
    seed_phrase: str,
    public_value: str,
    behaviour_seed: int,
    language: ReportLanguage,
    behaviour: Path | None = None,
    reserve_rounds: int = 0,
    quiet: bool = False,
) -> None:
    """Replay an intake and write the run and its report; nothing is left at `out` unless everything succeeded.

    Parameters
    ----------
    intake, out
        The intake's folder or workbook, and the folder to make.
    rules
        Name or path of a rulebook.
    seed_phrase, public_value
        The lottery.
    behaviour_seed
        Seed of what is simulated.
    language
        ``"sv"`` or ``"en"``.
    behaviour
        A behaviour file; the shipped models if absent.
    reserve_rounds
        0, 1 or 2.
    quiet
        Print nothing.
    """
    from admissions.rounds.staging import refuse_taken

    refuse_taken(out)  # before any work is done

    from rich.console import Console

    from admissions.intake import read_intake
    from admissions.reports.terminal import print_report
    from admissions.rules import Lottery, load_rulebook
    from api.commands.progress import steps
    from simulations.behaviour.parameters import load_behaviour
    from simulations.replay import replay

    console = Console(quiet=quiet)
    rulebook = load_rulebook(rules)
    lottery = Lottery(seed_phrase, public_value)
    models = load_behaviour(behaviour)
    with steps(quiet=quiet) as tell:
        tell("read", 0, 1)
        delivered = read_intake(intake)
        tell("read", 1, 1)
        played = replay(
            delivered,
            rulebook,
            lottery,
            behaviour_seed,
            behaviour=models,
            reserve_rounds=reserve_rounds,
            progress=tell,
        )
        notes: dict[str, Any] = {"simulated": list(played.simulated)}
        if played.simulated:
            notes["delivered_sha256"] = delivered.digest()
            notes |= {"behaviour": asdict(models)} if behaviour else {}
        seeds = {"behaviour": behaviour_seed} if played.simulated else {}
        report = _write(played, lottery, seeds, notes, out, language, tell)
    print_report(report, console, language)
    console.print(f"{out}: run.json, rulebook.toml, {', '.join(one.name for one in report.rounds)}")
    console.print(f"{out / 'report' / 'report.html'}")


def _write(
    played: Replay,
    lottery: Lottery,
    seeds: dict[str, int],
    notes: dict[str, Any],
    out: Path,
    language: ReportLanguage,
    tell: Tell,
) -> Report:
    """Write everything, and return the report."""
    from admissions.intake import write_intake
    from admissions.reports.content import report_of
    from admissions.reports.files import write_reports
    from admissions.rounds.folder import Run, write_run

    rulebook = played.final.compiled.static.rulebook
    run = Run(played.intake, rulebook, lottery, played.rounds, seeds=seeds, notes=notes)
    comparison = _comparison(played)
    made: list[Report] = []
    tell("write", 0, 3)

    def more(folder: Path, about: dict[str, Any]) -> None:
        tell("write", 1, 3)
        report = report_of(run, about, comparison=comparison)
        write_reports(report, played.intake, folder / "report", language)
        tell("write", 2, 3)
        write_intake(played.intake, folder / "intake", "parquet")
        made.append(report)

    write_run(out, run, more=more)
    tell("write", 3, 3)
    return made[0]


def _comparison(played: Replay) -> pl.DataFrame | None:
    """Lay the final round beside the published results, where the intake is on the catalogue they belong to."""
    from sample_data import YEARS, published
    from simulations.diagnostics import compare

    year = played.intake.year
    if year not in YEARS:
        return None
    ours, theirs = set(played.intake.routes["route_id"].to_list()), set(published(year)["route_id"].to_list())
    return compare(played.final, year, played.changes).measures if theirs and theirs <= ours else None
