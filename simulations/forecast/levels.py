"""What is usual for a route's programme and school: shrunk means, and totals held against the seats there are now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from simulations.forecast.regression import Floats

MERIT_SCALE = 340.0
"""The highest merit value without test points."""


def level(
    values: Floats,
    former: Sequence[Hashable],
    former_school: Sequence[Hashable],
    programme: Sequence[Hashable],
    school: Sequence[Hashable],
) -> tuple[Floats, Floats]:
    """Return programme mean and school deviation, both shrunk towards what is known of more routes."""
    known = np.isfinite(values)
    overall = float(values[known].mean()) if known.any() else 0.0
    by_programme = shrunk(values, former, known, overall, 3.0)
    rest = values - np.array([by_programme.get(code, overall) for code in former])
    by_school = shrunk(rest, former_school, known, 0.0, 2.0)
    return (
        np.array([by_programme.get(code, overall) for code in programme], dtype=np.float64),
        np.array([by_school.get(name, 0.0) for name in school], dtype=np.float64),
    )


def level_with_test(cutoffs: Floats, former: Sequence[Hashable], groups: Sequence[Hashable]) -> Floats:
    """Return the mean cut-off of a school's programme where most of its cut-offs include test points, else NaN."""
    found: dict[Hashable, list[float]] = defaultdict(list)
    for group, cutoff in zip(former, cutoffs.tolist(), strict=True):
        if cutoff > 0:
            found[group].append(cutoff)
    level = {
        group: sum(sorted(values)) / len(values)
        for group, values in found.items()
        if 2 * sum(value > MERIT_SCALE for value in values) > len(values)
    }
    return np.array([level.get(group, np.nan) for group in groups], dtype=np.float64)


def shrunk(
    values: Floats, groups: Sequence[Hashable], known: npt.NDArray[np.bool_], towards: float, strength: float
) -> dict[Hashable, float]:
    """Return the mean of each group, as if ``strength`` more members lay at ``towards``."""
    members: dict[Hashable, list[float]] = defaultdict(list)
    for value, group, there in zip(values.tolist(), groups, known.tolist(), strict=True):
        if there:
            members[group].append(value)
    # Sorted sums: the result must not hang on the order of the rows.
    return {
        group: (sum(sorted(found)) + strength * towards) / (len(found) + strength) for group, found in members.items()
    }


def ratio(
    former_values: Floats,
    former_groups: Sequence[Hashable],
    seats: Floats,
    groups: Sequence[Hashable],
    *,
    above: float,
    below: float,
) -> Floats:
    """Return, per row, the group's total of a former value over the group's seats now, both with something added."""
    total: Counter[Hashable] = Counter()
    room: Counter[Hashable] = Counter()
    for group, value in zip(former_groups, np.nan_to_num(former_values).tolist(), strict=True):
        total[group] += value
    for group, value in zip(groups, seats.tolist(), strict=True):
        room[group] += value
    return np.array([(total[group] + above) / (room[group] + below) for group in groups], dtype=np.float64)
