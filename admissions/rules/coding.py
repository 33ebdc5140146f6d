"""From names to numbers: every table is turned into integer codes once, and only codes are compared afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import InputError

Int32s = npt.NDArray[np.int32]


class Names:
    """A fixed list of distinct names and their codes 0, 1, ...

    Parameters
    ----------
    what
        What is named, for messages, e.g. ``"applicant"``.
    names
        The names in the order of their codes.

    Examples
    --------
    >>> Names("route", ["a", "b"]).codes(pl.Series(["b", "a"])).tolist()
    [1, 0]
    """

    def __init__(self, what: str, names: Iterable[str] | pl.Series) -> None:
        self.what = what
        self.series = names if isinstance(names, pl.Series) else pl.Series(list(names), dtype=pl.String)
        self.type = pl.Enum(self.series)
        self._code: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self.series)

    def __iter__(self) -> Any:
        return iter(self.series)

    def array(self) -> npt.NDArray[Any]:
        """Return the names as an array of objects."""
        return self.series.to_numpy()

    def get(self, name: str, default: int = -1) -> int:
        """Return the code of one name."""
        if self._code is None:
            self._code = {known: code for code, known in enumerate(self.series)}
        return self._code.get(name, default)

    def codes(self, values: pl.Series, *, missing: bool = False) -> Int32s:
        """Return int32 codes; with `missing`, empty and unknown values are -1.

        Raises
        ------
        InputError
            Without `missing`, naming the unknown values.
        """
        coded = values.cast(pl.String).cast(self.type, strict=False).to_physical().cast(pl.Int32)
        if coded.null_count():
            if not missing:
                unknown = values.filter(coded.is_null()).unique().sort()
                raise InputError([f"unknown {self.what} {name!r}" for name in unknown])
            coded = coded.fill_null(-1)
        return coded.to_numpy(allow_copy=True)


def sorted_names(what: str, values: pl.Series) -> Names:
    """Return the distinct values, sorted by their bytes: an order no table order and no locale can change."""
    return Names(what, values.drop_nulls().unique().sort())
