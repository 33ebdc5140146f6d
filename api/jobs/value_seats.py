"""The job that values extra seats: exact in every lottery, with intervals over lotteries or simulated years."""

from typing import Any

from api.jobs.analysis import finished
from api.jobs.standing import stand_on, threads_of
from api.jobs.work import Outcome, Work
from simulations.behaviour.parameters import load_behaviour
from simulations.seat_value.report import seat_report
from simulations.sweeps.draws import Seeds
from simulations.sweeps.year import YearModel

_SHARES = {"lotteries": (5, 45), "simulated years": (45, 70), "curves": (70, 85), "who gains": (85, 97)}


def run(work: Work) -> Outcome:
    """Do the job."""
    asked: dict[str, Any] = work.parameters
    ground = stand_on(work, asked["run_id"])

    def tell(step: str, done: int, of: int) -> None:
        first, last = _SHARES.get(step, (5, 97))
        work.progress(first + ((last - first) * done // of if of else 0), 100, step)

    model = None
    if asked["years"]:
        seeds = Seeds(asked["seed_behaviour"], asked["seed_lottery"])
        model = YearModel.of(ground.run.intake, ground.run.rulebook, load_behaviour(), seeds)
    found = seat_report(
        ground.run,
        lotteries=asked["lotteries"],
        seed=asked["seed_lottery"],
        top=asked["top"],
        model=model,
        years=asked["years"],
        round_name=ground.round,
        threads=threads_of(work.settings),
        progress=tell,
    )
    work.progress(97, 100, "write")
    return finished(work, found.tables, {**found.about, "run_id": asked["run_id"]})
