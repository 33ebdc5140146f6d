"""The job that finds a package of extra seats: the best found, what it would change, and how good any other can be."""

from typing import Any

import numpy as np
import polars as pl

from admissions.errors import InputError
from api.jobs.analysis import finished
from api.jobs.standing import Standing, stand_on
from api.jobs.work import Outcome, Work
from api.people_intervals import suppressed_comparison
from api.problems import unprocessable
from simulations.behaviour.parameters import load_behaviour
from simulations.packages import Package, best_package
from simulations.scenarios.costs import Price
from simulations.scenarios.whatif import what_if
from simulations.sweeps.plan import catalogue_of

_SHARES = {"greedy": (5, 25), "exchange": (25, 70), "bound": (70, 90)}
CHANGES = ("totals", "programmes", "routes", "homes", "movers", "flows_programme", "flows_municipality")


def run(work: Work) -> Outcome:
    """Do the job."""
    asked: dict[str, Any] = work.parameters
    ground = stand_on(work, asked["run_id"])

    def tell(step: str, done: int, of: int) -> None:
        first, last = _SHARES[step]
        work.progress(first + min(last - first, (last - first) * done // of if of else 0), 100, step)

    prices = {one["programme"]: Price(one["per_seat_ore"], one["per_pupil_ore"]) for one in asked["prices"]}
    catalogue = catalogue_of(ground.run.intake)
    found = best_package(
        ground.compiled.market,
        matching=ground.matching,
        seats_budget=asked["seats"],
        money_budget=asked["money_ore"],
        prices=_per_seat(catalogue, prices) if prices else None,
        routes=_numbers(catalogue, asked["routes"]) if asked["routes"] else None,
        seconds=asked["seconds"],
        progress=tell,
    )
    work.progress(92, 100, "effect")
    tables = {"package": _table(ground, catalogue, found), **_changes(ground, catalogue, found)}
    work.progress(97, 100, "write")
    about = {
        "run": ground.run.id,
        "run_id": asked["run_id"],
        "rules": ground.run.rulebook.name,
        "rulebook_sha256": ground.run.about["rulebook_sha256"],
        "intake_sha256": ground.run.about["intake_sha256"],
        "year": ground.run.intake.year,
        "round": ground.round,
        "lists": "run",
        **_said(found),
    }
    return finished(work, tables, about)


def _said(found: Package) -> dict[str, Any]:
    """Say what the package does and how good any other could be."""
    return {
        "extra_seats": int(found.seats.sum()),
        "cost_ore": found.cost,
        "newly_placed": found.effect.placed,
        "better_off": found.effect.better_off,
        "greedy_newly_placed": found.greedy.placed,
        "greedy_better_off": found.greedy.better_off,
        "most_newly_placed": found.bound.placed,
        "most_better_off": found.bound.better_off,
        "gap": found.gap,
        "proved_best": found.proved_best,
        "settled": found.settled,
    }


def _per_seat(catalogue: pl.DataFrame, prices: dict[str, Price]) -> np.ndarray[Any, np.dtype[np.int64]]:
    missing = sorted(set(catalogue["programme"].to_list()) - set(prices))
    if missing:
        raise unprocessable(
            "price_missing",
            f"The price list lacks {', '.join(missing)}.",
            place="body.prices",
            remedy="Give a price for every programme of the round.",
        )
    amounts = [prices[one].per_seat + prices[one].per_pupil for one in catalogue["programme"].to_list()]
    return np.array(amounts, np.int64)


def _numbers(catalogue: pl.DataFrame, wanted: list[str]) -> list[int]:
    number = {name: at for at, name in enumerate(catalogue["route_id"].to_list())}
    unknown = sorted(set(wanted) - set(number))
    if unknown:
        raise unprocessable(
            "unknown_route",
            f"The round has no route {', '.join(unknown)}.",
            place="body.routes",
            remedy="Name routes of the run.",
        )
    return sorted(number[one] for one in set(wanted))


def _table(ground: Standing, catalogue: pl.DataFrame, found: Package) -> pl.DataFrame:
    chosen = np.flatnonzero(found.seats)
    seats = ground.compiled.seats[ground.compiled.static.route_table.pool[chosen]]
    return (
        catalogue[chosen.tolist()]
        .select("route_id", "school", "route_name", "municipality", "programme")
        .with_columns(extra_seats=pl.Series(found.seats[chosen], dtype=pl.Int64), seats_before=pl.Series(seats))
        .sort("extra_seats", "route_id", descending=[True, False])
    )


def _changes(ground: Standing, catalogue: pl.DataFrame, found: Package) -> dict[str, pl.DataFrame]:
    """Match the round again with the package, and say who gains where; nothing where only named groups have seats."""
    ids = catalogue["route_id"].to_list()
    texts = [f"{ids[at]}=+{int(found.seats[at])}" for at in np.flatnonzero(found.seats).tolist()]
    if not texts:
        return {}
    try:
        compared = what_if(ground.run, texts, load_behaviour(), round_name=ground.round)
    except InputError:  # a pool without open seats: the overlay cannot name the seats the package found
        return {}
    safe = suppressed_comparison(compared.tables)
    return {name: safe[name] for name in CHANGES}
