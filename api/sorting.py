"""The one order of names: Swedish, å ä ö last, the same on every machine and database."""

import unicodedata

LAST = {"å": "{a", "ä": "{b", "ö": "{c", "æ": "{b", "ø": "{c"}
"""``{`` is the next character after ``z``."""


def sort_key(name: str) -> str:
    """Give the text by which a name sorts, compared code point by code point.

    Examples
    --------
    >>> sorted(["Örebro", "Zinkgruvan", "Ängelholm", "Åre", "Éden", "eden"], key=sort_key)
    ['Éden', 'eden', 'Zinkgruvan', 'Åre', 'Ängelholm', 'Örebro']
    """
    folded = unicodedata.normalize("NFC", name).casefold()
    return "".join(LAST.get(character) or _plain(character) for character in folded)


def _plain(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if not unicodedata.combining(part))
