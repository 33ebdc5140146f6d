from __future__ import annotations

from dataclasses import asdict, fields, replace

import polars as pl
import pytest

from admissions.errors import AdmissionsError
from admissions.explanations.affected import (
    Counts,
    ExtraAdmission,
    OverIntake,
    Reopening,
    affected_before,
    difference,
    difference_after,
    outcomes,
    without_applicant,
)
from admissions.matching import match
from admissions.rules import compile_round, compile_static
from tests.admissions.explanations.worlds import LOTTERY, known, world

FACTS = known()
COMPILED = FACTS.compiled
PLAIN = sorted(set(COMPILED.pools) - {COMPILED.pools[p] for p in COMPILED.groups.pool})
GROUPED = COMPILED.pools[COMPILED.groups.pool[0]]


def again(**tables: pl.DataFrame):
    intake = world()
    changed = replace(intake, **tables)
    return compile_round(compile_static(changed, COMPILED.static.rulebook), "final", lottery=LOTTERY)


@pytest.mark.parametrize("pool", [GROUPED, "EK-shared", PLAIN[0]])
def test_an_over_intake_counts_what_a_full_run_with_more_seats_gives(pool: str):
    intake = world()
    seats = intake.seats.with_columns(
        pl.when((pl.col("route_or_pool") == pool) & (pl.col("group") == ""))
        .then(pl.col("over_intake").fill_null(0) + 3)
        .otherwise(pl.col("over_intake"))
        .alias("over_intake")
    )
    after = again(seats=seats)
    full = difference(outcomes(COMPILED, match(COMPILED.market)), outcomes(after, match(after.market)))
    counts = affected_before(COMPILED, OverIntake(pool, 3))
    assert counts.worse_off == 0  # more seats hurt nobody (Kelso and Crawford 1982)
    assert counts.better_off == len(full) > 0
    assert counts.newly_placed == full.filter(pl.col("change") == "placed").height


def test_an_extra_admission_frees_the_seat_held_before():
    matching = match(COMPILED.market)
    number = int((matching.choice >= 0).argmax())
    name = str(COMPILED.applicants[number])
    other = str(COMPILED.routes[(matching.route[number] + 1) % len(COMPILED.routes)])
    counts = affected_before(COMPILED, ExtraAdmission(name, other))
    freed = match(without_applicant(COMPILED.market, number))
    moved = difference(outcomes(COMPILED, matching), outcomes(COMPILED, freed)).filter(pl.col("applicant") != name)
    assert counts.better_off == len(moved)
    assert counts.worse_off == 0


def test_removing_an_applicant_is_the_round_without_their_choices():
    intake = world()
    for name in intake.applicants["applicant"].to_list()[:10]:
        number = COMPILED.applicants.tolist().index(name)
        gone = again(choices=intake.choices.filter(pl.col("applicant") != name))
        quick = outcomes(COMPILED, match(without_applicant(COMPILED.market, number))).filter(
            pl.col("applicant") != name
        )
        assert quick.equals(outcomes(gone, match(gone.market)))


def test_reopening_counts_newcomers_and_who_would_lose():
    intake = world()
    late = intake.choices.filter(pl.col("applicant").is_in(intake.applicants["applicant"].to_list()[:20]))
    fewer = again(choices=intake.choices.join(late, on=["applicant", "route_id", "rank"], how="anti"))
    counts = affected_before(fewer, Reopening(COMPILED))
    full = difference(outcomes(fewer, match(fewer.market)), outcomes(COMPILED, match(COMPILED.market)))
    assert counts.newcomers_placed == full.filter(pl.col("change") == "newcomer_placed").height > 0
    assert counts.worse_off == full.filter(pl.col("change").is_in(["worse", "without"])).height


def test_before_an_act_only_counts_are_told():
    assert {item.type for item in fields(Counts)} == {"int"}
    assert all(isinstance(value, int) for value in asdict(affected_before(COMPILED, OverIntake(PLAIN[0], 1))).values())


def test_a_decision_of_law_is_not_counted_beforehand_and_shown_in_full_afterwards():
    with pytest.raises(AdmissionsError, match="own facts"):
        affected_before(COMPILED, "grades")  # type: ignore[arg-type]
    name = FACTS.rows.filter(pl.col("status") == "reserve")["applicant"][0]
    intake = world()
    best = intake.grades.with_columns(
        pl.when(pl.col("applicant") == name).then(pl.lit("A")).otherwise(pl.col("grade")).alias("grade")
    )
    after = again(grades=best)
    full = difference_after("grades", COMPILED, after)
    assert name in full["applicant"].to_list()
    assert full.filter(pl.col("applicant") == name)["change"][0] in {"better", "placed"}
    with pytest.raises(AdmissionsError, match="no decision of law"):
        difference_after("over_intake", COMPILED, after)  # type: ignore[arg-type]
    with pytest.raises(AdmissionsError, match="no pool"):
        affected_before(COMPILED, OverIntake("nowhere", 1))
