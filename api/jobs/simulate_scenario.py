"""The job that runs a scenario: baseline and scenario through the same simulated years, compared person by person."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.jobs.analysis import finished
from api.jobs.standing import stand_on, threads_of
from api.jobs.work import Outcome, Work
from api.overlays import described, refused, with_rulebook
from api.people_intervals import suppressed_comparison
from simulations.behaviour.parameters import load_behaviour
from simulations.scenarios.running import run_scenario
from simulations.scenarios.world import World
from simulations.sweeps.draws import Seeds


def run(work: Work) -> Outcome:
    """Do the job."""
    asked: dict[str, Any] = work.parameters
    ground = stand_on(work, asked["run_id"])

    def tell(step: str, done: int, of: int) -> None:
        first = 5 if step == "baseline" else 50
        work.progress(first + (45 * done // of if of else 45), 100, step)

    problems: list[str] = []
    with TemporaryDirectory() as folder:
        with work.store.read() as session:
            overlay = described(asked["name"], asked["overlay"], problems)
            overlay = with_rulebook(session, overlay, Path(folder), problems)
        if problems:
            raise refused(problems)
        found = run_scenario(
            World.of(ground.run.intake, ground.run.rulebook, load_behaviour()),
            [overlay],
            seeds=Seeds(asked["seed_behaviour"], asked["seed_lottery"]),
            years=asked["years"],
            react=asked["react"],
            run=ground.run.id,
            threads=threads_of(work.settings),
            progress=tell,
        )
    work.progress(97, 100, "write")
    about = {**found.about, "run_id": asked["run_id"], "round": "final", "scenario": asked["name"]}
    return finished(work, suppressed_comparison(found.tables), about)
