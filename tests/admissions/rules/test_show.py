"""The rulebook in words: every key of every preset is said, in both languages, with its source."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from admissions.rules import load_rulebook, preset_names
from admissions.rules.reference import BEGIN, END, key_tables
from admissions.rules.rulebook import stated_keys
from admissions.rules.schema import Section, Sections
from admissions.rules.show import document, plain_text, texts

NOTES = ("source", "certainty", "assumed")
DOCS = Path(__file__).parents[3] / "docs" / "rulebook.md"


def leaves(path: str, value: object) -> set[str]:
    """All keys of the sections, down to the keys of single sections."""
    if isinstance(value, dict) and value and all(isinstance(entry, Section) for entry in value.values()):
        return set().union(*(leaves(f"{path}.{name}", entry) for name, entry in value.items()))
    if isinstance(value, Section):
        return set().union(
            *(leaves(f"{path}.{f.name}", getattr(value, f.name)) for f in fields(value) if f.name not in NOTES)
        )
    return {path}


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("name", preset_names())
def test_every_key_of_every_preset_is_said_once(name, language):
    rules = load_rulebook(name, 2023)
    said = [item.key for chapter in document(rules, language) for part in chapter.parts for item in part.items]
    assert len(said) == len(set(said))
    stated = stated_keys(rules)
    wanted = set().union(*(leaves(f.name, getattr(rules.sections, f.name)) for f in fields(Sections))) & stated
    assert set(said) >= wanted
    text = plain_text(rules, language)
    assert "{" not in text
    assert "None" not in text


@pytest.mark.parametrize("name", preset_names())
def test_every_rule_has_a_source_and_assumptions_are_marked(name):
    rules = load_rulebook(name, 2023)
    for chapter in document(rules, "en")[1:]:
        assert all(part.sources and part.certainty for part in chapter.parts)
    assumed = {
        item.key for chapter in document(rules) for part in chapter.parts for item in part.items if item.assumption
    }
    assert ("ties.chain" in assumed) == (name not in {"halland", "ostergotland", "sjuharad"})
    assert "free_quota.unused" in assumed
    assert "merit.best" not in assumed


def test_the_words_of_assumption():
    rules = load_rulebook("storsthlm", 2023)
    assert "ANTAGANDE: Vid lika meritvärde avgör i ordning: lottning." in plain_text(rules, "sv")
    assert "ASSUMPTION: At equal merit these decide, in order: the lottery." in plain_text(rules, "en")


def test_every_allowed_value_has_its_sentence():
    from typing import Literal, get_args, get_origin, get_type_hints

    from admissions.rules.reference import _walk

    known = texts()["texts"]
    for item in fields(Sections):
        for path, kind in _walk(item.name, get_type_hints(Sections)[item.name]):
            for name, hint in get_type_hints(kind).items():
                if get_origin(hint) is Literal and name not in NOTES:
                    pattern = f"{path}.{name}".replace(".NAME.", ".*.")
                    values = known[pattern]
                    for value in get_args(hint):
                        assert value in values or value in texts()["values"], (pattern, value)


def test_points_and_days_are_written_as_each_language_does():
    rules = load_rulebook("storsthlm", 2023)
    assert "B 17,5" in plain_text(rules, "sv")
    assert "4 juli 2023" in plain_text(rules, "sv")
    assert "B 17.5" in plain_text(rules, "en")
    assert "4 July 2023" in plain_text(rules, "en")


def test_numbers_are_consecutive():
    for number, chapter in enumerate(document(load_rulebook("halland", 2023)), 1):
        assert chapter.number == number
        items = [item.number for part in chapter.parts for item in part.items]
        assert items == [f"{number}.{n}" for n in range(1, len(items) + 1)]


def test_the_document_of_keys_is_up_to_date():
    text = DOCS.read_text(encoding="utf-8")
    assert text.split(BEGIN)[1].split(END)[0].strip() == key_tables().strip(), (
        "renew it: python -m admissions.rules.reference docs/rulebook.md"
    )
