"""What the earlier years say about each route of a catalogue, as numbers the models are fitted on.

A route is described by its own linked past, by the level of its programme and of its school in the last year, and by
how the seats around it change. Nothing of the catalogue's own result enters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulations.forecast.levels import MERIT_SCALE, level, level_with_test, ratio
from simulations.forecast.linking import RouteKeys, link, programme_of, special_of
from simulations.forecast.regression import Floats

# Weights of the last three years in a route's own level; in the backtests the error is flat around them.
YEAR_WEIGHTS = (0.5, 0.3, 0.2)
RESERVE_YEAR_WEIGHTS = (0.4, 0.35, 0.25)
# Fewer routes with a merit in both years say nothing of what all of them did.
ENOUGH_IN_COMMON = 20
_VOCATIONAL = frozenset(["BA", "BF", "EE", "FT", "FS", "HT", "HV", "IN", "NB", "RL", "VF", "VO", "FX", "MX", "SX"])


@dataclass(frozen=True)
class YearTable:
    """One year's routes; the results are NaN where they are not published, and empty in a catalogue.

    Parameters
    ----------
    year
        Year of the intake.
    keys
        Naming columns, row by row.
    seats, admitted, lowest_merit, median_merit, reserves, vacant_seats
        float64[n].
    """

    year: int
    keys: RouteKeys
    seats: Floats
    admitted: Floats
    lowest_merit: Floats
    median_merit: Floats
    reserves: Floats
    vacant_seats: Floats

    @property
    def competition(self) -> Floats:
        """1.0 where somebody eligible was turned down by merit, 0.0 where not, NaN where unpublished."""
        return np.where(np.isfinite(self.lowest_merit), (self.lowest_merit > 0).astype(np.float64), np.nan)

    @property
    def pressure(self) -> Floats:
        """Return reserves a seat over the whole region: the common level of the year."""
        return np.full(1, (np.nansum(self.reserves) + 1.0) / (np.nansum(self.seats) + 1.0))


@dataclass(frozen=True)
class Signals:
    """The described routes of one catalogue: one value a row in every array.

    ``own`` values are weighted over the linked earlier years; ``known_*`` say whether there is one.
    """

    seats: Floats
    vocational: Floats
    introduction: Floats
    test: Floats
    apprentice: Floats
    linked: npt.NDArray[np.bool_]
    competed_last: npt.NDArray[np.bool_]
    cutoff: Floats
    last_cutoff: Floats
    median: Floats
    reserves: Floats
    reserve_noise: Floats
    admitted: Floats
    last_admitted: Floats
    last_held: Floats
    competition: Floats
    level_cutoff: Floats
    level_median: Floats
    level_reserves: Floats
    level_test: Floats
    programme_competition: Floats
    school_competition: Floats
    school_filling: Floats
    school_pressure: Floats
    local_pressure: Floats
    programme_filling: Floats
    local_growth: Floats
    own_growth: Floats
    last_pressure: Floats


def describe(table: YearTable, history: Sequence[YearTable]) -> Signals:
    """Describe the routes of ``table`` by the years before it.

    Parameters
    ----------
    table
        The catalogue; only names and seats are read.
    history
        The years before, oldest first, at least one; the last three are used.
    """
    keys, seats = table.keys, table.seats
    lags = list(history)[::-1][: len(YEAR_WEIGHTS)]
    links = [link(keys, lag.keys) for lag in lags]
    last, last_link = lags[0], links[0]

    def past(values: Floats, rows: npt.NDArray[np.int64]) -> Floats:
        return np.where(rows >= 0, values[np.maximum(rows, 0)], np.nan) if len(values) else np.full(len(rows), np.nan)

    def own(name: str) -> Floats:
        return _weighted([past(getattr(lag, name), rows) for lag, rows in zip(lags, links, strict=True)], YEAR_WEIGHTS)

    def own_merit(name: str) -> Floats:
        """Average the known merits of the scale of the latest one: test points may have come or gone."""
        columns = [_positive(past(getattr(lag, name), rows)) for lag, rows in zip(lags, links, strict=True)]
        latest = columns[-1]
        for column in columns[-2::-1]:
            latest = np.where(np.isfinite(column), column, latest)
        same = [np.where((column > MERIT_SCALE) == (latest > MERIT_SCALE), column, np.nan) for column in columns]
        same = [column + _common_change(column, same[0]) for column in same]
        return _weighted(same, YEAR_WEIGHTS)

    # Demand moves for all routes together from year to year: earlier reserves are read at the last year's level.
    reserve_columns = [
        past(lag.reserves * (last.pressure / lag.pressure), rows) for lag, rows in zip(lags, links, strict=True)
    ]
    programme = [programme_of(code) for code in keys.route_code]
    former = [programme_of(code) for code in last.keys.route_code]
    school, former_school = _schools(keys, last.keys, last_link)
    special = np.array(
        [special_of(code, name) for code, name in zip(keys.route_code, keys.route_name, strict=True)], dtype=np.float64
    ).reshape(-1, 3)
    former_test = np.array(
        [special_of(code, name)[1] for code, name in zip(last.keys.route_code, last.keys.route_name, strict=True)],
        dtype=np.bool_,
    )
    on_scale = ~former_test & (last.lowest_merit <= MERIT_SCALE)
    cutoffs = np.where(on_scale & (last.lowest_merit > 0), last.lowest_merit, np.nan)
    medians = np.where(~former_test & (last.median_merit > 0), last.median_merit, np.nan)
    medians = np.where(medians <= MERIT_SCALE, medians, np.nan)
    strain = np.log1p(last.reserves / np.maximum(last.seats, 1.0))
    competed = np.where(last.admitted > 0, last.competition, np.nan)
    place = list(zip(keys.municipality, programme, strict=True))
    former_place = list(zip(last.keys.municipality, former, strict=True))
    group = list(zip(school, programme, strict=True))
    former_group = list(zip(former_school, former, strict=True))
    level_cutoff = level(cutoffs, former, former_school, programme, school)
    level_median = level(medians, former, former_school, programme, school)
    level_strain = level(strain, former, former_school, programme, school)
    level_competition = level(competed, former, former_school, programme, school)
    last_admitted = past(last.admitted, last_link)
    held = past(last.seats - last.admitted - last.vacant_seats, last_link)
    return Signals(
        seats=seats,
        vocational=np.array([float(code in _VOCATIONAL) for code in programme]),
        introduction=np.array([float(code.startswith("IM")) for code in programme]),
        apprentice=special[:, 0],
        test=special[:, 1],
        linked=last_link >= 0,
        competed_last=past(last.competition, last_link) == 1.0,
        cutoff=own_merit("lowest_merit"),
        last_cutoff=_positive(past(last.lowest_merit, last_link)),
        median=own_merit("median_merit"),
        reserves=_weighted(reserve_columns, RESERVE_YEAR_WEIGHTS),
        reserve_noise=_noise_share(reserve_columns, RESERVE_YEAR_WEIGHTS),
        admitted=own("admitted"),
        last_admitted=last_admitted,
        last_held=np.where(np.isfinite(held), np.maximum(held, 0.0), 0.0),
        competition=own("competition"),
        level_cutoff=level_cutoff[0] + level_cutoff[1],
        level_median=level_median[0] + level_median[1],
        level_reserves=np.expm1(np.clip(level_strain[0] + level_strain[1], 0.0, None)) * seats,
        level_test=level_with_test(last.lowest_merit, former_group, group),
        programme_competition=level_competition[0],
        school_competition=level_competition[1],
        school_filling=ratio(last.admitted, former_school, seats, school, above=10.0, below=10.0),
        school_pressure=ratio(last.reserves, former_school, seats, school, above=0.0, below=10.0),
        local_pressure=ratio(last.reserves, former_place, seats, place, above=0.0, below=10.0),
        programme_filling=ratio(last.admitted, former_group, seats, group, above=5.0, below=5.0),
        local_growth=np.log(ratio(last.seats, former_place, seats, place, above=20.0, below=20.0)) * -1.0,
        own_growth=np.log(ratio(last.seats, former_group, seats, group, above=10.0, below=10.0)) * -1.0,
        last_pressure=np.broadcast_to(last.pressure, (len(keys),)),
    )


def _common_change(former: Floats, last: Floats) -> float:
    """Return by how much merits moved for all routes together since a former year, in points."""
    both = (former <= MERIT_SCALE) & (last <= MERIT_SCALE)
    return float(np.median((last - former)[both])) if both.sum() >= ENOUGH_IN_COMMON else 0.0


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)


def _weighted(columns: Sequence[Floats], weights: Sequence[float]) -> Floats:
    total = np.zeros(len(columns[0]))
    weight = np.zeros(len(columns[0]))
    for column, share in zip(columns, weights, strict=False):
        known = np.isfinite(column)
        total += np.where(known, column, 0.0) * share
        weight += known * share
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan)


def _noise_share(columns: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the variance of the weighted mean of independent errors, 1 for a single year (and for none)."""
    weight = np.zeros(len(columns[0]))
    square = np.zeros(len(columns[0]))
    for column, share in zip(columns, weights, strict=False):
        known = np.isfinite(column)
        weight += known * share
        square += known * share**2
    return np.where(weight > 0, square / np.where(weight > 0, weight, 1.0) ** 2, 1.0)


def _schools(keys: RouteKeys, former: RouteKeys, links: npt.NDArray[np.int64]) -> tuple[list[Hashable], list[Hashable]]:
    """Return a school name per row, where a renamed school carries its former name."""
    name_of = {row: school for school, rows in former.schools.items() for row in rows}
    renamed: dict[Hashable, Counter[tuple[str, str]]] = defaultdict(Counter)
    mine = {row: school for school, rows in keys.schools.items() for row in rows}
    for row, source in enumerate(links):
        if source >= 0:
            renamed[mine[row]][name_of[int(source)]] += 1
    present = {
        school: min(counts.items(), key=lambda item: (-item[1], item[0]))[0] for school, counts in renamed.items()
    }
    return [present.get(mine[row], mine[row]) for row in range(len(keys))], [name_of[row] for row in range(len(former))]
