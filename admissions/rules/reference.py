"""The table of every rulebook key for docs/rulebook.md, made from the declarations in `schema`.

``python -m admissions.rules.reference docs/rulebook.md`` renews the part of the file between the two marks; a test
fails when it is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from admissions.rules.schema import MonthDay, PassRule, Points, Section, Sections

BEGIN, END = "<!-- keys: begin -->", "<!-- keys: end -->"
_COMMON = frozenset({"source", "certainty", "assumed"})


def key_tables() -> str:
    """Return every section with its keys as Markdown."""
    lines = ["In every section: " + "; ".join(_common()) + ".", ""]
    general = [item for item in fields(Sections) if not _sections(get_type_hints(Sections)[item.name])]
    lines += ["### At the top of the file", "", *_table(Sections, [item.name for item in general]), ""]
    for item in fields(Sections):
        for path, kind in _walk(item.name, get_type_hints(Sections)[item.name]):
            own = [
                f.name for f in fields(kind) if f.name not in _COMMON and not _sections(get_type_hints(kind)[f.name])
            ]
            lines += [f"### `[{path}]`", "", *_about(kind), *_table(kind, own), ""]
    lines += [
        "### One way to be eligible (an entry of `any_of`)",
        "",
        *_table(PassRule, [f.name for f in fields(PassRule)]),
    ]
    return "\n".join(lines)


def _common() -> Iterator[str]:
    for item in fields(Section):
        yield f"`{item.name}` ({item.metadata['doc'].rstrip('.')})"


def _about(kind: Any) -> list[str]:
    return [str(kind.__doc__).splitlines()[0], ""]


def _walk(path: str, hint: Any) -> Iterator[tuple[str, Any]]:
    for kind, named in _sections(hint):
        inner = f"{path}.NAME" if named else path
        yield inner, kind
        for item in fields(kind):
            yield from _walk(f"{inner}.{item.name}", get_type_hints(kind)[item.name])


def _sections(hint: Any) -> list[tuple[Any, bool]]:
    if is_dataclass(hint) and hint is not PassRule:
        return [(hint, False)] if issubclass(hint, Section) else []  # type: ignore[arg-type]
    if get_origin(hint) is dict:
        inner = get_args(hint)[1]
        return [(inner, True)] if is_dataclass(inner) else []
    return []


def _table(kind: Any, names: list[str]) -> list[str]:
    hints = get_type_hints(kind)
    rows = ["| key | value | meaning |", "| --- | --- | --- |"]
    for item in fields(kind):
        if item.name in names:
            default = _default(item)
            shown = _type(hints[item.name]) + (f"; {default} if left out" if default else "")
            rows.append(f"| `{item.name}` | {shown} | {item.metadata['doc']} |")
    return rows


def _default(item: Any) -> str:
    if item.default is not MISSING:
        value = item.default
        if value in ((), ""):
            return "nothing"
        return f"`{str(value).lower() if isinstance(value, bool) else value}`"
    return "nothing" if item.default_factory is not MISSING else ""


def _type(hint: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in args)
    if origin is tuple:
        return f"list of {_type(args[0])}"
    if origin is dict:
        return f"table of {_type(args[1])}"
    names = {bool: "`true` or `false`", int: "whole number", str: "text", Points: "points", MonthDay: 'day `"MM-DD"`'}
    return names.get(hint, "table")


def renew(path: Path) -> None:
    """Write the tables of keys between the marks of a Markdown file."""
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    path.write_text(f"{head}{BEGIN}\n{key_tables()}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    renew(Path(sys.argv[1]))
