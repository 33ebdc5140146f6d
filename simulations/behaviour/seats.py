"""How schools change seats after the preliminary round: sought-after routes open some, weak ones close some.

Seats may change until the login closes before the final round (Storsthlm, Indramanual). Where an intake has seats for
the final round they are taken as they are; this model stands in where it has none, and tells the generator what the
preliminary seats of a published final round may have been.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SeatChanges:
    """Parameters.

    Attributes
    ----------
    open_pressure
        Reserves for each seat from which a route opens seats.
    open_share
        Seats opened, as a share of the seats.
    close_fill
        Filled share below which a route closes seats.
    close_share
        Seats closed, as a share of the seats; never below those filled.
    smallest
        Routes with fewer seats change nothing.
    """

    open_pressure: float
    open_share: float
    close_fill: float
    close_share: float
    smallest: int
    on: bool = True


def seat_changes(seats: Ints, admitted: Ints, reserves: Ints, parameters: SeatChanges) -> Ints:
    """Return the change of seats per route after a round with this result, int64[m]; zeros where switched off.

    Examples
    --------
    >>> model = SeatChanges(1.5, 0.1, 0.5, 0.2, 10)
    >>> seat_changes(np.array([30, 30]), np.array([30, 10]), np.array([90, 0]), model).tolist()
    [3, -6]
    """
    if not parameters.on:
        return np.zeros(len(seats), dtype=np.int64)
    large = seats >= parameters.smallest
    opens = large & (reserves >= parameters.open_pressure * seats) & (admitted >= seats)
    closes = large & (admitted < parameters.close_fill * seats)
    opened = np.maximum(np.rint(seats * parameters.open_share), 1)
    closed = np.minimum(np.rint(seats * parameters.close_share), seats - admitted)
    return np.where(opens, opened, np.where(closes, -closed, 0)).astype(np.int64)
