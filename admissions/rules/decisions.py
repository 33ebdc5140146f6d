"""Decisions (beslut) found for choice rows: about the row itself first, else about the applicant.

Source: the forms of the offices are decided choice by choice (Storsthlm: blanketter); a decision without a route holds
for all of the applicant's rows.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.rules.coding import Names

Ints = npt.NDArray[np.int64]


class Word(IntEnum):
    """What a decision says, where it is no number."""

    NONE = 0  # no decision there
    APPROVED = 1
    REJECTED = 2
    PENDING = 3
    FIRST = 4
    SECOND = 5
    OTHER = 6


_WORDS = {
    **dict.fromkeys(("approved", "yes"), Word.APPROVED),
    **dict.fromkeys(("rejected", "no"), Word.REJECTED),
    "pending": Word.PENDING,
    **dict.fromkeys(("first", "1"), Word.FIRST),
    **dict.fromkeys(("second", "2"), Word.SECOND),
}


class _Kind:
    """The decisions of one kind, by applicant and route."""

    def __init__(self, key: Ints, value: pl.Series) -> None:
        order = np.argsort(key, kind="stable")
        self.key = key[order]
        self.texts = Names("value", value.unique().sort())
        self.value = self.texts.codes(value)[order]

    def at(self, keys: Ints) -> Ints:
        """Return the position of each key, -1 where there is no decision."""
        found = np.searchsorted(self.key, keys)
        found[found == len(self.key)] = 0
        return np.where(self.key[found] == keys, found, -1)


class Decisions:
    """All decisions of an intake.

    Parameters
    ----------
    frame
        Decisions table (applicant, route_id, kind, value).
    """

    def __init__(self, frame: pl.DataFrame, applicants: Names, routes: Names) -> None:
        self._width = len(routes) + 1
        applicant = applicants.codes(frame["applicant"]).astype(np.int64)
        route = routes.codes(frame["route_id"].replace({"": None}), missing=True).astype(np.int64)
        unknown = frame["route_id"].is_not_null() & (frame["route_id"] != "")
        keep = ~(unknown.to_numpy() & (route < 0))  # a decision about a route outside the catalogue concerns no row
        key = applicant * self._width + route + 1
        kind = frame["kind"].to_numpy()
        self._kinds: dict[str, _Kind] = {}
        for name in sorted(frame["kind"].unique()):
            mine = (kind == name) & keep
            if mine.any():
                self._kinds[name] = _Kind(key[mine], frame["value"].filter(pl.Series(mine)))

    def __contains__(self, kind: str) -> bool:
        return kind in self._kinds

    def _found(self, kind: str, applicant: Ints, route: Ints) -> tuple[_Kind, Ints]:
        table = self._kinds[kind]
        own = table.at(applicant * self._width + route + 1)
        missing = own < 0
        if missing.any():
            own[missing] = table.at(applicant[missing] * self._width)
        return table, own

    def words(self, kind: str, applicant: Ints, route: Ints) -> npt.NDArray[np.uint8]:
        """Return what the decisions of a kind say for each row, as `Word` codes (uint8)."""
        if kind not in self._kinds:
            return np.zeros(len(applicant), np.uint8)
        table, at = self._found(kind, applicant, route)
        word = np.array([_WORDS.get(text.lower(), Word.OTHER) for text in table.texts], np.uint8)
        return np.where(at < 0, np.uint8(Word.NONE), word[table.value[at]])

    def numbers(self, kind: str, applicant: Ints, route: Ints) -> Ints:
        """Return the numbers of a kind in hundredths, -1 where there is none."""
        if kind not in self._kinds:
            return np.full(len(applicant), -1, np.int64)
        table, at = self._found(kind, applicant, route)
        number = np.array([_hundredths(text) for text in table.texts], np.int64)
        return np.where(at < 0, np.int64(-1), number[table.value[at]])

    def copied(self, kind: str, applicant: Ints, route: Ints, as_applicant: Ints, as_route: Ints) -> Decisions:
        """Return the decisions where each (applicant, route) also has what (as_applicant, as_route) has of a kind.

        For simulated choices of routes with a test: the new rows take over a registered result. Rows that have a
        decision of their own keep it; a model without one adds nothing.
        """
        if kind not in self._kinds or not len(applicant):
            return self
        table, model = self._found(kind, as_applicant, as_route)
        own = self._found(kind, applicant, route)[1]
        new = (model >= 0) & (own < 0)
        if not new.any():
            return self
        more = object.__new__(Decisions)
        more._width = self._width
        joint = object.__new__(_Kind)
        key = np.concatenate([table.key, (applicant * self._width + route + 1)[new]])
        order = np.argsort(key, kind="stable")
        joint.key, joint.texts = key[order], table.texts
        joint.value = np.concatenate([table.value, table.value[model[new]]])[order]
        more._kinds = {**self._kinds, kind: joint}
        return more

    def mapped(self, kind: str, values: dict[str, int], applicant: Ints, route: Ints) -> Ints:
        """Return `values` of the decisions' texts, -1 for other texts and where there is no decision."""
        if kind not in self._kinds:
            return np.full(len(applicant), -1, np.int64)
        table, at = self._found(kind, applicant, route)
        number = np.array([values.get(text, -1) for text in table.texts], np.int64)
        return np.where(at < 0, np.int64(-1), number[table.value[at]])


def _hundredths(text: str) -> int:
    """Return the number in hundredths, rounded down; -1 if the text is no number from 0."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return -1
    return int(number * 100) if number.is_finite() and number >= 0 else -1
