"""Setting letters as PDF with typst: our own template, the fonts that come with the typesetter, no network.

Texts reach the template as data, never as markup. The file is tagged for screen readers (PDF/UA-1).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from api.letters.letter import Letter, Section
from api.letters.texts import say, words


@cache
def _template() -> bytes:
    return (files("api.letters") / "letter.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def letter_pdf(letters: Letter | Sequence[Letter]) -> bytes:
    """Set one letter or several, one after the other, each with its own page numbers.

    Parameters
    ----------
    letters
        A letter, or several in the order wanted.

    Returns
    -------
    The bytes of a PDF; equal for equal letters and an equal version of the typesetter.

    Raises
    ------
    ValueError
        There is no letter to set.
    """
    several = [letters] if isinstance(letters, Letter) else list(letters)
    if not several:
        raise ValueError("there is no letter to set")
    content = json.dumps([_content(one, number) for number, one in enumerate(several)], ensure_ascii=False)
    # the type stubs of typst name neither fonts nor standards for compile(); Compiler would keep a world between calls
    setting: Any = typst.compile
    made: bytes = setting(
        _template(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"letters": content},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    return made


def _content(letter: Letter, number: int) -> dict[str, Any]:
    heads = [say("word", key, letter.language) for key in ("rank", "route", "status", "position")]
    rows = [dict(zip(("rank", "route", "organiser", "status", "position"), one, strict=True)) for one in letter.choices]
    return {
        "number": number,
        "language": letter.language,
        "applicant": letter.applicant,
        "sender": letter.sender,
        "title": letter.title,
        "about": letter.about,
        "outcome": letter.outcome,
        "heads": heads,
        "choices": rows,
        "sections": [_section(one) for one in letter.sections],
        "words": words(letter.language),
    }


def _section(section: Section) -> dict[str, Any]:
    return asdict(section)
