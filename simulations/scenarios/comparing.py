"""A scenario beside its baseline: year by year with the same random numbers, so that only the scenario differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from simulations.scenarios.costs import Price, costs
from simulations.scenarios.people_moves import Outcomes, Pairing, better_and_worse, flows, movers_by_home
from simulations.scenarios.sides import FINAL, Side
from simulations.sweeps.summaries import LEVEL, columns
from simulations.sweeps.tally import HOME_MEASURES

_ROUTES = ("seats", "first_choices", "admitted", "admitted_first", "reserves", "vacancies", "without_seat")


@dataclass(frozen=True, eq=False)
class Comparison:
    """A scenario compared with its baseline.

    Attributes
    ----------
    about
        Run, rules, seeds, number of simulated years, names of the overlays, and whether lists were held ``fixed`` or
        allowed to ``react`` to the scenario's own preliminary result.
    tables
        ``totals``, ``homes``, ``programmes``, ``routes`` (baseline, scenario and their difference, final round),
        ``movers``, ``flows_programme``, ``flows_municipality``.
    """

    about: dict[str, Any]
    tables: dict[str, pl.DataFrame]


def compare(
    baseline: Side,
    scenario: Side,
    about: Mapping[str, Any],
    *,
    react: bool,
    prices: Mapping[str, Price] | None = None,
    level: float = LEVEL,
) -> Comparison:
    """Compare two sides, simulated year by simulated year.

    Parameters
    ----------
    about
        What every figure has to say: run, rules, seeds, number of years, overlays.
    react
        Whether the scenario's lists reacted to its own preliminary round.
    prices
        Price list, for costs in öre.
    """
    pairing = Pairing.of(baseline, scenario)
    before = Outcomes.of(baseline.years, pairing.before)
    after = Outcomes.of(scenario.years, pairing.after)
    # routes are compared by id: a route the scenario adds shifts the numbers of the others
    ids = [side.names("route_id") for side in (baseline, scenario)]
    common = np.union1d(*ids)
    joint = [Outcomes(_renumbered(side, of, common), side.rank) for side, of in zip((before, after), ids, strict=True)]
    moved = joint[0].route != joint[1].route

    ever = moved.any(axis=0)  # names of everybody in every year would fill the memory

    def flow(column: str) -> pl.DataFrame:
        first = Outcomes(before.route[:, ever], before.rank[:, ever]).labels(baseline.names(column))
        last = Outcomes(after.route[:, ever], after.rank[:, ever]).labels(scenario.names(column))
        return flows(first, last, moved[:, ever], level)

    tables = {
        "totals": _totals(baseline, scenario, joint, react=react, prices=prices, level=level),
        "homes": _homes(baseline, scenario, level),
        "programmes": _programmes(baseline, scenario, level),
        "routes": _routes(baseline, scenario, level),
        "movers": movers_by_home(pairing, *joint, fixed=not react, level=level),
        "flows_programme": flow("programme"),
        "flows_municipality": flow("municipality"),
    }
    return Comparison({**about, "lists": "react" if react else "fixed"}, tables)


def _renumbered(side: Outcomes, ids: npt.NDArray[np.str_], common: npt.NDArray[np.str_]) -> npt.NDArray[np.int64]:
    to = np.searchsorted(common, ids)
    return np.where(side.route >= 0, to[np.maximum(side.route, 0)], side.route).astype(np.int64)


def _three(name: str, base: npt.NDArray[Any], own: npt.NDArray[Any], level: float) -> list[pl.Series]:
    """Return baseline, scenario and paired difference of a measure with their intervals."""
    base, own = np.asarray(base, np.int64), np.asarray(own, np.int64)
    return [
        *columns(f"{name}_baseline", base, level),
        *columns(f"{name}_scenario", own, level),
        *columns(f"{name}_difference", own - base, level),
    ]


def _totals(
    baseline: Side,
    scenario: Side,
    joint: list[Outcomes],
    *,
    react: bool,
    prices: Mapping[str, Price] | None,
    level: float,
) -> pl.DataFrame:
    found: dict[str, list[npt.NDArray[np.int64]]] = {}
    for side in (baseline, scenario):
        for number, name in enumerate(HOME_MEASURES):
            found.setdefault(name, []).append(side.years.by_home[:, FINAL, number].sum(axis=1, dtype=np.int64))
        for name in ("seats", "vacancies", "reserves", "first_choice_shortage"):
            found.setdefault(name, []).append(side.total(name))
        if prices is not None:
            seats = side.seats_of_first_routes()
            spent = costs(prices, side.names("programme"), seats, side.measure("admitted"))
            found.setdefault("cost_ore", []).append(spent)
    counted = {"moved": (joint[0].route != joint[1].route)}
    if not react:
        counted["better_off"], counted["worse_off"] = better_and_worse(*joint)
    for name, who in counted.items():
        total = who.sum(axis=1)
        found[name] = [total * 0, total]
    rows = [
        pl.DataFrame({"measure": [name]}).with_columns(_three("x", base[:, None], own[:, None], level))
        for name, (base, own) in found.items()
    ]
    table = pl.concat(rows)
    return table.rename({name: name.removeprefix("x_") for name in table.columns})


def _homes(baseline: Side, scenario: Side, level: float) -> pl.DataFrame:
    """Return one row a home municipality of either side; one that is gone counts as nobody."""
    names = sorted({*baseline.homes, *scenario.homes})
    table = pl.DataFrame({"home_municipality": names})
    for number, title in enumerate(HOME_MEASURES):
        base, own = (_aligned(side.years.by_home[:, FINAL, number], side.homes, names) for side in (baseline, scenario))
        table = table.with_columns(_three(title, base, own, level))
    return table.filter((pl.col("tried_baseline_high") > 0) | (pl.col("tried_scenario_high") > 0))


def _programmes(baseline: Side, scenario: Side, level: float) -> pl.DataFrame:
    sides = (baseline, scenario)
    names = np.union1d(*(side.names("programme") for side in sides))
    table = pl.DataFrame({"programme": names.tolist()})
    for title in (*_ROUTES, "first_choice_shortage"):
        values = [side.sums(title, np.searchsorted(names, side.names("programme")), len(names)) for side in sides]
        table = table.with_columns(_three(title, values[0], values[1], level))
    return table


def _routes(baseline: Side, scenario: Side, level: float) -> pl.DataFrame:
    """Return one row a route of either side; a limit of 0 is no limit, and counts as 0 in the difference."""
    frames = [side.catalogue for side in (scenario, baseline)]
    table = pl.concat(frames).unique("route_id", keep="first").sort("route_id")
    names = table["route_id"].to_list()
    for title in (*_ROUTES, "limit"):
        values = [
            _aligned(side.measure(title), side.names("route_id").tolist(), names) for side in (baseline, scenario)
        ]
        table = table.with_columns(_three(title, values[0], values[1], level))
    return table


def _aligned(values: npt.NDArray[Any], own: Sequence[str], names: list[str]) -> npt.NDArray[np.int64]:
    """Spread [years, own] over [years, names]; zero where there is nothing."""
    place = {name: number for number, name in enumerate(names)}
    wide = np.zeros((len(values), len(names)), np.int64)
    wide[:, [place[name] for name in own]] = values
    return wide
