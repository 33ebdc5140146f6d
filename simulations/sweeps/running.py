"""Run a sweep: threads on one machine or a Dask cluster, resumed where it stopped, the same numbers either way."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from admissions.errors import AdmissionsError
from simulations.sweeps.chunks import Stopped, Years, chunk_path, joined, read_chunk, run_chunk, write_chunk
from simulations.sweeps.cluster import chunks_on_cluster
from simulations.sweeps.plan import Plan

Progress = Callable[[int, int], None]
DESCRIPTION = "sweep.json"


def run_sweep(
    plan: Plan,
    out: Path | None = None,
    *,
    threads: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Years:
    """Simulate the years of a plan.

    Parameters
    ----------
    plan
        What to simulate. The numbers do not depend on threads, cluster, chunks already there or interruptions.
    out
        Folder for the chunks; what is finished there is not computed again. In memory only if absent.
    threads
        Threads to use, all cores unless said.
    cluster
        Address of a Dask scheduler, e.g. ``tcp://10.0.0.5:8786``: its workers compute the chunks instead.
    progress
        Told (years done, years in all) after each chunk.

    Raises
    ------
    AdmissionsError
        If `out` holds another sweep, or the cluster cannot be used.
    KeyboardInterrupt
        Passed on; finished chunks are kept and the same call resumes.
    """
    if plan.years < 1:
        raise AdmissionsError(f"A sweep simulates at least one year, not {plan.years}.")
    found = {} if out is None else _already_there(plan, out)
    missing = [first for first in plan.firsts if first not in found]
    done = sum(len(years) for years in found.values())
    tell = progress or (lambda _done, _of: None)
    tell(done, plan.years)
    arriving = _on_threads(plan, missing, threads) if cluster is None else chunks_on_cluster(plan, missing, cluster)
    for first, years in arriving:
        if out is not None:
            write_chunk(chunk_path(out, first), years)
        found[first] = years
        done += len(years)
        tell(done, plan.years)
    return joined([found[first] for first in plan.firsts])


def _already_there(plan: Plan, out: Path) -> dict[int, Years]:
    """Return the finished chunks of a folder, after making sure that they belong to this sweep."""
    description = out / DESCRIPTION
    text = plan.describe()
    if description.exists():
        _refuse_another(json.loads(description.read_text(encoding="utf-8")), json.loads(text), out)
    elif out.exists() and any(out.iterdir()):
        raise AdmissionsError(f"{out} holds other files; name a new folder for the sweep, or one that it began.")
    else:
        out.mkdir(parents=True, exist_ok=True)
        description.write_text(text, encoding="utf-8")
    there = {first: chunk_path(out, first) for first in plan.firsts}
    found = {first: read_chunk(path) for first, path in there.items() if path.exists()}
    return {first: years for first, years in found.items() if len(years) == plan.size(first)}


def _refuse_another(stored: dict[str, Any], wanted: dict[str, Any], out: Path) -> None:
    differing = sorted(key for key in wanted if stored.get(key) != wanted[key])
    if differing:
        raise AdmissionsError(
            f"{out} holds another sweep: {', '.join(differing)} differ. Name another folder, or repeat the call that "
            "began it to resume it."
        )


def _on_threads(plan: Plan, missing: list[int], threads: int | None) -> Iterator[tuple[int, Years]]:
    """Give chunks as threads finish them; an interrupt stops the others after the year they are in."""
    stop = threading.Event()
    pool = ThreadPoolExecutor(max(1, min(threads or os.cpu_count() or 1, len(missing) or 1)))
    futures: dict[Future[Years], int] = {}
    try:
        for first in missing:
            job = pool.submit(run_chunk, plan.model, first, plan.size(first), plan.wanted, stop.is_set)
            futures[job] = first
        for job in as_completed(futures):
            yield futures.pop(job), job.result()
    except Stopped:  # pragma: no cover - only after `stop`, and then nobody listens
        return
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
