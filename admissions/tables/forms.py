"""The form a table came in: what the reader took it for, so that whoever delivered it sees if it was read right."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from admissions.tables.declared import INTAKE_TABLES
from admissions.tables.delimited import separator_of
from admissions.tables.reading import DELIMITED, SUFFIXES

_LOOKED_AT = 1 << 20


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a file was read.

    Parameters
    ----------
    file
        Its name.
    kind
        ``csv``, ``xlsx``, ``ods`` or ``parquet``.
    encoding
        ``utf-8``, ``utf-8-sig`` (with byte-order mark), ``utf-16`` or ``windows-1252``; ``""`` for other formats.
    separator
        ``;``, ``,`` or a tab; ``""`` where the format has none, or the file is no readable text.
    """

    file: str
    kind: str
    encoding: str
    separator: str


def detected_forms(path: Path) -> list[FileForm]:
    """Return how the files of a delivery are read, by name: a folder's tables, or the one workbook."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [_form(file) for file in files if file.is_file() and file.suffix.lower() in SUFFIXES]


def _form(file: Path) -> FileForm:
    suffix = file.suffix.lower()
    if suffix not in DELIMITED:
        return FileForm(file.name, suffix.removeprefix("."), "", "")
    data = file.read_bytes()
    encoding = encoding_of(data)
    return FileForm(file.name, "csv", encoding, _separator(data[:_LOOKED_AT].decode(encoding, errors="ignore"), file))


def encoding_of(data: bytes) -> str:
    """Return what `as_utf8` takes a text for.

    Examples
    --------
    >>> encoding_of("skola;ort".encode()), encoding_of("Täby".encode("cp1252")), encoding_of("Täby".encode("utf-8-sig"))
    ('utf-8', 'windows-1252', 'utf-8-sig')
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _separator(start: str, file: Path) -> str:
    """Return the separator of the header."""
    table = next((one for one in INTAKE_TABLES if one.name == file.stem.lower()), None)
    lines = [line for line in start.splitlines() if line.strip() and not line.lower().startswith("sep=")]
    if not lines or "\x00" in start or start.startswith("PK\x03\x04"):
        return ""
    return separator_of(lines[0], table.names if table is not None else ())
