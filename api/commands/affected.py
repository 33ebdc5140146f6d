"""``admissions affected``: how many persons a discretionary act of the office would affect, before it is made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.explain import Language

if TYPE_CHECKING:
    from admissions.explanations.affected import ExtraAdmission, OverIntake

WORDS = {
    "better_off": ("får ett högre val", "get a higher choice"),
    "worse_off": ("får ett lägre val", "get a lower choice"),
    "newly_placed": ("av dem: från ingen plats till en plats", "of these: from no seat to a seat"),
    "newly_without": ("av dem: från en plats till ingen", "of these: from a seat to none"),
}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def affected(
        run: Annotated[
            Path, typer.Argument(metavar="RUN", help="Folder of a finished run, made by `admissions replay`.")
        ],
        over_intake: Annotated[
            str, typer.Option(metavar="POOL=+3", help="So many seats more in a pool (a route, where it has its own).")
        ] = "",
        admit: Annotated[
            str, typer.Option(metavar="APPLICANT=ROUTE", help="A seat for one applicant, beside the route's seats.")
        ] = "",
        round_name: Annotated[str, typer.Option("--round", metavar="NAME", help="preliminary or final.")] = "final",
        lang: Annotated[Language, typer.Option(help="Language of the answer.")] = Language.SV,
    ) -> None:
        """Count whom an over-intake or an extra admission would affect, before it is decided.

        Counts only, and the person it is about is left out: the round is matched again with the act and without it.
        Decisions of law (eligibility, exemption, free quota, grades, tests, lateness) are made on the applicant's own
        facts and are not counted beforehand.
        """
        from admissions.explanations.affected import affected_before
        from simulations.from_run import open_run

        act = act_of(over_intake, admit)
        counts = affected_before(open_run(run).compiled(round_name)[0], act)
        for name, words in WORDS.items():
            print(f"{getattr(counts, name):>6}  {words[0 if lang is Language.SV else 1]}")


def act_of(over_intake: str, admit: str) -> OverIntake | ExtraAdmission:
    """Read which act is meant.

    Raises
    ------
    AdmissionsError
        None or both are given, or one cannot be read.
    """
    from admissions.errors import AdmissionsError
    from admissions.explanations.affected import ExtraAdmission, OverIntake

    if bool(over_intake) == bool(admit):
        raise AdmissionsError("Name one act: --over-intake POOL=+3, or --admit APPLICANT=ROUTE.")
    left, _, right = (over_intake or admit).rpartition("=")
    if admit:
        if not left or not right:
            raise AdmissionsError(f"--admit {admit!r} cannot be read: write APPLICANT=ROUTE.")
        return ExtraAdmission(left, right)
    number = right.removeprefix("+")
    if not left or not number.isdecimal() or int(number) == 0:
        raise AdmissionsError(f"--over-intake {over_intake!r} cannot be read: write POOL=+3, one seat or more.")
    return OverIntake(left, int(number))
