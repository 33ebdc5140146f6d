"""The rulebook as a numbered document in plain Swedish or English, generated from the same data the engine runs on.

Every key that stands in the rulebook's files becomes a sentence with its source; what nobody confirmed is marked
ANTAGANDE or ASSUMPTION. The sentences are in ``texts.toml``; a test sees to it that no key is without one.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from admissions.rules.rulebook import Rulebook, stated_keys
from admissions.rules.schema import Section, Sections
from admissions.rules.wording import Wording

Language = Literal["sv", "en"]
_GENERAL = ("name", "title", "first_year", "last_year")
_NOTES = frozenset({"source", "certainty", "assumed"})
_WIDTH = 100


@dataclass(frozen=True)
class Item:
    """One sentence: its number, the key it says, and whether nobody has confirmed it."""

    number: str
    key: str
    text: str
    assumption: bool


@dataclass(frozen=True)
class Part:
    """Sentences that share their sources; ``certainty`` in words."""

    items: tuple[Item, ...]
    sources: tuple[str, ...]
    certainty: str


@dataclass(frozen=True)
class Chapter:
    """A numbered chapter of the document."""

    number: int
    heading: str
    parts: tuple[Part, ...]


@cache
def texts() -> Mapping[str, Any]:
    """Return the sentences of every key in both languages."""
    return tomllib.loads((files("admissions.rules") / "texts.toml").read_text(encoding="utf-8"))


def document(rulebook: Rulebook, language: Language = "sv") -> tuple[Chapter, ...]:
    """Return the rulebook of its year as chapters.

    Every key stated in its files, or in those it builds on, is there once.
    """
    wording = Wording(texts(), language)
    stated = stated_keys(rulebook)
    general = _part(_general(rulebook, wording), (), "", 1, 0)
    chapters = [Chapter(1, wording.pick("headings", "general"), (general,))]
    for item in fields(Sections):
        if item.name in _GENERAL:
            continue
        number = len(chapters) + 1
        parts: list[Part] = []
        count = 0
        for path, name, section in _sections(item.name, getattr(rulebook.sections, item.name)):
            said = list(_sentences(rulebook, path, name, section, stated, wording))
            if said:
                certainty = wording.pick("words", section.certainty)
                sources = tuple(map(wording.source, section.source))
                parts.append(_part(said, sources, certainty, number, count))
                count += len(said)
        if parts:
            chapters.append(Chapter(number, wording.pick("headings", item.name), tuple(parts)))
    return tuple(chapters)


def plain_text(rulebook: Rulebook, language: Language = "sv") -> str:
    """Return the document as lines of text, e.g. for a terminal or a letter.

    Examples
    --------
    >>> from admissions.rules.rulebook import load_rulebook
    >>> "ASSUMPTION" in plain_text(load_rulebook("storsthlm", 2023), "en")
    True
    """
    wording = Wording(texts(), language)
    title = rulebook.sections.title
    heading = f"{title.sv if language == 'sv' else title.en}. {wording.pick('words', 'intro').format(rulebook.year)}"
    lines = [heading, "=" * len(heading), *textwrap.wrap(wording.pick("words", "assumed_note"), _WIDTH)]
    mark = wording.pick("words", "assumption")
    for chapter in document(rulebook, language):
        lines += ["", f"{chapter.number}. {chapter.heading}"]
        for part in chapter.parts:
            for item in part.items:
                first = f"   {item.number:<6}" + (f"{mark}: " if item.assumption else "")
                lines += textwrap.wrap(item.text, _WIDTH, initial_indent=first, subsequent_indent=" " * 9)
            if part.sources:
                source = f"{wording.pick('words', 'source')}: {'; '.join(part.sources)} ({part.certainty})"
                lines += textwrap.wrap(source, _WIDTH, initial_indent=" " * 9, subsequent_indent=" " * 11)
    return "\n".join(lines) + "\n"


def _part(
    said: list[tuple[str, str, bool]], sources: tuple[str, ...], certainty: str, chapter: int, before: int
) -> Part:
    items = (Item(f"{chapter}.{before + n}", key, text, assumed) for n, (key, text, assumed) in enumerate(said, 1))
    return Part(tuple(items), sources, certainty)


def _general(rulebook: Rulebook, wording: Wording) -> list[tuple[str, str, bool]]:
    sections = rulebook.sections
    title = sections.title.sv if wording.language == "sv" else sections.title.en
    shown = {"name": sections.name, "title": title, "first_year": sections.first_year, "last_year": sections.last_year}
    return [(name, wording.pick("texts", name).format(value), False) for name, value in shown.items()]


def _sections(path: str, value: Any) -> Iterator[tuple[str, str, Section]]:
    """Yield a section and the sections inside it, each with its path and the name of the entry."""
    if isinstance(value, dict):
        for name, entry in value.items():
            if isinstance(entry, Section):
                for inner, _, section in _sections(f"{path}.{name}", entry):
                    yield inner, name, section
        return
    if isinstance(value, Section):
        yield path, "", value
        for item in fields(value):
            yield from _sections(f"{path}.{item.name}", getattr(value, item.name))


def _sentences(
    rulebook: Rulebook, path: str, name: str, section: Section, stated: frozenset[str], wording: Wording
) -> Iterator[tuple[str, str, bool]]:
    for item in fields(section):
        key = f"{path}.{item.name}"
        value = getattr(section, item.name)
        if item.name in _NOTES or (key not in stated and not _matters(value)) or _holds_sections(value):
            continue
        if path == "calendar" and item.name != "years":
            value = getattr(rulebook.calendar, item.name)
        pattern = key.replace(f".{name}.", ".*.") if name else key
        assumed = section.certainty == "assumption" or item.name in section.assumed
        yield key, wording.sentence(pattern, name, value), assumed


def _matters(value: Any) -> bool:
    """Tell whether a value nobody stated says something all the same."""
    return isinstance(value, str) and value not in {"", "none", "test"}


def _holds_sections(value: Any) -> bool:
    """Tell whether the value is a table of sections, which speak for themselves."""
    entries = list(value.values()) if isinstance(value, dict) else []
    return bool(entries) and all(isinstance(entry, Section) for entry in entries)
