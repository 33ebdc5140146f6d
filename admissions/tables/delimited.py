"""Reading delimited text (CSV) as it really comes: Swedish Excel, machine exports, old systems.

Accepted: UTF-8 with or without a byte-order mark, UTF-16 with one, Windows-1252/Latin-1; separator ``;``, ``,`` or tab;
line ends of Windows, Unix, old Macintosh and mixtures; quoting after RFC 4180. The structure of the whole file is
established first, vectorised over its bytes, so that every row is known by its true line before anything is parsed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from admissions.tables.encoding import as_utf8
from admissions.tables.problem import Problem
from admissions.tables.raw import (
    MAX_BYTES,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    RawTable,
    RefusedError,
    Source,
    too_many,
    without_empty_rows,
)
from admissions.tables.writing import unescaped

_QUOTE, _NEWLINE = ord('"'), ord("\n")
_SEPARATORS = ";,\t"
_SHOWN_ROW_PROBLEMS = 10_000
_MAX_LINE = 20 * MAX_CELL


def read_delimited(path: Path, source: Source, known: tuple[str, ...]) -> RawTable:
    """Read a delimited text file; `known` column names decide between separators.

    Raises
    ------
    RefusedError
        The file is empty, too large, binary, in no known encoding, or a quote is left open.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise too_many(source, "bytes", size, MAX_BYTES)
    data = as_utf8(path.read_bytes(), source)
    lines = _records(data, source)
    header_at = next((i for i in range(len(lines)) if lines.text(i).strip()), None)
    if header_at is not None and lines.text(header_at).lower().startswith("sep="):
        header_at = next((i for i in range(header_at + 1, len(lines)) if lines.text(i).strip()), None)
    if header_at is None:
        raise RefusedError(source.problem("empty_file", "the file holds nothing", "Deliver the table with its header."))
    separator = separator_of(lines.text(header_at), known)
    header = _cells(lines.text(header_at), separator)
    if not header:
        message, remedy = "the header holds a quotation mark astray", "Write the names of the columns without quotes."
        raise RefusedError(source.problem("stray_quote", message, remedy, row=int(lines.lines[header_at])))
    if len(header) > MAX_COLUMNS:
        raise too_many(source, "columns", len(header), MAX_COLUMNS)
    return _body(lines, header_at, separator, header, source)


@dataclass(frozen=True)
class _Records:
    """The records of a text: where each starts and ends (bytes, line end excluded) and on which line it starts."""

    data: bytes
    bytes_: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    lines: np.ndarray
    quotes: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, i: int) -> str:
        return self.data[self.starts[i] : self.ends[i]].decode()

    def outside_quotes(self, positions: np.ndarray) -> np.ndarray:
        """Keep the positions that do not lie between an opening and its closing quote."""
        return _outside(positions, self.quotes)


def _outside(positions: np.ndarray, quotes: np.ndarray) -> np.ndarray:
    if not len(quotes):
        return positions
    outside: np.ndarray = positions[np.searchsorted(quotes, positions) % 2 == 0]
    return outside


def _records(data: bytes, source: Source) -> _Records:
    array = np.frombuffer(data, dtype=np.uint8)
    newlines = np.flatnonzero(array == _NEWLINE)
    _refuse_long_lines(np.append(newlines, len(data)), source)
    quotes = np.flatnonzero(array == _QUOTE)
    if len(quotes) % 2:
        wrong = _wrong_quotes(array, quotes)
        line = 1 + int(np.searchsorted(newlines, wrong[0] if len(wrong) else quotes[-1]))
        raise RefusedError(
            source.problem(
                "open_quote",
                "a quotation mark is opened and never closed, or the file is cut off",
                'Close it, or write a quotation mark inside a text twice ("").',
                row=line,
            )
        )
    ends = _outside(newlines, quotes)
    if len(data) and (not len(ends) or ends[-1] != len(data) - 1):
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else np.empty(0, dtype=np.int64)
    if len(starts) > MAX_ROWS:
        raise too_many(source, "rows", len(starts), MAX_ROWS)
    lines = 1 + (np.searchsorted(newlines, starts) if len(quotes) else np.arange(len(starts)))
    return _Records(data, array, starts, ends, lines, quotes)


def _refuse_long_lines(ends: np.ndarray, source: Source) -> None:
    lengths = np.diff(ends, prepend=-1)
    at = int(lengths.argmax())
    if lengths[at] > _MAX_LINE:
        raise RefusedError(
            source.problem(
                "too_large",
                f"a line of {int(lengths[at]):,} bytes",
                "Look for a quotation mark left open, or for something that is no table.",
                row=at + 1,
            )
        )


def separator_of(header: str, known: tuple[str, ...]) -> str:
    """Return the separator that splits the header into the most declared names, then into the most parts."""

    def score(separator: str) -> tuple[int, int]:
        names = {name.strip().casefold() for name in _cells(header, separator)}
        return len(names & {name.casefold() for name in known}), len(names)

    return max(_SEPARATORS, key=score)


def _cells(text: str, separator: str) -> tuple[str, ...]:
    try:
        return tuple(next(csv.reader([text], delimiter=separator), []))
    except csv.Error:  # a quotation mark astray in the header: with this separator it names no columns
        return ()


def _body(lines: _Records, header_at: int, separator: str, header: tuple[str, ...], source: Source) -> RawTable:
    separators = lines.outside_quotes(np.flatnonzero(lines.bytes_ == ord(separator)))
    widths = 1 + np.diff(np.searchsorted(separators, lines.ends), prepend=0)
    after = np.arange(len(lines)) > header_at
    blank = lines.ends == lines.starts
    stray = _stray_quotes(lines, ord(separator))
    ragged = after & ~blank & ~stray & (widths != len(header))
    keep = after & ~blank & ~stray & ~ragged
    problems = [
        source.problem(
            "stray_quote",
            "a quotation mark stands inside a text that is not quoted as a whole",
            'Put the whole text in quotation marks and write each one inside it twice ("").',
            row=int(lines.lines[i]),
        )
        for i in np.flatnonzero(stray & after)[:_SHOWN_ROW_PROBLEMS]
    ]
    last = len(lines) - 1
    for i in np.flatnonzero(ragged)[:_SHOWN_ROW_PROBLEMS]:
        cut = i == last and widths[i] < len(header) and lines.ends[i] == len(lines.data)
        problems.append(_ragged(source, int(lines.lines[i]), int(widths[i]), len(header), cut_off=bool(cut)))
    columns, rows = _parsed(lines, keep, separator, len(header), header_at)
    if rows is None:  # the structure above and the parser disagree: never guess which row is which
        raise RefusedError(
            source.problem(
                "unreadable",
                "rows and quotation marks do not fit together",
                "Export the table again as CSV with every text in quotation marks.",
            )
        )
    return RawTable(source, header, int(lines.lines[header_at]), columns, rows, tuple(problems))


def _ragged(source: Source, row: int, found: int, expected: int, *, cut_off: bool) -> Problem:
    hint = "The file seems to be cut off here; deliver it again." if cut_off else "Quote a text that holds a separator."
    return source.problem(
        "row_width", f"the row has {found} cells, the header has {expected}", hint, row=row, value=f"{found} cells"
    )


def _stray_quotes(lines: _Records, separator: int) -> np.ndarray:
    """(n_records,) bool: a quote opens in the middle of a cell or closes before the end of one."""
    stray = np.zeros(len(lines), dtype=bool)
    if not len(lines.quotes):
        return stray
    stray[np.searchsorted(lines.ends, _wrong_quotes(lines.bytes_, lines.quotes, separator))] = True
    return stray


def _wrong_quotes(array: np.ndarray, quotes: np.ndarray, separator: int | None = None) -> np.ndarray:
    """Return the positions of quotes that open inside a cell or close before its end, in order."""
    padded = np.concatenate([[_NEWLINE], array, [_NEWLINE]])
    border = np.zeros(256, dtype=bool)
    border[[_NEWLINE, _QUOTE, *(map(ord, _SEPARATORS) if separator is None else [separator])]] = True
    opening, closing = quotes[::2], quotes[1::2]
    return np.sort(np.concatenate([opening[~border[padded[opening]]], closing[~border[padded[closing + 2]]]]))


def _parsed(
    lines: _Records, keep: np.ndarray, separator: str, width: int, header_at: int
) -> tuple[tuple[pl.Series, ...], np.ndarray | None]:
    """Return the columns and true row numbers of the records kept; None for the numbers if the parser found others."""
    body = lines.data[lines.ends[header_at] + 1 :]
    if not keep[header_at + 1 :].all():
        body = b"\n".join(lines.data[lines.starts[i] : lines.ends[i]] for i in np.flatnonzero(keep))
    schema = {f"column {i}": pl.String() for i in range(width)}
    rows = lines.lines[keep]
    frame = pl.DataFrame(schema=schema)
    if len(rows):
        quote = '"' if len(lines.quotes) else None
        frame = pl.read_csv(body, has_header=False, separator=separator, quote_char=quote, schema=schema)
    if len(frame) != len(rows):
        return (), None
    texts = [series.fill_null("") for series in frame.get_columns()]
    if separator == ";":  # the form written for Swedish spreadsheets, which shields texts from being taken for formulas
        texts = [unescaped(series) for series in texts]
    return without_empty_rows(texts, rows)
