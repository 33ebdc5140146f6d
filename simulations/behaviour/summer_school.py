"""Summer school (lovskola): pupils who become eligible after the final certificate.

The home municipality must offer at least fifty hours of teaching in June to pupils who left year 9 without eligibility
for a vocational programme (SkolL 10:23 a-f). Up to the final certificate grades grow by `simulations.behaviour.growth`,
newly eligible pupils included; this model adds what comes after it. A result is a row of the term ``summer`` in the
grades and counts from the first reserve round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from admissions.rules.rows import RowStatus
from simulations.streams import person_keys, uniform

if TYPE_CHECKING:
    from admissions.intake import Intake
    from admissions.rounds.run import RoundResult


@dataclass(frozen=True)
class SummerSchool:
    """Who attends and passes.

    Attributes
    ----------
    most
        Subjects without a pass above which nobody makes it in a summer.
    attends
        Share who attend of those without a seat, not eligible for something they list and at most so many subjects
        short.
    passes
        Chance to pass each of the subjects.
    """

    most: int
    attends: float
    passes: float
    on: bool = True


def summer_results(final: RoundResult, intake: Intake, seed: int, model: SummerSchool) -> pl.DataFrame:
    """Return the grades that changed after the final round: rows of the table ``grades``, each an E."""
    if not model.on:
        return intake.grades.clear()
    compiled = final.compiled
    short = np.zeros(len(compiled.applicants), dtype=bool)
    short[final.decisions.owner[compiled.status == RowStatus.NOT_ELIGIBLE]] = True
    short &= final.decisions.granted < 0
    people = [str(name) for name in compiled.applicants[short]]
    failed = (
        intake.grades.filter(
            (pl.col("term") == "final") & pl.col("grade").is_in(["F", "-"]) & pl.col("applicant").is_in(people)
        )
        .filter(pl.len().over("applicant") <= model.most)
        .sort("applicant", "subject")
    )
    subjects = sorted(intake.grades["subject"].unique())
    draw = {subject: np.uint64(1 + number) for number, subject in enumerate(subjects)}
    names = failed["applicant"].unique(maintain_order=True).to_list()
    keys = dict(zip(names, person_keys(names, seed, "summer school"), strict=True))
    passed = [
        bool(uniform(keys[name], np.uint64(0)) < model.attends and uniform(keys[name], draw[subject]) < model.passes)
        for name, subject in failed.select("applicant", "subject").iter_rows()
    ]
    done = failed.filter(pl.Series(passed, dtype=pl.Boolean))
    return done.with_columns(term=pl.lit("summer"), grade=pl.lit("E")).select(intake.grades.columns)
