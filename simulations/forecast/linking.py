"""Which route of an earlier year is this route: exact keys first, then renamed, recoded and re-profiled ones.

Published route tables have no lasting route number: schools change their spelling, programmes change code
(Handels- och administrationsprogrammet HA became Försäljnings- och serviceprogrammet FS in 2022; GY25 gave new codes
to most orientations in 2025) and profiles come and go in the route name.
Source: the programme and orientation codes of Skolverket as they occur in the published tables.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

# A programme and the one it succeeded are one programme here.
SUCCESSORS = {"HA": "FS", "FR": "HV"}
# Rows that differ in one of these are never the same route: the scale of the merit or the group applied for differs.
_SPECIAL = {
    "apprentice": ("lärling",),
    "test": ("spetsutbildning", "särskild variant", "antagningsprov"),
    "special needs": ("specialpedagogisk",),
}
_MIN_SCHOOL_LIKENESS = 0.4
_MIN_ROUTE_LIKENESS = 0.3


@cache
def words(text: str) -> frozenset[str]:
    """Return the words of a text in lower case, without punctuation.

    Examples
    --------
    >>> sorted(words("Teknikprogrammet (Spel) TE - Kod"))
    ['kod', 'spel', 'te', 'teknikprogrammet']
    """
    return frozenset(re.findall(r"\w+", text.casefold()))


# Words that say nothing about which school or which route it is.
_GENERIC_SCHOOL = words(
    "gymnasium gymnasiet gymnasieskola gymnasieskolan gymnasieskolor gy skola skolan fd i och sth stockholm"
)
_GENERIC_ROUTE = words("och i mot med inriktning inrikting programmet utan introduktionsprogram im")


@cache
def programme_of(route_code: str) -> str:
    """Return the programme of a route code under its present name; introduction routes keep their kind.

    Examples
    --------
    >>> programme_of("HAHAN"), programme_of("IMVHA"), programme_of("EKEKI"), programme_of("IMYBFG")
    ('FS', 'IMVFS', 'EK', 'IMYBF')
    """
    code = route_code.upper()
    if code.startswith("IM"):
        return code[:3] + SUCCESSORS.get(code[3:5], code[3:5])
    return SUCCESSORS.get(code[:2], code[:2])


@cache
def special_of(route_code: str, route_name: str) -> tuple[bool, ...]:
    """Return which of the special kinds (apprentice, test, special needs) a route is."""
    text = route_name.casefold()
    by_name = [any(sign in text for sign in signs) for signs in _SPECIAL.values()]
    tail = route_code[5:].upper()
    by_name[0] |= "0L" in tail
    by_name[1] |= tail.startswith("VE") or "0S" in tail or route_code.endswith("fp")
    return tuple(by_name)


@dataclass(frozen=True)
class RouteKeys:
    """The naming columns of one year's table, row by row.

    Parameters
    ----------
    municipality, school, unit_code, route_code, route_name
        One string a row; ``unit_code`` is empty where unknown.
    seats
        Seats a row; only decides between rows whose names say the same.
    """

    municipality: tuple[str, ...]
    school: tuple[str, ...]
    unit_code: tuple[str, ...]
    route_code: tuple[str, ...]
    route_name: tuple[str, ...]
    seats: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.school)

    @cached_property
    def schools(self) -> dict[tuple[str, str], list[int]]:
        """Rows of each (municipality, school), spelling made equal."""
        rows: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, (place, school) in enumerate(zip(self.municipality, self.school, strict=True)):
            rows[place.casefold(), " ".join(re.findall(r"\w+", school.casefold()))].append(row)
        return dict(rows)


def link(new: RouteKeys, old: RouteKeys) -> npt.NDArray[np.int64]:
    """Return for each row of ``new`` the row of ``old`` it continues, -1 where it is new.

    No row of ``old`` is used twice. The result depends on the rows' contents only, never on their order.

    Parameters
    ----------
    new, old
        The naming columns of the later and of the earlier year.
    """
    result = np.full(len(new), -1, dtype=np.int64)
    schools = _link_schools(new, old)
    for school in sorted(new.schools):
        source = schools.get(school)
        if source is None:
            continue
        _link_routes(new, new.schools[school], old, old.schools[source], result)
    return result


def _link_schools(new: RouteKeys, old: RouteKeys) -> dict[tuple[str, str], tuple[str, str]]:
    links = {school: school for school in new.schools if school in old.schools}
    left = sorted(school for school in new.schools if school not in links)
    free = sorted(school for school in old.schools if school not in links)
    scored = []
    for school in left:
        units = {new.unit_code[row] for row in new.schools[school]} - {""}
        for source in free:
            if source[0] != school[0]:
                continue
            same_unit = bool(units & {old.unit_code[row] for row in old.schools[source]})
            likeness = _likeness(set(school[1].split()) - _GENERIC_SCHOOL, set(source[1].split()) - _GENERIC_SCHOOL)
            if same_unit or likeness >= _MIN_SCHOOL_LIKENESS:
                scored.append((-likeness - same_unit, school, source))
    for _, school, source in sorted(scored):
        if school not in links and source not in links.values():
            links[school] = source
    return links


def _link_routes(
    new: RouteKeys, rows: list[int], old: RouteKeys, sources: list[int], result: npt.NDArray[np.int64]
) -> None:
    scored = []
    for row in rows:
        for source in sources:
            score = _route_score(new, row, old, source)
            if score >= _MIN_ROUTE_LIKENESS:
                gap = abs(new.seats[row] - old.seats[source])
                scored.append((-score, gap, new.route_name[row], new.route_code[row], new.seats[row], row, source))
    used: set[int] = set()
    for *_, row, source in sorted(scored):
        if result[row] < 0 and source not in used:
            result[row] = source
            used.add(source)
    # The only route of its programme and kind that is left over continues the only one that has gone.
    arrived = _by_kind(new, [row for row in rows if result[row] < 0])
    gone = _by_kind(old, [source for source in sources if source not in used])
    for kind, found in arrived.items():
        if len(found) == 1 and len(gone.get(kind, ())) == 1:
            result[found[0]] = gone[kind][0]


def _by_kind(keys: RouteKeys, rows: list[int]) -> dict[tuple[object, ...], list[int]]:
    kinds: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row in rows:
        code = keys.route_code[row]
        kinds[programme_of(code), special_of(code, keys.route_name[row])].append(row)
    return kinds


def _route_score(new: RouteKeys, row: int, old: RouteKeys, source: int) -> float:
    code, former = new.route_code[row], old.route_code[source]
    name, former_name = new.route_name[row], old.route_name[source]
    if code == former and name == former_name:
        return 4.0
    if programme_of(code) != programme_of(former) or special_of(code, name) != special_of(former, former_name):
        return 0.0
    if code == former and words(name) == words(former_name):
        return 3.0
    codes = {code[:2].casefold(), former[:2].casefold()}
    generic = (
        _GENERIC_ROUTE | codes | {word for word in words(name) | words(former_name) if word.endswith("programmet")}
    )
    likeness = _likeness(words(name) - generic, words(former_name) - generic)
    return likeness + float(code == former)


def _likeness(one: Iterable[str], other: Iterable[str]) -> float:
    mine, theirs = set(one), set(other)
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
