"""What happens between a final or reserve round and the next reserve round: recorded, or the four models in turn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from simulations.behaviour.answers import answers_to
from simulations.behaviour.closures import closing
from simulations.behaviour.late import late_choices
from simulations.behaviour.summer_school import summer_results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from admissions.intake import Intake
    from admissions.rounds.run import RoundResult
    from admissions.rules import Rulebook
    from simulations.behaviour.parameters import Behaviour


def recorded_after(intake: Intake, rulebook: Rulebook, round_name: str) -> bool:
    """Tell whether the intake knows anything that happened after a final or reserve round.

    An answer to it; a choice registered or withdrawn, or a route closed, from its day on; a summer's result.
    """
    day = rulebook.calendar.day_of(round_name)
    chosen = (pl.col("registered_at") >= day) | (pl.col("withdrawn_at") >= day)
    return bool(
        (intake.answers["round"] == round_name).any()
        or intake.choices.select(chosen.any()).item()
        or (intake.routes["closed_at"] >= day).any()
        or (round_name == "final" and (intake.grades["term"] == "summer").any())
    )


def after_round(intake: Intake, result: RoundResult, behaviour: Behaviour, seed: int) -> tuple[Intake, list[str]]:
    """Return the intake as the next reserve round finds it, and which models were at work.

    After the final round routes close, summer school ends and late rows arrive; after every round come its answers.
    """
    names = ["answers"]
    found = replace(intake, answers=pl.concat([intake.answers, answers_to(result, intake, seed, behaviour.answers)]))
    if result.round == "final":
        names = ["closures", "summer_school", "late", "answers"]
        found = replace(found, routes=closing(result, found, seed, behaviour.closures))
        found = replace(
            found,
            grades=pl.concat([found.grades, summer_results(result, found, seed, behaviour.summer_school)]),
            choices=pl.concat([found.choices, late_choices(result, found, seed, behaviour.late)]),
        )
    return found, [name for name in names if getattr(behaviour, name).on]


def summer_summary(intake: Intake, rounds: Sequence[RoundResult]) -> pl.DataFrame:
    """Return what happened after the final round, measure and value, as the intake holds it.

    Parameters
    ----------
    rounds
        The final round and the reserve rounds after it.
    """
    day = rounds[0].compiled.static.rulebook.calendar.day_of("final")
    late = intake.choices.filter(pl.col("registered_at") >= day)
    rows = [
        ("routes closed after the final round", (intake.routes["closed_at"] >= day).sum()),
        ("persons with a summer's result", intake.grades.filter(pl.col("term") == "summer")["applicant"].n_unique()),
        ("persons with a row after the final round", late["applicant"].n_unique()),
    ]
    for one in rounds[:-1]:
        given = intake.answers.filter(pl.col("round") == one.round)["answer"]
        rows += [(f"answers to {one.round}: {answer}", (given == answer).sum()) for answer in sorted(given.unique())]
    rows += [(f"seats held after {one.round}", int((one.decisions.granted >= 0).sum())) for one in rounds]
    return pl.DataFrame(
        [(name, float(value or 0)) for name, value in rows],
        schema={"measure": pl.String, "value": pl.Float64},
        orient="row",
    )
