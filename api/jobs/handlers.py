"""The kinds of jobs a worker knows."""

from collections.abc import Mapping

from api.jobs import run_round
from api.jobs.work import Handler


def handlers() -> Mapping[str, Handler]:
    """Give the code of every kind of job."""
    return {run_round.KIND: run_round.run}
