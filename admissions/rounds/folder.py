"""The run folder: one verified run as files, complete or not there at all.

``run.json`` says what was run (rulebook, lottery, seeds, digests), ``rulebook.toml`` is the rulebook in force, and each
round has a folder of its own. No clock time, no machine name and no path enters a file: equal inputs give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from admissions.results.changes import Changes, changes, compared
from admissions.results.levels import LEVELS
from admissions.rounds.staging import staged
from admissions.rounds.standing import closed_table, standing_table
from admissions.rounds.tables import decisions_table, rows_table, seats_table
from admissions.rounds.withdrawn import withdrawn_table
from admissions.rules.lottery import draw_of, ids_digest
from admissions.verifier.receipts import seal_round

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.results.shortfalls import Shortfalls
    from admissions.rounds.resumed import FinishedRun
    from admissions.rounds.run import RoundResult
    from admissions.rules import Lottery, Rulebook

FORMAT = 1


@dataclass(frozen=True, eq=False)
class Run:
    """The rounds of one intake under one rulebook and one lottery, each verified.

    Parameters
    ----------
    intake
        The intake as delivered; its digest is kept.
    rulebook, lottery
        What the rounds were compiled with.
    rounds
        The rounds in the order of the year.
    seeds
        Further seeds by what they are for, e.g. ``{"behaviour": 1}``; empty where nothing was simulated.
    notes
        Plain data to keep in ``run.json``, e.g. what was simulated and what was recorded.
    continues
        The finished run these rounds continue: its rounds come first, as they were written.
    """

    intake: Intake
    rulebook: Rulebook
    lottery: Lottery
    rounds: Sequence[RoundResult]
    seeds: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    continues: FinishedRun | None = None

    def changes(self) -> list[Changes]:
        """Return what changed from each round to the next, of a continued run from its last round on."""
        sides = [compared(one.decisions, one.demand) for one in self.rounds]
        if self.continues is not None:
            sides.insert(0, self.continues.compared)
        return [changes(a, b) for a, b in pairwise(sides)]


def software_version() -> str:
    """Return the version of the engine, ``"unknown"`` where it is not installed."""
    try:
        return version("admissions-engine")
    except PackageNotFoundError:
        return "unknown"


def write_run(path: Path, run: Run, *, more: Callable[[Path, dict[str, Any]], None] | None = None) -> dict[str, Any]:
    """Write a run folder, all or nothing.

    Parameters
    ----------
    path
        A folder that does not exist yet, or is empty.
    run
        The run.
    more
        Called with the folder and the content of ``run.json`` before the folder becomes visible: adds reports or the
        intake. What it writes is not part of the run's root hash.

    Returns
    -------
    dict
        The content of ``run.json``, with ``root`` (SHA-256 over the hashes of all data files) and ``id``, its first
        twelve digits.

    Raises
    ------
    FolderTakenError
        If something stands at `path`: a run is never overwritten.
    """
    with staged(path) as folder:
        rulebook = _rulebook_bytes(run.rulebook)
        (folder / "rulebook.toml").write_bytes(rulebook)
        changed = {change.after: change for change in run.changes()}
        roots: dict[str, str] = {}
        if run.continues is not None:
            roots |= run.continues.about["roots"]
            for name in roots:
                shutil.copytree(run.continues.folder / name, folder / name)
        roots |= {
            result.round: _write_round(folder / result.round, result, changed.get(result.round), run)
            for result in run.rounds
        }
        content = _run_json(run, rulebook, roots, root_of(folder, list(roots)))
        (folder / "run.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if more is not None:
            more(folder, content)
    return content


def _rulebook_bytes(rulebook: Rulebook) -> bytes:
    from admissions.rules import rulebook_text

    return rulebook_text(rulebook).encode()


def _write_round(folder: Path, result: RoundResult, change: Changes | None, run: Run) -> str:
    """Write the tables of one round and seal them; return the root of its decisions."""
    folder.mkdir()
    tables = {
        "rows": rows_table(result, _numbers(result, run)),
        "seats": seats_table(result.compiled),
        "decisions": decisions_table(result.decisions),
        "cutoffs": result.cutoffs,
        "routes": result.demand,
        "shortfalls": shortfalls_table(result.shortfalls),
        "without_seat": result.shortfalls.without_seat,
    }
    more = {
        "standing": standing_table(result),
        "closed": closed_table(result),
        "withdrawn": withdrawn_table(result.compiled),
    }
    if change is not None:
        more |= {"moves": change.applicants, "changes": change.levels["route"]}
    tables |= {name: table for name, table in more.items() if table is not None}
    for name, table in tables.items():
        _write(table, folder / f"{name}.csv")
    return str(seal_round(folder, result.round, result.certificate))


def shortfalls_table(shortfalls: Shortfalls) -> pl.DataFrame:
    """Return the shortfalls of all levels in one table; ``level`` says which naming columns are filled."""
    names = list(dict.fromkeys(name for columns in LEVELS.values() for name in columns))
    parts = [
        table.with_columns(pl.lit(level).alias("level")).drop("region", strict=False)
        for level, table in shortfalls.levels.items()
    ]
    table = pl.concat(parts, how="diagonal")
    return table.select("level", *names, pl.exclude("level", *names))


def _write(table: pl.DataFrame, path: Path) -> None:
    """Write a table as RFC 4180 CSV: UTF-8, comma, point, nothing where there is nothing."""
    table.with_columns(pl.col(pl.String).replace("", None)).write_csv(path)


def _numbers(result: RoundResult, run: Run) -> pl.Series:
    """Return the full lottery number of every row."""
    compiled = result.compiled
    applicants = [str(one) for one in compiled.applicants]
    draw = draw_of(result.round)
    owner = result.decisions.owner
    if run.rulebook.ties.lottery == "applicant":
        return pl.Series(run.lottery.numbers(applicants, draw), dtype=pl.String).gather(owner)
    people = [applicants[one] for one in owner.tolist()]
    routes = [str(one) for one in compiled.routes[compiled.route]]
    return pl.Series(run.lottery.numbers(people, draw, routes), dtype=pl.String)


def _run_json(run: Run, rulebook: bytes, roots: Mapping[str, str], root: str) -> dict[str, Any]:
    ids = sorted(run.intake.applicants["applicant"].to_list())
    return {
        "format": FORMAT,
        "id": root[:12],
        "year": run.intake.year,
        "rules": run.rulebook.name,
        "rulebook_sha256": hashlib.sha256(rulebook).hexdigest(),
        "assumption": run.rulebook.is_assumption,
        "tie_chain": list(run.rulebook.ties.chain),
        "intake_sha256": run.intake.digest(),
        "lottery": {
            "seed_phrase": run.lottery.seed_phrase,
            "public_value": run.lottery.public_value,
            "per_row": run.rulebook.ties.lottery == "row",
            "ids_digest": ids_digest(ids),
            "commitment": run.lottery.commitment(ids),
        },
        "seeds": dict(sorted(run.seeds.items())),
        "rounds": list(roots),
        "draws": {name: draw_of(name) for name in roots},
        "roots": dict(roots),
        "root": root,
        "software": software_version(),
        "notes": dict(run.notes),
    }


def root_of(folder: Path, rounds: Sequence[str]) -> str:
    """Return the root hash of a run: SHA-256 over sorted ``path sha256`` lines of rulebook and rounds."""
    files = [folder / "rulebook.toml", *(file for name in rounds for file in (folder / name).iterdir())]
    lines = sorted(f"{file.relative_to(folder).as_posix()} {file_sha256(file)}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
