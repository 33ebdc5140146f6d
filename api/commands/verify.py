"""``admissions verify RUN``: a finished run re-checked from its files alone, twice, by programs that share no code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def verify(
        run: Annotated[
            Path, typer.Argument(metavar="RUN", help="Folder of a finished run, made by `admissions replay`.")
        ],
    ) -> None:
        """Check a finished run again, from its files alone.

        First the stand-alone verifier (one readable file without any library, which you may also run by itself) checks
        the lottery, every seat given or refused, the certificate and the hashes. Then the run's rows and seats are read
        back into the engine and its own checker has to come to the certificate that lies in the run.

        Ends with 0 if everything holds, with 1 and the first thing that does not.
        """
        from admissions.rounds.checking import check_run

        for line in check_run(run):
            print(line)
        print("Everything holds.")
