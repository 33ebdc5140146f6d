"""The catalogue of texts: every sentence an explanation can say, Swedish and English, by key."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from admissions.errors import AdmissionsError

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = ("sv", "en")


@cache
def catalogue() -> dict[str, dict[str, dict[str, str]]]:
    """Return all texts: ``catalogue()[section][key][language]``."""
    return tomllib.loads((files("admissions.explanations") / "texts.toml").read_text(encoding="utf-8"))


def language_of(name: str) -> Language:
    """Return the language of that name.

    Raises
    ------
    AdmissionsError
        For any other than ``sv`` and ``en``.
    """
    for language in LANGUAGES:
        if name == language:
            return language
    raise AdmissionsError(f"There is no language {name!r}: explanations are in sv (Swedish) and en (English).")


def say(section: str, key: str, language: Language, **values: Any) -> str:
    """Return one text with its values filled in.

    Examples
    --------
    >>> say("decision", "queue", "en", position=3)
    'You are number 3 on the reserve list. Every seat went to applicants who stand before you in the order.'
    """
    return catalogue()[section][key][language].format(**values)


def known(section: str, key: str) -> bool:
    """Tell whether there is such a text."""
    return key in catalogue().get(section, {})


def points(hundredths: int, language: Language) -> str:
    """Write points as people do: ``247,5`` in Swedish, ``247.5`` in English, no empty decimals.

    Examples
    --------
    >>> points(24750, "sv"), points(24000, "en"), points(12345, "en")
    ('247,5', '240', '123.45')
    """
    whole, part = divmod(abs(hundredths), 100)
    sign = "-" if hundredths < 0 else ""
    text = f"{sign}{whole}" + (f".{part:02d}".rstrip("0") if part else "")
    return text.replace(".", ",") if language == "sv" else text


def listed(parts: Sequence[str], language: Language, word: str = "and") -> str:
    """Join parts as a sentence does: a, b and c.

    Examples
    --------
    >>> listed(["a", "b", "c"], "sv", "or")
    'a, b eller c'
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {say('word', word, language)} {parts[-1]}"


def subject_text(name: str, language: Language) -> str:
    """Return a subject, or subjects of which one is enough (``SV/SVA``), or ``+2`` for further ones, in words."""
    if name.startswith("+"):
        count = int(name[1:])
        return say("word", "further_one", language) if count == 1 else say("word", "further", language, count=count)
    parts = [say("subject", part, language) if known("subject", part) else part for part in name.split("/")]
    return listed(parts, language, "or")


def round_text(name: str, language: Language) -> str:
    """Return the round in words."""
    if name.startswith("reserve-"):
        return say("word", "round_reserve", language, number=name.removeprefix("reserve-"))
    return say("word", f"round_{name}", language) if known("word", f"round_{name}") else name


def group_text(name: str, language: Language) -> str:
    """Return the seat group in words; a group the catalogue does not know keeps its name."""
    return say("group", name, language) if known("group", name) else name
