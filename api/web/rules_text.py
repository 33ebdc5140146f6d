"""The rulebook in force in plain words, as the engine itself says it."""

from functools import lru_cache

from admissions.rules.show import Chapter, document
from api.jobs.run_round import rulebook_from_text
from api.web.texts import Language


@lru_cache(maxsize=16)
def chapters(text: str, year: int, language: Language) -> tuple[str, tuple[Chapter, ...]]:
    """Give the title of a rulebook and its chapters."""
    rulebook = rulebook_from_text(text, year)
    title = rulebook.sections.title
    return (title.sv if language == "sv" else title.en), document(rulebook, language)
