"""Chunks of simulated years: the unit that is computed, written, resumed and sent to a cluster.

A chunk file is written beside its place and renamed, so that a file that exists is complete. Whole numbers only, no
clock times: equal sweeps give equal arrays.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulations.sweeps.year import YearModel

CHUNK = 10
"""Years a chunk: what an interrupt can lose, times the number of threads."""


@dataclass(frozen=True, eq=False)
class Years:
    """Results of consecutive simulated years, stacked.

    Attributes
    ----------
    by_route
        int32[years, rounds, ROUTE_MEASURES, routes].
    by_home
        int32[years, rounds, HOME_MEASURES, municipalities].
    seat_values
        int32[years, 2, routes]; [years, 2, 0] unless asked for.
    route, rank
        int16[years, applicants]: see `SimulatedYear`; [years, 0] unless asked for.
    """

    by_route: npt.NDArray[np.int32]
    by_home: npt.NDArray[np.int32]
    seat_values: npt.NDArray[np.int32]
    route: npt.NDArray[np.int16]
    rank: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.by_route)

    def equals(self, other: Years) -> bool:
        """Tell whether everything is the same, bit for bit."""
        return all(np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self))


@dataclass(frozen=True)
class Wanted:
    """What to do with each year: value extra seats, keep everybody's result, go on to the first reserve round."""

    seat_values: bool = True
    people: bool = False
    reserve: bool = False


class Stopped(Exception):  # noqa: N818 - no error: somebody asked to stop
    """A chunk was given up because the sweep was interrupted."""


def run_chunk(
    model: YearModel, first: int, count: int, wanted: Wanted, stop: Callable[[], bool] = lambda: False
) -> Years:
    """Simulate years `first` to `first + count - 1`.

    Raises
    ------
    Stopped
        When `stop` says so, between two years.
    """
    years = []
    for number in range(first, first + count):
        if stop():
            raise Stopped
        year = model.simulate(number, seat_values=wanted.seat_values, reserve=wanted.reserve)
        none = np.empty(0, np.int16)
        people = (year.route, year.rank) if wanted.people else (none, none)
        years.append((year.by_route, year.by_home, year.seat_values, *people))
    return Years(*(np.stack(part) for part in zip(*years, strict=True)))


def joined(chunks: Sequence[Years]) -> Years:
    """Join chunks in the order given."""
    return Years(*(np.concatenate([getattr(chunk, f.name) for chunk in chunks]) for f in fields(Years)))


def chunk_path(folder: Path, first: int) -> Path:
    """Return where the chunk that begins with year `first` lies."""
    return folder / f"years-{first:06d}.npz"


def write_chunk(path: Path, years: Years) -> None:
    """Write a chunk so that it is there as a whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(file, **{f.name: getattr(years, f.name) for f in fields(Years)})
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_chunk(path: Path) -> Years:
    """Read a chunk."""
    with np.load(path, allow_pickle=False) as stored:
        return Years(**{f.name: stored[f.name] for f in fields(Years)})
