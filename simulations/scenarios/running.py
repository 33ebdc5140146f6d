"""Run a scenario beside its baseline: both swept over the same simulated years."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from admissions.errors import InputError
from simulations.scenarios.applying import lay
from simulations.scenarios.comparing import Comparison, compare
from simulations.scenarios.costs import Price, missing_prices
from simulations.scenarios.overlay import Overlay
from simulations.scenarios.sides import Side
from simulations.scenarios.world import World
from simulations.sweeps.chunks import Wanted
from simulations.sweeps.draws import Seeds
from simulations.sweeps.plan import Plan, about
from simulations.sweeps.running import run_sweep

if TYPE_CHECKING:
    from simulations.sweeps.year import YearModel

Tell = Callable[[str, int, int], None]


def run_scenario(
    world: World,
    overlays: Sequence[Overlay],
    *,
    seeds: Seeds,
    years: int,
    react: bool = False,
    prices: Mapping[str, Price] | None = None,
    prices_file: str = "the price list",
    problems: Sequence[str] = (),
    run: str = "",
    out: Path | None = None,
    threads: int | None = None,
    cluster: str | None = None,
    progress: Tell | None = None,
) -> Comparison:
    """Sweep the baseline and the scenario over the same years and compare them.

    Parameters
    ----------
    world
        The baseline.
    overlays
        Laid over it in order.
    react
        Let lists, and schools, react to the scenario's own preliminary result; else they are held fixed.
    problems
        What was found wrong with the files already: everything is refused together.
    out
        Folder for the finished years of both sweeps, so that they resume; in memory only if absent.

    Raises
    ------
    InputError
        With every problem of overlays and price list, before anything runs.
    """
    found = list(problems)
    changed = lay(world, overlays, found)
    if prices is not None:
        programmes = changed.intake.routes["programme"].to_numpy().astype(str)
        found += missing_prices(prices, programmes, prices_file)
    if found:
        raise InputError(found)
    tell = progress or (lambda _step, _done, _of: None)
    wanted = Wanted(seat_values=False, people=True)
    baseline_model = world.model(seeds, react=True)

    def swept(name: str, model: YearModel) -> tuple[Plan, Side]:
        plan = Plan(model, years, wanted, run)
        folder = None if out is None else out / name
        done = run_sweep(
            plan,
            folder,
            threads=threads,
            cluster=cluster,
            progress=lambda at, of: tell(name, at, of),
        )
        return plan, Side.of(plan, done)

    first, baseline = swept("baseline", baseline_model)
    last, scenario = swept("scenario", changed.model(seeds, react=react))
    base = first.model.static
    said = about(last.identity(), years) | {
        "baseline_rules": base.rulebook.name,
        "baseline_intake_sha256": base.intake.digest(),
        "overlays": [one.name for one in overlays],
    }
    return compare(baseline, scenario, said, react=react, prices=prices)
