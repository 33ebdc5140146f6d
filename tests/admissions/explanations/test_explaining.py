from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from admissions.errors import AdmissionsError
from admissions.explanations.catalogue import catalogue
from admissions.explanations.explaining import explain, explain_all, notice_of
from admissions.explanations.facts import facts_of
from admissions.explanations.sentences import as_text, sentences
from admissions.explanations.table import SCHEMA, explanations_table
from admissions.matching import match
from admissions.results.statuses import REASON_NAMES, STATUS_NAMES
from admissions.rules import compile_round
from tests.admissions.explanations.worlds import known, place, ran, world
from tests.admissions.rules.small import grades, make

RULES = ("storsthlm", "halland", "kalmarsund")


@pytest.mark.parametrize("rules", RULES)
def test_the_menu_is_what_one_could_have_had_by_listing_it_alone(rules: str):
    facts = known(rules)
    compiled = facts.compiled
    for number in np.random.default_rng(2).permutation(len(facts.applicants))[:12].tolist():
        name = facts.applicants[number]
        menu = explain(facts, name).menu
        first, last = int(compiled.indptr[number]), int(compiled.indptr[number + 1])
        history = compiled.static.history
        alone = []
        for row in range(first, last):
            # the row keeps its registered rank, and with it its key; the others are withdrawn
            others = (history.applicant == number) & (history.route != compiled.route[row])
            withdrawn = np.where(others, 0, history.withdrawn).astype(np.int32)
            again = compile_round(
                compiled.static, "final", lottery=_ranks(compiled), choices=replace(history, withdrawn=withdrawn)
            )
            if place(match(again.market), again, number) == 0:
                alone.append(str(compiled.routes[compiled.route[row]]))
        assert list(menu) == alone


def _ranks(compiled) -> np.ndarray:
    ranks = np.zeros(len(compiled.applicants), np.uint64)
    ranks[compiled.applicant] = compiled.lottery
    return ranks


@pytest.mark.parametrize("rules", RULES)
def test_the_best_of_the_menu_is_what_was_granted(rules: str):
    facts = known(rules)
    for one in explain_all(facts):
        admitted = [choice.route_id for choice in one.choices if choice.status == "admitted"]
        assert list(one.menu[:1]) == admitted


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("rules", RULES)
def test_no_explanation_names_another_person(rules: str, language: str):
    facts = known(rules)
    everybody = set(facts.applicants)
    for one in explain_all(facts):
        said = as_text(one, language) + json.dumps(one.as_dict())
        assert {word for word in re.findall(r"\w+", said) if word in everybody} <= {one.applicant}


def test_every_key_stands_in_both_languages_with_the_same_values():
    for section, keys in catalogue().items():
        for key, texts in keys.items():
            assert texts.keys() == {"sv", "en"}, (section, key)
            assert all(text.strip() for text in texts.values())
            values = [set(re.findall(r"{(\w+)}", text)) for text in texts.values()]
            assert values[0] == values[1], (section, key)


def test_every_reason_has_its_sentence():
    assert catalogue()["decision"].keys() == set(REASON_NAMES.values())
    assert {notice_of(name, status) for name in ("preliminary", "final") for status in STATUS_NAMES} == catalogue()[
        "notice"
    ].keys()


def test_nothing_advises_to_reorder():
    told = " ".join(text["en"] + text["sv"] for keys in catalogue().values() for text in keys.values()).lower()
    for word in ("reorder", "should have ranked", "borde ha", "rangordna om", "du borde", "you should"):
        assert word not in told


def test_decisions_that_can_be_appealed_carry_the_notice_and_others_do_not():
    facts = known()
    seen = set()
    for one in explain_all(facts):
        for choice in one.choices:
            seen.add(choice.notice)
            appeal = choice.status in {"not_eligible", "not_received"}
            assert choice.notice.startswith("appeal") == appeal
    assert {"appeal_eligibility", "final"} <= seen
    assert {
        choice.notice
        for one in explain_all(facts_of(ran(world(40), round_name="preliminary")))
        for choice in one.choices
    } == {"preliminary"}


def steps(chain: str = "halland", **more) -> dict[str, str]:
    """Two applicants for one seat, the second named "z" loses; where."""
    people = {"a": more.pop("a", {}), "z": more.pop("z", {})}
    facts = facts_of(ran(make(applicants=people, seats=[("r0", "", 1)], **more), chain))
    return {choice.route_id: choice.lost_at for choice in explain(facts, "z").choices}


def test_the_step_at_which_a_choice_is_lost_is_named():
    better, worse = {"grades": grades("A")}, {"grades": grades("C")}
    assert steps(a=better, z=worse)["r0"] == "merit"
    assert steps(a=worse, z=better, decisions=[("z", "r0", "hand", "second")])["r0"] == "tier"
    two = [{}, {}]
    ranked = steps(a={}, z={}, routes=two, choices=[("a", "r0", 1), ("z", "r1", 1), ("z", "r0", 2)])
    assert ranked["r0"] == "choice_rank"
    more_grades = {"grades": grades("C", SV="E", ML="F")}
    assert steps(a=more_grades, z={"grades": grades("C", SV="E")})["r0"] == "grade_count"
    alike = facts_of(ran(make(applicants={"a": {}, "z": {}}, seats=[("r0", "", 1)]), "storsthlm"))
    lost = {one.applicant: one.choices[0].lost_at for one in explain_all(alike)}
    assert sorted(lost.values()) == ["", "lottery"]
    assert {one.choices[0].certainty for one in explain_all(alike)} == {"lottery"}


def test_a_missing_subject_is_named_and_its_pass_is_enough():
    facts = facts_of(ran(make(applicants={"a": {"grades": grades("C", MA="F")}})))
    (choice,) = explain(facts, "a").choices
    assert choice.missing == ("MA",)
    assert [(one.subjects, one.old, one.new) for one in choice.enough.certain] == [(("MA",), "F", "E")]
    said = as_text(explain(facts, "a"), "sv")
    assert "Du saknar godkänt betyg i matematik." in said
    assert "E i stället för F i matematik" in said
    assert "tre veckor" in said


def test_the_table_has_a_line_for_each_choice():
    facts = known()
    table = explanations_table(explain_all(facts))
    assert dict(table.schema) == SCHEMA
    assert len(table) == len(facts.rows)
    assert table["route_id"].to_list() == facts.rows["route_id"].to_list()


def test_an_unknown_applicant_is_refused_and_without_grades_it_is_said_so():
    facts = known()
    with pytest.raises(AdmissionsError, match="nobody"):
        explain(facts, "nobody")
    bare = replace(facts, compiled=None)
    said = [as_text(one, "en") for one in explain_all(bare)]
    assert any("cannot be worked out here" in text for text in said)
    assert all(one.choices[0].enough is None for one in explain_all(bare))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_sentences_are_whole_and_short(language: str):
    for one in explain_all(known("halland")):
        for heading, lines in sentences(one, language):
            assert heading
            for line in lines:
                assert line.endswith((".", "..."))
                assert "{" not in line
                assert "None " not in line.replace("None of your", "")


@pytest.mark.parametrize(
    ("home", "decisions", "swedish", "english"),
    [
        ("Solna", (), "din hemkommun inte erbjuder utbildningen", "your home municipality does not offer"),
        ("Solna", (("a", "r0", "hand", "second"),), "i andra hand", "in second hand"),
        ("Kiruna", (), "i andra hand", "in second hand"),
        ("Kiruna", (("a", "r0", "hand", "first"),), "efter ett beslut", "by a decision"),
        ("Botkyrka", (), "", ""),
    ],
)
def test_the_hand_is_explained_where_it_is_not_plain(home, decisions, swedish, english):
    intake = make([{"reception": "municipality"}], {"a": {"home": home}}, decisions=decisions)
    found = explain(facts_of(ran(intake)), "a")
    text = {language: as_text(found, language) for language in ("sv", "en")}
    assert swedish in text["sv"]
    assert english in text["en"]
    assert ("hand här" in text["sv"]) == bool(swedish)
