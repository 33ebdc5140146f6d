"""Input arrays: integers only, converted only if nothing is lost, copied so that nobody can change a market later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.errors import MarketError


def exact(name: str, values: Any, dtype: type[np.generic], size: int | None = None) -> npt.NDArray[Any]:
    """Copy a vector of integers into ``dtype`` if every value fits.

    Parameters
    ----------
    name
        What to call the vector in an error.
    values
        An integer array of any width, or a sequence of Python integers. Floats and booleans are refused, whole or not.
    dtype
        A numpy integer type.
    size
        Required length, if known.

    Raises
    ------
    MarketError
        Naming the vector, and the first value that does not fit.
    """
    if isinstance(values, (list, tuple)):
        values = _listed(name, values, dtype)
    array = np.asarray(values)
    if array.ndim != 1:
        raise MarketError(f"{name} must be a vector, not an array of shape {array.shape}")
    if size is not None and len(array) != size:
        raise MarketError(f"{name} has {len(array)} entries where {size} belong")
    if array.dtype == dtype:
        return np.array(array, order="C")
    if not array.size:
        return np.empty(0, dtype)
    whole = np.dtype(dtype).name
    if array.dtype.kind not in "iu":
        raise MarketError(f"{name} must hold {whole}, not {array.dtype}: the engine compares integers only")
    bounds: Any = np.iinfo(dtype)
    low, high = int(array.min()), int(array.max())
    if low < bounds.min or high > bounds.max:
        bad = (array < bounds.min) | (array > bounds.max) if low < 0 or bounds.min < 0 else array > bounds.max
        k = int(np.argmax(bad))
        raise MarketError(f"{name}[{k}] is {array[k]}, which {whole} cannot hold ({bounds.min}..{bounds.max})")
    return array.astype(dtype)


def _listed(name: str, values: Sequence[Any], dtype: type[np.generic]) -> Any:
    """Convert Python integers at once: numpy would make floats of a list that goes beyond int64."""
    if not all(type(value) is int for value in values):
        return values
    try:
        return np.array(values, dtype)
    except OverflowError:
        bounds: Any = np.iinfo(dtype)
        k = next(k for k, value in enumerate(values) if not bounds.min <= value <= bounds.max)
        whole = np.dtype(dtype).name
        raise MarketError(
            f"{name}[{k}] is {values[k]}, which {whole} cannot hold ({bounds.min}..{bounds.max})"
        ) from None


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a view of ``array`` that cannot be written to."""
    view = array.view()
    view.flags.writeable = False
    return view
