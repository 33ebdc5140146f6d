"""The catalogue of translations: every text of a page in Swedish and English, side by side.

The TOML files beside the templates hold one table per page; each text is a pair, Swedish first. A text that is
missing is an error at once, in both languages, and never an empty place on a page.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = ("sv", "en")


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Give every text by its full key.

    Raises
    ------
    ValueError
        A text is not a pair, or two files define the same key.
    """
    found: dict[str, tuple[str, str]] = {}
    for file in sorted(resources.files("api.web").joinpath("texts").iterdir(), key=lambda one: one.name):
        for section, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for key, pair in texts.items():
                name = f"{section}.{key}"
                if name in found or not isinstance(pair, list) or len(pair) != 2 or not all(pair):
                    raise ValueError(f"{file.name}: {name} is not one pair of texts, Swedish and English")
                found[name] = (pair[0], pair[1])
    return found


class Texts:
    """The texts in one language: ``t("demand.title")``."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.word = LANGUAGES.index(language)

    def __call__(self, key: str, **values: object) -> str:
        """Give a text, with the values in its places."""
        text = catalogue()[key][self.word]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Say whether there is such a text."""
        return key in catalogue()
