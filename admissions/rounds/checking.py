"""Check a finished run from its files alone: by the stand-alone verifier and by the engine's own checker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from admissions.errors import VerificationError
from admissions.matching import Certificate, verify
from admissions.rounds.folder import root_of
from admissions.rounds.stored import RunFolderError, StoredRound, read_run
from admissions.verifier.verifier import Refusal, verify_run


def check_run(folder: Path) -> Iterator[str]:
    """Check a run and say, line by line, what was established.

    Raises
    ------
    RunFolderError
        If the folder is no finished run.
    VerificationError
        Naming the first thing that does not hold, and where.
    """
    run = read_run(folder)
    try:
        yield from verify_run(folder)
    except Refusal as refusal:
        raise VerificationError("the stand-alone verifier's check", str(folder), str(refusal)) from refusal
    root = root_of(folder, run.about["rounds"])
    if root != run.about.get("root"):
        raise VerificationError(
            "the run's files are those it was sealed with",
            str(folder),
            f"their root hash is {root}, run.json says {run.about.get('root')}; a file was changed, added or removed",
        )
    for one in run.rounds:
        certificate = _certificate(one)
        optimal = certificate.properties.get("P8") == "holds"
        market, matching, holders = one.market, one.matching, one.holders
        found = verify(market, matching, holders=holders, optimal=optimal, applicants=one.applicants, routes=one.routes)
        certificate.check(market, matching, holders=holders)
        placed, choices = found.counts["placed"], found.counts["choices"]
        yield f"{one.name}: the engine's checker agrees on {placed} seats given and {choices} choices"


def _certificate(one: StoredRound) -> Certificate:
    path = one.folder / "certificate.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))["certificate"]
    except (OSError, ValueError, KeyError, TypeError) as reason:
        raise RunFolderError(f"{path} is damaged: {reason!r}") from reason
    return Certificate.from_json(json.dumps(content))
