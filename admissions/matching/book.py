"""The arrays the kernels work on: one market's order books, and the state of a solved market.

Named tuples, because a compiled kernel takes them as one argument. The arrays are writable and never handed to users.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Ints = npt.NDArray[Any]

SLOT = 0x7FFFFFFF
"""Mask of the slot in a record; the class is in the 31 bits above it, the sign says that the list ends here."""


class Book(NamedTuple):
    """Order books of all classes over *copies*: rows, each once for every class it may take a seat of.

    ``indptr`` int64[n+1], ``record`` int64[X], ``start`` int32[classes+1] first slots, ``at`` int32[X] copy in a slot,
    ``owner`` int32[X] applicants, ``classes`` int32[X]; ``row`` int32[X] the market row of each copy and ``group``
    int32[classes] (both empty where copies are rows); ``capacity`` int64[classes], 0 for reverted seats; ``fallback``
    int32[classes], the class a seat left empty goes to or -1 (empty if no seat reverts); ``route`` int32[E], of rows;
    ``tie`` int64[X], equal = tied before the lottery (empty without points).
    """

    indptr: I64
    record: I64
    start: I32
    at: I32
    owner: I32
    classes: I32
    row: I32
    group: I32
    capacity: I64
    fallback: I32
    route: I32
    tie: I64


class State(NamedTuple):
    """A solved market.

    ``cur`` int32[n], the copy each applicant holds or the end of the list; per class: ``worst`` int32, slot of the
    worst admitted, -1 for none; ``nxt`` int32, first slot whose applicant would rather be here, or the class's end;
    ``left`` int64, empty seats.
    """

    cur: I32
    worst: I32
    nxt: I32
    left: I64

    def copy(self) -> State:
        """Copy the state, for a what-if to change."""
        return State(self.cur.copy(), self.worst.copy(), self.nxt.copy(), self.left.copy())


class Work(NamedTuple):
    """Room for one what-if.

    ``log`` int32[X+1, 2] (class, former ``nxt``), ``moves`` int32[X+1, 2] (applicant, former copy); ``stamp`` int64 and
    ``path`` int32 a class, ``seen`` int32 an applicant.
    """

    log: I32
    moves: I32
    stamp: I64
    path: I32
    seen: I32


def room(book: Book) -> Work:
    """Room for what-ifs: everybody moves up the list only, each first envious row up its book only."""
    copies, classes = len(book.at), len(book.capacity)
    return Work(
        np.empty((copies + 1, 2), np.int32),
        np.empty((copies + 1, 2), np.int32),
        np.zeros(classes, np.int64),
        np.empty(classes, np.int32),
        np.zeros(len(book.indptr) - 1, np.int32),
    )
