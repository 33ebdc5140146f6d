"""``admissions reserve RUN``: the reserve round that follows a finished run, on the answers that came in."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import polars as pl

    from admissions.intake import Intake
    from admissions.reports.columns import Language as ReportLanguage
    from admissions.reports.content import Report
    from admissions.rounds.folder import Run
    from admissions.rounds.resumed import FinishedRun
    from api.commands.progress import Tell


class Language(enum.StrEnum):
    """Language of the report."""

    SV = "sv"
    EN = "en"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def reserve(
        run: Annotated[
            Path,
            typer.Argument(metavar="RUN", help="Folder of a finished run that ends with the final or a reserve round."),
        ],
        answers: Annotated[
            Path,
            typer.Option(
                metavar="FILE",
                help="Answers to the last round: a table with the columns of the intake's answers, or its folder.",
            ),
        ],
        out: Annotated[Path, typer.Option(metavar="NEWRUN", help="Folder for the run; it must not exist yet.")],
        closed: Annotated[
            list[str] | None, typer.Option(metavar="ROUTE", help="A route that does not start; may be given again.")
        ] = None,
        elsewhere: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE", help="People who keep a seat of another office: a table with a column applicant."
            ),
        ] = None,
        left: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="People who did not come or left: a table with a column applicant."),
        ] = None,
        intake: Annotated[
            Path | None,
            typer.Option(
                metavar="DIR",
                help="The intake as it stands now (late choices, better grades, other seats); RUN/intake if left out.",
            ),
        ] = None,
        lang: Annotated[Language, typer.Option(help="Language of the report.")] = Language.SV,
    ) -> None:
        """Run the reserve round that follows a finished run.

        The rulebook and the lottery are those of RUN. Who holds a seat keeps it or gets a higher choice; seats given
        back go to reserves. Answers given before stand, and so do routes closed and people gone: only what is new need
        be named. Where the rulebook lets a holder move only after a yes, those who answered yes to the last round may
        move.

        The round is verified before anything is written. NEWRUN then holds every round of RUN as it was, the new round,
        the intake with the answers, and a report of the new round; `admissions verify NEWRUN` checks it, and a further
        reserve round may be continued from it. NEWRUN/report/ROUND-notify.csv lists whom to tell of routes closed now.
        """
        reserve_to(
            run,
            out,
            answers=answers,
            closed=sorted(set(closed or ())),
            elsewhere=elsewhere,
            left=left,
            intake=intake,
            language="en" if lang is Language.EN else "sv",
        )


def reserve_to(
    run: Path,
    out: Path,
    *,
    answers: Path,
    closed: list[str],
    elsewhere: Path | None,
    left: Path | None,
    intake: Path | None,
    language: ReportLanguage,
) -> None:
    """Continue a run by a reserve round; nothing is left at `out` unless everything succeeded."""
    from admissions.rounds.staging import refuse_taken

    refuse_taken(out)  # before any work is done

    from rich.console import Console

    from admissions.reports.terminal import print_report
    from admissions.rounds.answers import to_notify
    from admissions.rounds.folder import Run
    from admissions.rounds.received import check_routes, read_people, with_answers
    from admissions.rounds.reserve import run_reserve
    from admissions.rounds.resumed import open_finished, resume
    from admissions.rules import compile_static
    from api.commands.progress import steps

    console = Console()
    with steps() as tell:
        tell("read", 0, 1)
        finished = open_finished(run)
        name, last = finished.next, finished.last
        current = with_answers(_intake(finished, intake), answers, last)
        check_routes(closed, current)
        events = {
            "elsewhere": read_people(elsewhere, current) if elsewhere else [],
            "left": read_people(left, current) if left else [],
            "closed": closed,
        }
        tell("read", 1, 1)
        said = current.answers.filter(round=last, answer="yes")["applicant"].to_list()
        result = run_reserve(
            compile_static(current, finished.rulebook),
            name,
            finished.lottery,
            resume(run, last),
            elsewhere=events["elsewhere"],
            ended=events["left"],
            closed=closed,
            accepted=said,
            progress=lambda step, done, of: tell(f"{name}: {step}", done, of),
        )
        notes = dict(finished.about["notes"])
        notes["events"] = {**notes.get("events", {}), name: events}
        more = Run(
            current,
            finished.rulebook,
            finished.lottery,
            [result],
            seeds=finished.about["seeds"],
            notes=notes,
            continues=finished,
        )
        told = to_notify(finished.stored.rounds[-1].decisions, closed)
        report = _write(more, told, out, language, tell)
    print_report(report, console, language)
    console.print(f"{out}: {', '.join(report.about['rounds'])}")
    console.print(f"{out / 'report' / 'report.html'}")
    if len(told):
        people = told["applicant"].n_unique()
        console.print(f"{out / 'report' / f'{name}-notify.csv'}: {people} people to tell that a route does not start")


def _intake(finished: FinishedRun, path: Path | None) -> Intake:
    """Return the intake the round is to be run on."""
    from admissions.errors import AdmissionsError
    from admissions.intake import read_intake

    if path is not None:
        current = read_intake(path)
        if current.year != finished.about["year"]:
            raise AdmissionsError(f"{path} is the intake of {current.year}, the run is of {finished.about['year']}.")
        return current
    own = finished.folder / "intake"
    if not own.is_dir():
        raise AdmissionsError(f"{finished.folder} keeps no intake; name the one it was made from with --intake.")
    found = read_intake(own)
    if found.digest() != finished.about["intake_sha256"]:
        raise AdmissionsError(f"{own} is not the intake the run was made from: it was changed since. Use --intake.")
    return found


def _write(run: Run, told: pl.DataFrame, out: Path, language: ReportLanguage, tell: Tell) -> Report:
    """Write everything, and return the report."""
    from admissions.intake import write_intake
    from admissions.reports.content import report_of
    from admissions.reports.files import write_reports
    from admissions.rounds.folder import write_run
    from admissions.tables import write_swedish_csv

    made: list[Report] = []
    tell("write", 0, 3)

    def more(folder: Path, about: dict[str, Any]) -> None:
        tell("write", 1, 3)
        report = report_of(run, about)
        write_reports(report, run.intake, folder / "report", language)
        if len(told):
            write_swedish_csv(told, folder / "report" / f"{run.rounds[-1].round}-notify.csv")
        tell("write", 2, 3)
        write_intake(run.intake, folder / "intake", "parquet")
        made.append(report)

    write_run(out, run, more=more)
    tell("write", 3, 3)
    return made[0]
