"""``admissions risk RUN``: the risk of ending without a seat, for the re-choice window; off by default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

    from admissions.intake import Intake
    from api.commands.progress import Tell
    from simulations.risk import Risk, RiskSettings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def risk(
        run: Annotated[
            Path, typer.Argument(metavar="RUN", help="Folder of a run, made by `admissions replay`, with its intake.")
        ],
        switch_on: Annotated[
            bool,
            typer.Option("--switch-on", help="The office has decided that risks may be worked out, and who sees them."),
        ] = False,
        pupils: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="A counsellor's own pupils: a CSV with the column applicant, and school if there are several.",
            ),
        ] = None,
        runs: Annotated[int, typer.Option(metavar="N", min=1, help="Simulated final rounds.")] = 200,
        seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of behaviour and lottery.")] = 1,
        learn_from: Annotated[
            Path | None,
            typer.Option(
                metavar="RUN", help="Correct the risks by what an earlier year's run, with its final round, brought."
            ),
        ] = None,
        calibration: Annotated[
            bool, typer.Option("--calibration", help="Also hold the risks against the run's final round.")
        ] = False,
        out: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="Write the risks of the pupils of --pupils: .csv, .xlsx or .parquet."),
        ] = None,
    ) -> None:
        """Estimate how likely applicants are to end without a seat if their list stays as it is in the window.

        Off by default: nothing is worked out without --switch-on. Shown are figures by home municipality, and by school
        where --pupils names schools, never about fewer than five persons. Single pupils are written only with --out,
        and only those of --pupils.
        """
        from dataclasses import replace

        import polars as pl

        from admissions.errors import AdmissionsError
        from admissions.rounds.stored import read_run
        from admissions.tables import write_table
        from api.commands.progress import steps
        from simulations.risk import RiskSettings, by_group, learn

        settings = RiskSettings(on=switch_on, runs=runs)
        own = None if pupils is None else pl.read_csv(pupils, infer_schema=False)
        problems = [] if switch_on else ["risks are switched off: --switch-on if the office has decided to have them"]
        if out is not None and own is None:
            problems.append("--out writes the risks of single pupils: name a counsellor's own with --pupils")
        if own is not None and "applicant" not in own.columns:
            problems.append(f"{pupils} has no column 'applicant'")
        if problems:
            raise AdmissionsError("; ".join(problems))
        with steps() as tell:
            correction = None
            if learn_from is not None:
                before, _ = _risks(learn_from, settings, seed, tell, "earlier year")
                seated, kept = _outcome(learn_from)
                correction = learn(before.applicants, before.risk, seated, kept)
            found, intake = _risks(run, settings, seed, tell, "this year")
            found = replace(found, correction=correction)
        print(
            f"{read_run(run).about['rules']}, {run}: {runs} simulated final rounds, seed {seed}; lists of others react"
        )
        _show(by_group(found, intake.applicants, "home_municipality", settings), "home municipality")
        if own is not None and "school" in own.columns:
            _show(by_group(found, own, "school", settings), "school")
        if calibration:
            _judge(run, found)
        if out is not None and own is not None:
            listed = found.table().join(own.select("applicant"), on="applicant", how="semi")
            write_table(listed.sort("risk", "applicant", descending=[True, False]), out)
            print(f"{out}: {len(listed)} of {len(own)} pupils have a list")


def _risks(run: Path, settings: RiskSettings, seed: int, tell: Tell, step: str) -> tuple[Risk, Intake]:
    """Estimate the risks of a run's intake."""
    from admissions.intake import read_intake
    from admissions.rules import load_rulebook
    from simulations.behaviour.parameters import load_behaviour
    from simulations.risk import non_placement_risk
    from simulations.sweeps.draws import Seeds
    from simulations.sweeps.year import YearModel

    tell(step, 0, settings.runs)
    intake = read_intake(run / "intake")
    model = YearModel.of(intake, load_rulebook(str(run / "rulebook.toml")), load_behaviour(), Seeds(seed, seed))
    return non_placement_risk(model, settings, progress=lambda _, done, of: tell(step, done, of)), intake


def _outcome(run: Path) -> tuple[list[str], list[str]]:
    """Return who got a seat in the final round, and who had kept the list of the preliminary one."""
    import polars as pl

    from admissions.rounds.stored import read_run

    rounds = read_run(run)
    lists = [
        rounds.round(name).rows.sort("applicant", "rank").group_by("applicant").agg(pl.col("route_id").str.join(" "))
        for name in ("preliminary", "final")
    ]
    kept = lists[0].join(lists[1], on=["applicant", "route_id"], how="semi")["applicant"].to_list()
    decided = rounds.round("final").decisions
    return decided.filter(pl.col("status") == "admitted")["applicant"].to_list(), kept


def _show(table: pl.DataFrame, what: str) -> None:
    """Print an aggregate; what would point at a few persons stays empty."""
    print(f"{what:<34}{'persons':>9}{'mean risk':>11}{'risk of a half or more':>24}")
    for name, persons, mean, high in table.iter_rows():
        cells = ["-" if persons is None else f"{persons:,}", "-" if mean is None else f"{mean:.0%}"]
        print(f"{name or '':<34}{cells[0]:>9}{cells[1]:>11}{'-' if high is None else f'{high:,}':>24}")


def _judge(run: Path, found: Risk) -> None:
    """Print the calibration: after the window for everybody, with the list as it was for who kept it."""
    from simulations.risk import calibrate

    seated, kept = _outcome(run)
    for what, foreseen, among in (
        ("everybody, after the window", found.risk_after_window, None),
        ("who kept the list", found.risk, kept),
    ):
        judged = calibrate(found.applicants, foreseen, seated, among)
        print(
            f"{what}: {judged.persons:,} persons, Brier {judged.brier:.4f} "
            f"(everybody the mean: {judged.brier_of_mean:.4f})"
        )
        for start, persons, said, was in judged.curve.iter_rows():
            if said is not None:
                print(f"  risk from {start:>4.0%}: {persons:>7,} persons, foreseen {said:>6.1%}, observed {was:>6.1%}")
