"""What a planner's job stands on: a stored run's round, compiled again and compared with what the run kept.

The intake goes on changing after a run (answers, late rows, seats of reserve rounds). That does no harm as long as the
round compiles to the same market; where it does not, the figures would belong to no run, and the job refuses.
"""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from admissions.matching import Market, Matching
from admissions.rounds.stored import StoredRound, read_run
from admissions.rules import CompiledRound, Lottery
from api.jobs.planning import refuse_reserve_round
from api.jobs.run_round import rulebook_from_text
from api.jobs.work import Work
from api.problems import Problem, conflict, not_found
from api.settings import Settings
from api.store.models import Intake as IntakeRow
from api.store.models import Rulebook as RulebookRow
from api.store.models import Run, RunArtifact
from api.store.repositories.importing import load_intake
from simulations.from_run import RunInputs


@dataclass(frozen=True, eq=False)
class Standing:
    """A stored run's round, ready to be asked "what if".

    Attributes
    ----------
    run
        Intake, rules and lottery, as the simulations take them.
    round
        Name of the round.
    compiled, matching
        The round, equal to what the run kept.
    """

    run: RunInputs
    round: str
    compiled: CompiledRound
    matching: Matching


def stand_on(work: Work, run_id: str) -> Standing:
    """Read a run's inputs in one short transaction, compile its round and make sure that it is the run's.

    Raises
    ------
    Problem
        404: the run is gone; 409 ``reserve_round``; 409 ``intake_changed``: the round is no longer the run's.
    """
    work.progress(0, 100, "read")
    with work.store.read() as session:
        row = session.get(Run, run_id)
        packed = _packed(session, run_id)
        if row is None or packed is None:
            raise not_found("run", "run_id")
        refuse_reserve_round(row.round)
        year = session.get_one(IntakeRow, row.intake_id).year
        text = session.get_one(RulebookRow, row.rulebook_id).text
        intake = load_intake(session, row.intake_id, year)
    work.progress(2, 100, "compile")
    lottery = Lottery(row.lottery["seed_phrase"], row.lottery["public_value"])
    with TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(folder)
        about: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        about["rounds"] = [row.round]
        inputs = RunInputs(about, intake, rulebook_from_text(text, year), lottery)
        compiled, matching = inputs.compiled(row.round)
        if not is_the_same(compiled.market, matching, read_run(folder).round(row.round)):
            raise changed()
    work.progress(5, 100, "compile")
    return Standing(inputs, row.round, compiled, matching)


def _packed(session: Session, run_id: str) -> bytes | None:
    artifact = session.get(RunArtifact, (run_id, "run.zip"))
    return None if artifact is None else artifact.content


def changed() -> Problem:
    """Say that a run's round is not what the intake gives today."""
    return conflict(
        "intake_changed",
        "The intake was changed since this run: its round would be another one today.",
        remedy="Start a new run of the round, then repeat this with the new run.",
    )


def is_the_same(market: Market, matching: Matching, stored: StoredRound) -> bool:
    """Say whether a compiled round is the one a run kept: seats, rows, order and result."""
    kept = stored.market
    placed = [one.route[one.route >= 0] for one in (matching, stored.matching)]
    rows = [np.diff(one.indptr) for one in (market, kept)]
    pairs = [
        (market.route, kept.route),
        (market.seats, kept.seats),
        *zip(order_and_ties(market), order_and_ties(kept), strict=True),
        (placed[0], placed[1]),
        (rows[0][rows[0] > 0], rows[1][rows[1] > 0]),
    ]
    return all(np.array_equal(np.asarray(one), np.asarray(other)) for one, other in pairs)


def order_and_ties(market: Market) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Give the rows of a market by pool in the order they are taken, and which share their points with the one before.

    Points are packed as one version of the rules packs them; the order they stand for is what a run kept.
    """
    points, lottery = np.asarray(market.points), np.asarray(market.lottery)
    pool = np.asarray(market.route if market.pool is None else market.pool[market.route])
    order = np.lexsort((np.arange(len(points)), lottery, -points, pool))
    same = (points[order][1:] == points[order][:-1]) & (pool[order][1:] == pool[order][:-1])
    return order.astype(np.int64), same


def threads_of(settings: Settings) -> int:
    """Say how many threads a job may use: one core is left to those who wait for an answer."""
    import os

    return settings.worker_threads or max(1, (os.cpu_count() or 1) - 1)
