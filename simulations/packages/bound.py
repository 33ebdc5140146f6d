"""How good any package could be: an upper bound, proved from prices alone.

For any prices y >= 0 on the lines of the programme ``max g v, A v <= b, 0 <= v <= u``, every admissible v has
``g v <= b y + sum(max(0, g - A'y) u)`` (weak duality). Good prices come from the primal-dual method of Chambolle and
Pock (2011) with the diagonal steps of Pock and Chambolle (2011), which here reaches in seconds what a simplex method
does not in minutes. Wherever it stops, the prices are rounded to multiples of a power of two and the bound is worked
out in whole numbers, so no rounding and no solver has to be trusted. Steps are counted, not timed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from simulations.packages.objective import Ints
from simulations.packages.programme import Programme

_RESTART = 2000
_LOOK = 200

Told = Callable[[int, int], None]


def upper_bound(
    programme: Programme,
    gain: Ints,
    *,
    at_least: tuple[Ints, int] | None = None,
    steps: int = 3000,
    enough: int = 0,
    told: Told | None = None,
) -> int:
    """Bound ``gain @ v`` over a programme from above.

    Parameters
    ----------
    programme
        The programme; its own gain is left aside.
    gain
        int64, at least 0, one a variable: what is maximised.
    at_least
        Weights and a number their sum must reach, as a further line.
    steps
        Steps of the method, 3,000 take about 10 seconds on a region of 1,500 routes.
    enough
        A value somebody reaches: stop when the bound is there.
    told
        Told steps done and steps in all.
    """
    matrix, limit = programme.matrix, programme.limit
    if at_least is not None:
        matrix = sparse.vstack([matrix, sparse.csr_array(-at_least[0][None, :])]).tocsr()
        limit = np.append(limit, -at_least[1])
    best = proved(programme, gain, matrix, limit, np.zeros(len(limit)))
    scale = float(max(int(gain.max(initial=0)), 1))
    size = np.maximum(abs(matrix).max(axis=1).toarray().ravel(), 1).astype(np.float64)  # öre and persons alike
    forth = sparse.diags_array(1.0 / size) @ matrix.astype(np.float64).tocsr()
    back = forth.T.tocsr()
    weight, room, upper = gain / scale, limit / size, programme.upper.astype(np.float64)
    sigma = 1.0 / np.maximum(np.asarray(abs(forth).sum(axis=1)).ravel(), 1e-9)
    tau = 1.0 / np.maximum(np.asarray(abs(back).sum(axis=1)).ravel(), 1e-9)
    value, price = np.zeros(len(weight)), np.zeros(len(room))
    value_mean, price_mean, since = value.copy(), price.copy(), 0

    def looks(prices: npt.NDArray[np.float64]) -> float:
        return float(room @ prices + np.maximum(weight - back @ prices, 0.0) @ upper)

    for step in range(1, steps + 1):
        moved = np.clip(value + tau * (weight - back @ price), 0.0, upper)
        price = np.maximum(price + sigma * (forth @ (2.0 * moved - value) - room), 0.0)
        value = moved
        since += 1
        value_mean += (value - value_mean) / since
        price_mean += (price - price_mean) / since
        if step % _LOOK and step < steps:
            continue
        mean_is_better = looks(price_mean) < looks(price)
        best = min(
            best, proved(programme, gain, matrix, limit, scale / size * (price_mean if mean_is_better else price))
        )
        if told is not None:
            told(step, steps)
        if best <= enough:
            break
        if since >= _RESTART:
            if mean_is_better:
                value, price = value_mean.copy(), price_mean.copy()
            value_mean, price_mean, since = value.copy(), price.copy(), 0
    return best


def proved(programme: Programme, gain: Ints, matrix: Any, limit: Ints, price: npt.NDArray[np.float64]) -> int:
    """Return the bound that prices prove, in whole numbers; the prices may be anything that is not negative."""
    price = np.maximum(price, 0.0)
    # as fine as 64 bits allow without any sum running over
    largest = float(abs(limit) @ price + (gain + abs(matrix).T @ price) @ programme.upper) + 1.0
    unit = 1 << max(0, min(40, 60 - math.frexp(largest)[1]))
    whole = np.rint(price * unit).astype(np.int64)
    left = gain * unit - matrix.T @ whole
    return int(limit @ whole + np.maximum(left, 0) @ programme.upper) // unit
