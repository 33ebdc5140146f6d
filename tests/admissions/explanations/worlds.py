"""Small intakes where everything an explanation can say happens, and re-running them with one thing changed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl

from admissions.explanations.enough import Change
from admissions.explanations.facts import Facts, facts_of
from admissions.intake import Intake
from admissions.matching import Matching, match
from admissions.rounds.run import RoundResult, run_round
from admissions.rules import CompiledRound, Rulebook, compile_round, compile_static, load_rulebook
from admissions.rules.grades import GradeTable
from tests.admissions.results import town as a_town

LOTTERY = a_town.LOTTERY
YEAR = a_town.YEAR


def world(applicants: int = 150, seed: int = 1, seats: int = 4) -> Intake:
    """Return the town of the results with tests on two routes, block grades, second hand and exemptions."""
    intake = a_town.town(applicants, seed=seed, seats=seats)
    draw = np.random.default_rng(seed + 1000)
    names = intake.routes["route_id"].to_list()
    weighed = next(name for name in reversed(names) if name.startswith("EK"))
    lettered = next(name for name in names if name.startswith("VO"))
    tested = {weighed: "stockholm_arts", lettered: "halland_arts"}
    routes = intake.routes.with_columns(
        pl.Series("test_rule", [tested.get(name) for name in names], dtype=pl.String),
        pl.Series("reception", ["nationwide" if name.startswith("BA") else "region" for name in names]),
    )
    people = intake.applicants["applicant"].to_list()
    listed = set(intake.choices.select("applicant", "route_id").iter_rows())
    extra = []
    for name in people:
        if (name, weighed) in listed and draw.random() < 0.6:
            extra.append((name, weighed, "test_points", str(draw.integers(0, 21))))
        if (name, lettered) in listed and draw.random() < 0.6:
            extra.append((name, lettered, "test_points", str(draw.choice(list("ABCDEF")))))
        if draw.random() < 0.05:
            extra.append((name, None, "english_dispens", "approved"))
    more = pl.DataFrame(extra, schema=intake.decisions.schema, orient="row")
    blocked = set(people[: len(people) // 20])
    grades = intake.grades.filter(~(pl.col("applicant").is_in(blocked) & pl.col("subject").is_in(["BI", "FY", "KE"])))
    block = intake.grades.filter(pl.col("applicant").is_in(blocked) & (pl.col("subject") == "BI")).with_columns(
        pl.lit("NO").alias("subject")
    )
    return Intake(
        routes=routes,
        seats=intake.seats,
        applicants=intake.applicants,
        grades=pl.concat([grades, block]),
        choices=intake.choices,
        decisions=pl.concat([intake.decisions, more]),
    )


def own_orders(seed: int, applicants: int = 60) -> Intake:
    """Return the world with seats by test and a free quota on every route, second hand and few different results."""
    intake, draw = world(applicants, seed=seed, seats=2), np.random.default_rng(seed)
    names = intake.routes["route_id"].to_list()
    test = [name if k % 2 else None for k, name in enumerate(names)]
    opened = intake.seats.filter(pl.col("group").fill_null("") == "").with_columns(seats=pl.lit(3))
    quota = opened.with_columns(group=pl.lit("free_quota"), seats=pl.lit(1))
    wanted = intake.choices.select("applicant", "route_id").unique(maintain_order=True)
    said = [
        (who, route, "test_points", str(10 * draw.integers(1, 3)))
        for who, route in wanted.iter_rows()
        if route in test and draw.random() < 0.7
    ]
    said += [(who, route, "free_quota", "approved") for who, route in wanted.iter_rows() if draw.random() < 0.3]
    kept = intake.decisions.filter(~pl.col("kind").is_in(["test_points", "free_quota"]))
    homes = ["Kiruna" if draw.random() < 0.3 else home for home in intake.applicants["home_municipality"]]
    return replace(
        intake,
        routes=intake.routes.with_columns(
            pl.Series("test_rule", ["malmo_arts" if name else None for name in test], dtype=pl.String)
        ),
        applicants=intake.applicants.with_columns(pl.Series("home_municipality", homes)),
        seats=pl.concat([opened, quota.select(opened.columns)], how="vertical_relaxed").cast(intake.seats.schema),
        decisions=pl.concat([kept, pl.DataFrame(said, schema=kept.schema, orient="row")]),
    )


def ran(intake: Intake, rules: str = "storsthlm", round_name: str = "final") -> RoundResult:
    static = compile_static(intake, load_rulebook(rules, YEAR))
    return run_round(compile_round(static, round_name, lottery=LOTTERY), intake)


@cache
def known(rules: str = "storsthlm", seed: int = 1, applicants: int = 150) -> Facts:
    return facts_of(ran(world(applicants, seed), rules))


def chain_of(rules: Rulebook) -> tuple[str, ...]:
    return tuple(rules.sections.ties.chain)


def place(matching: Matching, compiled: CompiledRound, applicant: int) -> int:
    """Return the place in the list of what an applicant is granted; a large number for nothing."""
    choice = int(matching.choice[applicant])
    return 10**6 if choice < 0 else int(compiled.market_row[choice] - compiled.indptr[applicant])


def granted_with_draw(compiled: CompiledRound, applicant: int, *, luck: int, **changed: object) -> int:
    """Re-run the whole round with one applicant's draw the best (luck -1), the worst (1) or their own (0)."""
    static = changed.pop("static", compiled.static)
    ranks = np.zeros(len(compiled.applicants), np.uint64)
    ranks[compiled.applicant] = compiled.lottery + np.uint64(1)
    if luck:
        ranks[applicant] = 0 if luck < 0 else len(ranks) + 1
    again = compile_round(static, compiled.round, lottery=ranks, as_of=compiled.day, **changed)
    return place(match(again.market), again, applicant)


def with_grade(compiled: CompiledRound, applicant: int, subject: str, grade: str) -> GradeTable:
    """Return the grades with one changed; a block grade changes every subject it stands for."""
    static = compiled.static
    table = static.own_grades(static.term(compiled.round)).grades
    parts = static.rulebook.sections.merit.blocks.get(subject, (subject,))
    codes = table.codes.copy()
    for part in parts:
        codes[table.subjects.index(part), applicant] = static.codes.names.get(grade)
    return GradeTable(codes, table.subjects)


def with_test(compiled: CompiledRound, applicant: int, route: str, result: str) -> Intake:
    """Return the intake with one test result changed."""
    intake = compiled.static.intake
    name = str(compiled.applicants[applicant])
    mine = (pl.col("applicant") == name) & (pl.col("route_id") == route) & (pl.col("kind") == "test_points")
    new = pl.DataFrame([(name, route, "test_points", result)], schema=intake.decisions.schema, orient="row")
    kept = intake.decisions.filter(~mine.fill_null(value=False))
    return Intake(**{**intake.tables(), "decisions": pl.concat([kept, new]), "year": intake.year})


def outcome(compiled: CompiledRound, applicant: int, change: Change, step: str | int | None, *, luck: int) -> int:
    """Re-run with the change taken to a step of its ladder; None for the applicant's own value."""
    if step is None:
        return granted_with_draw(compiled, applicant, luck=luck)
    if change.route_id:
        intake = with_test(compiled, applicant, change.route_id, f"{int(step) / 100:g}")
        static = compile_static(intake, compiled.static.rulebook)
        return granted_with_draw(compiled, applicant, luck=luck, static=static)
    subject = change.subjects[applicant % len(change.subjects)]
    return granted_with_draw(compiled, applicant, luck=luck, grades=with_grade(compiled, applicant, subject, str(step)))
