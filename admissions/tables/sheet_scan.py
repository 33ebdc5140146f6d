"""Scanning the XML of an XLSX worksheet, piece by piece: where formulas stand and how far out its cells lie."""

from __future__ import annotations

import re

from admissions.tables.problem import Problem
from admissions.tables.raw import RefusedError, Source, too_many

MAX_CELLS = 12_000_000
"""Largest area of a sheet, cells: readers reserve the whole rectangle up to the last cell."""
_OVERLAP = 1 << 12
_SHOWN = 1000

_PREFIX = re.compile(rb"<([A-Za-z][\w.-]*:)worksheet[ >]")
_FORMULA = re.compile(rb'<c r="([A-Z]+)([0-9]+)"[^>]*><f[ >/]')
_FAR_CELL = re.compile(rb'<c r="([A-Z]{2,3}[0-9]+)"[^>/]*>')
_ROW = re.compile(rb'<row r="([0-9]{1,7})"')
_WIDTHS = ((re.compile(rb'<c r="[Q-Z][0-9]'), 26), (re.compile(rb'<c r="[I-P][0-9]'), 16))
_LEAST_WIDTH = 8


class SheetScan:
    """A scan in progress.

    Regular expressions over whole pieces instead of a parser's events: a table of a million rows has ten million
    elements. Neighbouring pieces overlap, so that no cell is cut in both.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._held = b""
        self._prefix: bytes | None = None
        self._formulas: dict[str, int] = {}

    def feed(self, piece: bytes) -> None:
        """Scan the next piece; raises RefusedError for cells so far out that reading would exhaust the memory."""
        text = self._held + piece
        self._held = piece[-_OVERLAP:]
        if self._prefix is None:  # some exporters write every element with a prefix, <x:c r="A1">
            found = _PREFIX.search(text)
            self._prefix = found.group(1) if found else b""
        if self._prefix:
            text = text.replace(b"<" + self._prefix, b"<")
        if b"<f" in text and len(self._formulas) < _SHOWN:
            self._formulas |= {(m.group(1) + m.group(2)).decode(): int(m.group(2)) for m in _FORMULA.finditer(text)}
        self._refuse_far_cells(text)

    def _refuse_far_cells(self, text: bytes) -> None:
        far = _FAR_CELL.search(text)
        if far is not None:
            raise RefusedError(
                self._source.problem(
                    "far_cell",
                    f"cell {far.group(1).decode()} holds something, beyond column Z",
                    "Delete what stands to the right of the table.",
                )
            )
        last_row = max((int(row) for row in _ROW.findall(text)), default=0)
        width = next((width for pattern, width in _WIDTHS if pattern.search(text)), _LEAST_WIDTH)
        if last_row * width > MAX_CELLS:
            raise too_many(self._source, "cells up to the last one", last_row * width, MAX_CELLS)

    def problems(self, source: Source) -> list[Problem]:
        """Return a problem for each formula, by row; at most a thousand."""
        return [
            source.problem(
                "formula",
                f"cell {cell} holds a formula; its stored result may be out of date",
                "Copy the column and paste it as values.",
                row=row,
                value=cell,
            )
            for cell, row in sorted(self._formulas.items(), key=lambda item: (item[1], item[0]))[:_SHOWN]
        ]
