"""Random streams: one per seed and purpose, and one per person.

Generation, behaviour and lottery have separate seeds. What is drawn for a whole cohort comes from a numpy generator of
its own purpose; what is drawn for one person comes from a key of the person's opaque id, so that an applicant more or
less, or another row order, changes nobody else's draws (common random numbers: differences between runs stay sharp).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from admissions.matching.kernels import kernel

Keys = npt.NDArray[np.uint64]


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the numpy generator of one purpose; equal seed and purpose give equal draws.

    Examples
    --------
    >>> int(generator(1, "homes").integers(1000)) == int(generator(1, "homes").integers(1000))
    True
    """
    word = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, word])))


def person_keys(ids: Iterable[str], seed: int, purpose: str) -> Keys:
    """Return one uint64 key a person: the first eight bytes of SHA-256 of ``seed|purpose|id``."""
    prefix = f"{seed}|{purpose}|"
    digests = b"".join(hashlib.sha256((prefix + str(name)).encode()).digest()[:8] for name in ids)
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


@kernel
def mixed(value: Any) -> Any:
    """Scramble 64 bits (the finaliser of splitmix64, Steele, Lea and Flood 2014)."""
    x = np.uint64(value)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def word(key: Any, draw: Any) -> Any:
    """Draw number ``draw`` of a person as 64 bits."""
    return mixed(np.uint64(key) + (np.uint64(draw) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))


@kernel
def uniform(key: Any, draw: Any) -> float:
    """Draw number ``draw`` of a person, uniform on (0, 1)."""
    return (np.float64(word(key, draw) >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)


@kernel
def normal(key: Any, draw: Any) -> float:
    """Draw number ``draw`` of a person, mean 0, deviation 1: twelve uniform 16-bit parts summed, exact everywhere."""
    total = np.int64(0)
    for part in range(3):
        bits = word(key, np.uint64(draw) * np.uint64(4) + np.uint64(1 << 32) + np.uint64(part))
        for _ in range(4):
            total += np.int64(bits & np.uint64(0xFFFF))
            bits >>= np.uint64(16)
    return (np.float64(total) + 6.0) / 65536.0 - 6.0
