"""A reserve round continued from the folder of a finished run: the rounds before it need not be in memory.

What to call, in this order (the command ``admissions reserve`` does the same)::

    finished = open_finished(folder)                       # checks that the files are those the run was sealed with
    rulebook, lottery = finished.rulebook, finished.lottery
    static = compile_static(intake, rulebook)              # the intake as it stands now: answers, late rows, grades
    previous = resume(folder, finished.last)               # or the name of the round people hold seats from
    result = run_reserve(static, "reserve-1", lottery, previous, elsewhere=..., ended=..., closed=..., accepted=...)
    write_run(out, Run(intake, rulebook, lottery, [result], continues=finished))   # all rounds in one folder
    write_run(out, Run(intake, rulebook, lottery, [result]))                       # or the new round alone

`resume` reads one round and may therefore be given a folder that holds nothing but that round, as long as a later
reserve round is continued from the folder of the reserve round before it. Chained through folders or through memory,
the folders of the rounds are the same byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from admissions.results.changes import Compared
from admissions.results.statuses import Reason, reason_name
from admissions.rounds.decided import DecidedRound
from admissions.rounds.standing import REASON_CODES, STATUS_CODES, standing_of
from admissions.rounds.stored import RunFolderError, StoredRound, StoredRun, read_run
from admissions.rules import Lottery, Rulebook, load_rulebook, round_number


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A finished run that further rounds continue.

    Parameters
    ----------
    stored
        Its files.
    rulebook, lottery
        What its rounds were compiled with.
    """

    stored: StoredRun
    rulebook: Rulebook
    lottery: Lottery

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.stored.folder

    @property
    def about(self) -> Mapping[str, Any]:
        """The content of ``run.json``."""
        return self.stored.about

    @property
    def last(self) -> str:
        """Name of its last round: the one people hold seats from."""
        return self.stored.rounds[-1].name

    @property
    def next(self) -> str:
        """Name of the reserve round that follows its last round.

        Raises
        ------
        RunFolderError
            If the last round is the preliminary one, which gives nobody a seat.
        """
        number = round_number(self.last)
        if number == 0:
            raise RunFolderError(f"{self.folder} ends with the preliminary round, in which nobody was given a seat.")
        return f"reserve-{number}"

    @cached_property
    def compared(self) -> Compared:
        """What a comparison with the next round needs to know of the last one."""
        one = self.stored.rounds[-1]
        placed = one.decisions.filter(pl.col("status") == "admitted").select("applicant", "route_id")
        people = one.rows.select(pl.col("applicant").unique(maintain_order=True))
        return Compared(
            one.name,
            people.join(placed, on="applicant", how="left", maintain_order="left"),
            one.table("routes"),
        )


def open_finished(folder: Path) -> FinishedRun:
    """Open a finished run that is to be continued.

    Raises
    ------
    RunFolderError
        If the folder is no finished run, or a file is not the one the run was sealed with.
    """
    from admissions.rounds.folder import root_of

    stored = read_run(folder)
    about = stored.about
    if root_of(folder, about["rounds"]) != about.get("root"):
        raise RunFolderError(
            f"{folder}: a file was changed, added or removed since the run was sealed. "
            f"`admissions verify {folder}` names it; continue from an untouched copy."
        )
    lottery = Lottery(about["lottery"]["seed_phrase"], about["lottery"]["public_value"])
    return FinishedRun(stored, load_rulebook(folder / "rulebook.toml", int(about["year"])), lottery)


def resume(folder: Path, round_name: str) -> DecidedRound:
    """Read a round back as the next one sees it: `run_reserve` takes it as ``previous``.

    Parameters
    ----------
    folder
        A finished run.
    round_name
        The round people hold seats from: ``final`` or a reserve round.

    Raises
    ------
    RunFolderError
        If the folder is no finished run, has no such round, or was written by a version that did not store what a
        later round needs; or if the round gives nobody a seat.
    """
    run = read_run(folder)
    one = run.round(round_name)
    if round_number(round_name) == 0:
        raise RunFolderError(f"{one.folder}: nobody was given a seat in the preliminary round.")
    rulebook = load_rulebook(folder / "rulebook.toml", int(run.about["year"]))
    said = one.table("standing") if round_number(round_name) > 1 else None
    try:
        return _decided(one, rulebook, said)
    except KeyError as reason:
        raise RunFolderError(f"{one.folder}: the tables do not fit together; {reason} is unknown") from reason


def _decided(one: StoredRound, rulebook: Rulebook, said: pl.DataFrame | None) -> DecidedRound:
    """Return the round the tables describe."""
    people = set(one.applicants) | (set() if said is None else set(said["applicant"].to_list()))
    applicants = np.array(sorted(people), dtype=object)
    routes = np.array(one.routes, dtype=object)
    names = pl.DataFrame({"applicant": applicants.tolist()}, schema={"applicant": pl.String}).with_row_index("person")
    numbers = pl.DataFrame({"route_id": one.routes}, schema={"route_id": pl.String}).with_row_index("route")
    rows = (
        one.decisions.join(names, on="applicant")
        .join(numbers, on="route_id")
        .join(one.rows.select("applicant", "route_id"), on=["applicant", "route_id"], how="semi")
        .sort("person", "rank")
    )
    if len(rows) != len(one.rows):
        raise RunFolderError(f"{one.folder}: rows.csv and decisions.csv do not hold the same choices")
    counts = np.bincount(rows["person"].to_numpy(), minlength=len(applicants))
    indptr = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts).astype(np.int64)))
    route = rows["route"].to_numpy().astype(np.int32)
    status = rows["status"].replace_strict(STATUS_CODES, return_dtype=pl.UInt8).to_numpy()
    granted = rows.filter(pl.col("status") == "admitted")
    place = granted["person"].to_numpy()
    granted_route = np.full(len(applicants), -1, np.int32)
    granted_route[place] = granted["route"].to_numpy()
    groups = tuple(granted["group"].unique().sort().to_list())
    group = np.full(len(applicants), -1, np.int32)
    claimed = (granted["reason"] == reason_name(Reason.GROUP_SEAT)).to_list()  # one that had reverted is an open seat
    group[place] = [
        groups.index(name) if own else -1 for name, own in zip(granted["group"].to_list(), claimed, strict=True)
    ]
    shut = one.table("closed")["route_id"].to_list() if (one.folder / "closed.csv").is_file() else []
    return DecidedRound(
        round=one.name,
        day=rulebook.calendar.as_of(one.name),
        applicants=applicants,
        routes=routes,
        closed=np.isin(routes.astype(str), np.array(shut, dtype=str)),
        indptr=indptr,
        route=route,
        status=status,
        reason=rows["reason"].replace_strict(REASON_CODES, return_dtype=pl.UInt8).to_numpy(),
        granted_route=granted_route,
        group=group,
        group_names=groups,
        standing=None if said is None else standing_of(said, applicants, routes),
    )
