"""The planners' kinds of jobs: their names and locks here, their code read by the worker when the first of them comes.

The web process names jobs and never does them, so it does not read the simulations to start.
"""

from importlib import import_module

from api.jobs.kinds import FIND_PACKAGE, FORECAST_ROUTES, RUN_SCENARIO, VALUE_SEATS
from api.jobs.work import Handler, Outcome, Work
from api.problems import conflict

MODULES = {
    RUN_SCENARIO: "simulate_scenario",
    VALUE_SEATS: "value_seats",
    FIND_PACKAGE: "find_package",
    FORECAST_ROUTES: "forecast_routes",
}
INSIDE = ("gains_home", "gains_merit", "chains")
"""Tables of single persons' moves: for those who see a run before it is published."""
MOST_YEARS = 200
"""Everybody's result of every year is held in memory while both sides of a scenario are compared."""


def lock_key(kind: str, of: str) -> str:
    """Name the lock: one job of a kind at a time on the same scenario, run or file."""
    return f"{kind}:{of}"


def planning_handlers() -> dict[str, Handler]:
    """Give the code of every planners' job."""
    return {kind: _handler(name) for kind, name in MODULES.items()}


def _handler(name: str) -> Handler:
    def run(work: Work) -> Outcome:
        outcome: Outcome = import_module(f"api.jobs.{name}").run(work)
        return outcome

    return run


def refuse_reserve_round(name: str) -> None:
    """Refuse a reserve round: there the seats people hold are not up for planning.

    Raises
    ------
    Problem
        409 ``reserve_round``.
    """
    if name.startswith("reserve"):
        raise conflict(
            "reserve_round",
            "In a reserve round the seats that people hold are not up for planning.",
            place="body.run_id",
            remedy="Name a run of the preliminary or the final round.",
        )
