"""Everything the question "where would more seats do most" is answered with, from one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from admissions.matching.redraws import redraw
from simulations.seat_value.curves import Values, curves
from simulations.seat_value.gains import chains, gains
from simulations.seat_value.samples import Sample, lottery_source, tied_rows, year_source
from simulations.sweeps.plan import catalogue_of

if TYPE_CHECKING:
    from simulations.from_run import RunInputs
    from simulations.sweeps.year import YearModel

Tell = Callable[[str, int, int], None]
_AT_ONCE = 100


@dataclass(frozen=True, eq=False)
class SeatReport:
    """Extra seats in a round of a run.

    Attributes
    ----------
    about
        Run, rules, seeds, number of lotteries and of simulated years.
    tables
        ``values`` (all routes, over lotteries), ``values_years`` (over simulated years, where asked for), ``curves``,
        ``gains_home``, ``gains_merit``, ``moves``, ``chains``.
    """

    about: dict[str, Any]
    tables: dict[str, pl.DataFrame]


def seat_report(
    run: RunInputs,
    *,
    lotteries: int,
    seed: int = 1,
    top: int = 20,
    curve_samples: int = 50,
    model: YearModel | None = None,
    years: int = 0,
    round_name: str = "final",
    threads: int | None = None,
    progress: Tell | None = None,
) -> SeatReport:
    """Value extra seats in a round of a run.

    Parameters
    ----------
    lotteries
        Fresh lotteries for the values of all routes; lists and grades stay as recorded.
    top
        For how many of the most valuable routes curves, gains and chains are given.
    curve_samples
        Samples behind curves and gains: simulated years where `years` are asked for, else lotteries.
    model, years
        Simulated years, behaviour and lottery, for values with both kinds of uncertainty.
    round_name
        ``preliminary`` or ``final``; simulated years give their final rounds.
    """
    tell = progress or (lambda _step, _done, _of: None)
    compiled, matching = run.compiled(round_name)
    catalogue = catalogue_of(run.intake)
    parts = []
    tell("lotteries", 0, lotteries)
    for first in range(0, lotteries, _AT_ONCE):
        some = min(_AT_ONCE, lotteries - first)
        parts.append(Values.of_redraws(redraw(compiled.market, some, seed=seed, first=first, threads=threads)))
        tell("lotteries", first + some, lotteries)
    values = Values(
        np.concatenate([part.better_off for part in parts]), np.concatenate([part.newly_placed for part in parts])
    )
    tables = {"values": values.table(catalogue)}
    source, count, kind = lottery_source(compiled, seed), min(curve_samples, lotteries), "lotteries"
    if model is not None and years:
        source, count, kind = year_source(model), min(curve_samples, years), "simulated years"
        swept = Values.of_samples(
            source, years, threads=threads, progress=lambda done, of: tell("simulated years", done, of)
        )
        tables["values_years"] = swept.table(catalogue)
        values = swept
    best = values.best(top)

    def named(step: str) -> Callable[[int, int], None]:
        return lambda done, of: tell(step, done, of)

    tables["curves"] = curves(source, count, best, catalogue, threads=threads, progress=named("curves"))
    who = gains(source, count, best, catalogue, compiled, threads=threads, progress=named("who gains"))
    tables |= {"gains_home": who.homes, "gains_merit": who.bands, "moves": who.lengths}
    tables["chains"] = chains(Sample(compiled, compiled.market, matching), best, catalogue)
    said = {
        "run": run.id,
        "rules": run.rulebook.name,
        "rulebook_sha256": run.about["rulebook_sha256"],
        "intake_sha256": run.about["intake_sha256"],
        "year": run.intake.year,
        "round": round_name,
        "seed_lottery": seed,
        "lotteries": lotteries,
        "years": years,
        "curve_samples": f"{count} {kind}",
        "tied_rows": tied_rows(compiled),
        "lists": "fixed",
    }
    if model is not None and years:
        said |= {"seed_behaviour": model.seeds.behaviour, "seed_lottery_years": model.seeds.lottery}
    return SeatReport(said, tables)
