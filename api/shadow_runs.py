"""A shadow run: another system's result, read from its file and set beside a run of ours, ready to be kept."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import polars as pl

from admissions.errors import InputError
from admissions.explanations.official import is_published, read_official
from admissions.explanations.shadow import compare
from admissions.explanations.shadow_routes import compare_routes
from admissions.rounds.stored import read_run
from admissions.tables.reading import SUFFIXES
from api.handed_in import refused
from api.run_folders import unpacked


@dataclass(frozen=True, eq=False)
class ShadowRun:
    """Our result beside another's.

    Parameters
    ----------
    kind
        ``persons`` where the file holds decisions, ``routes`` where it is in the published layout.
    tables
        As `admissions.explanations.shadow.Comparison`; of the published layout ``routes`` only.
    totals
        Differences by cause: ``cause``, ``rows`` and ``persons``, or ``routes``.
    counts
        What was compared: ``ours`` and ``theirs``, choices or routes.
    """

    kind: str
    tables: Mapping[str, pl.DataFrame]
    totals: list[dict[str, object]]
    counts: dict[str, int]


def shadow_run(packed: bytes, round_name: str, content: bytes, name: str) -> ShadowRun:
    """Compare a packed run folder with a file.

    Raises
    ------
    Problem
        422 ``invalid_rows`` with every problem of the file.
    """
    suffix = PurePosixPath(name).suffix.lower()
    with unpacked(packed) as folder, tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"result{suffix if suffix in SUFFIXES else '.csv'}"
        path.write_bytes(content)
        opened = read_run(folder)
        stored = opened.round(round_name)
        try:
            if is_published(path):
                routes = compare_routes(stored, path)
                by_cause = routes.group_by("cause").len("routes").sort("cause")
                return ShadowRun(
                    "routes",
                    {"routes": routes},
                    by_cause.to_dicts(),
                    {"ours": len(stored.routes), "routes": len(routes)},
                )
            theirs = read_official(path)
            found = compare(stored, theirs, tuple(opened.about["tie_chain"]))
        except InputError as error:
            raise refused(error.problems, name) from error
        tables = {"rows": found.rows, "persons": found.persons, "routes": found.routes}
        counts = {"ours": len(stored.decisions), "theirs": len(theirs)}
        return ShadowRun(
            "persons", tables, found.totals.to_dicts(), counts | {name: len(table) for name, table in tables.items()}
        )
