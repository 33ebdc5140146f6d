"""Rulebooks: what is refused, with line and remedy; years, inheritance, round trip."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from admissions.errors import AdmissionsError
from admissions.rules import RulebookError, compile_static, load_rulebook, preset_names, rulebook_text
from tests.admissions.rules.small import YEAR, compiled, grades, make, rulebook

NAMES = ["fyrbodal", "halland", "kalmarsund", "ostergotland", "sjuharad", "storsthlm"]


def test_the_presets():
    assert preset_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_presets_are_sound_in_every_year_they_hold_for(name):
    first = load_rulebook(name)
    for year in range(first.first_year, first.last_year + 1):
        assert first.for_year(year).calendar.final.year == year


@pytest.mark.parametrize("name", NAMES)
def test_presets_mark_their_assumptions(name):
    assert load_rulebook(name).is_assumption


def test_the_unpublished_chain_of_storsthlm_is_an_assumption():
    ties = load_rulebook("storsthlm").ties
    assert (ties.chain, ties.lottery, ties.certainty) == (("lottery",), "applicant", "assumption")


@pytest.mark.parametrize(
    ("name", "chain"),
    [
        ("halland", ("choice_rank", "grade_sum", "grade_count", "lottery")),
        ("ostergotland", ("choice_rank", "grade_sum", "lottery")),
        ("sjuharad", ("lottery",)),
    ],
)
def test_published_chains(name, chain):
    assert load_rulebook(name).ties.chain == chain


REFUSALS = [
    ("[late]\ncount = 'new'\n", 4, "late.count", "unknown key", "Did you mean 'counts'"),
    ("[late]\ncounts = 'newer'\n", 4, "late.counts", "unknown value", "Did you mean 'new'"),
    ("[tyes]\nchain = ['lottery']\n", 3, "tyes", "unknown key", "Did you mean 'ties'"),
    ("[ties]\nchain = ['grade_sum']\n", 4, "ties.chain", "does not decide every tie", "lottery"),
    ("[ties]\nchain = ['lottery', 'grade_sum', 'lottery']\n", 4, "ties.chain", "steps after the lottery", "last"),
    ("[ties]\nchain = ['grade_sum', 'grade_sum', 'lottery']\n", 4, "ties.chain", "twice", "first"),
    ("[ties]\nchain = ['birth_date', 'lottery']\n", 4, "ties.chain", "unknown value 'birth_date'", "Use one of"),
    ("[calendar]\nrechoice_closes = '07-10'\n", 4, "calendar.rechoice_closes", "comes before", "must not be after"),
    (
        "[calendar.years]\n2023 = { final = '05-01' }\n",
        4,
        "calendar.years.2023.final",
        "comes before",
        "must not be after",
    ),
    ("[calendar]\nhandover = '7 juli'\n", 4, "calendar.handover", "not a month and a day", "07-04"),
    ("[calendar]\nhandover = '02-30'\n", 4, "calendar.handover", "no day of 2023", "month and day"),
    ("[merit]\nbest = 'sixteen'\n", 4, "merit.best", "not a whole number", "without quotes"),
    ("[merit]\nbest = 0\n", 4, "merit.best", "no grade would count", "16"),
    ("[scales.letters]\nvalues = { A = 20.125 }\n", 4, "scales.letters.values.A", "two decimals", "exact"),
    (
        "[scales.own]\nvalues = { A = 5 }\npassed = ['A']\nsource = ['x']\ncertainty = 'office'\n",
        4,
        "scales.own.values.A",
        "something else",
        "rename",
    ),
    ("[reception]\ndefault_area = 'regoin'\n", 4, "reception.default_area", "unknown area", "Did you mean 'region'"),
    ("[reception.programmes]\nXX = 'region'\n", 4, "reception.programmes.XX", "unknown programme", "Use one of"),
    ("[tests.malmo_arts]\nshare = [3, 1]\n", 4, "tests.malmo_arts.share", "no part", "[1, 3]"),
    ("[tests.new]\nrule = 'add'\n", 3, "tests.new.source", "missing key", "Add it"),
    ("[merit]\nassumed = ['bests']\n", 4, "merit.assumed", "no key of this section", "Did you mean 'best'"),
    (
        (
            "[eligibility.kinds.more]\nprogrammes = ['NA']\n"
            "starts_before_age = 20\ncompleted_bars = true\nsource = ['x']\ncertainty = 'office'\n"
        ),
        4,
        "eligibility.kinds.more.programmes",
        "NA is also in",
        "one kind",
    ),
    (
        "[prerequisites.maths]\ngrades = { MA = 'AA' }\nsource = ['x']\ncertainty = 'office'\n",
        4,
        "prerequisites.maths.grades.MA",
        "unknown grade",
        "A",
    ),
]


@pytest.mark.parametrize(
    ("text", "line", "key", "message", "remedy"), REFUSALS, ids=[row[2] + ":" + row[3] for row in REFUSALS]
)
def test_refused_with_line_key_and_remedy(tmp_path, text, line, key, message, remedy):
    with pytest.raises(RulebookError) as caught:
        rulebook(tmp_path, text)
    found = [problem for problem in caught.value.problems if problem.key == key]
    assert found, caught.value
    assert (found[0].file, found[0].line) == ("own.toml", line)
    assert message in found[0].message
    assert remedy in found[0].remedy


def test_all_problems_at_once_even_across_sections(tmp_path):
    with pytest.raises(RulebookError) as caught:
        rulebook(
            tmp_path,
            "[late]\ncount = 'new'\n[ties]\nchain = ['grade_sum']\n"
            "[merit]\nbest = true\n[calendar]\nhandover = '01-02'\n",
        )
    keys = {problem.key for problem in caught.value.problems}
    assert {"late.count", "ties.chain", "merit.best", "calendar.handover"} <= keys


def test_a_syntax_error_names_its_line(tmp_path):
    with pytest.raises(RulebookError) as caught:
        rulebook(tmp_path, "[late\n")
    assert caught.value.problems[0].line == 3


def test_unknown_names_are_refused_with_a_suggestion(tmp_path):
    with pytest.raises(AdmissionsError, match="Did you mean 'storsthlm'"):
        load_rulebook("storsthl")
    with pytest.raises(AdmissionsError, match=r"no rulebook file .*none\.toml"):
        load_rulebook(tmp_path / "none.toml")
    with pytest.raises(RulebookError, match="line 1, key extends"):
        rulebook(tmp_path, "", base="swedn")


def test_rulebooks_that_extend_each_other(tmp_path):
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')
    with pytest.raises(RulebookError, match="extend each other"):
        load_rulebook(tmp_path / "a.toml")


def test_a_year_outside_is_refused():
    with pytest.raises(RulebookError, match="does not hold for the admission year 1999"):
        load_rulebook("storsthlm", 1999)


def test_single_years_have_their_own_days():
    rules = load_rulebook("storsthlm")
    assert rules.for_year(2022).calendar.final == date(2022, 7, 1)
    assert rules.for_year(2023).calendar.final == date(2023, 7, 4)


def test_the_preliminary_round_of_2020_does_not_see_the_window_that_opened_before_it():
    assert load_rulebook("storsthlm", 2020).calendar.as_of("preliminary") == date(2020, 4, 14)


@pytest.mark.parametrize("name", NAMES)
def test_the_text_a_run_keeps_is_the_same_rulebook(name, tmp_path):
    rules = load_rulebook(name, YEAR)
    text = rulebook_text(rules)
    assert "extends" not in tomllib.loads(text)
    path = tmp_path / "kept.toml"
    path.write_text(text, encoding="utf-8")
    kept = load_rulebook(path, YEAR)
    assert kept.sections == rules.sections
    assert rulebook_text(kept) == text


REFORM = """
last_year = 2035
[[changes]]
from_year = 2028
[changes.scales.ten]
values = { "10" = 20, "9" = 18, "8" = 16, "7" = 14, "6" = 12, "5" = 10, "4" = 8, "3" = 0, "2" = 0, "1" = 0 }
passed = ["4", "5", "6", "7", "8", "9", "10"]
source = ["SOU 2025:18"]
certainty = "assumption"
"""


def test_a_later_scale_is_a_change_of_data_and_mixed_cohorts_meet_in_one_run(tmp_path):
    rules = rulebook(tmp_path, REFORM)
    assert "ten" not in rules.for_year(2027).scales
    assert "ten" in rules.for_year(2028).scales
    base = make(
        applicants={
            "old": {"grades": grades("A"), "birth_year": 2012},
            "young": {"grades": grades("9"), "birth_year": 2012},
        }
    )
    from dataclasses import replace

    intake = replace(base, year=2028, choices=base.choices.with_columns(registered_at=date(2028, 2, 1)))
    row = compiled(intake, rules)
    assert row.merit.tolist() == [32000, 28800]
    assert row.status.tolist() == [0, 0]


def test_a_change_without_a_year_is_refused(tmp_path):
    with pytest.raises(RulebookError, match="no from_year"):
        rulebook(tmp_path, "[[changes]]\n[changes.merit]\nbest = 17\n")


@pytest.mark.parametrize(
    ("route", "what"),
    [
        ({"test_rule": "stockholm_art"}, "test rule 'stockholm_art', which route r0 .*Did you mean 'stockholm_arts'"),
        ({"prerequisite": "decide"}, "prerequisite 'decide', which route r0 .*Did you mean 'decided'"),
        ({"programme": "XQ"}, "programme 'XQ', which route r0 "),
        ({"reception": "regio"}, "route r0 .*area 'regio'"),
    ],
)
def test_an_intake_that_names_what_the_rulebook_does_not_have(route, what):
    with pytest.raises(RulebookError, match=f"(?s){what}"):
        compile_static(make([route]), load_rulebook("storsthlm"))


def test_a_seat_group_that_no_rule_fills():
    with pytest.raises(RulebookError, match="no rule fills seat group 'quota'"):
        compile_static(make(seats=[("r0", "quota", 1)]), load_rulebook("storsthlm"))
