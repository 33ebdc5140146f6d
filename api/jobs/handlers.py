"""The kinds of jobs a worker knows."""

from collections.abc import Mapping

from api.jobs import make_letters, run_round
from api.jobs.planning import planning_handlers
from api.jobs.work import Handler


def handlers() -> Mapping[str, Handler]:
    """Give the code of every kind of job."""
    return {run_round.KIND: run_round.run, make_letters.KIND: make_letters.run, **planning_handlers()}
