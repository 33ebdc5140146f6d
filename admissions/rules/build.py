"""Turn the tables of a rulebook file into its sections, collecting every problem with its key and line.

Nothing here knows admission law: types, allowed values and defaults come from the declarations in `schema`.
"""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from admissions.rules.errors import RulebookProblem
from admissions.rules.schema import MonthDay, Points
from admissions.rules.toml_lines import Path

_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_BAD = object()


@dataclass
class Report:
    """Where keys stand, and the problems found so far.

    `places` maps the path of a key to its file and line; a key without an entry is looked for at its parents.
    """

    places: Mapping[Path, tuple[str, int]]
    file: str
    problems: list[RulebookProblem] = field(default_factory=list)

    def add(self, path: Path, message: str, remedy: str) -> None:
        """Note a problem at a key."""
        file, line = self.place(path)
        self.problems.append(RulebookProblem(file, line, ".".join(path), message, remedy))

    def place(self, path: Path) -> tuple[str, int | None]:
        """Return file and line of a key, or of the nearest table that holds it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return self.file, None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a remedy for a name that is not known."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    return "Use one of: " + ", ".join(names) + "." if names else "Remove it."


def build(kind: Any, value: Any, path: Path, report: Report) -> Any:  # noqa: PLR0911 -- one return for each declared type
    """Return `value` as the declared type `kind`; a value that does not fit is reported and left out."""
    origin, args = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _section(kind, value, path, report)
    if kind is Points:
        return _points(value, path, report)
    if kind is MonthDay:
        good = isinstance(value, str) and _MONTH_DAY.fullmatch(value)
        return value if good else _wrong(path, report, value, "a month and a day", 'Write it as "07-04".')
    if origin is Literal:
        if value in args and isinstance(value, str):
            return value
        report.add(path, f"unknown value {value!r}", did_you_mean(str(value), args))
        return _BAD
    if origin is tuple:
        if not isinstance(value, list):
            return _wrong(path, report, value, "a list", "Put the values in square brackets.")
        items = [build(args[0], item, path, report) for item in value]
        return tuple(item for item in items if item is not _BAD)
    if origin in (dict, types.MappingProxyType):
        if not isinstance(value, dict):
            return _wrong(path, report, value, "a table", "Write it as a table.")
        built = {name: build(args[1], item, (*path, name), report) for name, item in value.items()}
        return {name: item for name, item in built.items() if item is not _BAD}
    if kind is bool:
        return value if isinstance(value, bool) else _wrong(path, report, value, "true or false", "Write one of them.")
    if kind is int:
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return value if whole else _wrong(path, report, value, "a whole number from 0", "Write it without quotes.")
    return value if isinstance(value, str) else _wrong(path, report, value, "a text", "Put it in quotes.")


@cache
def _declared(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _section(kind: Any, value: Any, path: Path, report: Report) -> Any:
    if not isinstance(value, dict):
        return _wrong(path, report, value, "a table", f"Write it as [{'.'.join(path)}] with its keys below.")
    hints = _declared(kind)
    for name in value:
        if name not in hints:
            report.add((*path, name), "unknown key", did_you_mean(name, hints))
    built: dict[str, Any] = {}
    complete = True
    for item in fields(kind):
        if item.name in value:
            built[item.name] = build(hints[item.name], value[item.name], (*path, item.name), report)
            complete &= built[item.name] is not _BAD
        elif item.default is MISSING and item.default_factory is MISSING:
            report.add((*path, item.name), "missing key", f"Add it: {item.metadata['doc']}")
            complete = False
    if not complete:
        return _BAD
    for name in built.get("assumed", ()):
        if name not in hints:
            report.add((*path, "assumed"), f"{name!r} is no key of this section", did_you_mean(name, hints))
    return kind(**built)


def _points(value: Any, path: Path, report: Report) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        return _wrong(path, report, value, "a number of points", "Write it without quotes, e.g. 17.5.")
    hundredths = Decimal(value) * 100
    if hundredths != int(hundredths):
        return _wrong(path, report, value, "a number with at most two decimals", "Merit is exact to hundredths.")
    return Points(int(hundredths))


def _wrong(path: Path, report: Report, value: Any, wanted: str, remedy: str) -> Any:
    report.add(path, f"{value!r} is not {wanted}", remedy)
    return _BAD


def failed(built: Any) -> bool:
    """Tell whether `build` had to leave its value out."""
    return built is _BAD
