"""Read overlays from TOML; every problem of every file is found before anything runs."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from admissions.errors import InputError
from simulations.scenarios.overlay import PARTS, Overlay, Rules

_BAD = object()
_KINDS = {str: "a text in quotes", int: "a whole number", float: "a number", tuple: "a list of texts"}


def load_overlays(paths: Sequence[str | Path]) -> list[Overlay]:
    """Return the overlays of the files, in their order.

    Raises
    ------
    InputError
        With every problem of every file: unknown keys, missing keys, wrong types, unreadable files.
    """
    problems: list[str] = []
    overlays = [load_overlay(Path(path), problems) for path in paths]
    if problems:
        raise InputError(problems)
    return overlays


def load_overlay(path: Path, problems: list[str]) -> Overlay:
    """Return one overlay; what is wrong is added to `problems` and left out."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path}: cannot be read: {error}")
        return Overlay(path.stem, str(path))
    return build_overlay(tables, str(path), problems)


def build_overlay(tables: dict[str, Any], file: str, problems: list[str]) -> Overlay:
    """Return the overlay of parsed TOML tables; what is wrong is added to `problems` and left out."""
    known = {"name", "rules", "behaviour", *PARTS}
    names = ", ".join(sorted(known))
    problems += [f"{file}: there is no {key!r} in a scenario; known are {names}" for key in sorted(set(tables) - known)]
    name = tables.get("name", Path(file).stem)
    if not isinstance(name, str) or not name:
        problems.append(f"{file}: name must be a text in quotes")
        name = Path(file).stem
    parts: dict[str, Any] = {}
    for key, kind in PARTS.items():
        written = tables.get(key, [])
        if not isinstance(written, list) or not all(isinstance(one, dict) for one in written):
            problems.append(f"{file}: write {key} as [[{key}]], once for each")
            continue
        built = [_build(kind, one, f"{file}: {key} {number}", problems) for number, one in enumerate(written, 1)]
        parts[key] = tuple(one for one in built if one is not _BAD)
    for number, one in enumerate(parts.get("seats", ()), 1):
        if (one.change is None) == (one.seats is None):
            problems.append(f"{file}: seats {number} ({one.route}): say either change or seats")
    rules = tables.get("rules")
    if rules is not None:
        if isinstance(rules, dict):
            rulebook = _build(Rules, rules, f"{file}: rules", problems)
            parts["rules"] = None if rulebook is _BAD else rulebook
        else:
            problems.append(f"{file}: write the rulebook as [rules] rulebook = ...")
    behaviour = tables.get("behaviour", {})
    if not isinstance(behaviour, dict) or not all(isinstance(one, dict) for one in behaviour.values()):
        problems.append(f"{file}: write behaviour as [behaviour.model] with its keys below")
        behaviour = {}
    return Overlay(name=name, file=file, behaviour=behaviour, **parts)


def _build(kind: type, written: dict[str, Any], where: str, problems: list[str]) -> Any:
    hints = get_type_hints(kind)
    known = {item.name: item for item in fields(kind)}
    before = len(problems)
    problems += [
        f"{where}: unknown key {key!r}; known are {', '.join(known)}" for key in sorted(set(written) - set(known))
    ]
    values = {}
    for key, item in known.items():
        if key not in written:
            if _required(item):
                problems.append(f"{where}: {key} is missing")
            continue
        value = _checked(hints[key], written[key])
        if value is _BAD:
            problems.append(f"{where}: {key} is {written[key]!r}, expected {_wanted(hints[key])}")
        values[key] = value
    return kind(**values) if len(problems) == before else _BAD


def _required(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _kind_of(hint: Any) -> Any:
    origin = get_origin(hint)
    if origin in {UnionType, Union}:
        return next(one for one in get_args(hint) if one is not type(None))
    return origin or hint


def _checked(hint: Any, value: Any) -> Any:
    kind = _kind_of(hint)
    if kind is Literal:
        return value if value in get_args(hint) else _BAD
    if kind is tuple:
        fits = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
        return tuple(value) if fits else _BAD
    if isinstance(value, bool):
        return _BAD
    if kind is float:
        return float(value) if isinstance(value, int | float) else _BAD
    return value if isinstance(value, kind) else _BAD


def _wanted(hint: Any) -> str:
    kind = _kind_of(hint)
    return " or ".join(map(repr, get_args(hint))) if kind is Literal else _KINDS[kind]
