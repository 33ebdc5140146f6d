"""The checker's two loops over options and classes, compiled because they touch every choice.

Source: the definition of stability (Gale and Shapley 1962) read literally; nothing here proposes or rejects.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from admissions.matching.kernels import kernel

Ints = NDArray[np.int64]


@kernel
def scan(
    indptr: Ints,
    row: Ints,
    klass: Ints,
    key: Ints,
    draw: NDArray[np.uint64],
    held: Ints,
    seats: Ints,
    filled: Ints,
    worst: Ints,
    better: Ints,
    found: Ints,
) -> int:
    """Compare every wanted option with the class that refused it.

    Fills ``worst`` (the last seated option of each class), ``better`` (the first in line among those who would rather
    be there) and ``found`` (for P5, P6 and P7 the first applicant and option that violate it, -1 where none does), and
    returns the number of options compared. Keys are compared as (key, draw, row), smaller first.
    """
    n = len(indptr) - 1
    for i in range(n):
        option = held[i]
        if option < indptr[i + 1]:
            c = klass[option]
            last = worst[c]
            if (
                last < 0
                or key[option] > key[last]
                or (
                    key[option] == key[last]
                    and (draw[option] > draw[last] or (draw[option] == draw[last] and row[option] > row[last]))
                )
            ):
                worst[c] = option
    compared = 0
    for i in range(n):
        seated = held[i] < indptr[i + 1]
        for option in range(indptr[i], held[i]):
            c = klass[option]
            compared += 1
            rank = -1
            if filled[c] < seats[c]:
                rank = 0
            elif seats[c] > 0:
                last = worst[c]
                if key[option] < key[last] or (
                    key[option] == key[last]
                    and (draw[option] < draw[last] or (draw[option] == draw[last] and row[option] < row[last]))
                ):
                    rank = 1
            if rank >= 0:
                if seated and row[option] == row[held[i]]:
                    rank = 2
                if found[rank, 1] < 0:
                    found[rank, 0] = i
                    found[rank, 1] = option
            first = better[c]
            if (
                first < 0
                or key[option] < key[first]
                or (
                    key[option] == key[first]
                    and (draw[option] < draw[first] or (draw[option] == draw[first] and row[option] < row[first]))
                )
            ):
                better[c] = option
    return compared


@kernel
def improving_cycle(points_to: Ints) -> Ints:
    """Return the classes of a cycle of pointers (-1 points nowhere) from its smallest start, or nothing."""
    n = len(points_to)
    visited = np.full(n, -1, np.int64)
    for start in range(n):
        at = start
        while at >= 0 and visited[at] < 0:
            visited[at] = start
            at = points_to[at]
        if at >= 0 and visited[at] == start:
            size = 1
            step = points_to[at]
            while step != at:
                size += 1
                step = points_to[step]
            cycle = np.empty(size, np.int64)
            for k in range(size):
                cycle[k] = at
                at = points_to[at]
            return cycle
    return np.empty(0, np.int64)
