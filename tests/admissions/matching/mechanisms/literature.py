"""Markets written as the literature prints them."""

from __future__ import annotations

import numpy as np

from admissions.matching import Market, Matching


def printed(
    preferences: dict[str, str], priorities: dict[str, str], seats: dict[str, int] | None = None
) -> tuple[Market, list[str], list[str]]:
    """Build a market of ``{"i1": "s2 s1"}`` and ``{"s1": "i1 i2"}``; who is not ranked is not acceptable."""
    people, places = sorted(preferences), sorted(priorities)
    line = {s: priorities[s].split() for s in places}
    rows = [(i, s) for i in people for s in preferences[i].split() if i in line[s]]
    market = Market(
        np.cumsum([0] + [sum(one == i for one, _ in rows) for i in people]),
        np.array([places.index(s) for _, s in rows], np.int32),
        np.array([line[s].index(i) for i, s in rows], np.int64),
        np.array([(seats or {}).get(s, 1) for s in places], np.int64),
    )
    return market, people, places


def named(matching: Matching, people: list[str], places: list[str]) -> dict[str, str | None]:
    return {i: None if r < 0 else places[r] for i, r in zip(people, matching.route.tolist(), strict=True)}


def pairs(text: str) -> dict[str, str]:
    """Read ``i1 s2, i2 s1``."""
    return dict(pair.split() for pair in text.split(","))
