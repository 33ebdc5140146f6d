"""TOML with the line of every key, so that a problem can point at the line an officer has to change.

The standard library's parser keeps no positions; a small scan of the text finds them. Numbers with decimals are read
as exact decimals, never as floats: merit is exact.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Path = tuple[str, ...]

_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*")(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*=(.*)$""")
_PART = re.compile(r'[A-Za-z0-9_-]+|"[^"]*"')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_ERROR_LINE = re.compile(r"at line (\d+)")


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text; decimals become `decimal.Decimal`."""
    return tomllib.loads(text, parse_float=Decimal)


def error_line(error: tomllib.TOMLDecodeError) -> int | None:
    """Return the line a syntax error names, or None where it names none."""
    found = _ERROR_LINE.search(str(error))
    return int(found.group(1)) if found else None


def key_lines(text: str) -> Mapping[Path, int]:
    r"""Return the line (from 1) of every table header and key of a well-formed TOML text.

    Keys inside an inline table stand on the line of the key that holds them and are not listed.

    Examples
    --------
    >>> key_lines("name = 'a'\n[late]\ncutoff = 'x'\n")[("late", "cutoff")]
    3
    """
    lines: dict[Path, int] = {}
    table: Path = ()
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        bare = _STRING.sub('""', line).split("#", 1)[0]
        if depth > 0:  # inside an array or inline table that runs over several lines
            depth += _opened(bare)
            continue
        if header := _HEADER.match(line):
            table = _parts(header.group(1))
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(table + _parts(key.group(1)), number)
            depth = max(0, _opened(bare.split("=", 1)[-1]))
    return lines


def _parts(dotted: str) -> Path:
    return tuple(part.strip('"') for part in _PART.findall(dotted))


def _opened(bare: str) -> int:
    return bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
