"""The demand model: how much each applicant likes each route, and which routes an applicant considers.

Utility = popularity of the route + taste for its programme + slope of the route times the applicant's merit + pull of
the home municipality - distance + Gumbel noise (Berry 1994 for the inversion of such a model; Azevedo and Leshno 2016
for demand at given cut-offs). Utilities are brought to whole numbers of 1/65536 before they are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.matching.kernels import kernel
from simulations.population.cohort import ELIGIBLE, FOURTH_YEAR, HOPEFUL, INTRODUCTION, Cohort
from simulations.population.published import Published, levels_passed, rules
from simulations.streams import generator, word

CONSIDERED = 44
WITHIN_REACH = 12
SCALE = 65536.0
CENTRE = 25_500
SPREAD = 4_500.0
_GUMBEL = -np.log(-np.log((np.arange(65536) + 0.5) / 65536.0))


@dataclass(frozen=True, eq=False)
class Demand:
    """Parameters per route, in the order of `Published`; arrays of length m.

    Attributes
    ----------
    popularity
        Level of utility.
    ambition
        Pull on those who think the route out of their reach: the dream that fills reserve lists.
    slope
        Change of utility for 45 points of merit.
    test_mean, test_spread
        Points of the skill test, hundredths.
    test_absent
        Share who do not take the test.
    drift
        Admitted the route gains between February's lists and the final ones (re-choice, newcomers), persons.
    reserve_drift
        The same for its reserves.
    """

    popularity: npt.NDArray[np.float64]
    ambition: npt.NDArray[np.float64]
    slope: npt.NDArray[np.float64]
    test_mean: npt.NDArray[np.float64]
    test_spread: npt.NDArray[np.float64]
    test_absent: npt.NDArray[np.float64]
    drift: npt.NDArray[np.float64]
    reserve_drift: npt.NDArray[np.float64]

    def table(self, published: Published) -> pl.DataFrame:
        """Return the parameters as a table keyed by route."""
        columns = {name: np.round(values, 3) for name, values in vars(self).items()}
        return pl.DataFrame({"route_id": published.table["route_id"], **columns})

    @classmethod
    def from_table(cls, table: pl.DataFrame, published: Published) -> Demand:
        """Read the parameters of a calibrated year, one row a route of `published`."""
        keyed = published.table.select("route_id").join(table, on="route_id", how="left", maintain_order="left")
        names = list(cls.__dataclass_fields__)
        if keyed.select(pl.any_horizontal(pl.col(names).is_null()).any()).item():
            message = f"the demand table of {published.year} does not cover its catalogue: calibrate the year again"
            raise ValueError(message)
        return cls(**{name: keyed[name].cast(pl.Float64).to_numpy().copy() for name in names})


@dataclass(frozen=True, eq=False)
class Persons:
    """What a cohort brings to the demand model; all arrays in the order of its ids.

    Attributes
    ----------
    reach
        int64[n], hundredths: the merit an applicant counts on.
    strength
        float64[n]: merit in deviations from the middle.
    taste
        float64[n, programmes].
    talent
        float64[n], for skill tests.
    open_to
        bool[n, 5]: the levels an applicant considers; the last column is never true.
    eligible
        bool[n, 5], see `open_levels`.
    length, ambitious, careful
        Length of the list, kind of the list, whether a safe choice is made sure of.
    lottery
        float64[n], for demand at a tied cut-off only.
    """

    keys: npt.NDArray[np.uint64]
    home: npt.NDArray[np.int64]
    merit: npt.NDArray[np.int64]
    reach: npt.NDArray[np.int64]
    strength: npt.NDArray[np.float64]
    taste: npt.NDArray[np.float64]
    talent: npt.NDArray[np.float64]
    open_to: npt.NDArray[np.bool_]
    eligible: npt.NDArray[np.bool_]
    length: npt.NDArray[np.int64]
    ambitious: npt.NDArray[np.bool_]
    careful: npt.NDArray[np.bool_]
    lottery: npt.NDArray[np.float64]


def draw_persons(cohort: Cohort, published: Published, settings: Any, seed: int) -> Persons:
    """Draw tastes, ambition and list lengths of a cohort."""
    rng = generator(seed, "tastes")
    count = len(cohort.ids)
    lists, taste = settings["lists"], settings["taste"]
    passed = levels_passed(cohort.final, rules(published.year))
    hopeful = rng.random((count, 4)) < taste["hopeful_rows"]
    wanting = (cohort.group == HOPEFUL)[:, None]
    open_to = np.concatenate([passed | hopeful | wanting, np.zeros((count, 1), dtype=bool)], axis=1)
    open_to &= ((cohort.group == ELIGIBLE) | (cohort.group == HOPEFUL))[:, None]
    merit = cohort.merit
    ambitious = rng.random(count) < lists["ambitious"]
    short = 1 + rng.binomial(lists["realistic_tries"], lists["realistic_more"], count)
    long = lists["ambitious_least"] + rng.poisson(lists["ambitious_more"], count)
    return Persons(
        keys=cohort.keys,
        home=cohort.home,
        merit=merit,
        reach=merit + np.rint(rng.normal(0, taste["optimism"] * 100, count)).astype(np.int64),
        strength=(np.maximum(merit, 16_000) - CENTRE) / SPREAD,
        taste=rng.standard_normal((count, len(published.programmes))) * taste["programme"],
        talent=rng.standard_normal(count),
        open_to=open_to,
        eligible=open_levels(cohort, passed),
        length=np.minimum(np.where(ambitious, long, short), lists["longest"]).astype(np.int64),
        ambitious=ambitious,
        careful=rng.random(count) < lists["safe"],
        lottery=rng.random(count),
    )


def open_levels(cohort: Cohort, passed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return bool[n, 5]: the levels passed; the last column opens the other routes to those they are meant for."""
    outside = (cohort.group == INTRODUCTION) | (cohort.group == FOURTH_YEAR)
    return np.concatenate([passed, outside[:, None]], axis=1)


def travel_cost(places: pl.DataFrame, municipalities: tuple[str, ...], per_kilometre: float) -> npt.NDArray[np.float64]:
    """Return the cost of distance between municipalities (straight line between their main places)."""
    keyed = pl.DataFrame({"municipality": municipalities}).join(
        places, on="municipality", how="left", maintain_order="left"
    )
    north = keyed["latitude"].to_numpy() * 111.2
    east = keyed["longitude"].to_numpy() * 111.2 * np.cos(np.deg2rad(59.35))
    return np.asarray(per_kilometre * np.hypot(north[:, None] - north, east[:, None] - east))


@dataclass(frozen=True, eq=False)
class Considered:
    """The routes each applicant considers.

    Attributes
    ----------
    route
        int32[n, c], -1 where there are fewer.
    utility
        float64[n, c], without the route's popularity and ambition.
    """

    route: npt.NDArray[np.int32]
    utility: npt.NDArray[np.float64]


def consider(persons: Persons, published: Published, demand: Demand, settings: Any, travel: Any) -> Considered:
    """Return each applicant's best routes by utility, and the best of those well within reach."""
    count = len(persons.keys)
    route = np.full((count, CONSIDERED + WITHIN_REACH), -1, dtype=np.int32)
    utility = np.zeros(route.shape)
    live = published.ordinary & (published.admitted > 0)
    level = np.where(live & (published.level >= 0), published.level, len(persons.open_to[0]) - 1)
    _consider(
        persons.keys,
        persons.home,
        persons.strength,
        persons.taste,
        persons.reach,
        persons.open_to,
        published.municipality,
        published.programme,
        level,
        published.cut - np.rint(demand.test_mean).astype(np.int64) * (published.cut > 0),
        published.cut > 0,
        demand.slope,
        demand.popularity,
        demand.ambition,
        travel,
        settings["taste"]["home"],
        settings["lists"]["penalty_ambitious"] * 3,
        _GUMBEL,
        route,
        utility,
    )
    return Considered(route, utility)


@kernel
def _consider(
    keys: Any,
    home: Any,
    strength: Any,
    taste: Any,
    reach: Any,
    open_to: Any,
    municipality: Any,
    programme: Any,
    level: Any,
    needed: Any,
    competed: Any,
    slope: Any,
    popularity: Any,
    ambition: Any,
    travel: Any,
    home_pull: float,
    penalty: float,
    gumbel: Any,
    out_route: Any,
    out_utility: Any,
) -> None:
    routes = len(level)
    plain = np.empty(routes)
    best = np.empty(CONSIDERED, dtype=np.int64)
    best_value = np.empty(CONSIDERED, dtype=np.int64)
    near = np.empty(WITHIN_REACH, dtype=np.int64)
    near_value = np.empty(WITHIN_REACH, dtype=np.int64)
    for person in range(len(keys)):
        count = 0
        close = 0
        for j in range(routes):
            if not open_to[person, level[j]]:
                continue
            noise = gumbel[np.int64(word(keys[person], np.uint64(j)) >> np.uint64(48))]
            value = (
                taste[person, programme[j]]
                + slope[j] * strength[person]
                - travel[home[person], municipality[j]]
                + noise
            )
            if home[person] == municipality[j]:
                value += home_pull
            plain[j] = value
            whole = value + popularity[j]
            missing = (needed[j] - reach[person]) / 100.0 if competed[j] else -100.0
            if missing > 0.0:
                whole += ambition[j] - penalty * missing
            ranked = np.int64(np.floor(whole * SCALE))
            if missing <= -10.0:
                close = _keep(near, near_value, close, j, int(ranked))
            count = _keep(best, best_value, count, j, int(ranked))
        filled = 0
        for place in range(count):
            out_route[person, filled] = best[place]
            out_utility[person, filled] = plain[best[place]]
            filled += 1
        lowest = best_value[0] if count == CONSIDERED else np.int64(-(2**62))
        for place in range(close):
            # those kept among the best already are not repeated
            if near_value[place] < lowest:
                out_route[person, filled] = near[place]
                out_utility[person, filled] = plain[near[place]]
                filled += 1


@kernel
def _keep(heap: Any, values: Any, count: int, item: int, value: int) -> int:
    """Put an item on a bounded heap whose smallest value is first; the smallest falls out when it is full."""
    if count < len(heap):
        place = count
        while place > 0 and values[(place - 1) // 2] > value:
            heap[place] = heap[(place - 1) // 2]
            values[place] = values[(place - 1) // 2]
            place = (place - 1) // 2
        heap[place] = item
        values[place] = value
        return count + 1
    if value <= values[0]:
        return count
    place = 0
    while True:
        child = 2 * place + 1
        if child >= count:
            break
        if child + 1 < count and values[child + 1] < values[child]:
            child += 1
        if values[child] >= value:
            break
        heap[place] = heap[child]
        values[place] = values[child]
        place = child
    heap[place] = item
    values[place] = value
    return count
