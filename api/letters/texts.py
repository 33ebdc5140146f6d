"""The standing sentences of letters."""

import tomllib
from functools import cache
from importlib.resources import files

from admissions.explanations.catalogue import Language


@cache
def _catalogue() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("api.letters") / "texts.toml").read_text(encoding="utf-8"))


def say(section: str, key: str, language: Language, **values: object) -> str:
    """Give one sentence with its values filled in.

    Examples
    --------
    >>> say("outcome", "admitted", "en", route="Program NA 1, Nackas gymnasium")
    'You are admitted to Program NA 1, Nackas gymnasium.'
    """
    return _catalogue()[section][key][0 if language == "sv" else 1].format(**values)


def words(language: Language) -> dict[str, str]:
    """Give the single words of a letter."""
    return {key: say("word", key, language) for key in _catalogue()["word"]}
