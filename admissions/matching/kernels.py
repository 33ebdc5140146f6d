"""The one place where Python functions become compiled kernels.

Every kernel is compiled by numba on its first call and kept in numba's cache, so that ``make install`` pays for it once
(:mod:`admissions.matching.warm`). Kernels release the GIL: draws and what-ifs run on all cores with plain threads.
Arrays handed to a kernel are always writable, C-contiguous and of the dtypes named in its comments: one signature a
kernel, so that the cache always hits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
from numba import njit
from numba.cpython.unsafe import numbers
from numba.np import linalg

leading_zeros: Any = numbers.leading_zeros

P = ParamSpec("P")
R = TypeVar("R")

OPEN_CUT = np.iinfo(np.int32).max
"""The cut of a class that still has seats: every slot lies before it."""

SHARED = ("kernels.py", "solved_state.py", "extra_seats.py", "deferred_acceptance.py", "score_limits.py")
"""Files whose kernels are copied into kernels of other files; numba's cache looks at a kernel's own file only."""


def skip_blas_probe() -> None:
    """Spare a cold process 0.15 s: numba imports scipy.linalg only to learn whether a BLAS is there; it is."""

    def unasked() -> None:
        raise ImportError

    ask = linalg.ensure_blas
    linalg.ensure_blas = unasked
    try:
        from numba.np import arraymath
    finally:
        linalg.ensure_blas = ask
    arraymath._HAVE_BLAS = True  # noqa: SLF001 - what the probe would have found: scipy is a requirement


@cache
def drop_stale(folder: Path) -> None:
    """Remove cached kernels older than the shared steps they contain, which numba would load without noticing.

    Parameters
    ----------
    folder
        A folder of kernels; its ``__pycache__`` holds numba's cache when it is writable. Looked at once a process.
    """
    here = Path(__file__).parent
    newest = max((here / name).stat().st_mtime for name in SHARED)
    for index in (folder / "__pycache__").glob("*.nbi"):
        if index.stat().st_mtime < newest:
            index.unlink(missing_ok=True)


def keep_freed_memory() -> None:
    """Let the C library keep up to 32 MB of freed memory: 400 page faults a match of 28,000 applicants fewer.

    glibc raises its mmap threshold to the largest block freed so far and its trim threshold to twice that, mallopt(3);
    elsewhere this does nothing. The block is never touched.
    """
    np.empty(1 << 24, np.uint8)


skip_blas_probe()
keep_freed_memory()


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function with numba: cached on disk, without the GIL.

    Parameters
    ----------
    function
        Plain Python over numpy arrays and integers.
    """
    drop_stale(Path(function.__code__.co_filename).parent)
    compiled: Any = njit(cache=True, nogil=True)(function)
    return cast("Callable[P, R]", compiled)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a small step that is copied into the kernels that call it: array arguments are dear to pass on.

    Parameters
    ----------
    function
        Plain Python over numpy arrays and integers, called from kernels only.
    """
    compiled: Any = njit(cache=True, nogil=True, forceinline=True)(function)
    return cast("Callable[P, R]", compiled)


@inlined
def last_held(bits: Any, slot: int, first: int) -> int:
    """Largest set bit in ``first .. slot``, or -1 if none is set (``bits``: uint64 words)."""
    if slot < first:
        return -1
    word = slot >> 6
    mask = bits[word] & (np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(63 - (slot & 63)))
    lowest = first >> 6
    while mask == np.uint64(0):
        word -= 1
        if word < lowest:
            return -1
        mask = bits[word]
    found = (word << 6) + 63 - int(leading_zeros(mask))
    return found if found >= first else -1
