"""Looking into a workbook's archive before a reader unpacks it: bombs, damage, formulas, cells far out.

A workbook is a zip archive of XML. A reader that trusts it may be made to fill the memory; a formula's stored result
may be stale, and nobody sees it in the cell. Everything here streams in pieces and holds at most one piece.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import Protocol
from xml.parsers import expat

from admissions.tables.open_document import OpenDocumentScan
from admissions.tables.problem import Problem
from admissions.tables.raw import MAX_BYTES, RefusedError, Source, too_many
from admissions.tables.sheet_scan import MAX_CELLS, SheetScan

MAX_UNPACKED = 256 * 1024 * 1024
"""Largest workbook unpacked, bytes; a million grades take about 200 MB."""
MAX_RATIO = 200
"""Largest compression, unpacked by packed size, of a part above 10 MB; tables reach about 30."""
_MAX_PARTS = 500
_PIECE = 1 << 20

__all__ = ["MAX_CELLS", "inspect_archive"]


class _Scan(Protocol):
    def feed(self, piece: bytes) -> None: ...
    def problems(self, source: Source) -> list[Problem]: ...


def inspect_archive(path: Path, source: Source) -> list[Problem]:
    """Return the formulas and merged cells of every sheet, which make it unfit as a table.

    Raises
    ------
    RefusedError
        Not a workbook, cut off or damaged, too large packed or unpacked, or built to exhaust its reader.
    """
    size = path.stat().st_size
    if size == 0:
        raise RefusedError(source.problem("empty_file", "the file is empty", "Deliver the table with its header."))
    if size > MAX_BYTES:
        raise too_many(source, "bytes", size, MAX_BYTES)
    problems: list[Problem] = []
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _refuse_bombs(parts, source)
            names = _sheet_names(archive)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    problems += _inspect_part(archive, part, Source(source.file, names.get(part.filename)))
    except _DAMAGE as error:
        raise RefusedError(
            source.problem(
                "damaged_workbook",
                "the workbook cannot be opened: it is cut off, damaged, encrypted or of an old format",
                "Save it again as .xlsx without a password, or export CSV.",
            )
        ) from error
    return problems


_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError),
    *(EOFError, NotImplementedError, RuntimeError, OSError, ValueError),
)


def _refuse_bombs(parts: list[zipfile.ZipInfo], source: Source) -> None:
    if len(parts) > _MAX_PARTS:
        raise too_many(source, "parts in the workbook", len(parts), _MAX_PARTS)
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        raise too_many(source, "bytes unpacked", unpacked, MAX_UNPACKED)
    for part in parts:
        if part.file_size > 10 * _PIECE and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise RefusedError(
                source.problem(
                    "zip_bomb",
                    f"{part.filename} grows to {part.file_size:,} bytes from {part.compress_size:,}",
                    "This is not how a table is packed; export it again from its source.",
                )
            )


def _inspect_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, source: Source) -> list[Problem]:
    document = part.filename == "content.xml"
    parser = expat.ParserCreate(namespace_separator=" ") if document else expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: _refuse_entities(source)
    scan: _Scan | None = None
    if part.filename.startswith("xl/worksheets/"):
        scan = SheetScan(source)
    elif document:
        scan = OpenDocumentScan(parser, source)
    with archive.open(part) as stream:  # stops at the declared size and raises where the checksum differs
        while piece := stream.read(_PIECE):
            if scan is not None:
                scan.feed(piece)
            parser.Parse(piece)  # nothing but well-formed XML reaches a reader that might make do with less
        parser.Parse(b"", True)  # noqa: FBT003 - the C function takes no keywords
    return scan.problems(source) if scan is not None else []


def _refuse_entities(source: Source) -> None:
    raise RefusedError(
        source.problem("entities", "the workbook declares XML entities", "Export it again from its source.")
    )


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the sheet name of each worksheet part, as far as the workbook says so in the usual way."""
    try:
        book = archive.read("xl/workbook.xml").decode()
        links = archive.read("xl/_rels/workbook.xml.rels").decode()
    except (KeyError, UnicodeDecodeError):
        return {}
    targets = {}
    for link in re.findall(r"<Relationship [^>]*>", links):
        identifier, target = re.search(r'Id="([^"]*)"', link), re.search(r'Target="([^"]*)"', link)
        if identifier and target:
            targets[identifier.group(1)] = "xl/" + target.group(1).removeprefix("/xl/")
    names = {}
    for sheet in re.findall(r"<sheet [^>]*>", book):
        name, identifier = re.search(r'name="([^"]*)"', sheet), re.search(r'r:id="([^"]*)"', sheet)
        if name and identifier:
            names[targets.get(identifier.group(1), "")] = name.group(1)
    return names
