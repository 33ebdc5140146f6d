"""Options that the commands on simulated years share."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer


class Language(enum.StrEnum):
    """Language of the report."""

    SV = "sv"
    EN = "en"


Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run, made by `admissions replay`.")]
Lang = Annotated[Language, typer.Option(help="Language of the report.")]
Threads = Annotated[int | None, typer.Option(metavar="N", min=1, help="Threads to use; all cores if left out.")]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Compute on a Dask cluster instead, e.g. tcp://10.0.0.5:8786."),
]
BehaviourSeed = Annotated[int, typer.Option(metavar="N", min=0, help="Seed of re-choice, grades and newcomers.")]
LotterySeed = Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the simulated lotteries.")]
BehaviourFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE.toml", help="Other numbers for the behaviour models; those left out keep theirs."),
]
SwitchOff = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Switch a behaviour off: growth, rechoice, newcomers, seats ... Repeatable."),
]
