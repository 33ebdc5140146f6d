"""Values of a rulebook in words: points, days, lists, ways to be eligible; Swedish and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from babel.dates import format_date

from admissions.rules.schema import PassRule, Points

_POINTS = ("values", "letters", "subjects", "highest", "lowest_merit")


class Wording:
    """Sentences of one language.

    Parameters
    ----------
    texts
        The tables of ``texts.toml``.
    language
        ``"sv"`` or ``"en"``.
    """

    def __init__(self, texts: Mapping[str, Any], language: str) -> None:
        self.texts = texts
        self.language = language
        self._at = 0 if language == "sv" else 1

    def pick(self, table: str, name: str) -> str:
        """Return the text of a name in this language."""
        return str(self.texts[table][name][self._at])

    def sentence(self, pattern: str, name: str, value: Any) -> str:
        """Return the sentence of a key; `pattern` is its path with ``*`` for the name of an entry."""
        found = self.texts["texts"][pattern]
        if isinstance(found, Mapping):
            spoken = str(value).lower() if isinstance(value, bool) else value
            if isinstance(spoken, str) and spoken in found:
                found = found[spoken]
            else:
                found = found["_value"] if value else found["_empty"]
        text = str(found[self._at]).replace("{name}", name)
        return text.replace("{}", self.value(pattern.rsplit(".", 1)[-1], value))

    def value(self, key: str, value: Any) -> str:  # noqa: PLR0911 -- one return for each kind of value
        """Return a value in words."""
        if isinstance(value, date):
            return format_date(value, "d MMMM y", locale=self.language)
        if isinstance(value, dict):
            return self._table(key, value)
        if isinstance(value, tuple):
            if value and isinstance(value[0], PassRule):
                return f"; {self.pick('words', 'or')} ".join(self._way(rule) for rule in value)
            if key == "share":
                return f"{value[0]}/{value[1]}"
            return self.listed(map(self.subject, value)) if key == "blocks" else self._row(key, value)
        if isinstance(value, int) and not isinstance(value, bool) and key in _POINTS:
            return self.points(Points(value))
        if isinstance(value, str) and value in self.texts["values"] and not key.endswith("_flag"):
            return self.pick("values", value)
        return str(value)

    def points(self, hundredths: Points) -> str:
        """Return points with as many decimals as they need, e.g. ``17,5``."""
        whole, rest = divmod(int(hundredths), 100)
        text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
        return text.replace(".", ",") if self.language == "sv" else text

    def subject(self, code: str) -> str:
        """Return the name of a subject, or its code where there is no name."""
        return self.pick("subjects", code) if code in self.texts["subjects"] else code

    def listed(self, words: Iterable[str]) -> str:
        """Return ``a, b and c``."""
        parts = list(words)
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.pick('words', 'and')} {parts[-1]}"

    def source(self, source: str) -> str:
        """Return a source as it is shown."""
        return self.pick("sources", source) if source in self.texts["sources"] else source

    def _table(self, key: str, table: Mapping[str, Any]) -> str:
        nested = any(isinstance(item, dict | tuple) for item in table.values())
        if nested:
            return "; ".join(f"{self.subject(entry)}: {self.value(key, item)}" for entry, item in table.items())
        return ", ".join(f"{entry} {self.value(key, item)}" for entry, item in table.items())

    def _row(self, key: str, values: tuple[Any, ...]) -> str:
        if key in {"programmes", "no_preliminary"}:
            names = self.texts["programmes"]
            words = [f"{code} ({self.pick('programmes', code)})" if code in names else code for code in values]
            text = self.listed(words)
            return text[:1].upper() + text[1:]
        return ", ".join(self.value(key, item) for item in values)

    def _way(self, rule: PassRule) -> str:
        either = f" {self.pick('words', 'or')} "
        words = [either.join(map(self.subject, group)) for group in rule.required]
        if rule.others:
            others = {"sv": f"{rule.others} andra ämnen", "en": f"{rule.others} other subjects"}[self.language]
            if rule.named:
                among = {"sv": ", däribland ", "en": ", among them "}[self.language]
                return self.listed([*words, others]) + among + self.listed(map(self.subject, rule.named))
            words.append(others)
        return self.listed(words)
