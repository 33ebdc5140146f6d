"""How many seats of each pool and route are taken: the counts every other result starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.results.queues import pool_of_route

if TYPE_CHECKING:
    from admissions.results.decisions import Decisions


def admitted_per_route(decisions: Decisions) -> npt.NDArray[np.int64]:
    """Return the number of admitted on each route, int64[m]."""
    routes = decisions.granted_route
    return np.bincount(routes[routes >= 0], minlength=len(decisions.compiled.routes))


def seats_taken(decisions: Decisions) -> npt.NDArray[np.int64]:
    """Return the number of admitted in each seat pool, int64[pools]."""
    routes = decisions.granted_route
    pools = pool_of_route(decisions.compiled)[routes[routes >= 0]]
    return np.bincount(pools, minlength=len(decisions.compiled.pools))


def vacancies(decisions: Decisions) -> npt.NDArray[np.int64]:
    """Return the vacant seats of each pool (lediga platser), int64[pools]: seats of the run less admitted.

    Negative where holders stand above the seats, which only an over-intake or a reduced pool can bring about.
    """
    return np.asarray(decisions.compiled.seats, dtype=np.int64) - seats_taken(decisions)
