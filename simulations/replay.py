"""Replay an admission year: preliminary round, re-choice window, final round, reserve rounds. The front door.

Recorded data go first: a window recorded in the choices, final grades and final seats in the intake, and whatever it
knows of the time after the final round, are taken as they are; where one of them is missing its behaviour model stands
in. Same code path either way, so a simulated year that was written down replays to the identical result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from admissions.errors import AdmissionsError
from admissions.intake import Intake
from admissions.rounds.reserve import run_reserve
from admissions.rounds.run import RoundResult, run_round
from admissions.rules import Lottery, Rulebook, compile_round, compile_static
from simulations.behaviour.growth import grow
from simulations.behaviour.parameters import Behaviour, load_behaviour
from simulations.behaviour.seats import seat_changes
from simulations.behaviour.summary import window_summary
from simulations.behaviour.summer import after_round, recorded_after, summer_summary
from simulations.behaviour.window import record, relist, situation_of
from simulations.streams import person_keys

_STEPS = {"-": 0, "F": 0, "E": 1, "D": 2, "C": 3, "B": 4, "A": 5}
_LETTERS = ("F", "E", "D", "C", "B", "A")

_RESERVE_ROUNDS = range(3)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Replay:
    """A replayed year.

    Attributes
    ----------
    preliminary, final
        The verified rounds.
    intake
        The intake as it stood for the last round: window recorded, final grades and seats in place, and what came after
        the final round. Replayed again with the same lottery it gives the same rounds.
    changes
        What happened in the window and over the summer: measure, value.
    simulated
        Which behaviours stood in for missing records.
    reserve
        The reserve rounds, as many as were asked for.
    """

    preliminary: RoundResult
    final: RoundResult
    intake: Intake
    changes: pl.DataFrame
    simulated: tuple[str, ...]
    reserve: tuple[RoundResult, ...] = ()

    @property
    def rounds(self) -> tuple[RoundResult, ...]:
        """The rounds in their order."""
        return self.preliminary, self.final, *self.reserve


def window_recorded(intake: Intake, rulebook: Rulebook) -> bool:
    """Tell whether the choices know anything that happened after the preliminary round looked at them."""
    day = rulebook.for_year(intake.year).calendar.as_of("preliminary")
    later = (pl.col("registered_at") > day) | (pl.col("withdrawn_at") > day)
    return bool(intake.choices.select(later.any()).item())


def replay(
    intake: Intake,
    rulebook: Rulebook,
    lottery: Lottery,
    behaviour_seed: int = 1,
    *,
    behaviour: Behaviour | None = None,
    reserve_rounds: int = 0,
    progress: Progress | None = None,
) -> Replay:
    """Run the preliminary round, the window, the final round and, if asked for, reserve rounds of an intake.

    Parameters
    ----------
    lottery
        Its draws ``preliminary`` and ``final`` are used.
    behaviour_seed
        Of the behaviour models; without effect where everything is recorded.
    behaviour
        The models; the shipped ones if absent.
    reserve_rounds
        0, 1 or 2. Nothing before them depends on it.
    progress
        Told ``(round: step, done, of)``.

    Raises
    ------
    AdmissionsError
        If there are not so many reserve rounds.
    """
    if reserve_rounds not in _RESERVE_ROUNDS:
        raise AdmissionsError(f"A year has 0, 1 or 2 reserve rounds, not {reserve_rounds}.")
    models = load_behaviour() if behaviour is None else behaviour
    rules = rulebook.for_year(intake.year)
    static = compile_static(intake, rules)
    preliminary = run_round(
        compile_round(static, "preliminary", lottery=lottery), intake, progress=_named("preliminary", progress)
    )
    simulated = []
    after = intake
    if not window_recorded(intake, rules):
        situation = situation_of(preliminary, intake, behaviour_seed)
        choices, decisions = record(intake, preliminary, situation, relist(situation, models))
        after = replace(after, choices=choices, decisions=decisions)
        simulated += [name for name in ("rechoice", "newcomers") if getattr(models, name).on]
    if not (intake.grades["term"] == "final").any():
        after = replace(after, grades=with_final_grades(intake, models, behaviour_seed))
        simulated += ["growth"] * models.growth.on
    if not (intake.seats["round"] == "final").any() and models.seats.on:
        after = replace(after, seats=with_final_seats(intake, preliminary, models))
        simulated.append("seats")
    again = static if after is intake else compile_static(after, rules)
    final = run_round(compile_round(again, "final", lottery=lottery), after, progress=_named("final", progress))
    changes = window_summary(preliminary, final, after)
    after, reserve, more = _reserve_rounds(
        after, final, lottery, models, behaviour_seed, count=reserve_rounds, progress=progress
    )
    if reserve:
        changes = pl.concat([changes, summer_summary(after, (final, *reserve))])
    return Replay(preliminary, final, after, changes, tuple(dict.fromkeys([*simulated, *more])), reserve)


def _reserve_rounds(
    intake: Intake,
    final: RoundResult,
    lottery: Lottery,
    models: Behaviour,
    seed: int,
    *,
    count: int,
    progress: Progress | None,
) -> tuple[Intake, tuple[RoundResult, ...], list[str]]:
    """Run the reserve rounds, each on what was recorded or simulated since the round before."""
    rules = final.compiled.static.rulebook
    rounds = [final]
    simulated: list[str] = []
    for number in range(1, count + 1):
        last = rounds[-1]
        if not recorded_after(intake, rules, last.round):
            intake, names = after_round(intake, last, models, seed)
            simulated += names
        name = f"reserve-{number}"
        said = intake.answers.filter((pl.col("round") == last.round) & (pl.col("answer") == "yes"))
        rounds.append(
            run_reserve(
                compile_static(intake, rules),
                name,
                lottery,
                last,
                accepted=said["applicant"].to_list(),
                progress=_named(name, progress),
            )
        )
    return intake, tuple(rounds[1:]), simulated


def _named(round_name: str, progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda step, done, of: progress(f"{round_name}: {step}", done, of)


def with_final_grades(intake: Intake, models: Behaviour, seed: int) -> pl.DataFrame:
    """Return the grades with final ones grown from the autumn's; older grades than A-F stay as they are."""
    autumn = intake.grades.filter(pl.col("term") == "autumn").sort("applicant", "subject")
    people = autumn["applicant"].unique(maintain_order=True)
    subjects = autumn["subject"].unique().sort()
    row = autumn["applicant"].rle_id().to_numpy()
    column = subjects.search_sorted(autumn["subject"]).to_numpy()
    step = autumn["grade"].replace_strict(_STEPS, default=-1, return_dtype=pl.Int8).to_numpy()
    steps = np.full((len(people), len(subjects)), -1, dtype=np.int8)
    steps[row, column] = step
    grown = grow(steps, person_keys(people.to_list(), seed, "growth"), models.growth)[row, column]
    letter = pl.Series([_LETTERS[value] for value in np.maximum(grown, 0)], dtype=pl.String)
    final = autumn.with_columns(
        term=pl.lit("final"),
        grade=pl.when(pl.Series(grown == step)).then(pl.col("grade")).otherwise(letter),
    )
    return pl.concat([intake.grades, final.select(intake.grades.columns)])


def with_final_seats(intake: Intake, preliminary: RoundResult, models: Behaviour) -> pl.DataFrame:
    """Return the seats with rows for the final round, changed as the model says after the preliminary one."""
    compiled = preliminary.compiled
    pool = compiled.static.route_table.pool
    choice = preliminary.matching.choice
    taken = compiled.route[compiled.market_row[choice[choice >= 0]]]
    admitted = np.bincount(pool[taken], minlength=len(compiled.seats))
    owner = np.repeat(np.arange(len(choice)), np.diff(compiled.market.indptr))
    above = np.arange(compiled.market.n_choices) < np.where(choice >= 0, choice, compiled.market.n_choices)[owner]
    reserves = np.bincount(pool[compiled.market.route[above]], minlength=len(compiled.seats))
    change = seat_changes(compiled.seats, admitted, reserves, models.seats)
    changes = pl.DataFrame({"route_or_pool": pl.Series(compiled.pools.tolist(), dtype=pl.String), "change": change})
    rows = intake.seats.filter(pl.col("round") == "preliminary").join(
        changes, on="route_or_pool", how="left", maintain_order="left"
    )
    change_here = pl.when(pl.col("group") == "").then(pl.col("change").fill_null(0)).otherwise(0)
    final = rows.with_columns(
        round=pl.lit("final"),
        seats=pl.max_horizontal(pl.col("seats") + change_here, pl.col("held_outside")),
    )
    return pl.concat([intake.seats, final.select(intake.seats.columns)])
