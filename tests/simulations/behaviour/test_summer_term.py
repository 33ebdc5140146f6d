"""The term ``summer``: results after the final certificate, subject by subject, seen by reserve rounds alone."""

from dataclasses import replace

import polars as pl
import pytest

from admissions.errors import InputError
from admissions.intake import read_intake, write_intake
from admissions.rules import Lottery, compile_round, compile_static, load_rulebook
from simulations.population import generate_intake

RULES = load_rulebook("storsthlm", 2023)


@pytest.fixture(scope="module")
def intake():
    return generate_intake(2023, 300, seed=1)


def summer(intake, rows):
    extra = pl.DataFrame(rows, schema=["applicant", "term", "subject", "grade"], orient="row")
    return replace(intake, grades=pl.concat([intake.grades, extra.select(intake.grades.columns)]))


def grade_sums(intake, round_name):
    one = compile_round(compile_static(intake, RULES), round_name, lottery=Lottery("a", "b"))
    return dict(zip(one.applicants[one.applicant].tolist(), one.grade_sum.tolist(), strict=True))


def test_a_summer_grade_takes_the_place_of_the_certificates_in_reserve_rounds_only(intake):
    final = intake.grades.filter((pl.col("term") == "final") & (pl.col("subject") == "MA") & (pl.col("grade") == "E"))
    listed = set(grade_sums(intake, "final"))
    name = next(one for one in final["applicant"].sort() if one in listed)
    changed = summer(intake, [(name, "summer", "MA", "A")])
    for round_name in ("preliminary", "final"):
        assert grade_sums(changed, round_name) == grade_sums(intake, round_name)
    before, after = grade_sums(intake, "reserve-1"), grade_sums(changed, "reserve-1")
    assert after[name] == before[name] + 1000
    assert {one for one in before if before[one] != after[one]} == {name}
    assert grade_sums(changed, "reserve-2") == after


def test_the_term_is_part_of_the_key(intake, tmp_path):
    name = intake.grades["applicant"][0]
    once = summer(intake, [(name, "summer", "MA", "A"), (name, "summer", "SV", "A")])
    write_intake(once, tmp_path / "once", "csv")
    assert read_intake(tmp_path / "once").digest() == once.digest()
    twice = summer(once, [(name, "summer", "MA", "B")])
    write_intake(twice, tmp_path / "twice", "csv")
    with pytest.raises(InputError, match="subject and term already"):
        read_intake(tmp_path / "twice")
