"""The public lottery: nobody can shop for a draw, and changing an application never redraws it.

Before the deadline the office publishes a commitment (SHA-256 of its seed and the digest of the sorted list of
applicant ids) and names a future public value. Once that is known, each applicant's number is the SHA-256 of
``seed|public value|draw|id`` (``|route`` as well if the rulebook draws for each choice), compared as 64 lower-case hex
digits, smallest first. Ids registered later are a second list, committed to under the same seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError


def ids_digest(ids: Iterable[str]) -> str:
    """Return the digest of a list of ids: SHA-256, in hex, of the sorted ids, each followed by a line feed.

    Examples
    --------
    >>> ids_digest(["b", "a"]) == ids_digest(["a", "b"])
    True
    """
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(ids)).encode()).hexdigest()


@dataclass(frozen=True)
class Lottery:
    """A draw that anyone can repeat.

    Parameters
    ----------
    seed_phrase
        The office's secret until the public value is known.
    public_value
        The public value, as published, typed in by hand.

    Examples
    --------
    >>> Lottery("snow", "12 7 33").numbers(["a"], "final")[0][:8]
    'c57480f1'
    """

    seed_phrase: str
    public_value: str

    def __post_init__(self) -> None:
        for what, text in (("seed phrase", self.seed_phrase), ("public value", self.public_value)):
            if "|" in text or "\n" in text:
                raise AdmissionsError(f"The {what} must not contain '|' or a line break: they separate its parts.")

    def commitment(self, ids: Iterable[str]) -> str:
        """Return what is published before the deadline: SHA-256 of ``seed|digest of the sorted ids``.

        The seed is long and secret until then, so that nobody can find it by trying.
        """
        return hashlib.sha256(f"{self.seed_phrase}|{ids_digest(ids)}".encode()).hexdigest()

    def numbers(self, ids: Sequence[str], draw: str, routes: Sequence[str] | None = None) -> list[str]:
        """Return each number as 64 lower-case hex digits; with `routes`, one for each choice (id, route)."""
        return [raw.hex() for raw in self._raw(ids, draw, routes)]

    def dense(self, ids: Sequence[str], draw: str, routes: Sequence[str] | None = None) -> npt.NDArray[np.uint64]:
        """Return uint64 ranks 0, 1, ... in the order of the full numbers, smallest first."""
        raw = self._raw(ids, draw, routes)
        ranks = np.empty(len(raw), np.uint64)
        ranks[_order(raw)] = np.arange(len(raw), dtype=np.uint64)
        return ranks

    def _raw(self, ids: Sequence[str], draw: str, routes: Sequence[str] | None) -> list[bytes]:
        if draw not in {"preliminary", "final"}:
            raise AdmissionsError(f"There is no draw {draw!r}: draws are 'preliminary' and 'final'.")
        start = hashlib.sha256(f"{self.seed_phrase}|{self.public_value}|{draw}|".encode())
        numbers = []
        for name in ids if routes is None else (f"{i}|{r}" for i, r in zip(ids, routes, strict=True)):
            one = start.copy()
            one.update(name.encode())
            numbers.append(one.digest())
        return numbers


def draw_of(round_name: str) -> str:
    """Return the draw a round uses: the preliminary round its own, every later round that of the final one."""
    return "preliminary" if round_name == "preliminary" else "final"


def _order(raw: list[bytes]) -> npt.NDArray[Any]:
    """Return the positions in the order of 32-byte numbers."""
    words = np.frombuffer(b"".join(raw), ">u8").reshape(-1, 4).astype(np.uint64)
    order = np.argsort(words[:, 0], kind="stable")
    first = words[order, 0]
    if len(first) > 1 and (first[1:] == first[:-1]).any():  # about once in 10^10 draws of 30,000
        order = np.lexsort(words.T[::-1])
    return order
