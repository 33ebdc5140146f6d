"""Scanning the content of an ODS workbook: formulas, merged cells, and cells said to stand a million times.

Source: OpenDocument 1.2, part 1, 9.1 (tables; the attributes number-rows-repeated, number-columns-repeated, formula).
Empty rows and cells are repeated as a matter of course, up to the edge of the sheet; a repeated value is not.
"""

from __future__ import annotations

from typing import Any
from xml.parsers.expat import XMLParserType

from admissions.tables.problem import Problem
from admissions.tables.raw import MAX_COLUMNS, Source, too_many

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_SHOWN = 1000


class OpenDocumentScan:
    """A scan in progress: listens to the parser that reads the content."""

    def __init__(self, parser: XMLParserType, source: Source) -> None:
        self._source = source
        self._sheet = ""
        self._row = 0
        self._row_repeats = 1
        self._found: list[tuple[str, int, str, str, str]] = []
        parser.StartElementHandler = self._start

    def feed(self, piece: bytes) -> None:
        """Do nothing: the parser feeds this scan."""

    def _start(self, name: str, attributes: dict[str, Any]) -> None:
        if name == f"{_TABLE}table":
            self._sheet, self._row, self._row_repeats = attributes.get(f"{_TABLE}name", ""), 0, 1
        elif name == f"{_TABLE}table-row":
            self._row += self._row_repeats if self._row else 1
            self._row_repeats = int(attributes.get(f"{_TABLE}number-rows-repeated", "1"))
        elif name == f"{_TABLE}table-cell":
            self._cell(attributes)

    def _cell(self, attributes: dict[str, Any]) -> None:
        if f"{_TABLE}formula" in attributes:
            self._note("formula", "a cell holds a formula; its stored result may be out of date", "Paste as values.")
        spans = [attributes.get(f"{_TABLE}number-{what}-spanned", "1") for what in ("columns", "rows")]
        if spans != ["1", "1"]:
            self._note("merged_cells", "cells are merged into one", "Unmerge them and fill in every cell.")
        repeats = int(attributes.get(f"{_TABLE}number-columns-repeated", "1")) * self._row_repeats
        if f"{_OFFICE}value-type" in attributes and repeats > MAX_COLUMNS:
            raise too_many(self._source, "repetitions of a value", repeats, MAX_COLUMNS)

    def _note(self, rule: str, message: str, remedy: str) -> None:
        if len(self._found) < _SHOWN:
            self._found.append((self._sheet, self._row, rule, message, remedy))

    def problems(self, source: Source) -> list[Problem]:
        """Return a problem for each formula and merged cell; at most a thousand."""
        return [
            Source(source.file, sheet).problem(rule, message, remedy, row=row)
            for sheet, row, rule, message, remedy in self._found
        ]
