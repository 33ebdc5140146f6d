"""The same chunks on a Dask cluster, given by its address; ``distributed`` is an optional dependency.

The model travels as the argument of one small task, so that the cluster can make it again when the worker holding it
dies; chunks of a dead worker are computed again by another. A chunk is a pure function of model and year numbers, so
the numbers are those of threads.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from admissions.errors import AdmissionsError
from simulations.sweeps.chunks import Years, run_chunk

if TYPE_CHECKING:
    from simulations.sweeps.plan import Plan
    from simulations.sweeps.year import YearModel

_PATIENCE = "5s"
_RETRIES = 5


def chunks_on_cluster(plan: Plan, missing: list[int], address: str) -> Iterator[tuple[int, Years]]:
    """Give chunks as the workers of a cluster finish them.

    Raises
    ------
    AdmissionsError
        If ``distributed`` is not installed or nobody answers at the address.
    """
    try:
        import distributed
    except ImportError as error:
        raise AdmissionsError(
            "A cluster needs the package distributed, which is not installed: install the extra 'cluster', or leave "
            "the address out to use the threads of this machine."
        ) from error
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise AdmissionsError(f"No Dask scheduler answers at {address}: {error}") from error
    with client, client.as_current():
        packed = zlib.compress(pickle.dumps(plan.model, protocol=pickle.HIGHEST_PROTOCOL), 1)
        model = client.submit(unpack, packed, retries=_RETRIES, pure=False)
        futures = {
            client.submit(run_chunk, model, first, plan.size(first), plan.wanted, retries=_RETRIES, pure=False): first
            for first in missing
        }
        arriving: Any = distributed.as_completed
        for future, years in arriving(futures, with_results=True):
            yield futures[future], years


def unpack(packed: bytes) -> YearModel:
    """Return the model a task brought along."""
    model: YearModel = pickle.loads(zlib.decompress(packed))  # noqa: S301 - what this program packed a moment ago
    return model
