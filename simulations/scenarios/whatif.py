"""What a change of seats does to one finished round, exactly: its lists, grades and lottery as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from admissions.errors import InputError
from admissions.matching import match
from admissions.rules import compile_round, round_number
from simulations.scenarios.applying import apply_overlays
from simulations.scenarios.comparing import Comparison, compare
from simulations.scenarios.overlay import Overlay, Seats
from simulations.scenarios.sides import Side
from simulations.scenarios.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulations.behaviour.parameters import Behaviour
    from simulations.from_run import RunInputs
    from simulations.scenarios.costs import Price


def parse_seats(texts: Sequence[str], problems: list[str]) -> Overlay:
    """Return an overlay of ``ROUTE=+5``, ``ROUTE=-2`` or ``ROUTE=30``; what is wrong is added to `problems`.

    Examples
    --------
    >>> parse_seats(["a=+5", "b=30"], []).seats[1].seats
    30
    """
    parts = []
    for text in texts:
        route, _, amount = text.rpartition("=")
        digits = amount[1:] if amount[:1] in {"+", "-"} else amount
        if not route or not digits.isascii() or not digits.isdigit():
            problems.append(f"--seats {text}: write ROUTE=+5, ROUTE=-2 or, for a new number of seats, ROUTE=30")
        elif digits != amount:
            parts.append(Seats(route, change=int(amount)))
        else:
            parts.append(Seats(route, seats=int(amount)))
    return Overlay(", ".join(texts), "--seats", seats=tuple(parts))


def what_if(
    run: RunInputs,
    texts: Sequence[str],
    behaviour: Behaviour,
    *,
    round_name: str = "final",
    prices: Mapping[str, Price] | None = None,
) -> Comparison:
    """Compare a round of a run with the same round under other seats.

    Parameters
    ----------
    texts
        ``ROUTE=+5`` ...: see `parse_seats`.
    round_name
        ``preliminary`` or ``final``.

    Raises
    ------
    InputError
        With everything that is wrong with the changes.
    """
    problems: list[str] = []
    overlay = parse_seats(texts, problems)
    if problems:
        raise InputError(problems)
    compiled, matching = run.compiled(round_name)
    intake = replace(run.intake, seats=seats_in_force(run.intake.seats, round_name))
    changed = apply_overlays(World.of(intake, run.rulebook, behaviour), [overlay])
    own = compile_round(compiled.static, round_name, lottery=run.lottery, seats=changed.intake.seats)
    after = match(own.market)
    about = {
        "run": run.id,
        "rules": run.rulebook.name,
        "round": round_name,
        "year": run.intake.year,
        "overlays": list(texts),
        "rulebook_sha256": run.about["rulebook_sha256"],
        "intake_sha256": run.about["intake_sha256"],
    }
    sides = Side.of_round(compiled, compiled.market, matching), Side.of_round(own, own.market, after)
    return compare(*sides, about, react=False, prices=prices)


def seats_in_force(seats: pl.DataFrame, round_name: str) -> pl.DataFrame:
    """Return the rows of a seats table a round uses: a pool's own, or those of its latest earlier round."""
    numbers = {name: round_number(name) for name in seats["round"].unique()}
    known = seats.with_columns(number=pl.col("round").replace_strict(numbers, return_dtype=pl.Int64))
    past = known.filter(pl.col("number") <= round_number(round_name))
    latest = past.filter(pl.col("number") == pl.col("number").max().over("route_or_pool"))
    return latest.drop("number")
