"""Bringing text files to UTF-8, and refusing those that cannot be text.

Old Swedish systems and Excel's plain "CSV" write Windows-1252, whose letters are those of Latin-1. A file that is
neither clean UTF-8 nor clean Windows-1252 was pasted together from both, or damaged: nobody should guess its names.
"""

from __future__ import annotations

import codecs
import re

from admissions.tables.raw import RefusedError, Source

_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_SAVE_AGAIN = 'Save it again as "CSV UTF-8".'


def as_utf8(data: bytes, source: Source) -> bytes:
    r"""Return the text as UTF-8 with ``\n`` line ends and without byte-order mark.

    Raises
    ------
    RefusedError
        Nothing in it, NUL bytes (binary or damaged), a workbook under a wrong name, or mixed encodings.
    """
    if not data or data.isspace():
        raise RefusedError(source.problem("empty_file", "the file is empty", "Deliver the table with its header."))
    if data.startswith(b"PK\x03\x04"):
        raise RefusedError(
            source.problem("wrong_format", "this is a workbook or archive, not a text", "Name it .xlsx or export CSV.")
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = _from_utf16(data, source)
    if b"\x00" in data:
        line = 1 + data.count(b"\n", 0, data.index(b"\x00"))
        raise RefusedError(
            source.problem(
                "nul_byte", "the file holds NUL bytes: it is binary or damaged", "Export the table again.", row=line
            )
        )
    data = data.removeprefix(codecs.BOM_UTF8)
    if not data.isascii():
        data = _from_legacy(data, source)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data


def _from_utf16(data: bytes, source: Source) -> bytes:
    try:
        return data.decode("utf-16").encode()
    except UnicodeDecodeError as error:
        raise RefusedError(
            source.problem("encoding", "the file starts as UTF-16 and does not go on as such", _SAVE_AGAIN)
        ) from error


def _from_legacy(data: bytes, source: Source) -> bytes:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        first = error.start
    else:
        return data
    line = 1 + data.count(b"\n", 0, first)
    if _UTF8_SEQUENCE.search(data):
        raise RefusedError(
            source.problem(
                "encoding",
                "the file mixes UTF-8 and another encoding; this is the first line that is not UTF-8",
                _SAVE_AGAIN,
                row=line,
                value=data[first : first + 20].decode("latin-1"),
            )
        )
    try:
        return data.decode("cp1252").encode()
    except UnicodeDecodeError as error:
        raise RefusedError(
            source.problem("encoding", "the file is neither UTF-8 nor Windows-1252", _SAVE_AGAIN, row=line)
        ) from error
